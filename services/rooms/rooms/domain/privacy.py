"""When the others' votes on a title may show: never one by one.

Nobody can read back a vote. What the others think of a title shows only once all of them have voted
on it, and only where they are two or more: so it shows what they think together, and not how one of
them voted or what they voted on last.
"""

from rooms.domain.room import Room
from rooms.domain.tally import Tally

MIN_OTHERS = 2
"""The fewest others whose votes may show, all of them together."""


def shows_votes(room: Room, user_id: str, tally: Tally) -> bool:
    """Return whether a participant may see what all others together think of a title."""
    others = frozenset(room.participants) - {user_id}
    return len(others) >= MIN_OTHERS and tally.is_voted_by_all(others)
