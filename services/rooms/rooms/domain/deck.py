"""The deck: in which order a participant sees the candidates."""

from collections.abc import Iterable, Sequence

from rooms.domain.room import Room
from rooms.domain.tally import Tally


def deck_order(room: Room, user_id: str, tallies: Iterable[Tally]) -> Sequence[int]:
    """Return the ids of a participant's unvoted candidates, the most promising first.

    First those that no participant dislikes, with the most likes of the others first: they can
    still become a match, and a group agrees in fewer swipes. Ties keep the room's order, the same
    for everybody.
    """
    present = frozenset(room.participants)

    def deck_sort_key(tally: Tally) -> tuple[bool, int, int]:
        return (
            bool(tally.dislikes & present),
            -len(tally.likes & present),
            tally.position,
        )

    unvoted = (tally for tally in tallies if tally.vote_of(user_id) is None)
    return [tally.movie_id for tally in sorted(unvoted, key=deck_sort_key)]
