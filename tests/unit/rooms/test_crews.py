"""Crews: who is in them, what their rooms are like, who is invited, and what a deletion leaves."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from matinee.filters import Filters
from matinee.graphql import resolve
from matinee.media import MediaType
from matinee.principal import GUESTS
from rooms.api.resolvers import resolvers
from rooms.domain.crew import MADE_OF_ROOM_FOR, MAX_CREWS, MAX_PEOPLE, Crew
from rooms.domain.errors import (
    AccountDeleted,
    CrewNameTaken,
    CrewNotFound,
    CrewTooLarge,
    CrewTooSmall,
    InvitationNotFound,
    NotAParticipant,
    NotInCrew,
    RoomNotFound,
    TooManyCrews,
)
from rooms.domain.feed import EntryKind
from rooms.domain.rate_limits import INVITE
from rooms.domain.room import Room
from rooms.domain.rule import Rule, RuleKind
from rooms.events.published import CrewInvited, RoomCreated
from rooms.use_cases.create_room import CreateRoom
from tests.fakes.appsync import call, service_role, signed_in
from tests.fakes.rooms_app import TRACE, RoomsApp
from tests.fakes.schedule import Order, Task, every_order

MAX_ORDERS = 1_000


@pytest.fixture
def app() -> RoomsApp:
    return RoomsApp()


def crew_of(app: RoomsApp, *users: str, name: str = "Fridays") -> Crew:
    return create(app, app.room(*users, at_most=50), users[0], name)


def create(app: RoomsApp, room: Room, user: str = "ann", name: str = "Fridays") -> Crew:
    return app.use_cases.crews.create(user, room.id, name, TRACE.correlation_id)


def start(app: RoomsApp, crew: Crew, user: str = "ann", key: str | None = None) -> Room:
    room, _ = app.use_cases.crews.start_room(user, crew.id, key, TRACE)
    return room


def leave(app: RoomsApp, crew: Crew, user: str) -> Crew:
    return app.use_cases.crews.leave(user, crew.id)


def crews_of(app: RoomsApp, user: str) -> list[str]:
    return [crew.id for crew in app.use_cases.crews.queries.list_by_user(user, 50, None)]


def invited_to(app: RoomsApp, user: str) -> list[str]:
    found = app.use_cases.crews.queries.list_invitations(user, 50, None)
    return [invitation.room_id for invitation in found]


class TestCreating:
    def test_a_crew_has_those_who_are_in_the_room(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob", "cid")
        app.use_cases.leave_room("cid", room.id, TRACE)

        crew = create(app, room, "bob")

        assert (crew.members, crew.host_id) == (("ann", "bob"), "bob")
        assert crews_of(app, "ann") == crews_of(app, "bob") == [crew.id]
        assert crews_of(app, "cid") == []

    def test_a_closed_room_makes_a_crew_for_thirty_days(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        app.tables.now.advance(hours=25)
        create(app, room)
        app.tables.now.advance(days=MADE_OF_ROOM_FOR.days)

        with pytest.raises(RoomNotFound):
            create(app, room, name="Saturdays")

    def test_the_same_request_again_makes_no_other_crew(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")

        assert create(app, room) == create(app, room)
        assert create(app, room, "bob").id != create(app, room).id
        assert create(app, room, name="Saturdays").id != create(app, room).id

        assert len(app.tables.crews) == 3

    def test_who_has_left_a_crew_does_not_make_it_again(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        leave(app, create(app, room), "ann")

        with pytest.raises(CrewNameTaken):
            create(app, room)

    def test_guests_are_in_no_crew_and_make_none(self, app: RoomsApp) -> None:
        app.names.guests = {"cid"}
        room = app.room("ann", "bob", "cid")

        crew = create(app, room)
        refused = resolve(
            call("createCrew", {"roomId": room.id, "name": "x"}, identity=signed_in("cid", GUESTS)),
            resolvers(app.use_cases),
        )

        assert crew.members == ("ann", "bob")
        assert refused["error"]["type"] == "Forbidden"

    def test_rooms_and_people_that_make_no_crew_are_refused(self, app: RoomsApp) -> None:
        alone, room = app.room("ann"), app.room("ann", "bob")
        crowd = app.room(*(f"user-{n}" for n in range(MAX_PEOPLE + 1)), at_most=50)

        for refused, made_of, user in (
            (CrewTooSmall, alone, "ann"),
            (CrewTooLarge, crowd, "user-0"),
            (NotAParticipant, room, "cid"),
            (RoomNotFound, replace(room, id="gone"), "ann"),
        ):
            with pytest.raises(refused):
                create(app, made_of, user)

    def test_a_crew_too_many_is_refused_and_others_crews_do_not_fill_up_mine(
        self, app: RoomsApp
    ) -> None:
        for number in range(MAX_CREWS):
            crew_of(app, "ann", "bob", name=f"Crew {number}")

        with pytest.raises(TooManyCrews):
            crew_of(app, "ann", "cid")
        crew = crew_of(app, "cid", "ann")

        assert "ann" in crew.members


class TestStarting:
    def test_a_room_is_like_the_first_one_with_whoever_starts_it_as_host(
        self, app: RoomsApp
    ) -> None:
        command = CreateRoom(
            MediaType.MOVIE,
            (28, 35),
            2,
            6,
            rule=Rule(RuleKind.AT_LEAST, 2),
            filters=Filters(year_from=1990),
            both_types=True,
            ttl=timedelta(hours=72),
        )
        first, _ = app.use_cases.create_room("ann", command, TRACE)
        app.use_cases.join_room("bob", first.code, TRACE)
        app.tables.now.advance(days=3)
        crew = create(app, first)

        room = start(app, crew, "bob")

        assert (room.host_id, room.participants) == ("bob", ("bob",)), "nobody takes a seat"
        assert replace(room.wish, crew_id=None) == first.wish
        assert (room.rule, room.max_participants) == (first.rule, first.max_participants)
        assert room.expires_at - room.created_at == timedelta(hours=24)
        assert app.tables.rooms[room.id].crew_id == crew.id

    def test_the_others_are_invited_by_inbox_feed_and_event(self, app: RoomsApp) -> None:
        crew = crew_of(app, "ann", "bob", "cid")

        room = start(app, crew, "bob")
        app.settle()
        app.settle()

        [event] = app.tables.events(CrewInvited)
        assert (event.invited_by, event.invited) == ("bob", ["ann", "cid"])
        assert invited_to(app, "ann") == invited_to(app, "cid") == [room.id]
        assert invited_to(app, "bob") == []
        assert sorted(app.publisher.invitations) == [("ann", room.id), ("cid", room.id)]
        entries = app.use_cases.feed.list("bob", room.id, 0, 50)
        kinds = [(entry.kind, entry.participants) for entry in entries]
        assert sorted(kinds) == [(EntryKind.INVITED, 2), (EntryKind.JOINED, None)]

    def test_whoever_is_invited_joins_by_the_code_of_the_invitation(self, app: RoomsApp) -> None:
        crew = crew_of(app, "ann", "bob")
        room = start(app, crew)
        invitation = app.use_cases.crews.queries.get_invitation("bob", room.id)

        joined = app.use_cases.join_room("bob", invitation.code, TRACE)

        assert joined.participants == ("ann", "bob")
        assert (invitation.crew_name, invitation.closes_at) == ("Fridays", room.expires_at)

    def test_the_same_key_starts_one_room_and_invites_once(self, app: RoomsApp) -> None:
        crew, other = crew_of(app, "ann", "bob"), crew_of(app, "ann", "cid")

        room = start(app, crew, key="tonight")

        assert start(app, crew, key="tonight").id == room.id
        assert start(app, other, key="tonight").id != room.id
        assert len(app.tables.events(CrewInvited)) == 2
        assert invited_to(app, "bob") == [room.id]

    def test_nobody_is_invited_by_whoever_is_the_last_of_a_crew(self, app: RoomsApp) -> None:
        crew = crew_of(app, "ann", "bob")
        leave(app, crew, "bob")

        start(app, crew)

        assert app.tables.events(CrewInvited) == []

    def test_only_members_start_rooms(self, app: RoomsApp) -> None:
        crew = crew_of(app, "ann", "bob")

        with pytest.raises(NotInCrew):
            start(app, crew, "cid")
        with pytest.raises(CrewNotFound):
            start(app, replace(crew, id="gone"))

    def test_whoever_leaves_before_the_room_is_stored_is_not_invited(self, app: RoomsApp) -> None:
        crew = crew_of(app, "ann", "bob", "cid")
        discover = app.catalog.discover

        def left_meanwhile(*arguments: object) -> object:
            leave(app, crew, "bob")
            return discover(*arguments)  # type: ignore[arg-type]

        app.catalog.discover = left_meanwhile  # type: ignore[assignment, method-assign]
        start(app, crew)

        [event] = app.tables.events(CrewInvited)
        assert event.invited == ["cid"]
        assert invited_to(app, "bob") == []

    def test_a_crew_that_changes_at_the_last_moment_is_read_again(self, app: RoomsApp) -> None:
        crew = crew_of(app, "ann", "bob", "cid")
        stale = app.tables.crews[crew.id]
        reads = iter([stale, stale])
        leave(app, crew, "bob")
        get = app.crews.get
        app.crews.get = lambda crew_id: next(reads, None) or get(crew_id)  # type: ignore[method-assign]

        start(app, crew)

        [event] = app.tables.events(CrewInvited)
        assert event.invited == ["cid"]
        assert invited_to(app, "bob") == []

    def test_a_crash_at_any_step_leaves_all_of_a_room_or_nothing(self) -> None:
        for steps in range(1, 100):
            app = RoomsApp()
            crew = crew_of(app, "ann", "bob")
            task = Task("start", partial(start, app, crew, key="tonight"))
            for _ in range(steps):
                if not task.done:
                    task.step()
            if task.done:
                break
            task.crash()

            made = len(app.tables.rooms) - 1
            assert made == len(invited_to(app, "bob")) == len(app.tables.events(CrewInvited))
            room = start(app, crew, key="tonight")

            assert invited_to(app, "bob") == [room.id]
            assert len(app.tables.events(RoomCreated)) == 2
        assert steps > 5

    def test_whoever_leaves_while_a_room_is_started_is_invited_or_not_in_it(self) -> None:
        def play(order: Order) -> None:
            app = RoomsApp()
            crew = crew_of(app, "ann", "bob", "cid")
            order.run(
                [
                    Task("start", lambda: start(app, crew)),
                    Task("erase", lambda: app.erase("bob")),
                ]
            )
            [event] = app.tables.events(CrewInvited)
            assert "cid" in event.invited
            assert invited_to(app, "cid") == [event.room_id]
            assert not [user for user, _ in app.tables.invitations if user == "bob"]
            assert all("bob" not in it.members for it in app.tables.crews.values())

        assert every_order(play, MAX_ORDERS) > 5

    def test_an_erasure_finds_the_crew_that_is_made_beside_it(self) -> None:
        def play(order: Order) -> None:
            app = RoomsApp()
            room = app.room("ann", "bob", "cid")
            order.run(
                [
                    Task("create", lambda: create(app, room)),
                    Task("erase", lambda: app.erase("bob")),
                ]
            )
            [crew] = app.tables.crews.values()
            assert set(crew.members) == {"ann", "cid"}

        assert every_order(play, MAX_ORDERS) > 5


class TestLeaving:
    def test_who_leaves_is_invited_no_more_and_the_host_hands_over(self, app: RoomsApp) -> None:
        crew = crew_of(app, "ann", "bob", "cid")

        left = leave(app, crew, "ann")
        start(app, crew, "bob")

        assert (left.members, left.host_id) == (("bob", "cid"), "bob")
        assert invited_to(app, "ann") == crews_of(app, "ann") == []
        with pytest.raises(NotInCrew):
            leave(app, crew, "ann")

    def test_the_last_member_takes_the_crew_along(self, app: RoomsApp) -> None:
        crew = crew_of(app, "ann", "bob")

        leave(app, crew, "ann")
        leave(app, crew, "bob")

        assert app.tables.crews == {}

    def test_two_who_leave_at_once_are_both_gone(self, app: RoomsApp) -> None:
        crew = crew_of(app, "ann", "bob", "cid")
        stale = iter([app.tables.crews[crew.id]])
        get = app.crews.get
        leave(app, crew, "bob")
        app.crews.get = lambda crew_id: next(stale, None) or get(crew_id)  # type: ignore[method-assign]

        leave(app, crew, "cid")

        assert app.tables.crews[crew.id].members == ("ann",)


class TestErasure:
    def test_nothing_names_a_deleted_user(self, app: RoomsApp) -> None:
        crew, own = crew_of(app, "ann", "bob", "cid"), crew_of(app, "bob", "ann")
        start(app, crew)
        start(app, own, "bob")
        app.deliver()

        app.erase("bob")

        assert all("bob" not in it.members for it in app.tables.crews.values())
        assert app.tables.crews[own.id].host_id == "ann"
        assert not [user for user, _ in app.tables.invitations if user == "bob"]
        assert len(invited_to(app, "ann")) == 1, "of the room that bob started"

    def test_a_deleted_user_with_an_old_token_sees_and_starts_nothing(self, app: RoomsApp) -> None:
        crew = crew_of(app, "ann", "bob")
        room = start(app, crew, "bob")
        app.erase("ann")

        with pytest.raises(AccountDeleted):
            app.use_cases.crews.queries.list_by_user("ann", 20, None)
        for user in ("ann", "bob"):
            with pytest.raises(InvitationNotFound):
                app.use_cases.crews.queries.get_invitation(user, room.id)
        assert ask(app, "startRoom", crewId=crew.id)["error"]["type"] == "AccountDeleted"

    def test_whoever_is_blocked_starts_no_room_that_their_erasure_would_miss(
        self, app: RoomsApp
    ) -> None:
        crew = crew_of(app, "ann", "bob")
        app.tables.blocked["ann"] = app.tables.now() + timedelta(days=2)

        with pytest.raises(AccountDeleted):
            start(app, crew)
        with pytest.raises(AccountDeleted):
            create(app, app.tables.rooms[next(iter(app.tables.rooms))], name="Another")


def ask(app: RoomsApp, field: str, *selected: str, by: str = "ann", **arguments: Any) -> Any:  # noqa: ANN401 - JSON
    event = call(field, arguments, identity=signed_in(by), selection=selected)
    return resolve(event, resolvers(app.use_cases))


class TestInterface:
    def test_a_crew_is_shown_with_the_names_that_are_asked_for(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")

        given = {"roomId": room.id, "name": "  Friday  nights "}
        crew = ask(app, "createCrew", "people/name", **given)["data"]
        plain = ask(app, "myCrews", "items/id", by="bob")["data"]

        assert crew["name"] == "Friday nights"
        assert [(it["name"], it["isHost"]) for it in crew["people"]] == [
            ("Ann", True),
            ("Bob", False),
        ]
        assert crew["filters"]["genreIds"] == [28]
        assert [it["name"] for it in plain["items"][0]["people"]] == [None, None]
        assert app.names.asked == [{"ann", "bob"}] * 2, "who is a guest, and then the names"

    def test_pages_of_crews_go_on_where_the_last_one_ended(self, app: RoomsApp) -> None:
        made = []
        for _ in range(3):
            app.tables.now.advance(seconds=1)
            made.append(crew_of(app, "ann", "bob").id)

        first = ask(app, "myCrews", limit=2)["data"]
        second = ask(app, "myCrews", limit=2, nextToken=first["nextToken"])["data"]

        assert [it["id"] for page in (first, second) for it in page["items"]] == made[::-1]
        assert second["nextToken"] is None

    def test_an_invitation_is_published_as_it_is_in_the_inbox(self, app: RoomsApp) -> None:
        crew = crew_of(app, "ann", "bob")
        room = ask(app, "startRoom", "id", crewId=crew.id)["data"]
        given: dict[str, Any] = {"input": {"userId": "bob", "roomId": room["id"]}}

        [mine] = ask(app, "getMyInvitations", by="bob")["data"]
        told = resolve(
            call("publishUserInvitation", given, identity=service_role()),
            resolvers(app.use_cases),
        )
        forged = ask(app, "publishUserInvitation", **given)

        assert mine["code"] == room["code"]
        assert told == {"data": {"userId": "bob", **mine}}
        assert forged["error"]["type"] == "Forbidden"

    @pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\u202eb", "a\nb"])
    def test_names_that_nobody_could_read_are_refused(self, app: RoomsApp, name: str) -> None:
        room = app.room("ann", "bob")

        assert ask(app, "createCrew", roomId=room.id, name=name)["error"]["type"] == "InvalidInput"

    def test_calling_on_others_is_limited_by_the_hour(self, app: RoomsApp) -> None:
        crew = crew_of(app, "ann", "bob")
        for _ in range(INVITE.per_identifier):
            assert "data" in ask(app, "startRoom", "id", crewId=crew.id)

        refused = ask(app, "startRoom", "id", crewId=crew.id)["error"]
        app.tables.now.advance(hours=1)

        assert refused["type"] == "TooManyAttempts"
        assert "data" in ask(app, "startRoom", "id", crewId=crew.id)
