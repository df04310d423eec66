"""A room's feed: what it tells, to whom, once, in order, and what becomes of crashes."""

import doctest
from datetime import timedelta
from typing import Any

import pytest

from matinee.clock import iso
from matinee.errors import Unavailable
from matinee.events.consumer import Unprocessable
from matinee.graphql import resolve
from rooms.api.resolvers import resolvers
from rooms.domain.feed import PUBLISHER_TIMEOUT, PUBLISHING_BUDGET, EntryKind, Feed, FeedEntry
from rooms.domain.life import CloseReason
from rooms.domain.presence import Progress
from rooms.domain.room import DELETED_USER, Room
from rooms.events.factory import RoomEventFactory
from tests.fakes.appsync import call, service_role, signed_in
from tests.fakes.clock import NOON, identifier
from tests.fakes.rooms import FakeCatalogClient, films
from tests.fakes.rooms_app import TRACE, RoomsApp
from tests.fakes.schedule import WROTE, Crashed, Task
from tools.contracts.paths import ROOT

NAMED = ("seq", "kind", "userId", "name")


@pytest.fixture
def app() -> RoomsApp:
    return RoomsApp()


def ask(
    app: RoomsApp,
    arguments: dict[str, Any],
    *,
    by: str = "ann",
    field: str = "roomFeed",
    selection: tuple[str, ...] = NAMED,
    parent: str = "Query",
) -> Any:  # noqa: ANN401 - the answer's own
    identity = service_role() if by == "the feed writer" else signed_in(by)
    event = call(field, arguments, identity=identity, selection=selection)
    event["info"]["parentTypeName"] = parent
    return resolve(event, resolvers(app.use_cases))


def told(app: RoomsApp, room: Room) -> list[FeedEntry]:
    """Return the entries of a room, which must be numbered without gaps, and published so."""
    entries = app.tables.entries[room.id]
    assert list(entries) == list(range(1, len(entries) + 1))
    assert app.tables.feeds[room.id].published == app.tables.feeds[room.id].last == len(entries)
    return list(entries.values())


def kinds(app: RoomsApp, room: Room) -> list[tuple[str, str | None]]:
    return [(entry.kind.value, entry.user_id) for entry in told(app, room)]


class TestWhatIsTold:
    def test_who_comes_and_goes(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        app.use_cases.leave_room("bob", room.id, TRACE)
        app.settle()

        assert kinds(app, room) == [("JOINED", "ann"), ("JOINED", "bob"), ("LEFT", "bob")]
        assert [entry.room_version for entry in told(app, room)] == [1, 2, 3]
        assert app.feed_publisher.of(room.id) == [1, 2, 3]

    def test_a_match_with_its_title_and_likes(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        app.vote(room, 101, "ann", "bob")
        app.settle()

        [match] = [entry for entry in told(app, room) if entry.kind is EntryKind.MATCH]
        assert (match.movie_id, match.title, match.likes) == (101, "Film 1", 2)
        assert match.user_id is None

    def test_a_proposal_as_a_count_and_the_decision_that_a_majority_makes(
        self, app: RoomsApp
    ) -> None:
        room = app.room("ann", "bob", "cid")
        app.use_cases.decide_room.propose("bob", room.id, 102, TRACE)
        app.use_cases.decide_room.propose("ann", room.id, 102, TRACE)
        app.settle()

        proposed, decided = told(app, room)[-2:]
        assert (proposed.kind, proposed.movie_id, proposed.user_id) == ("PROPOSED", 102, None)
        assert (proposed.supporters, proposed.participants) == (1, 3)
        assert (decided.kind, decided.movie_id, decided.by) == ("DECIDED", 102, "majority")

    def test_how_many_candidates_there_are_after_a_deal(self, app: RoomsApp) -> None:
        room = app.room("ann")
        app.catalog.offers = films(9)
        app.use_cases.deal_more("ann", room.id, None, TRACE)
        app.vote(room, 101, "ann")
        app.settle()

        dealt, progress = told(app, room)[-2:]
        assert (dealt.kind, dealt.candidates) == ("DEALT", 9)
        assert progress.progress
        assert (progress.progress.voted, progress.progress.of) == (1, 9)

    def test_a_removal_an_extension_and_the_end(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        events = RoomEventFactory(now=app.tables.now, new_id=app.ids)
        app.deliver()
        left = room.without_participant("bob")

        for event in (
            events.participant_left(left, "bob", TRACE, removed=True),
            events.room_extended(room, TRACE),
            events.room_closed(room, CloseReason.CLOSED_BY_HOST, TRACE),
        ):
            app.tell(event)

        removed, extended, closed = told(app, room)[-3:]
        assert (removed.kind, removed.user_id) == ("REMOVED", "bob")
        assert (extended.kind, extended.closes_at) == ("EXTENDED", room.expires_at)
        assert (closed.kind, closed.reason) == ("CLOSED", CloseReason.CLOSED_BY_HOST)

    def test_an_event_that_no_feed_tells_is_rejected(self, app: RoomsApp) -> None:
        with pytest.raises(Unprocessable, match="UserDeleted"):
            app.write_feed(app.account_deleted("ann"))

    def test_a_room_that_is_gone_is_rejected(self, app: RoomsApp) -> None:
        app.room("ann")
        app.tables.rooms.clear()

        with pytest.raises(Unprocessable, match="gone"):
            app.deliver()


class TestProgress:
    def test_it_is_a_count(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        app.vote(room, 101, "ann")
        app.settle()

        last = told(app, room)[-1]
        assert (last.kind, last.user_id) == (EntryKind.PROGRESS, "ann")
        assert last == FeedEntry(
            room_id=room.id,
            kind=EntryKind.PROGRESS,
            at=last.at,
            seq=3,
            user_id="ann",
            progress=last.progress,
        ), "and nothing else"

    def test_many_votes_within_a_second_are_told_together_at_its_end(self, app: RoomsApp) -> None:
        app.catalog.offers = films(50)
        room = app.room("ann", "bob")
        for movie in films(50):
            app.vote(room, movie.id, "ann")
            app.deliver()
        app.settle()

        shown = [it for it in told(app, room) if it.kind is EntryKind.PROGRESS]
        assert [it.progress.voted for it in shown if it.progress] == [1, 50]
        assert shown[1].at - shown[0].at == timedelta(seconds=1)

    def test_each_person_has_a_second_of_their_own(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        app.deliver()
        app.vote(room, 101, "ann")
        app.vote(room, 102, "bob")
        app.deliver()

        assert kinds(app, room)[-2:] == [("PROGRESS", "ann"), ("PROGRESS", "bob")]

    def test_another_vote_on_the_same_title_is_not_told(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        app.vote(room, 101, "ann")
        app.settle()
        app.vote(room, 101, no=("ann",))
        app.settle()

        assert [kind for kind, _ in kinds(app, room)].count("PROGRESS") == 1

    def test_a_vote_that_is_taken_back_is_told_as_one_less(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        app.vote(room, 101, "ann")
        app.settle()
        app.tables.now.advance(seconds=1)
        app.take_back(room, 101, "ann")
        app.settle()

        assert [it.progress.voted for it in told(app, room) if it.progress] == [1, 0]

    def test_a_vote_that_is_taken_back_between_count_and_append_is_told(
        self, app: RoomsApp, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        room = app.room("ann", "bob")
        app.deliver()
        app.vote(room, 101, "ann")
        counted = app.votes.count_by_user

        def take_it_back_after(room_id: str, user_id: str) -> int:
            voted = counted(room_id, user_id)
            monkeypatch.undo()
            app.take_back(room, 101, "ann")
            app.deliver()
            return voted

        monkeypatch.setattr(
            type(app.votes), "count_by_user", lambda _, *of: take_it_back_after(*of)
        )
        app.settle()

        assert [it.progress.voted for it in told(app, room) if it.progress] == [1, 0]

    def test_of_whoever_has_left_nothing_is_told(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        app.vote(room, 101, "bob")
        app.use_cases.leave_room("bob", room.id, TRACE)
        app.settle()

        assert kinds(app, room)[-1] == ("LEFT", "bob")
        assert "PROGRESS" not in dict(kinds(app, room))

    def test_whoever_returns_has_come_as_far_as_they_had(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        app.vote(room, 101, "bob")
        app.use_cases.leave_room("bob", room.id, TRACE)
        app.use_cases.join_room("bob", room.code, TRACE)
        app.settle()

        [shown] = [it for it in told(app, room) if it.kind is EntryKind.PROGRESS]
        assert (shown.user_id, shown.progress) == ("bob", Progress(1, 3))

    def test_a_room_from_before_feeds_has_its_candidates_counted(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        app.delivered = len(app.tables.outbox)
        app.vote(room, 101, "ann")
        app.settle()

        [only] = told(app, room)
        assert only.progress
        assert (only.seq, only.progress.voted, only.progress.of) == (1, 1, 3)


class TestOnce:
    def test_an_event_that_is_delivered_again_is_told_once(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        app.vote(room, 101, "ann")
        app.settle()

        for event in app.tables.outbox:
            app.tell(event)

        assert len(told(app, room)) == 3
        assert app.feed_publisher.of(room.id) == [1, 2, 3]

    def test_what_could_not_be_published_is_when_the_event_returns(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        app.feed_publisher.is_out_of_order = True
        with pytest.raises(Unavailable):
            app.tell(app.tables.outbox[0])
        app.tell(app.tables.outbox[1])  # Left to the first one, which is not handled yet.
        assert app.feed_publisher.of(room.id) == []
        app.feed_publisher.is_out_of_order = False

        app.tell(app.tables.outbox[0])

        assert app.feed_publisher.of(room.id) == [1, 2]
        assert len(told(app, room)) == 2

    def test_a_publisher_that_died_is_replaced_by_the_next_event(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        task = Task("first", lambda: app.tell(app.tables.outbox[0]))
        while not (task.at.startswith(WROTE) and app.tables.entries.get(room.id)):
            task.step()
        task.crash()
        assert isinstance(task.error, Crashed)
        app.tables.now.advance(seconds=PUBLISHER_TIMEOUT.seconds)

        app.tell(app.tables.outbox[1])

        assert app.feed_publisher.of(room.id) == [1, 2]
        told(app, room)

    def test_whoever_publishes_for_too_long_leaves_the_rest_to_another_message(
        self, app: RoomsApp
    ) -> None:
        room = app.room(*"abcde")
        app.feed_publisher.is_out_of_order = True
        first, *others = app.tables.outbox
        with pytest.raises(Unavailable):
            app.tell(first)
        for event in others:
            app.tell(event)
        app.feed_publisher.is_out_of_order = False
        app.feed_publisher.slow = (app.tables.now, PUBLISHING_BUDGET / 2)

        app.tell(app.tables.outbox[0])

        assert app.feed_publisher.of(room.id) == [1, 2]
        assert len(app.later) == 1
        app.settle()
        assert app.feed_publisher.of(room.id) == [1, 2, 3, 4, 5]
        assert len(told(app, room)) == 5, "the message that continues tells nothing anew"


class TestReading:
    def test_names_are_asked_for_when_it_is_read(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        app.deliver()

        entries = ask(app, {"roomId": room.id})["data"]

        assert [(it["seq"], it["kind"], it["userId"], it["name"]) for it in entries] == [
            (1, "JOINED", "ann", "Ann"),
            (2, "JOINED", "bob", "Bob"),
        ]
        assert app.names.asked == [{"ann", "bob"}]
        ask(app, {"roomId": room.id}, selection=("seq", "kind", "userId"))
        assert len(app.names.asked) == 1

    def test_page_after_page_nothing_is_missed_or_seen_twice(self, app: RoomsApp) -> None:
        room = app.room(*"abcdefg")
        app.deliver()
        seen: list[int] = []
        while page := ask(app, {"roomId": room.id, "after": len(seen), "limit": 3}, by="a")["data"]:
            seen += [entry["seq"] for entry in page]

        assert seen == [1, 2, 3, 4, 5, 6, 7]

    def test_entries_that_have_expired_are_answered_with_a_reset(self, app: RoomsApp) -> None:
        room = app.room(*"abcde")
        app.deliver()
        for seq in (1, 2, 3):
            del app.tables.entries[room.id][seq]

        page = ask(app, {"roomId": room.id, "after": 1}, by="a")["data"]

        assert [(it["kind"], it["seq"]) for it in page] == [
            ("RESET", 3),
            ("JOINED", 4),
            ("JOINED", 5),
        ]
        assert page[0]["at"] == iso(app.tables.now())
        following = ask(app, {"roomId": room.id, "after": 3}, by="a")["data"]
        assert [it["seq"] for it in following] == [4, 5]

    def test_a_feed_of_which_nothing_is_left_is_reset_to_its_end(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        app.deliver()
        app.tables.entries[room.id].clear()

        [reset] = ask(app, {"roomId": room.id})["data"]

        assert (reset["kind"], reset["seq"]) == ("RESET", 2)
        assert ask(app, {"roomId": room.id, "after": 2})["data"] == []

    def test_a_number_that_the_feed_does_not_have_is_reset_to_the_beginning(
        self, app: RoomsApp
    ) -> None:
        room = app.room("ann", "bob")
        app.deliver()

        page = ask(app, {"roomId": room.id, "after": 77})["data"]

        assert [(it["kind"], it["seq"]) for it in page] == [
            ("RESET", 0),
            ("JOINED", 1),
            ("JOINED", 2),
        ]

    def test_a_room_about_which_nothing_was_told_yet_has_an_empty_feed(self, app: RoomsApp) -> None:
        room = app.room("ann")

        assert ask(app, {"roomId": room.id}) == {"data": []}

    @pytest.mark.parametrize("parent", ["Query", "Subscription"])
    def test_it_is_for_participants_alone(self, app: RoomsApp, parent: str) -> None:
        room = app.room("ann", "bob")
        app.use_cases.leave_room("bob", room.id, TRACE)

        for user in ("bob", "eve"):
            refused = ask(app, {"roomId": room.id}, by=user, parent=parent)
            assert refused["error"]["type"] == "NotAParticipant"
        unknown = ask(app, {"roomId": identifier(9)}, parent=parent)
        assert unknown["error"]["type"] == "RoomNotFound"

    @pytest.mark.parametrize(
        "wrong", [{"after": -1}, {"limit": 0}, {"limit": 101}, {"after": 2**31}, {"before": 1}]
    )
    def test_impossible_arguments_are_refused(self, app: RoomsApp, wrong: dict[str, int]) -> None:
        room = app.room("ann")

        assert ask(app, {"roomId": room.id} | wrong)["error"]["type"] == "InvalidInput"


class TestSubscribing:
    def test_a_participant_s_subscription_ends_when_they_leave(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")

        reply = ask(app, {"roomId": room.id}, by="bob", parent="Subscription")

        assert reply["data"] is None
        [group] = reply["invalidationFilter"]["filterGroup"]
        assert group["filters"] == [
            {"fieldName": "roomId", "operator": "eq", "value": room.id},
            {"fieldName": "userId", "operator": "in", "value": ["bob", DELETED_USER]},
        ]

    def test_publishing_a_departure_ends_the_subscriptions_of_whoever_left(
        self, app: RoomsApp
    ) -> None:
        room = app.room("ann", "bob")
        app.use_cases.leave_room("bob", room.id, TRACE)
        app.deliver()

        joined, left = (publish(app, room, seq) for seq in (2, 3))

        assert joined["data"]["kind"] == "JOINED"
        assert "invalidate" not in joined
        assert left["data"] == left["data"] | {"kind": "LEFT", "userId": "bob", "name": "Bob"}
        assert left["invalidate"] == {
            "subscriptionField": "roomFeed",
            "payload": {"roomId": room.id, "userId": "bob"},
        }

    def test_only_our_own_functions_publish(self, app: RoomsApp) -> None:
        room = app.room("ann")
        app.deliver()

        refused = ask(
            app,
            {"input": {"roomId": room.id, "seq": 1}},
            field="publishRoomFeed",
            parent="Mutation",
        )

        assert refused["error"]["type"] == "Forbidden"

    def test_an_entry_that_has_expired_is_not_found(self, app: RoomsApp) -> None:
        assert publish(app, app.room("ann"), 9)["error"]["type"] == "FeedEntryNotFound"


def publish(app: RoomsApp, room: Room, seq: int) -> dict[str, Any]:
    """Call publishRoomFeed as the feed writer does."""
    answer: dict[str, Any] = ask(
        app,
        {"input": {"roomId": room.id, "seq": seq}},
        by="the feed writer",
        field="publishRoomFeed",
        parent="Mutation",
    )
    return answer


class TestErasure:
    def test_the_feed_names_a_deleted_user_no_more(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        app.vote(room, 101, "bob")
        app.settle()

        app.erase("bob")
        app.settle()

        assert kinds(app, room) == [
            ("JOINED", "ann"),
            ("JOINED", DELETED_USER),
            ("PROGRESS", DELETED_USER),
            ("LEFT", DELETED_USER),
        ]
        assert (room.id, "bob") not in app.tables.told_progress
        assert publish(app, room, 4)["invalidate"]["payload"]["userId"] == DELETED_USER
        assert publish(app, room, 4)["data"]["name"] is None

    def test_an_event_that_comes_after_the_erasure_names_nobody(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        app.vote(room, 101, "bob")
        late = list(app.tables.outbox)
        app.delivered = len(late)

        app.erase("bob")
        for event in late:
            app.tell(event)

        assert kinds(app, room) == [("JOINED", "ann"), ("JOINED", DELETED_USER)]

    @pytest.mark.parametrize("steps", range(12))
    def test_no_append_slips_past_an_erasure(self, app: RoomsApp, steps: int) -> None:
        """The erasure runs while the entry is being written, before each of its steps."""
        room = app.room("ann", "bob")
        joined = app.tables.outbox[1]
        app.delivered = len(app.tables.outbox)
        task = Task("append", lambda: app.tell(joined))
        for _ in range(steps):
            if not task.done:
                task.step()

        app.erase("bob")
        task.finish()

        assert task.error is None
        assert kinds(app, room) == [("JOINED", DELETED_USER)]


def test_fifty_people_are_told_of_everything_once(app: RoomsApp) -> None:
    app = RoomsApp(catalog=FakeCatalogClient(films(4)))
    people = [f"user-{n:02}" for n in range(50)]
    room = app.room(*people, at_most=50)
    for movie in films(4):
        app.vote(room, movie.id, *people)
    app.settle()

    assert app.feed_publisher.of(room.id) == [entry.seq for entry in told(app, room)]
    shown = [entry for entry in told(app, room) if entry.kind is EntryKind.PROGRESS]
    assert {entry.user_id for entry in shown if entry.progress and entry.progress.voted == 4} == {
        *people
    }


def test_the_numbers_of_a_feed_only_grow() -> None:
    feed = Feed("room")
    assert feed.is_published
    grown = feed.with_entry("e", NOON, 3)
    assert (grown.last, grown.published, grown.candidates, grown.publisher) == (1, 0, 3, "e")
    assert grown.with_entry("f", NOON, 2).candidates == 3
    assert grown.with_published(1).publisher is None


def test_figures_of_the_page_of_costs_are_what_the_rules_say() -> None:
    page = str(ROOT / "docs" / "scaling.md")

    assert doctest.testfile(page, module_relative=False) == doctest.TestResults(0, 5)
