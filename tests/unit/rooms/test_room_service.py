"""What people do in rooms, one behaviour at a time, over fakes of the tables."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import cycle

import pytest

from matinee.errors import InvalidInput
from matinee.events.envelope import Trace
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
from rooms.domain.room import CANDIDATES, MediaType, Room, Tally
from rooms.events.published import (
    MatchFound,
    ParticipantJoined,
    ParticipantLeft,
    RoomCreated,
    VoteCast,
)
from rooms.use_cases.create_room import ATTEMPTS, LONGEST_PAUSE, Opening
from tests.fakes.clock import identifier
from tests.fakes.house import TRACE, House
from tests.fakes.rooms import FakeCatalogue, FakeVotes, World, films

WISH = Opening(MediaType.MOVIE, (28, 12), 2, 10)


class RiggedCodes:
    """Draws the codes that it is given, over and over."""

    def __init__(self, *codes: str) -> None:
        self._codes = cycle(codes)
        self.drawn = 0

    def draw(self) -> str:
        self.drawn += 1
        return next(self._codes)


class SlowVotes(FakeVotes):
    """Lets something happen between the reading of a ballot and the vote."""

    def __init__(
        self, world: World, read: Callable[[str, int], tuple[Room | None, Tally | None]]
    ) -> None:
        super().__init__(world)
        self._read = read

    def ballot(self, room_id: str, movie_id: int) -> tuple[Room | None, Tally | None]:
        return self._read(room_id, movie_id)


def house_drawing(*codes: str) -> tuple[House, RiggedCodes]:
    rigged = RiggedCodes(*codes)
    house = House()
    house.service = replace(house.service, codes=rigged)  # type: ignore[arg-type]
    return house, rigged


def interrupt(house: House, times: int) -> None:
    """Let the next writes meet another transaction."""
    house.world.conflicts = times


class TestOpening:
    def test_the_host_is_in_the_room_that_he_opens(self) -> None:
        house = House()

        room, _ = house.service.open("ann", WISH, TRACE)

        assert room.id in house.rooms
        assert (room.host_id, room.participants) == ("ann", ("ann",))

    def test_a_room_lives_for_twenty_four_hours(self) -> None:
        room, _ = House().service.open("ann", WISH, TRACE)

        assert room.expires_at - room.created_at == timedelta(hours=24)

    def test_a_room_is_as_its_host_wishes(self) -> None:
        wish = Opening(MediaType.TV, (18,), 3, 7)

        room, _ = House().service.open("ann", wish, TRACE)

        assert (room.media_type, room.genre_ids) == (MediaType.TV, (18,))
        assert (room.min_participants, room.max_participants) == (3, 7)

    def test_the_catalogue_is_asked_for_what_the_host_wishes(self) -> None:
        house = House()

        house.service.open("ann", WISH, Trace("thread-1"))

        assert house.catalogue.asked == [(MediaType.MOVIE, (28, 12), "thread-1")]

    def test_the_candidates_are_those_of_the_catalogue_in_its_order(self) -> None:
        house = House()

        room, candidates = house.service.open("ann", WISH, TRACE)

        assert candidates == films(3)
        assert list(house.service.candidates(room)) == films(3)

    def test_there_are_never_more_than_fifty_candidates(self) -> None:
        house = House(catalogue=FakeCatalogue(films(60)))

        _, candidates = house.service.open("ann", WISH, TRACE)

        assert len(candidates) == CANDIDATES == 50

    def test_a_film_that_the_catalogue_names_twice_is_one_candidate(self) -> None:
        house = House(catalogue=FakeCatalogue([*films(3), *films(2)]))

        _, candidates = house.service.open("ann", WISH, TRACE)

        assert candidates == films(3)

    def test_without_candidates_there_is_no_room(self) -> None:
        house = House(catalogue=FakeCatalogue([]))

        with pytest.raises(NoCandidates):
            house.service.open("ann", WISH, TRACE)

        assert len(house.rooms) == 0

    @pytest.mark.parametrize("error", [CatalogUnavailable(), InvalidInput("no such genre")])
    def test_what_the_catalogue_says_against_it_is_passed_on(self, error: Exception) -> None:
        house = House(catalogue=FakeCatalogue(error=error))

        with pytest.raises(type(error)):
            house.service.open("ann", WISH, TRACE)

        assert len(house.rooms) == 0

    def test_a_code_that_an_open_room_has_is_drawn_again(self) -> None:
        house, codes = house_drawing("AAAAAA", "AAAAAA", "BBBBBB")

        first, _ = house.service.open("ann", WISH, TRACE)
        second, _ = house.service.open("bob", WISH, TRACE)

        assert (first.code, second.code) == ("AAAAAA", "BBBBBB")
        assert codes.drawn == 3

    def test_the_code_of_an_expired_room_may_be_used_again(self) -> None:
        house, _ = house_drawing("AAAAAA")
        house.service.open("ann", WISH, TRACE)
        house.world.now.advance(hours=24)

        second, _ = house.service.open("bob", WISH, TRACE)

        assert second.code == "AAAAAA"
        assert house.service.room_by_code("AAAAAA") == second

    def test_when_every_code_is_taken_the_room_is_refused_and_nothing_is_stored(self) -> None:
        house, codes = house_drawing("AAAAAA")
        house.service.open("ann", WISH, TRACE)

        with pytest.raises(RoomBusy):
            house.service.open("bob", WISH, TRACE)

        assert codes.drawn == 1 + ATTEMPTS
        assert len(house.rooms) == 1

    def test_the_catalogue_is_asked_once_however_many_codes_are_drawn(self) -> None:
        house, _ = house_drawing("AAAAAA", "AAAAAA", "BBBBBB")
        house.service.open("ann", WISH, TRACE)

        house.service.open("bob", WISH, TRACE)

        assert len(house.catalogue.asked) == 2

    def test_a_room_is_told_of_once(self) -> None:
        house = House()

        room, _ = house.service.open("ann", WISH, Trace("thread-1"))

        [created] = house.world.events(RoomCreated)
        assert (created.room_id, created.host_id, created.candidate_count) == (room.id, "ann", 3)
        assert house.world.outbox[0].metadata.correlation_id == "thread-1"


class TestJoining:
    def test_who_has_the_code_takes_a_seat(self) -> None:
        house = House()
        room = house.room("ann")

        joined = house.service.join("bob", room.code, TRACE)

        assert joined.participants == ("ann", "bob")
        assert house.world.rooms[room.id] == joined

    def test_a_code_may_be_typed_in_any_case_with_blanks_around_it(self) -> None:
        house = House()
        room = house.room("ann")

        assert house.service.join("bob", f" {room.code.lower()} ", TRACE).id == room.id

    def test_joining_twice_changes_nothing_and_tells_nothing(self) -> None:
        house = House()
        room = house.room("ann", "bob")

        again = house.service.join("bob", room.code, TRACE)

        assert again == room
        assert len(house.world.events(ParticipantJoined)) == 1

    def test_a_member_of_a_full_room_gets_his_room_again(self) -> None:
        house = House()
        room = house.room("ann", "bob", at_most=2)

        assert house.service.join("ann", room.code, TRACE) == room

    def test_a_full_room_refuses_one_more(self) -> None:
        house = House()
        room = house.room("ann", "bob", at_most=2)

        with pytest.raises(RoomFull):
            house.service.join("cid", room.code, TRACE)

        assert house.world.rooms[room.id] == room

    def test_a_seat_that_has_become_free_can_be_taken(self) -> None:
        house = House()
        room = house.room("ann", "bob", at_most=2)
        house.service.leave("ann", room.id, TRACE)

        assert house.service.join("cid", room.code, TRACE).participants == ("bob", "cid")

    def test_a_code_that_no_room_has_is_not_found(self) -> None:
        with pytest.raises(RoomNotFound):
            House().service.join("ann", "AAAAAA", TRACE)

    def test_a_new_participant_is_told_of_with_the_number_in_the_room(self) -> None:
        house = House()

        room = house.room("ann", "bob")

        [joined] = house.world.events(ParticipantJoined)
        assert (joined.room_id, joined.user_id, joined.participant_count) == (room.id, "bob", 2)
        assert joined.room_version == room.version

    def test_a_returner_s_earlier_votes_count_again(self) -> None:
        house = House()
        room = house.room("ann", "bob")
        house.vote(room, 101, "bob")
        house.service.leave("bob", room.id, TRACE)
        house.vote(room, 101, "ann")

        house.service.join("bob", room.code, TRACE)
        house.deliver()

        assert 101 in house.matches

    def test_a_match_that_a_newcomer_would_end_is_recorded_before_he_is_let_in(self) -> None:
        house = House()
        room = house.room("ann", "bob", "cid")
        house.vote(room, 101, "ann", "bob")
        house.service.leave("cid", room.id, TRACE)

        house.service.join("dee", room.code, TRACE)

        assert house.world.matches[room.id, 101].matched_users == ("ann", "bob")


class TestLeaving:
    def test_who_leaves_is_out(self) -> None:
        house = House()
        room = house.room("ann", "bob")

        left = house.service.leave("bob", room.id, TRACE)

        assert left.participants == ("ann",)
        assert house.world.rooms[room.id] == left

    def test_a_leaving_host_passes_the_room_on(self) -> None:
        house = House()
        room = house.room("ann", "bob", "cid")

        assert house.service.leave("ann", room.id, TRACE).host_id == "bob"

    def test_everybody_may_leave_and_somebody_may_come_back(self) -> None:
        house = House()
        room = house.room("ann", "bob")
        house.service.leave("ann", room.id, TRACE)
        house.service.leave("bob", room.id, TRACE)

        back = house.service.join("bob", room.code, TRACE)

        assert (back.participants, back.host_id) == (("bob",), "bob")

    def test_a_leaver_keeps_his_votes(self) -> None:
        house = House()
        room = house.room("ann", "bob")
        house.vote(room, 101, "bob")

        house.service.leave("bob", room.id, TRACE)

        assert house.world.votes[room.id, "bob", 101].yes

    def test_a_departure_is_told_of(self) -> None:
        house = House()
        room = house.room("ann", "bob")

        house.service.leave("bob", room.id, TRACE)

        [left] = house.world.events(ParticipantLeft)
        assert (left.room_id, left.user_id, left.participant_count) == (room.id, "bob", 1)

    def test_the_last_one_to_leave_is_told_of_too(self) -> None:
        house = House()
        room = house.room("ann")

        house.service.leave("ann", room.id, TRACE)

        assert house.world.events(ParticipantLeft)[0].participant_count == 0

    def test_who_is_not_in_the_room_cannot_leave_it(self) -> None:
        house = House()
        room = house.room("ann")

        with pytest.raises(NotAParticipant):
            house.service.leave("bob", room.id, TRACE)

    def test_a_room_that_does_not_exist_cannot_be_left(self) -> None:
        with pytest.raises(RoomNotFound):
            House().service.leave("ann", identifier(404), TRACE)

    def test_a_leaver_unblocks_those_who_remain(self) -> None:
        house = House()
        room = house.room("ann", "bob", "cid")
        house.vote(room, 101, "ann", "bob", no=("cid",))

        house.service.leave("cid", room.id, TRACE)
        house.deliver()

        assert house.world.matches[room.id, 101].matched_users == ("ann", "bob")
        assert "cid" not in house.phones

    def test_leaving_looks_at_every_film(self) -> None:
        house = House()
        room = house.room("ann", "bob", "cid")
        for film in (101, 102, 103):
            house.vote(room, film, "ann", "bob")

        house.service.leave("cid", room.id, TRACE)
        house.deliver()

        assert len(house.matches) == 3

    def test_one_who_remains_alone_matches_with_nobody(self) -> None:
        house = House()
        room = house.room("ann", "bob")
        house.vote(room, 101, "ann")

        house.service.leave("bob", room.id, TRACE)
        house.deliver()

        assert len(house.matches) == 0


class TestVoting:
    def test_a_vote_is_stored_and_told_of(self) -> None:
        house = House()
        room = house.room("ann", "bob")

        vote, match = house.service.vote("ann", room.id, 101, Trace("thread-2"), yes=True)

        assert house.world.votes[room.id, "ann", 101] == vote
        assert match is None
        [cast] = house.world.events(VoteCast)
        assert (cast.user_id, cast.movie_id, cast.vote, cast.tally_version) == ("ann", 101, True, 1)
        assert house.world.outbox[-1].metadata.correlation_id == "thread-2"

    def test_the_same_vote_again_writes_nothing_and_tells_nothing(self) -> None:
        house = House()
        room = house.room("ann", "bob")
        first, _ = house.service.vote("ann", room.id, 101, TRACE, yes=True)
        before = dict(house.world.tallies), len(house.world.outbox)
        house.world.now.advance(minutes=1)

        again, _ = house.service.vote("ann", room.id, 101, TRACE, yes=True)

        assert again == first
        assert (dict(house.world.tallies), len(house.world.outbox)) == before

    def test_the_latest_vote_counts(self) -> None:
        house = House()
        room = house.room("ann", "bob")
        house.vote(room, 101, "ann")
        house.vote(room, 101, no=("ann",))

        house.vote(room, 101, "bob")
        house.deliver()

        assert len(house.matches) == 0
        assert [cast.vote for cast in house.world.events(VoteCast)] == [True, False, True]

    def test_a_change_of_mind_to_yes_can_complete_a_match(self) -> None:
        house = House()
        room = house.room("ann", "bob")
        house.vote(room, 101, "ann", no=("bob",))

        _, match = house.service.vote("bob", room.id, 101, TRACE, yes=True)

        assert match is not None

    def test_the_vote_that_completes_a_match_answers_it(self) -> None:
        house = House()
        room = house.room("ann", "bob")
        house.vote(room, 101, "ann")

        _, match = house.service.vote("bob", room.id, 101, TRACE, yes=True)
        house.deliver()

        assert match is not None
        assert house.world.matches[room.id, 101] == match
        assert (match.title, match.poster_path) == ("Film 1", "/1.jpg")

    def test_a_vote_after_the_match_answers_the_match_as_it_was(self) -> None:
        house = House()
        room = house.room("ann", "bob")
        house.vote(room, 101, "ann", "bob")
        house.service.join("cid", room.code, TRACE)

        _, match = house.service.vote("cid", room.id, 101, TRACE, yes=False)

        assert match is not None
        assert match.matched_users == ("ann", "bob")

    def test_a_match_stays_when_somebody_changes_his_mind(self) -> None:
        house = House()
        room = house.room("ann", "bob")
        house.vote(room, 101, "ann", "bob")

        house.vote(room, 101, no=("ann",))
        house.deliver()

        assert 101 in house.matches

    def test_a_room_goes_on_after_its_first_match(self) -> None:
        house = House()
        room = house.room("ann", "bob")

        house.vote(room, 101, "ann", "bob")
        house.vote(room, 102, "ann", "bob")
        house.deliver()

        assert len(house.matches) == 2

    def test_an_outsider_s_vote_is_refused_and_completes_nothing(self) -> None:
        house = House()
        room = house.room("ann", "bob")
        house.vote(room, 101, "ann")

        with pytest.raises(NotAParticipant):
            house.service.vote("eve", room.id, 101, TRACE, yes=True)
        house.deliver()

        assert len(house.matches) == 0
        assert len(house.votes) == 1

    def test_who_has_left_votes_no_more(self) -> None:
        house = House()
        room = house.room("ann", "bob")
        house.service.leave("bob", room.id, TRACE)

        with pytest.raises(NotAParticipant):
            house.service.vote("bob", room.id, 101, TRACE, yes=True)

    def test_a_film_that_is_no_candidate_cannot_be_voted_on(self) -> None:
        house = House()
        room = house.room("ann", "bob")

        with pytest.raises(NotACandidate):
            house.service.vote("ann", room.id, 999, TRACE, yes=True)

        assert len(house.votes) == 0

    def test_an_outsider_does_not_learn_which_films_are_candidates(self) -> None:
        house = House()
        room = house.room("ann")

        with pytest.raises(NotAParticipant):
            house.service.vote("eve", room.id, 999, TRACE, yes=True)

    def test_a_room_that_does_not_exist_cannot_be_voted_in(self) -> None:
        with pytest.raises(RoomNotFound):
            House().service.vote("ann", identifier(404), 101, TRACE, yes=True)

    def test_a_vote_reads_the_room_and_one_tally_and_no_candidates(self) -> None:
        house = House(catalogue=FakeCatalogue(films(50)))
        room = house.room("ann", "bob")
        house.world.reads.clear()

        house.vote(room, 101, "ann")

        assert dict(house.world.reads) == {"ballot's room": 1, "ballot's tally": 1}

    def test_a_room_that_asks_for_three_does_not_match_with_two(self) -> None:
        house = House()
        room = house.room("ann", "bob", at_least=3)
        house.vote(room, 101, "ann", "bob")
        house.deliver()

        assert len(house.matches) == 0

        house.service.join("cid", room.code, TRACE)
        house.vote(room, 101, "cid")
        house.deliver()

        assert house.world.matches[room.id, 101].matched_users == ("ann", "bob", "cid")


class TestContention:
    @pytest.mark.parametrize("times", [1, ATTEMPTS - 1])
    def test_a_vote_that_meets_other_writes_is_tried_again(self, times: int) -> None:
        house = House()
        room = house.room("ann", "bob")
        interrupt(house, times)

        house.vote(room, 101, "ann")

        assert house.world.votes[room.id, "ann", 101].yes
        assert len(house.world.events(VoteCast)) == 1
        assert len(house.pauses) == times

    def test_too_many_contentions_end_in_room_busy_and_change_nothing(self) -> None:
        house = House()
        room = house.room("ann", "bob")
        interrupt(house, ATTEMPTS)

        with pytest.raises(RoomBusy):
            house.vote(room, 101, "ann")

        assert len(house.votes) == 0
        assert house.world.events(VoteCast) == []

    def test_nobody_waits_after_the_last_attempt(self) -> None:
        house = House()
        room = house.room("ann", "bob")
        interrupt(house, ATTEMPTS)

        with pytest.raises(RoomBusy):
            house.vote(room, 101, "ann")

        assert len(house.pauses) == ATTEMPTS - 1

    def test_pauses_grow_to_a_limit(self) -> None:
        house = House()
        room = house.room("ann", "bob")
        interrupt(house, ATTEMPTS)

        with pytest.raises(RoomBusy):
            house.vote(room, 101, "ann")

        assert house.pauses == sorted(house.pauses)
        assert 0 < house.pauses[0] < house.pauses[-1] == LONGEST_PAUSE

    @pytest.mark.parametrize("act", ["join", "leave", "open"])
    def test_everything_that_writes_gives_up_as_room_busy(self, act: str) -> None:
        house = House()
        room = house.room("ann", "bob")
        interrupt(house, ATTEMPTS)
        acts: dict[str, Callable[[], object]] = {
            "join": lambda: house.service.join("cid", room.code, TRACE),
            "leave": lambda: house.service.leave("bob", room.id, TRACE),
            "open": lambda: house.service.open("cid", WISH, TRACE),
        }

        with pytest.raises(RoomBusy):
            acts[act]()

        assert house.world.rooms == {room.id: room}


class TestExpiry:
    @pytest.fixture
    def closed(self) -> tuple[House, Room]:
        house = House()
        room = house.room("ann", "bob")
        house.world.now.advance(hours=24)
        return house, room

    def test_nobody_joins_an_expired_room(self, closed: tuple[House, Room]) -> None:
        house, room = closed
        with pytest.raises(RoomExpired):
            house.service.join("cid", room.code, TRACE)

    def test_nobody_leaves_an_expired_room(self, closed: tuple[House, Room]) -> None:
        house, room = closed
        with pytest.raises(RoomExpired):
            house.service.leave("ann", room.id, TRACE)

    def test_nobody_votes_in_an_expired_room(self, closed: tuple[House, Room]) -> None:
        house, room = closed
        with pytest.raises(RoomExpired):
            house.service.vote("ann", room.id, 101, TRACE, yes=True)

    def test_an_expired_room_deals_no_deck(self, closed: tuple[House, Room]) -> None:
        house, room = closed
        with pytest.raises(RoomExpired):
            house.service.deck("ann", room.id, 10)

    def test_the_code_of_an_expired_room_says_so(self, closed: tuple[House, Room]) -> None:
        house, room = closed
        with pytest.raises(RoomExpired):
            house.service.room_by_code(room.code)

    def test_an_expired_room_is_none_of_my_rooms(self, closed: tuple[House, Room]) -> None:
        house, _ = closed
        house.world.now.advance(seconds=1)

        assert house.service.my_rooms("ann", 10, None) == []

    def test_participants_may_still_look_at_it(self, closed: tuple[House, Room]) -> None:
        house, room = closed
        assert house.service.room("ann", room.id) == room

    def test_matches_stay_after_the_room_has_closed(self) -> None:
        house = House()
        room = house.room("ann", "bob")
        house.vote(room, 101, "ann", "bob")
        house.world.now.advance(hours=48)
        house.deliver()

        assert [match.movie_id for match in house.service.my_matches("ann", 10, None)] == [101]

    def test_a_vote_under_way_when_the_room_closes_is_refused(self) -> None:
        house = House()
        room = house.room("ann", "bob")
        house.world.now.advance(hours=23, minutes=59)

        def read_then_close(room_id: str, movie_id: int) -> tuple[Room | None, Tally | None]:
            found = house.votes.ballot(room_id, movie_id)
            house.world.now.advance(minutes=1)
            return found

        slow = SlowVotes(house.world, read_then_close)

        with pytest.raises(RoomExpired):
            replace(house.service, votes=slow).vote("ann", room.id, 101, TRACE, yes=True)

        assert len(house.votes) == 0


class TestLooking:
    def test_a_participant_sees_his_room(self) -> None:
        house = House()
        room = house.room("ann", "bob")

        assert house.service.room("bob", room.id) == room

    def test_an_outsider_does_not(self) -> None:
        house = House()
        room = house.room("ann")

        with pytest.raises(NotAParticipant):
            house.service.room("eve", room.id)

    def test_a_room_that_does_not_exist_is_not_found(self) -> None:
        with pytest.raises(RoomNotFound):
            House().service.room("ann", identifier(404))

    def test_who_has_the_code_sees_the_room_before_joining(self) -> None:
        house = House()
        room = house.room("ann")

        assert house.service.room_by_code(room.code.lower()) == room

    def test_a_code_without_a_room_shows_nothing(self) -> None:
        assert House().service.room_by_code("AAAAAA") is None

    def test_my_rooms_are_those_i_am_in_newest_first(self) -> None:
        house = House()
        first = house.room("ann")
        house.room("bob")
        house.world.now.advance(seconds=1)
        third = house.room("bob", "ann")

        assert [room.id for room in house.service.my_rooms("ann", 10, None)] == [third.id, first.id]

    def test_a_room_that_i_left_is_not_mine(self) -> None:
        house = House()
        room = house.room("ann", "bob")
        house.service.leave("ann", room.id, TRACE)

        assert house.service.my_rooms("ann", 10, None) == []

    def test_my_rooms_come_page_by_page(self) -> None:
        house = House()
        mine = [house.room("ann").id for _ in range(5)]

        first = house.service.my_rooms("ann", 2, None)
        second = house.service.my_rooms("ann", 2, first[-1].id)
        third = house.service.my_rooms("ann", 2, second[-1].id)

        pages = [[room.id for room in page] for page in (first, second, third)]
        assert pages == [mine[:2:-1], mine[2:0:-1], mine[:1]]

    def test_my_matches_are_mine_alone_newest_first_and_paged(self) -> None:
        house = House()
        room = house.room("ann", "bob")
        others = house.room("cid", "dee")
        for film in (101, 102, 103):
            house.world.now.advance(seconds=1)
            house.vote(room, film, "ann", "bob")
            house.vote(others, film, "cid", "dee")
        house.deliver()

        first = house.service.my_matches("ann", 2, None)
        second = house.service.my_matches("ann", 2, first[-1].match_id)

        assert [match.movie_id for match in (*first, *second)] == [103, 102, 101]
        assert {match.room_id for match in (*first, *second)} == {room.id}


class TestDeck:
    def test_a_deck_holds_the_candidates_not_yet_voted_on(self) -> None:
        house = House()
        room = house.room("ann", "bob")
        house.vote(room, 102, "ann")

        deck = house.service.deck("ann", room.id, 10)

        assert [movie.id for movie in deck] == [101, 103]

    def test_what_others_like_is_dealt_first(self) -> None:
        house = House()
        room = house.room("ann", "bob")
        house.vote(room, 103, "bob")

        assert [movie.id for movie in house.service.deck("ann", room.id, 10)] == [103, 101, 102]

    def test_a_deck_has_as_many_cards_as_asked_for(self) -> None:
        house = House(catalogue=FakeCatalogue(films(50)))
        room = house.room("ann")

        assert len(house.service.deck("ann", room.id, 7)) == 7

    def test_who_has_voted_on_everything_gets_nothing_and_no_candidates_are_read(self) -> None:
        house = House()
        room = house.room("ann")
        for film in (101, 102, 103):
            house.vote(room, film, "ann")
        house.world.reads.clear()

        assert list(house.service.deck("ann", room.id, 10)) == []
        assert house.world.reads["candidates"] == 0

    def test_an_outsider_gets_no_deck(self) -> None:
        house = House()
        room = house.room("ann")

        with pytest.raises(NotAParticipant):
            house.service.deck("eve", room.id, 10)

    def test_a_room_that_does_not_exist_has_no_deck(self) -> None:
        with pytest.raises(RoomNotFound):
            House().service.deck("ann", identifier(404), 10)

    def test_a_match_found_by_the_deck_s_order_needs_no_more_swipes_than_by_chance(self) -> None:
        house = House(catalogue=FakeCatalogue(films(50)))
        room = house.room("ann", "bob")
        house.vote(room, 150, "ann")

        first = house.service.deck("bob", room.id, 1)[0]
        house.vote(room, first.id, "bob")
        house.deliver()

        assert 150 in house.matches


def test_events_of_one_user_s_acts_carry_his_thread() -> None:
    house = House()
    room = house.room("ann", "bob")
    for user, thread in (("ann", "thread-a"), ("bob", "thread-b")):
        house.service.vote(user, room.id, 101, Trace(thread), yes=True)
        house.deliver()

    found = house.world.outbox[-1]
    last_vote = house.world.outbox[-2]
    assert isinstance(found.data, MatchFound)
    assert found.metadata.correlation_id == "thread-b"
    assert found.metadata.causation_id == last_vote.metadata.event_id
