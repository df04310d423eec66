"""What people do in rooms, one behaviour at a time, over fakes of the tables."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from pathlib import Path

import pytest

from matinee.errors import InvalidInput
from matinee.events.envelope import Trace, detail
from matinee.media import MediaType
from rooms.domain.errors import (
    CatalogUnavailable,
    NoCandidates,
    NotACandidate,
    NotAParticipant,
    RoomBusy,
    RoomExpired,
    RoomFull,
    RoomNotFound,
)
from rooms.domain.room import MAX_CANDIDATES, Room
from rooms.domain.tally import Tally
from rooms.events.published import (
    MatchFound,
    ParticipantJoined,
    ParticipantLeft,
    RoomCreated,
    VoteCast,
)
from rooms.use_cases.create_room import CreateRoom
from rooms.use_cases.retry import BACKOFF
from tests.fakes.clock import identifier
from tests.fakes.rooms import FakeCatalogClient, FakeVoteRepository, InMemoryTables, films
from tests.fakes.rooms_app import TRACE, RoomsApp
from tools.contracts.pattern import verdicts
from tools.templates import expanded

ROOT = Path(__file__).parents[3]

COMMAND = CreateRoom(MediaType.MOVIE, (28, 12), 2, 10)


class FixedCodes:
    """Generates the given codes, again and again."""

    def __init__(self, *codes: str) -> None:
        self._codes = cycle(codes)
        self.generated = 0

    def generate(self) -> str:
        self.generated += 1
        return next(self._codes)


class SlowVotes(FakeVoteRepository):
    """Runs a function between the read and the write of a vote."""

    def __init__(
        self, tables: InMemoryTables, read: Callable[[str, int], tuple[Room | None, Tally | None]]
    ) -> None:
        super().__init__(tables)
        self._read = read

    def get_room_and_tally(self, room_id: str, movie_id: int) -> tuple[Room | None, Tally | None]:
        return self._read(room_id, movie_id)


def app_with_codes(*codes: str) -> tuple[RoomsApp, FixedCodes]:
    fixed = FixedCodes(*codes)
    app = RoomsApp()
    creator = replace(app.use_cases.create_room, codes=fixed)  # type: ignore[arg-type]
    app.use_cases = replace(app.use_cases, create_room=creator)
    return app, fixed


def interrupt(app: RoomsApp, times: int) -> None:
    """Make the next writes conflict with another transaction."""
    app.tables.conflicts = times


class TestCreating:
    def test_the_host_is_in_the_created_room(self) -> None:
        app = RoomsApp()

        room, _ = app.use_cases.create_room("ann", COMMAND, TRACE)

        assert room.id in app.rooms
        assert (room.host_id, room.participants) == ("ann", ("ann",))

    def test_a_room_expires_after_twenty_four_hours(self) -> None:
        room, _ = RoomsApp().use_cases.create_room("ann", COMMAND, TRACE)

        assert room.expires_at - room.created_at == timedelta(hours=24)

    def test_a_room_has_what_the_command_says(self) -> None:
        command = CreateRoom(MediaType.TV, (18,), 3, 7)

        app = RoomsApp(catalog=FakeCatalogClient(films(3, MediaType.TV)))

        room, _ = app.use_cases.create_room("ann", command, TRACE)

        assert (room.media_type, room.genre_ids) == (MediaType.TV, (18,))
        assert (room.min_participants, room.max_participants) == (3, 7)

    def test_the_catalog_gets_the_command_s_criteria(self) -> None:
        app = RoomsApp()

        app.use_cases.create_room("ann", COMMAND, Trace("thread-1"))

        assert app.catalog.asked == [(MediaType.MOVIE, (28, 12), "thread-1")]

    def test_candidates_keep_the_catalog_s_order(self) -> None:
        app = RoomsApp()

        room, candidates = app.use_cases.create_room("ann", COMMAND, TRACE)

        assert candidates == films(3)
        assert list(app.use_cases.rooms.list_candidates(room, "thread-1")) == films(3)

    def test_there_are_never_more_than_fifty_candidates(self) -> None:
        app = RoomsApp(catalog=FakeCatalogClient(films(60)))

        _, candidates = app.use_cases.create_room("ann", COMMAND, TRACE)

        assert len(candidates) == MAX_CANDIDATES == 50

    def test_duplicates_from_the_catalog_are_one_candidate(self) -> None:
        app = RoomsApp(catalog=FakeCatalogClient([*films(3), *films(2)]))

        _, candidates = app.use_cases.create_room("ann", COMMAND, TRACE)

        assert candidates == films(3)

    def test_without_candidates_there_is_no_room(self) -> None:
        app = RoomsApp(catalog=FakeCatalogClient([]))

        with pytest.raises(NoCandidates):
            app.use_cases.create_room("ann", COMMAND, TRACE)

        assert len(app.rooms) == 0

    @pytest.mark.parametrize("error", [CatalogUnavailable(), InvalidInput("no such genre")])
    def test_the_catalog_s_errors_are_raised(self, error: Exception) -> None:
        app = RoomsApp(catalog=FakeCatalogClient(error=error))

        with pytest.raises(type(error)):
            app.use_cases.create_room("ann", COMMAND, TRACE)

        assert len(app.rooms) == 0

    def test_a_taken_code_is_generated_again(self) -> None:
        app, codes = app_with_codes("AAAAAA", "AAAAAA", "BBBBBB")

        first, _ = app.use_cases.create_room("ann", COMMAND, TRACE)
        second, _ = app.use_cases.create_room("bob", COMMAND, TRACE)

        assert (first.code, second.code) == ("AAAAAA", "BBBBBB")
        assert codes.generated == 3

    def test_the_code_of_an_expired_room_is_free_again(self) -> None:
        app, _ = app_with_codes("AAAAAA")
        app.use_cases.create_room("ann", COMMAND, TRACE)
        app.tables.now.advance(hours=24)

        second, _ = app.use_cases.create_room("bob", COMMAND, TRACE)

        assert second.code == "AAAAAA"
        assert app.use_cases.rooms.get_by_code("AAAAAA") == second

    def test_room_busy_when_every_code_is_taken(self) -> None:
        app, codes = app_with_codes("AAAAAA")
        app.use_cases.create_room("ann", COMMAND, TRACE)

        with pytest.raises(RoomBusy):
            app.use_cases.create_room("bob", COMMAND, TRACE)

        assert codes.generated == 1 + BACKOFF.attempts
        assert len(app.rooms) == 1

    def test_the_catalog_is_called_once_for_many_codes(self) -> None:
        app, _ = app_with_codes("AAAAAA", "AAAAAA", "BBBBBB")
        app.use_cases.create_room("ann", COMMAND, TRACE)

        app.use_cases.create_room("bob", COMMAND, TRACE)

        assert len(app.catalog.asked) == 2

    def test_creating_publishes_one_event(self) -> None:
        app = RoomsApp()

        room, _ = app.use_cases.create_room("ann", COMMAND, Trace("thread-1"))

        [created] = app.tables.events(RoomCreated)
        assert (created.room_id, created.host_id, created.candidate_count) == (room.id, "ann", 3)
        assert app.tables.outbox[0].metadata.correlation_id == "thread-1"


class TestJoining:
    def test_a_user_with_the_code_can_join(self) -> None:
        app = RoomsApp()
        room = app.room("ann")

        joined = app.use_cases.join_room("bob", room.code, TRACE)

        assert joined.participants == ("ann", "bob")
        assert app.tables.rooms[room.id] == joined

    def test_a_code_is_normalized(self) -> None:
        app = RoomsApp()
        room = app.room("ann")

        assert app.use_cases.join_room("bob", f" {room.code.lower()} ", TRACE).id == room.id

    def test_joining_twice_changes_nothing(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")

        again = app.use_cases.join_room("bob", room.code, TRACE)

        assert again == room
        assert len(app.tables.events(ParticipantJoined)) == 1

    def test_a_participant_can_join_a_full_room_again(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob", at_most=2)

        assert app.use_cases.join_room("ann", room.code, TRACE) == room

    def test_a_full_room_refuses_one_more(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob", at_most=2)

        with pytest.raises(RoomFull):
            app.use_cases.join_room("cid", room.code, TRACE)

        assert app.tables.rooms[room.id] == room

    def test_a_freed_place_can_be_taken(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob", at_most=2)
        app.use_cases.leave_room("ann", room.id, TRACE)

        assert app.use_cases.join_room("cid", room.code, TRACE).participants == ("bob", "cid")

    def test_a_code_that_no_room_has_is_not_found(self) -> None:
        with pytest.raises(RoomNotFound):
            RoomsApp().use_cases.join_room("ann", "AAAAAA", TRACE)

    def test_joining_publishes_an_event_with_the_count(self) -> None:
        app = RoomsApp()

        room = app.room("ann", "bob")

        [joined] = app.tables.events(ParticipantJoined)
        assert (joined.room_id, joined.user_id, joined.participant_count) == (room.id, "bob", 2)
        assert joined.room_version == room.version

    def test_earlier_votes_count_again_after_a_return(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        app.vote(room, 101, "bob")
        app.use_cases.leave_room("bob", room.id, TRACE)
        app.vote(room, 101, "ann")

        app.use_cases.join_room("bob", room.code, TRACE)
        app.deliver()

        assert 101 in app.matches

    def test_a_match_is_recorded_before_a_newcomer_joins(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob", "cid")
        app.vote(room, 101, "ann", "bob")
        app.use_cases.leave_room("cid", room.id, TRACE)

        app.use_cases.join_room("dee", room.code, TRACE)

        assert app.tables.matches[room.id, 101].matched_users == ("ann", "bob")


class TestLeaving:
    def test_a_leave_removes_the_participant(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")

        left = app.use_cases.leave_room("bob", room.id, TRACE)

        assert left.participants == ("ann",)
        assert app.tables.rooms[room.id] == left

    def test_another_participant_succeeds_a_leaving_host(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob", "cid")

        assert app.use_cases.leave_room("ann", room.id, TRACE).host_id == "bob"

    def test_everybody_may_leave_and_somebody_may_return(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        app.use_cases.leave_room("ann", room.id, TRACE)
        app.use_cases.leave_room("bob", room.id, TRACE)

        back = app.use_cases.join_room("bob", room.code, TRACE)

        assert (back.participants, back.host_id) == (("bob",), "bob")

    def test_votes_are_kept_after_leaving(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        app.vote(room, 101, "bob")

        app.use_cases.leave_room("bob", room.id, TRACE)

        assert app.tables.votes[room.id, "bob", 101].yes

    def test_leaving_publishes_an_event(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")

        app.use_cases.leave_room("bob", room.id, TRACE)

        [left] = app.tables.events(ParticipantLeft)
        assert (left.room_id, left.user_id, left.participant_count) == (room.id, "bob", 1)

    def test_the_last_leave_publishes_an_event(self) -> None:
        app = RoomsApp()
        room = app.room("ann")

        app.use_cases.leave_room("ann", room.id, TRACE)

        assert app.tables.events(ParticipantLeft)[0].participant_count == 0

    def test_a_user_outside_the_room_cannot_leave_it(self) -> None:
        app = RoomsApp()
        room = app.room("ann")

        with pytest.raises(NotAParticipant):
            app.use_cases.leave_room("bob", room.id, TRACE)

    def test_a_room_that_does_not_exist_cannot_be_left(self) -> None:
        with pytest.raises(RoomNotFound):
            RoomsApp().use_cases.leave_room("ann", identifier(404), TRACE)

    def test_a_leave_completes_a_match_of_those_who_remain(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob", "cid")
        app.vote(room, 101, "ann", "bob", no=("cid",))

        app.use_cases.leave_room("cid", room.id, TRACE)
        app.deliver()

        assert app.tables.matches[room.id, 101].matched_users == ("ann", "bob")
        assert "cid" not in app.publisher

    def test_leaving_checks_every_candidate(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob", "cid")
        for film in (101, 102, 103):
            app.vote(room, film, "ann", "bob")

        app.use_cases.leave_room("cid", room.id, TRACE)
        app.deliver()

        assert len(app.matches) == 3

    def test_one_remaining_participant_makes_no_match(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        app.vote(room, 101, "ann")

        app.use_cases.leave_room("bob", room.id, TRACE)
        app.deliver()

        assert len(app.matches) == 0


class TestVoting:
    def test_a_vote_is_stored_with_its_event(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")

        vote, match = app.use_cases.cast_vote("ann", room.id, 101, Trace("thread-2"), yes=True)

        assert app.tables.votes[room.id, "ann", 101] == vote
        assert match is None
        [cast] = app.tables.events(VoteCast)
        assert (cast.user_id, cast.movie_id, cast.vote, cast.tally_version) == ("ann", 101, True, 1)
        assert app.tables.outbox[-1].metadata.correlation_id == "thread-2"

    def test_the_same_vote_again_changes_nothing(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        first, _ = app.use_cases.cast_vote("ann", room.id, 101, TRACE, yes=True)
        before = dict(app.tables.tallies), len(app.tables.outbox)
        app.tables.now.advance(minutes=1)

        again, _ = app.use_cases.cast_vote("ann", room.id, 101, TRACE, yes=True)

        assert again == first
        assert (dict(app.tables.tallies), len(app.tables.outbox)) == before

    def test_the_latest_vote_counts(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        app.vote(room, 101, "ann")
        app.vote(room, 101, no=("ann",))

        app.vote(room, 101, "bob")
        app.deliver()

        assert len(app.matches) == 0
        assert [cast.vote for cast in app.tables.events(VoteCast)] == [True, False, True]

    def test_a_vote_taken_back_counts_no_longer(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        app.vote(room, 101, "ann")

        app.take_back(room, 101, "ann")
        app.vote(room, 101, "bob")
        app.deliver()

        assert len(app.matches) == 0
        assert (room.id, "ann", 101) not in app.tables.votes
        [_, back, _] = app.tables.events(VoteCast)
        assert (back.vote, back.withdrawn, back.tally_version) == (False, True, 2)

    def test_a_vote_tells_whether_the_room_has_agreed(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")

        app.vote(room, 101, "ann", "bob")
        app.vote(room, 101, no=("bob",))
        app.vote(room, 102, no=("ann",))

        told = [cast.agreed for cast in app.tables.events(VoteCast)]
        assert told == [False, True, True, False]

    def test_only_a_vote_with_an_agreement_reaches_the_match_detector(self) -> None:
        text = (ROOT / "services/rooms/template.yaml").read_text(encoding="utf-8")
        rule = expanded(text, "rooms")["Resources"]["MatchDetectorRule"]["Properties"]
        app = RoomsApp()
        app.vote(app.room("ann", "bob"), 101, "ann", "bob")

        reached = []
        for told in app.tables.outbox:
            of = {"source": told.metadata.source, "detail-type": told.metadata.event_type}
            event = {**of, "detail": json.loads(detail(told))}
            if all(it.accepted for it in verdicts(rule["EventPattern"], event)):
                reached.append((told.metadata.event_type, told.data))

        assert [name for name, _ in reached] == ["ParticipantJoined", "VoteCast"]
        assert [data.user_id for _, data in reached if isinstance(data, VoteCast)] == ["bob"]

    def test_taking_back_no_vote_changes_nothing(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        before = dict(app.tables.tallies), len(app.tables.outbox)

        vote, match = app.use_cases.cast_vote("ann", room.id, 101, TRACE, yes=None)

        assert (vote.yes, match) == (None, None)
        assert (dict(app.tables.tallies), len(app.tables.outbox)) == before

    def test_a_match_that_stood_stays_when_a_vote_is_taken_back(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob", "cid")
        app.vote(room, 101, "ann", "bob")
        app.use_cases.leave_room("cid", room.id, TRACE)

        app.take_back(room, 101, "ann")
        app.deliver()

        assert app.tables.matches[room.id, 101].matched_users == ("ann", "bob")

    def test_seen_is_stored_and_told_also_when_it_comes_later(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        app.vote(room, 101, "ann")

        for seen in (True, True, None):
            vote, _ = app.use_cases.cast_vote("ann", room.id, 101, TRACE, yes=True, seen=seen)

        assert vote.seen is True
        assert app.tables.votes[room.id, "ann", 101] == vote
        first, second = app.tables.events(VoteCast)
        assert (first.seen, first.title, first.poster_path) == (None, None, None)
        assert (second.seen, second.title) == (True, app.tables.tallies[room.id, 101].title)

    def test_a_vote_changed_to_yes_can_complete_a_match(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        app.vote(room, 101, "ann", no=("bob",))

        _, match = app.use_cases.cast_vote("bob", room.id, 101, TRACE, yes=True)

        assert match is not None

    def test_the_vote_that_completes_a_match_returns_it(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        app.vote(room, 101, "ann")

        _, match = app.use_cases.cast_vote("bob", room.id, 101, TRACE, yes=True)
        app.deliver()

        assert match is not None
        assert app.tables.matches[room.id, 101] == match
        assert (match.title, match.poster_path) == ("Film 1", "/1.jpg")

    def test_a_vote_after_the_match_returns_it_to_its_users_alone(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        app.vote(room, 101, "ann", "bob")
        app.use_cases.join_room("cid", room.code, TRACE)

        _, to_cid = app.use_cases.cast_vote("cid", room.id, 101, TRACE, yes=False)
        _, to_ann = app.use_cases.cast_vote("ann", room.id, 101, TRACE, yes=False)

        assert to_cid is None
        assert to_ann is not None
        assert to_ann.matched_users == ("ann", "bob")

    def test_a_match_stays_when_a_vote_changes(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        app.vote(room, 101, "ann", "bob")

        app.vote(room, 101, no=("ann",))
        app.deliver()

        assert 101 in app.matches

    def test_a_room_goes_on_after_its_first_match(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")

        app.vote(room, 101, "ann", "bob")
        app.vote(room, 102, "ann", "bob")
        app.deliver()

        assert len(app.matches) == 2

    def test_an_outsider_s_vote_is_refused(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        app.vote(room, 101, "ann")

        with pytest.raises(NotAParticipant):
            app.use_cases.cast_vote("eve", room.id, 101, TRACE, yes=True)
        app.deliver()

        assert len(app.matches) == 0
        assert len(app.votes) == 1

    def test_a_participant_who_left_cannot_vote(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        app.use_cases.leave_room("bob", room.id, TRACE)

        with pytest.raises(NotAParticipant):
            app.use_cases.cast_vote("bob", room.id, 101, TRACE, yes=True)

    def test_a_vote_on_no_candidate_is_refused(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")

        with pytest.raises(NotACandidate):
            app.use_cases.cast_vote("ann", room.id, 999, TRACE, yes=True)

        assert len(app.votes) == 0

    def test_an_outsider_does_not_learn_the_candidates(self) -> None:
        app = RoomsApp()
        room = app.room("ann")

        with pytest.raises(NotAParticipant):
            app.use_cases.cast_vote("eve", room.id, 999, TRACE, yes=True)

    def test_a_room_that_does_not_exist_cannot_be_voted_in(self) -> None:
        with pytest.raises(RoomNotFound):
            RoomsApp().use_cases.cast_vote("ann", identifier(404), 101, TRACE, yes=True)

    def test_a_vote_reads_the_room_and_one_tally_and_no_candidates(self) -> None:
        app = RoomsApp(catalog=FakeCatalogClient(films(50)))
        room = app.room("ann", "bob")
        app.tables.reads.clear()

        app.vote(room, 101, "ann")

        assert dict(app.tables.reads) == {"vote's room": 1, "vote's tally": 1}

    def test_a_room_of_three_does_not_match_with_two(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob", at_least=3)
        app.vote(room, 101, "ann", "bob")
        app.deliver()

        assert len(app.matches) == 0

        app.use_cases.join_room("cid", room.code, TRACE)
        app.vote(room, 101, "cid")
        app.deliver()

        assert app.tables.matches[room.id, 101].matched_users == ("ann", "bob", "cid")


class TestContention:
    @pytest.mark.parametrize("times", [1, BACKOFF.attempts - 1])
    def test_a_vote_is_retried_after_conflicts(self, times: int) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        interrupt(app, times)

        app.vote(room, 101, "ann")

        assert app.tables.votes[room.id, "ann", 101].yes
        assert len(app.tables.events(VoteCast)) == 1
        assert len(app.pauses) == times

    def test_too_many_conflicts_raise_room_busy(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        interrupt(app, BACKOFF.attempts)

        with pytest.raises(RoomBusy):
            app.vote(room, 101, "ann")

        assert len(app.votes) == 0
        assert app.tables.events(VoteCast) == []

    def test_there_is_no_pause_after_the_last_attempt(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        interrupt(app, BACKOFF.attempts)

        with pytest.raises(RoomBusy):
            app.vote(room, 101, "ann")

        assert len(app.pauses) == BACKOFF.attempts - 1

    def test_the_backoff_grows_to_a_limit(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        interrupt(app, BACKOFF.attempts)

        with pytest.raises(RoomBusy):
            app.vote(room, 101, "ann")

        assert app.pauses == sorted(app.pauses)
        assert 0 < app.pauses[0] < app.pauses[-1] == BACKOFF.longest

    @pytest.mark.parametrize("act", ["join", "leave", "open"])
    def test_every_write_raises_room_busy_after_all_attempts(self, act: str) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        interrupt(app, BACKOFF.attempts)
        acts: dict[str, Callable[[], object]] = {
            "join": lambda: app.use_cases.join_room("cid", room.code, TRACE),
            "leave": lambda: app.use_cases.leave_room("bob", room.id, TRACE),
            "open": lambda: app.use_cases.create_room("cid", COMMAND, TRACE),
        }

        with pytest.raises(RoomBusy):
            acts[act]()

        assert app.tables.rooms == {room.id: room}


class TestExpiry:
    @pytest.fixture
    def closed(self) -> tuple[RoomsApp, Room]:
        app = RoomsApp()
        room = app.room("ann", "bob")
        app.tables.now.advance(hours=24)
        return app, room

    def test_nobody_joins_an_expired_room(self, closed: tuple[RoomsApp, Room]) -> None:
        app, room = closed
        with pytest.raises(RoomExpired):
            app.use_cases.join_room("cid", room.code, TRACE)

    def test_nobody_leaves_an_expired_room(self, closed: tuple[RoomsApp, Room]) -> None:
        app, room = closed
        with pytest.raises(RoomExpired):
            app.use_cases.leave_room("ann", room.id, TRACE)

    def test_nobody_votes_in_an_expired_room(self, closed: tuple[RoomsApp, Room]) -> None:
        app, room = closed
        with pytest.raises(RoomExpired):
            app.use_cases.cast_vote("ann", room.id, 101, TRACE, yes=True)

    def test_an_expired_room_has_no_deck(self, closed: tuple[RoomsApp, Room]) -> None:
        app, room = closed
        with pytest.raises(RoomExpired):
            app.use_cases.get_deck("ann", room.id, 10, TRACE)

    def test_the_code_of_an_expired_room_raises_room_expired(
        self, closed: tuple[RoomsApp, Room]
    ) -> None:
        app, room = closed
        with pytest.raises(RoomExpired):
            app.use_cases.rooms.get_by_code(room.code)

    def test_an_expired_room_is_not_listed(self, closed: tuple[RoomsApp, Room]) -> None:
        app, _ = closed
        app.tables.now.advance(seconds=1)

        assert app.use_cases.rooms.list_by_user("ann", 10, None) == []

    def test_participants_may_still_get_it(self, closed: tuple[RoomsApp, Room]) -> None:
        app, room = closed
        assert app.use_cases.rooms.get("ann", room.id) == room

    def test_matches_stay_after_the_room_has_closed(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        app.vote(room, 101, "ann", "bob")
        app.tables.now.advance(hours=48)
        app.deliver()

        assert [
            match.movie_id for match in app.use_cases.matches.list_by_user("ann", 10, None)
        ] == [101]

    def test_a_vote_is_refused_if_the_room_closes_meanwhile(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        app.tables.now.advance(hours=23, minutes=59)

        def read_then_close(room_id: str, movie_id: int) -> tuple[Room | None, Tally | None]:
            found = app.votes.get_room_and_tally(room_id, movie_id)
            app.tables.now.advance(minutes=1)
            return found

        slow = SlowVotes(app.tables, read_then_close)

        with pytest.raises(RoomExpired):
            replace(app.use_cases.cast_vote, votes=slow)("ann", room.id, 101, TRACE, yes=True)

        assert len(app.votes) == 0


class TestLooking:
    def test_a_participant_gets_their_room(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")

        assert app.use_cases.rooms.get("bob", room.id) == room

    def test_an_outsider_is_refused(self) -> None:
        app = RoomsApp()
        room = app.room("ann")

        with pytest.raises(NotAParticipant):
            app.use_cases.rooms.get("eve", room.id)

    def test_a_room_that_does_not_exist_is_not_found(self) -> None:
        with pytest.raises(RoomNotFound):
            RoomsApp().use_cases.rooms.get("ann", identifier(404))

    def test_the_code_shows_the_room_before_joining(self) -> None:
        app = RoomsApp()
        room = app.room("ann")

        assert app.use_cases.rooms.get_by_code(room.code.lower()) == room

    def test_get_by_code_returns_none_for_an_unknown_code(self) -> None:
        assert RoomsApp().use_cases.rooms.get_by_code("AAAAAA") is None

    def test_rooms_of_a_user_are_listed_newest_first(self) -> None:
        app = RoomsApp()
        first = app.room("ann")
        app.room("bob")
        app.tables.now.advance(seconds=1)
        third = app.room("bob", "ann")

        assert [room.id for room in app.use_cases.rooms.list_by_user("ann", 10, None)] == [
            third.id,
            first.id,
        ]

    def test_a_room_that_was_left_is_not_listed(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        app.use_cases.leave_room("ann", room.id, TRACE)

        assert app.use_cases.rooms.list_by_user("ann", 10, None) == []

    def test_rooms_of_a_user_are_paged(self) -> None:
        app = RoomsApp()
        mine = [app.room("ann").id for _ in range(5)]

        first = app.use_cases.rooms.list_by_user("ann", 2, None)
        second = app.use_cases.rooms.list_by_user("ann", 2, first[-1].id)
        third = app.use_cases.rooms.list_by_user("ann", 2, second[-1].id)

        pages = [[room.id for room in page] for page in (first, second, third)]
        assert pages == [mine[:2:-1], mine[2:0:-1], mine[:1]]

    def test_a_user_s_matches_are_paged_newest_first(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        others = app.room("cid", "dee")
        for film in (101, 102, 103):
            app.tables.now.advance(seconds=1)
            app.vote(room, film, "ann", "bob")
            app.vote(others, film, "cid", "dee")
        app.deliver()

        first = app.use_cases.matches.list_by_user("ann", 2, None)
        second = app.use_cases.matches.list_by_user("ann", 2, first[-1].match_id)

        assert [match.movie_id for match in (*first, *second)] == [103, 102, 101]
        assert {match.room_id for match in (*first, *second)} == {room.id}


class TestDeck:
    def test_a_deck_holds_the_unvoted_candidates(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob")
        app.vote(room, 102, "ann")

        deck = app.use_cases.get_deck("ann", room.id, 10, TRACE)

        assert [movie.id for movie in deck] == [101, 103]

    def test_candidates_that_all_others_like_come_first(self) -> None:
        app = RoomsApp()
        room = app.room("ann", "bob", "cid")
        app.vote(room, 103, "bob", "cid")

        assert [movie.id for movie in app.use_cases.get_deck("ann", room.id, 10, TRACE)] == [
            103,
            101,
            102,
        ]

    def test_a_deck_has_the_requested_size(self) -> None:
        app = RoomsApp(catalog=FakeCatalogClient(films(50)))
        room = app.room("ann")

        assert len(app.use_cases.get_deck("ann", room.id, 7, TRACE)) == 7

    def test_an_empty_deck_reads_no_candidates(self) -> None:
        app = RoomsApp()
        room = app.room("ann")
        for film in (101, 102, 103):
            app.vote(room, film, "ann")
        app.tables.reads.clear()

        assert list(app.use_cases.get_deck("ann", room.id, 10, TRACE)) == []
        assert app.tables.reads["candidates"] == 0

    def test_an_outsider_gets_no_deck(self) -> None:
        app = RoomsApp()
        room = app.room("ann")

        with pytest.raises(NotAParticipant):
            app.use_cases.get_deck("eve", room.id, 10, TRACE)

    def test_a_room_that_does_not_exist_has_no_deck(self) -> None:
        with pytest.raises(RoomNotFound):
            RoomsApp().use_cases.get_deck("ann", identifier(404), 10, TRACE)

    def test_the_first_of_the_deck_completes_a_match(self) -> None:
        app = RoomsApp(catalog=FakeCatalogClient(films(50)))
        room = app.room("ann", "bob", "cid")
        app.vote(room, 150, "ann", "cid")

        first = app.use_cases.get_deck("bob", room.id, 1, TRACE)[0]
        app.vote(room, first.id, "bob")
        app.deliver()

        assert 150 in app.matches


def test_events_have_the_trace_of_the_request() -> None:
    app = RoomsApp()
    room = app.room("ann", "bob")
    for user, thread in (("ann", "thread-a"), ("bob", "thread-b")):
        app.use_cases.cast_vote(user, room.id, 101, Trace(thread), yes=True)
        app.deliver()

    found = app.tables.outbox[-1]
    last_vote = app.tables.outbox[-2]
    assert isinstance(found.data, MatchFound)
    assert found.metadata.correlation_id == "thread-b"
    assert found.metadata.causation_id == last_vote.metadata.event_id
