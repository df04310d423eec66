"""Count a match that was found, so that an alarm sees matches of which nobody is notified."""

from matinee.observability import count


def count_match() -> None:
    """Count a match, and no notification of it yet.

    The alarm compares the two metrics: one that nothing ever reported would have no value at all.
    """
    count("MatchesFound")
    count("UsersNotified", 0)
