"""Look up rooms: one by id or code, those of a user, and the candidates of one."""

from collections.abc import Sequence
from dataclasses import dataclass

from matinee.clock import Clock, utc_now
from rooms.domain.life import MAX_ROOM_TTL
from rooms.domain.room import Movie, Room, require_room
from rooms.domain.room_code import normalize_room_code
from rooms.ports import RoomRepository
from rooms.use_cases.reckon_group_deck import GroupReckoner


@dataclass(frozen=True, slots=True)
class RoomQueries:
    """Looks up rooms for one signed-in user."""

    rooms: RoomRepository
    reckoner: GroupReckoner
    now: Clock = utc_now

    def get(self, user_id: str, room_id: str) -> Room:
        """Return a room to a participant; raise RoomNotFound, NotAParticipant."""
        room = require_room(self.rooms.get(room_id))
        room.require_participant(user_id)
        return room

    def get_by_code(self, code: str) -> Room | None:
        """Return the room with a code, or None; raise RoomExpired."""
        room = self.rooms.get_by_code(normalize_room_code(code))
        if room:
            room.require_open(self.now())
        return room

    def list_by_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Room]:
        """Return a page of the open rooms that the user is in, newest first.

        It is shorter than its limit only if there are no more.
        """
        now = self.now()
        found: list[Room] = []
        while len(found) < limit:
            page = self.rooms.list_by_user(user_id, now - MAX_ROOM_TTL, limit, after)
            found += [room for room in page if room.is_open(now)]
            if len(page) < limit:
                break
            after = page[-1].id
        return found[:limit]

    def list_candidates(self, room: Room, correlation_id: str) -> Sequence[Movie]:
        """Return a room's candidates, in the same order for everybody; raise RoomBusy."""
        return self.reckoner.show_all(room, correlation_id)
