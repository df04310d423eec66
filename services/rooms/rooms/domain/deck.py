"""The deck: in which order a participant sees the candidates.

Nobody can read back a vote from the order. What the others think of a title changes its place only
once all of them have voted on it, and only where they are two or more: then the order shows what
all of them together think, and not how one of them voted or what they voted on last. With one other
participant the order is the room's, whatever they like.
"""

from collections.abc import Iterable, Sequence
from enum import IntEnum

from rooms.domain.room import Room
from rooms.domain.tally import Tally

MIN_OTHERS = 2
"""The fewest others whose votes may show, all of them together."""


class Promise(IntEnum):
    """Whether a candidate can become a match by the participant's yes, the best first."""

    MATCH = 0
    OPEN = 1
    NO_MATCH = 2


def deck_order(room: Room, user_id: str, tallies: Iterable[Tally]) -> Sequence[int]:
    """Return the ids of a participant's unvoted candidates, the most promising first.

    First those that their yes makes a match; last those that it cannot, the ones with the most
    likes before the others. Ties keep the room's order, the same for everybody: so a group votes on
    the same titles early.
    """
    others = frozenset(room.participants) - {user_id}

    def deck_sort_key(tally: Tally) -> tuple[Promise, int, int]:
        if len(others) < MIN_OTHERS or not tally.is_voted_by_all(others):
            return Promise.OPEN, 0, tally.position
        with_yes = tally.with_vote(user_id, yes=True)
        present = len(room.participants)
        needed = min(present, room.min_participants)
        met = room.rule.is_met(*room.count(with_yes), present, needed)
        promise = Promise.MATCH if met else Promise.NO_MATCH
        return promise, -len(tally.likes & others), tally.position

    unvoted = (tally for tally in tallies if tally.vote_of(user_id) is None)
    return [tally.movie_id for tally in sorted(unvoted, key=deck_sort_key)]
