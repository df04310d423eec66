"""Get how near a room is to its next match."""

from collections.abc import Sequence
from dataclasses import dataclass

from rooms.domain.room import require_room
from rooms.domain.standings import Standing, standings
from rooms.ports import RoomRepository, VoteRepository


@dataclass(frozen=True, slots=True)
class StandingsQuery:
    """Counts the votes on what everybody has voted on."""

    rooms: RoomRepository
    votes: VoteRepository

    def __call__(self, user_id: str, room_id: str, limit: int) -> Sequence[Standing]:
        """Return the titles nearest to a match. Raises RoomNotFound, NotAParticipant."""
        room = require_room(self.rooms.get(room_id))
        room.require_participant(user_id)
        return standings(room, user_id, self.votes.list_tallies(room_id))[:limit]
