"""The deck: in which order a participant sees the candidates.

Nobody can read back a vote from the order: it shows no more than `rooms.domain.privacy` allows.
With one other participant it is the room's and their own taste's, whatever the other likes.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from statistics import fmean
from types import MappingProxyType

from rooms.domain.privacy import shows_votes
from rooms.domain.room import Room
from rooms.domain.tally import Tally

NO_SCORES: Mapping[int, float] = MappingProxyType({})


class Promise(IntEnum):
    """Whether a candidate can become a match by the participant's yes, the best first."""

    MATCH = 0
    OPEN = 1
    NO_MATCH = 2


def deck_order(
    room: Room,
    user_id: str,
    tallies: Iterable[Tally],
    own_scores: Mapping[int, float] = NO_SCORES,
) -> Sequence[int]:
    """Return the ids of a participant's unvoted candidates, the most promising first.

    First those that their yes makes a match; last those that it cannot, the ones with the most
    likes before the others. Ties are broken by how well a title suits the participant themselves,
    as far as that is known, and keep the room's order then. A title without a score is in between.
    """
    middle = fmean(own_scores.values()) if own_scores else 0.0

    def deck_sort_key(tally: Tally) -> tuple[Promise, int, float, int]:
        own = -own_scores.get(tally.movie_id, middle)
        if not shows_votes(room, user_id, tally):
            return Promise.OPEN, 0, own, tally.position
        with_yes = tally.with_vote(user_id, yes=True)
        present = len(room.participants)
        needed = min(present, room.min_participants)
        met = room.rule.is_met(*room.count(with_yes), present, needed)
        promise = Promise.MATCH if met else Promise.NO_MATCH
        likes, _ = room.count(tally)
        return promise, -likes, own, tally.position

    unvoted = (tally for tally in tallies if tally.vote_of(user_id) is None)
    return [tally.movie_id for tally in sorted(unvoted, key=deck_sort_key)]
