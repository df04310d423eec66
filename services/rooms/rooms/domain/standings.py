"""Standings: how near a room is to a match on each title that is none yet.

Counts, never names. As in the deck, they show only what two or more others think together, once all
of them have voted on the title (`rooms.domain.privacy`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rooms.domain.privacy import shows_votes
from rooms.domain.room import Room
from rooms.domain.tally import Tally


@dataclass(frozen=True, slots=True)
class Standing:
    """How a title stands: `likes` of `participants`; so many are `missing` for a match."""

    tally: Tally
    likes: int
    participants: int
    missing: int


def standings(room: Room, user_id: str, tallies: Iterable[Tally]) -> Sequence[Standing]:
    """Return the titles on which everybody has voted and that are no match, the nearest first."""
    present = len(room.participants)

    def standing(tally: Tally) -> Standing:
        likes, dislikes = room.count(tally)
        missing = room.rule.missing(likes, dislikes, present, room.min_participants)
        return Standing(tally, likes, present, missing)

    shown = (
        standing(tally)
        for tally in tallies
        if tally.agreement is None
        and tally.vote_of(user_id) is not None
        and shows_votes(room, user_id, tally)
    )
    return sorted(shown, key=lambda one: (one.missing, -one.likes, one.tally.position))
