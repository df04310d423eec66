"""Crews: the people of a room, who stay together for further rooms of its kind."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Self
from uuid import UUID

from rooms.domain.deal import DeckWish
from rooms.domain.errors import CrewNotFound, CrewTooLarge, CrewTooSmall, NotInCrew, RoomNotFound
from rooms.domain.room import DELETED_USER, Room
from rooms.domain.rule import UNANIMOUS, Rule

MAX_CREWS = 20
"""Of a user, when they create another one."""

MIN_PEOPLE = 2
MAX_PEOPLE = 20
"""A room and its invitations are one transaction, of a hundred items at most."""

MADE_OF_ROOM_FOR = timedelta(days=30)
"""After a room was created. It is kept for longer: a deletion still finds it, and the crew."""


@dataclass(frozen=True, slots=True)
class Crew:
    """People who open rooms together. `members` are user ids in the order of their first room.

    What else their rooms have is that room's, `made_of`: what is dealt, by which rule, for how
    many. The host is the member who created the crew, or whoever has been in it the longest.
    `version` counts changes.
    """

    id: str
    name: str
    host_id: str
    members: tuple[str, ...]
    wish: DeckWish
    min_participants: int
    max_participants: int
    created_at: datetime
    made_of: str
    rule: Rule = UNANIMOUS
    version: int = 1

    @classmethod
    def of(
        cls, room: Room, user_id: str, name: str, now: datetime, guests: Collection[str] = ()
    ) -> Self:
        """Return the crew that a participant makes of a room, without its guests.

        Raises RoomNotFound, NotAParticipant, CrewTooSmall, CrewTooLarge.
        """
        if now >= room.created_at + MADE_OF_ROOM_FOR:
            raise RoomNotFound
        room.require_participant(user_id)
        members = tuple(user for user in room.participants if user not in (*guests, DELETED_USER))
        if len(members) < MIN_PEOPLE:
            raise CrewTooSmall
        if len(members) > MAX_PEOPLE:
            raise CrewTooLarge
        return cls(
            id=crew_id(room.id, user_id, name),
            name=name,
            host_id=user_id,
            members=members,
            wish=replace(room.wish, crew_id=None),
            min_participants=room.min_participants,
            max_participants=room.max_participants,
            created_at=now,
            made_of=room.id,
            rule=room.rule,
        )

    def require_member(self, user_id: str) -> None:
        """Raise NotInCrew unless the user is in the crew."""
        if user_id not in self.members:
            raise NotInCrew

    def others(self, user_id: str) -> tuple[str, ...]:
        """Return the members but for one."""
        return tuple(member for member in self.members if member != user_id)

    def without_member(self, user_id: str) -> Self:
        """Return the crew without a member; raise NotInCrew.

        When the host leaves, the member who comes first becomes host.
        """
        self.require_member(user_id)
        members = self.others(user_id)
        host = self.host_id if self.host_id in members else next(iter(members), self.host_id)
        return replace(self, members=members, host_id=host, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Invitation:
    """That the people of a crew are invited to a room. It names none of them.

    There is one for each room, and everybody who is invited has it: `room_id` identifies it.
    """

    room_id: str
    crew_id: str
    crew_name: str
    code: str
    closes_at: datetime
    at: datetime


def crew_id(room_id: str, user_id: str, name: str) -> str:
    """Return the id of the crew that a user makes of a room by a name: the same one again.

    It begins as the room's does: crews are in the order of the evenings that they began with.
    """
    digest = sha256(f"{room_id}:{user_id}:{name}".encode()).digest()
    return str(UUID(bytes=UUID(room_id).bytes[:6] + digest[:10], version=4))


def require_crew(crew: Crew | None) -> Crew:
    """Return the crew that was looked up; raise CrewNotFound when there is none."""
    if crew is None:
        raise CrewNotFound
    return crew
