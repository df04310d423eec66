"""What a room said no to: its crew is not dealt it again for a while.

Nobody can read back a vote from what is dealt and what is not: it tells no more than the room has
shown. A title on which all of three or more have voted shows in the standings, as what they think
together. In a room of two, what one of them has voted on would be the other's vote: so it counts
only once both have voted on everything, which their progress says to both.
"""

from collections.abc import Sequence
from datetime import timedelta

from matinee.media import TitleKey
from rooms.domain.privacy import MIN_OTHERS
from rooms.domain.room import Room
from rooms.domain.tally import Tally

REFUSED_FOR = timedelta(days=90)
"""After the room has closed."""

MIN_REFUSING = 2
"""One alone agrees on nothing."""


def refused_titles(room: Room, tallies: Sequence[Tally]) -> Sequence[TitleKey]:
    """Return the titles that all who were in a closed room have voted on, and that are no match."""
    people = frozenset(room.participants)
    voted = [tally for tally in tallies if tally.is_voted_by_all(people)]
    shows_by_title = len(people) - 1 >= MIN_OTHERS
    if len(people) < MIN_REFUSING or not (shows_by_title or len(voted) == len(tallies)):
        return ()
    return [
        TitleKey(tally.media_type, tally.movie_id)
        for tally in voted
        if tally.agreement is None and not room.is_match(tally)
    ]
