"""Crews and invitations in memory, with the conditions that the real tables check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from matinee.events.contract import Contract, Envelope
from matinee.media import TitleKey
from matinee.retry import WriteConflict
from rooms.domain.crew import Crew, Invitation
from rooms.domain.errors import AccountDeleted
from rooms.domain.room import Movie, Room
from rooms.ports import CodeTaken
from tests.fakes.rooms import FakeRoomRepository, InMemoryTables


@dataclass
class FakeCrewRepository:
    """The crews."""

    tables: InMemoryTables

    def get(self, crew_id: str) -> Crew | None:
        self.tables.before_read("crew", "crews")
        return self.tables.crews.get(crew_id)

    def list_by_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Crew]:
        self.tables.before_read("crews of user", "crews")
        mine = (
            crew
            for crew in self.tables.crews.values()
            if user_id in crew.members and (after is None or crew.id < after)
        )
        return sorted(mine, key=lambda crew: crew.id, reverse=True)[:limit]

    def list_ids_by_user(self, user_id: str) -> Sequence[str]:
        return [crew.id for crew in self.list_by_user(user_id, 10**6, None)]

    def create(self, user_id: str, crew: Crew, room: Room) -> None:
        tables = self.tables
        tables.before_write("crew", "crews", "rooms", "blocked")
        if user_id in tables.blocked:
            raise AccountDeleted
        if not tables.is_at(room, room.version) or crew.id in tables.crews:
            raise WriteConflict
        tables.crews[crew.id] = crew
        tables.after_write("crew")

    def remove_member(self, user_id: str, crew: Crew) -> None:
        tables = self.tables
        tables.before_write("crew left", "crews")
        require_version(tables, crew, crew.version - 1)
        assert user_id not in crew.members
        if crew.members:
            tables.crews[crew.id] = crew
        else:
            del tables.crews[crew.id]
        tables.after_write("crew left")


@dataclass
class FakeInvitationInbox:
    """Every user's own list of invitations."""

    tables: InMemoryTables

    def get(self, user_id: str, room_id: str) -> Invitation | None:
        self.tables.before_read("invitation", "invitations")
        return self.tables.invitations.get((user_id, room_id))

    def list_by_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Invitation]:
        self.tables.before_read("invitations", "invitations")
        mine = (
            invitation
            for (user, room_id), invitation in self.tables.invitations.items()
            if user == user_id and (after is None or room_id < after)
        )
        return sorted(mine, key=lambda it: it.room_id, reverse=True)[:limit]

    def delete(self, user_id: str, room_id: str) -> None:
        self.tables.before_write("invitation deleted", "invitations")
        self.tables.invitations.pop((user_id, room_id), None)
        self.tables.after_write("invitation deleted")


@dataclass
class FakeCrewRoomRepository(FakeRoomRepository):
    """The rooms that are started for crews."""

    def create_for_crew(
        self,
        crew: Crew,
        room: Room,
        candidates: Sequence[Movie],
        events: Sequence[Envelope[Contract]],
        invitation: Invitation,
    ) -> None:
        def invite() -> None:
            try:
                require_version(self.tables, crew, crew.version)
            except WriteConflict as error:
                raise CodeTaken from error
            for user in crew.others(room.host_id):
                self.tables.invitations[user, room.id] = invitation

        self.create_with(invite, room, candidates, *events)


def require_version(tables: InMemoryTables, crew: Crew, version: int) -> None:
    """Raise WriteConflict unless a crew has a version."""
    stored = tables.crews.get(crew.id)
    if stored is None or stored.version != version:
        raise WriteConflict


@dataclass
class FakeRefusedTitles:
    """What crews said no to."""

    tables: InMemoryTables

    def record(
        self, crew_id: str, room_id: str, titles: Sequence[TitleKey], until: datetime
    ) -> bool:
        self.tables.before_write("refused", "refused")
        if (crew_id, room_id) in self.tables.refused:
            return False
        self.tables.refused[crew_id, room_id] = (tuple(titles), until)
        self.tables.after_write("refused")
        return True

    def list_by_crew(self, crew_id: str) -> Sequence[TitleKey]:
        self.tables.before_read("refused", "refused")
        now = self.tables.now()
        rooms = sorted(self.tables.refused.items(), reverse=True)
        kept = (it[0] for (crew, _), it in rooms if crew == crew_id and it[1] > now)
        return [title for titles in kept for title in titles]
