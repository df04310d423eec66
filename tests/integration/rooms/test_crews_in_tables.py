"""What every repository of crews promises: the fake, moto's DynamoDB and the emulator's alike."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from matinee.filters import Filters
from matinee.media import MediaType, TitleKey
from matinee.retry import WriteConflict
from rooms.adapters.dynamodb.crews import (
    DynamoCrewRepository,
    DynamoCrewRoomRepository,
    DynamoInvitationInbox,
)
from rooms.adapters.dynamodb.history import DynamoRoomHistory
from rooms.adapters.dynamodb.refused_titles import DynamoRefusedTitles
from rooms.adapters.dynamodb.rooms import DynamoRoomRepository
from rooms.domain.crew import MAX_PEOPLE, Crew, Invitation
from rooms.domain.errors import AccountDeleted
from rooms.domain.room import Room
from rooms.domain.rule import Rule, RuleKind
from rooms.ports import (
    CodeTaken,
    CrewRepository,
    CrewRoomRepository,
    InvitationInbox,
    RefusedTitles,
)
from tests.fakes.clock import FakeClock
from tests.fakes.crews import (
    FakeCrewRepository,
    FakeCrewRoomRepository,
    FakeInvitationInbox,
    FakeRefusedTitles,
)
from tests.fakes.rooms import (
    FakeRoomHistory,
    FakeRoomRepository,
    InMemoryTables,
    films,
)
from tests.integration.rooms import conftest
from tests.integration.rooms.tables import TABLES
from tests.integration.rooms.test_port_contracts import TRACE, Scenario


@dataclass
class Store:
    scenario: Scenario
    crews: CrewRepository
    ids: Callable[[str], list[str]]
    rooms: CrewRoomRepository
    inbox: InvitationInbox
    block: Callable[[str], None]
    refused: RefusedTitles

    def room(self, *others: str, code: str = "ABC234") -> Room:
        room = self.scenario.room(code=code)
        for user in others:
            room = self.scenario.join(room, user)
        return room

    def crew(self, room: Room, name: str = "Fridays") -> Crew:
        crew = Crew.of(room, "ann", name, self.scenario.store.now())
        self.crews.create("ann", crew, room)
        return crew

    def start(self, crew: Crew, *, code: str = "XYZ789") -> Room:
        now = self.scenario.store.now()
        room = replace(
            self.scenario_room(code), crew_id=crew.id, created_at=now, participants=("ann",)
        )
        invitation = Invitation(room.id, crew.id, crew.name, code, room.expires_at, now)
        events = self.scenario.events
        self.rooms.create_for_crew(
            crew,
            room,
            films(50),
            [
                events.room_created(room, 50, TRACE),
                events.crew_invited(invitation, "ann", crew.others("ann"), TRACE),
            ],
            invitation,
        )
        return room

    def scenario_room(self, code: str) -> Room:
        now = self.scenario.store.now()
        return Room(
            id=self.scenario.ids(),
            code=code,
            host_id="ann",
            media_type=MediaType.MOVIE,
            genre_ids=(),
            participants=("ann",),
            min_participants=2,
            max_participants=20,
            created_at=now,
            expires_at=now + timedelta(hours=24),
        )


@pytest.fixture(params=["fake", "moto", "emulator"])
def store(request: pytest.FixtureRequest) -> Store:
    now = FakeClock()
    until = now() + timedelta(days=2)
    if request.param == "fake":
        ports = conftest.fake_store(now)
        assert isinstance(ports.rooms, FakeRoomRepository)
        tables: InMemoryTables = ports.rooms.tables
        crews, history = FakeCrewRepository(tables), FakeRoomHistory(tables)
        return Store(
            Scenario(ports),
            crews,
            lambda user: list(crews.list_ids_by_user(user)),
            FakeCrewRoomRepository(tables),
            FakeInvitationInbox(tables),
            lambda user: history.block(user, until),
            FakeRefusedTitles(tables),
        )
    name = "moto_dynamodb" if request.param == "moto" else "emulated"
    client: DynamoDBClient = request.getfixturevalue(name)
    stored, real = DynamoCrewRepository(TABLES, client), DynamoRoomHistory(TABLES.visits, client)
    return Store(
        Scenario(conftest.dynamodb_store(client, now)),
        stored,
        lambda user: list(stored.list_ids_by_user(user)),
        DynamoCrewRoomRepository(TABLES.crews, DynamoRoomRepository(TABLES, client, now)),
        DynamoInvitationInbox(TABLES.crews, client),
        lambda user: real.block(user, until),
        DynamoRefusedTitles(TABLES.crews, client, now),
    )


def test_a_crew_is_found_as_it_was_stored_by_all_of_its_people(store: Store) -> None:
    room = store.room("bob")
    wish = replace(room.wish, filters=Filters(year_from=1990, languages=("en",)))
    plain = store.crew(room)
    rich = replace(
        Crew.of(room, "bob", "Sábados", room.created_at),
        wish=wish,
        rule=Rule(RuleKind.AT_LEAST, 2),
    )

    store.crews.create("bob", rich, room)

    assert store.crews.get(plain.id) == plain
    assert store.crews.get(rich.id) == rich
    newest_first = sorted([plain, rich], key=lambda crew: crew.id, reverse=True)
    assert list(store.crews.list_by_user("bob", 20, None)) == newest_first
    assert sorted(store.ids("ann")) == sorted(crew.id for crew in newest_first)
    assert store.ids("cid") == []
    assert list(store.crews.list_by_user("ann", 1, None)) == newest_first[:1]
    assert list(store.crews.list_by_user("ann", 1, newest_first[0].id)) == newest_first[1:]


def test_a_crew_is_made_of_the_room_that_was_read_and_once(store: Store) -> None:
    read = store.room("bob", "cid")
    crew = Crew.of(read, "ann", "Fridays", read.created_at)
    now = store.scenario.leave(read, "bob")

    with pytest.raises(WriteConflict):
        store.crews.create("ann", crew, read)
    store.crew(now)
    with pytest.raises(WriteConflict):
        store.crew(now)

    assert store.ids("bob") == []


def test_who_is_blocked_makes_no_crew(store: Store) -> None:
    room = store.room("bob")
    store.block("ann")

    with pytest.raises(AccountDeleted):
        store.crew(room)


def test_who_leaves_is_in_it_no_more_and_the_last_takes_it_along(store: Store) -> None:
    crew = store.crew(store.room("bob"))
    left = crew.without_member("ann")
    store.crews.remove_member("ann", left)
    with pytest.raises(WriteConflict):
        store.crews.remove_member("bob", crew.without_member("bob"))

    assert store.crews.get(crew.id) == left
    assert (store.ids("ann"), store.ids("bob")) == ([], [crew.id])
    store.crews.remove_member("bob", left.without_member("bob"))

    assert store.crews.get(crew.id) is None
    assert store.ids("bob") == []


def test_a_room_and_its_invitations_are_stored_together(store: Store) -> None:
    crew = store.crew(store.room("bob", "cid"))
    first = store.start(crew)
    second = store.start(crew, code="XYZ788")

    assert store.rooms.get_by_code("XYZ789") == first
    found = store.inbox.list_by_user("bob", 50, None)
    assert [it.room_id for it in found] == [second.id, first.id]
    assert found[1] == store.inbox.get("bob", first.id) == store.inbox.get("cid", first.id)
    assert list(store.inbox.list_by_user("bob", 1, second.id)) == [found[1]]
    assert store.inbox.list_by_user("ann", 50, None) == []
    assert store.scenario.store.published()[-4:] == ["RoomCreated", "CrewInvited"] * 2
    store.inbox.delete("bob", first.id)
    assert store.inbox.get("bob", first.id) is None
    assert store.inbox.get("cid", first.id)


def test_nobody_is_invited_by_what_was_read_of_another_crew(store: Store) -> None:
    crew = store.crew(store.room("bob", "cid"))
    store.crews.remove_member("bob", crew.without_member("bob"))

    with pytest.raises(CodeTaken):
        store.start(crew)

    assert store.rooms.get_by_code("XYZ789") is None
    assert store.inbox.list_by_user("bob", 50, None) == []


def test_the_largest_crew_s_room_is_one_transaction(store: Store) -> None:
    crew = store.crew(store.room(*(f"user-{number:02}" for number in range(MAX_PEOPLE - 1))))

    room = store.start(crew)

    assert len(crew.members) == MAX_PEOPLE
    assert store.inbox.get("user-18", room.id)


def test_what_a_room_refused_is_stored_once_and_until_its_time(store: Store) -> None:
    now = store.scenario.store.now
    later, latest = now() + timedelta(days=1), now() + timedelta(days=2)
    film, series = TitleKey(MediaType.MOVIE, 1), TitleKey(MediaType.TV, 1)

    assert store.refused.record("crew", "room-1", [film], later)
    assert not store.refused.record("crew", "room-1", [series], latest)
    assert store.refused.record("crew", "room-2", [series, film], latest)
    assert store.refused.record("another", "room-3", [film], latest)

    assert list(store.refused.list_by_crew("crew")) == [series, film, film]
    now.advance(days=1)
    assert list(store.refused.list_by_crew("crew")) == [series, film]
    assert list(store.refused.list_by_crew("nobody")) == []
