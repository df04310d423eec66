"""What every adapter of the ports promises: the fakes, moto's DynamoDB and the emulator's alike."""

from dataclasses import replace
from datetime import timedelta

import pytest

from matinee.events.envelope import Trace
from matinee.ids import first_id_at
from matinee.media import MediaType
from matinee.retry import WriteConflict
from rooms.adapters.dynamodb.items import CLOSING_SHARDS
from rooms.domain.decision import DecidedBy, Decision, Proposals
from rooms.domain.errors import NotAParticipant, RoomExpired
from rooms.domain.feed import EntryKind, Feed, FeedEntry, ToldProgress
from rooms.domain.life import CloseReason
from rooms.domain.match import Match, apply_agreement, apply_vote, match_of
from rooms.domain.presence import Presence, Progress
from rooms.domain.redeal import Redeal
from rooms.domain.room import DELETED_USER, Movie, Room
from rooms.domain.tally import Agreement, Tally, Vote
from rooms.events.factory import RoomEventFactory
from rooms.ports import AlreadyAppended, CodeTaken
from tests.fakes.clock import NOON, FakeIds
from tests.fakes.rooms import films
from tests.integration.rooms.conftest import Store

TRACE = Trace("thread-1")
FILM = 101


class Scenario:
    """Makes changes in a store, step by step, as the use cases would."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.ids = FakeIds(store.now)
        self.events = RoomEventFactory(now=store.now, new_id=self.ids)

    def room(
        self,
        host: str = "ann",
        *,
        code: str = "ABC234",
        films_: list[Movie] | None = None,
        request: str | None = None,
    ) -> Room:
        """Create a room."""
        now = self.store.now()
        candidates = films_ or films(3)
        room = Room(
            id=self.ids(),
            code=code,
            host_id=host,
            media_type=MediaType.MOVIE,
            genre_ids=(28,),
            participants=(host,),
            min_participants=2,
            max_participants=50,
            created_at=now,
            expires_at=now + timedelta(hours=24),
            request=request,
        )
        event = self.events.room_created(room, len(candidates), TRACE)
        self.store.rooms.create(room, candidates, event)
        return room

    def join(self, room: Room, user: str) -> Room:
        joined = room.with_participant(user)
        self.store.participants.add_participant(
            user, joined, self.events.participant_joined(joined, user, TRACE)
        )
        return joined

    def leave(self, room: Room, user: str) -> Room:
        left = room.without_participant(user)
        self.store.participants.remove_participant(
            user, left, self.events.participant_left(left, user, TRACE)
        )
        return left

    def tally(self, room: Room, movie_id: int = FILM) -> Tally:
        tally = self.store.votes.get_tally(room.id, movie_id)
        assert tally is not None
        return tally

    def vote(
        self, room: Room, user: str, *, yes: bool | None = True, tally: Tally | None = None
    ) -> Tally:
        """Vote on the film, having seen `tally`, or what there is now."""
        seen = tally or self.tally(room)
        vote = Vote(room.id, user, seen.movie_id, yes, self.store.now())
        after = apply_vote(room, seen, vote, self.ids())
        self.store.votes.save_vote(vote, room, after, self.events.vote_cast(vote, after, TRACE))
        return after

    def record(self, match: Match) -> bool:
        return self.store.matches.record(match, self.events.match_found(match, TRACE))

    def reconcile(self, room: Room, tally: Tally) -> Match:
        agreement = Agreement(self.ids(), room.participants, self.store.now())
        agreed = apply_agreement(tally, agreement)
        match = match_of(agreed)
        assert match is not None
        event = self.events.match_found(match, TRACE)
        self.store.matches.record_with_agreement(room, agreed, match, event)
        return match

    def match(self, *users: str, movie_id: int = FILM, room_id: str | None = None) -> Match:
        """Return a match that is not stored yet."""
        return Match(
            match_id=self.ids(),
            room_id=room_id or self.ids(),
            movie_id=movie_id,
            media_type=MediaType.MOVIE,
            title=f"Film {movie_id}",
            poster_path="/p.jpg",
            matched_users=users,
            at=self.store.now(),
        )


@pytest.fixture
def scenario(store: Store) -> Scenario:
    return Scenario(store)


class TestOpening:
    def test_a_room_is_found_by_id_and_by_code(self, scenario: Scenario) -> None:
        room = scenario.room()

        assert scenario.store.rooms.get(room.id) == room
        assert scenario.store.rooms.get_by_code(room.code) == room

    def test_a_room_that_does_not_exist_is_not_found(self, scenario: Scenario) -> None:
        assert scenario.store.rooms.get(scenario.ids()) is None
        assert scenario.store.rooms.get_by_code("ABC234") is None
        assert list(scenario.store.rooms.list_candidates(scenario.ids())) == []

    def test_candidates_are_stored_in_order_with_all_fields(self, scenario: Scenario) -> None:
        bare = Movie(7, "Bare", "", MediaType.MOVIE)
        room = scenario.room(films_=[*films(49), bare])

        assert list(scenario.store.rooms.list_candidates(room.id)) == [*films(49), bare]

    def test_every_candidate_has_a_tally_on_which_nobody_has_voted(
        self, scenario: Scenario
    ) -> None:
        room = scenario.room(films_=films(50))

        tallies = sorted(
            scenario.store.votes.list_tallies(room.id), key=lambda tally: tally.position
        )

        assert [tally.movie_id for tally in tallies] == [movie.id for movie in films(50)]
        assert {(tally.likes, tally.dislikes, tally.version) for tally in tallies} == {
            (frozenset(), frozenset(), 0)
        }

    def test_the_event_is_stored_with_the_room(self, scenario: Scenario) -> None:
        scenario.room()

        assert scenario.store.published() == ["RoomCreated"]

    def test_a_taken_code_stores_nothing(self, scenario: Scenario) -> None:
        first = scenario.room()

        with pytest.raises(CodeTaken):
            scenario.room("bob")

        assert scenario.store.rooms.get_by_code(first.code) == first
        assert scenario.store.published() == ["RoomCreated"]
        assert list(scenario.store.rooms.list_by_user("bob", scenario.store.now(), 10, None)) == []

    def test_a_request_creates_one_room_and_finds_it(self, scenario: Scenario) -> None:
        room = scenario.room(code="ABC234", request="request-1")

        with pytest.raises(CodeTaken):
            scenario.room(code="DEF567", request="request-1")

        assert scenario.store.rooms.get_by_code("request-1") == room
        assert scenario.store.rooms.get_by_code("DEF567") is None

    def test_a_code_is_free_again_when_its_room_has_expired(self, scenario: Scenario) -> None:
        first = scenario.room()
        scenario.store.now.advance(hours=24)

        second = scenario.room("bob")

        assert scenario.store.rooms.get_by_code("ABC234") == second
        assert scenario.store.rooms.get(first.id) == first


class TestClosingTimes:
    def set_time(
        self, scenario: Scenario, room: Room, hours: int, closed: CloseReason | None = None
    ) -> Room:
        changed = room.with_closing_time(room.created_at + timedelta(hours=hours), closed)
        reason = CloseReason.CLOSED_BY_HOST
        event = (
            scenario.events.room_closed(changed, reason, TRACE)
            if closed
            else scenario.events.room_extended(changed, TRACE)
        )
        scenario.store.life.set_closing_time(changed, event)
        return changed

    def expired(self, scenario: Scenario) -> list[str]:
        now = scenario.store.now()
        shards = range(CLOSING_SHARDS)
        return [it for shard in shards for it in scenario.store.expiring.list_expired(shard, now)]

    def record(self, scenario: Scenario, room: Room) -> Room:
        closed = room.with_closing_time(room.expires_at, CloseReason.EXPIRED)
        event = scenario.events.room_closed(closed, CloseReason.EXPIRED, TRACE)
        scenario.store.expiring.record_closed(closed, event)
        return closed

    def test_an_extended_room_takes_votes_and_keeps_its_code(self, scenario: Scenario) -> None:
        room = scenario.room(request="request-1")
        room = self.set_time(scenario, scenario.join(room, "bob"), 48)
        scenario.store.now.advance(hours=30)

        scenario.vote(room, "bob")
        with pytest.raises(CodeTaken):
            scenario.room("eve")

        assert scenario.store.rooms.get(room.id) == room
        assert "RoomExtended" in scenario.store.published()

    def test_a_vote_that_read_the_room_before_is_refused(self, scenario: Scenario) -> None:
        room = scenario.room()
        tally = scenario.tally(room)

        self.set_time(scenario, room, 0, CloseReason.CLOSED_BY_HOST)

        with pytest.raises(WriteConflict):
            scenario.vote(room, "ann", tally=tally)
        with pytest.raises(WriteConflict):
            scenario.join(room, "bob")
        with pytest.raises(WriteConflict):
            scenario.leave(room, "ann")

    def test_a_closed_room_gives_its_codes_free(self, scenario: Scenario) -> None:
        room = scenario.room(request="request-1")
        self.set_time(scenario, room, 0, CloseReason.CLOSED_BY_HOST)

        other = scenario.room(request="request-1")

        assert scenario.store.rooms.get_by_code("request-1") == other
        assert self.expired(scenario) == []

    def test_an_older_version_sets_no_time(self, scenario: Scenario) -> None:
        room = scenario.room()
        joined = scenario.join(room, "bob")

        with pytest.raises(WriteConflict):
            self.set_time(scenario, room, 48)

        assert scenario.store.rooms.get(room.id) == joined
        assert "RoomExtended" not in scenario.store.published()

    def test_an_expired_room_is_listed_until_it_is_recorded(self, scenario: Scenario) -> None:
        room, other = scenario.room(), scenario.room("bob", code="DEF567")
        other = self.set_time(scenario, other, 48)
        scenario.store.now.advance(hours=24)
        assert self.expired(scenario) == [room.id]

        closed = self.record(scenario, room)

        assert self.expired(scenario) == []
        assert scenario.store.rooms.get(room.id) == closed
        assert scenario.store.published().count("RoomClosed") == 1
        with pytest.raises(WriteConflict):
            self.record(scenario, room)
        with pytest.raises(WriteConflict):
            self.set_time(scenario, closed, 48)

    def test_an_open_room_cannot_be_recorded_as_expired(self, scenario: Scenario) -> None:
        room = scenario.room()

        with pytest.raises(WriteConflict):
            self.record(scenario, room)

        assert "RoomClosed" not in scenario.store.published()

    def test_who_was_removed_is_stored(self, scenario: Scenario) -> None:
        room = scenario.join(scenario.room(), "bob")
        without = room.with_removed("bob")
        events = [
            scenario.events.participant_left(without, "bob", TRACE, removed=True),
            scenario.events.participant_removed(without, "bob", TRACE),
        ]

        scenario.store.participants.remove_participant("bob", without, *events)

        assert scenario.store.rooms.get(room.id) == without
        assert {"ParticipantLeft", "ParticipantRemoved"} <= {*scenario.store.published()}


class TestDealing:
    def deal(self, scenario: Scenario, room: Room, before: int, added: list[Movie]) -> None:
        event = scenario.events.deck_dealt(room, added, before + len(added), TRACE)
        scenario.store.decks.add_candidates(room, films(before), added, event)

    def test_further_candidates_come_after_the_others(self, scenario: Scenario) -> None:
        room = scenario.room(films_=films(50))
        scenario.join(room, "bob")

        self.deal(scenario, room, 50, films(75)[50:])

        rooms, votes = scenario.store.rooms, scenario.store.votes
        assert list(rooms.list_candidates(room.id, at_least=75)) == films(75)
        assert list(rooms.list_candidates(room.id, consistent=True)) == films(75)
        positions = {tally.movie_id: tally.position for tally in votes.list_tallies(room.id)}
        assert positions == {movie.id: place for place, movie in enumerate(films(75))}
        assert scenario.store.published()[-1] == "DeckDealt"

    def test_of_two_who_deal_one_is_refused(self, scenario: Scenario) -> None:
        room = scenario.room(films_=films(50))
        self.deal(scenario, room, 50, films(60)[50:])
        voted = scenario.vote(room, "ann", tally=scenario.tally(room, 155))

        with pytest.raises(WriteConflict):
            self.deal(scenario, room, 50, films(75)[50:])

        assert len(scenario.store.rooms.list_candidates(room.id, consistent=True)) == 60
        assert scenario.tally(room, 155) == voted
        assert scenario.store.published().count("DeckDealt") == 1

    def test_nothing_is_dealt_after_the_room_has_closed(self, scenario: Scenario) -> None:
        room = scenario.room(films_=films(50))
        scenario.store.now.advance(hours=24)

        with pytest.raises(WriteConflict):
            self.deal(scenario, room, 50, films(75)[50:])

        assert len(scenario.store.votes.list_tallies(room.id)) == 50


class TestRedealing:
    def redeal(self, scenario: Scenario, room: Room) -> Redeal:
        return Redeal.of(films(5), scenario.store.votes.list_tallies(room.id), films(9)[3:])

    def ids(self, scenario: Scenario, room: Room) -> list[int]:
        return [
            movie.id for movie in scenario.store.rooms.list_candidates(room.id, consistent=True)
        ]

    def test_what_nobody_has_seen_is_replaced(self, scenario: Scenario) -> None:
        room = scenario.join(scenario.room(films_=films(5)), "bob")
        store = scenario.store
        store.reckoned.mark_shown(room.id, [102])
        scenario.vote(room, "ann", tally=scenario.tally(room, 104))

        store.reckoned.replace_unseen(room, self.redeal(scenario, room))

        assert self.ids(scenario, room) == [105, 102, 106, 104, 107, 108, 109]
        positions = {one.movie_id: one.position for one in store.votes.list_tallies(room.id)}
        assert positions == {105: 0, 102: 1, 106: 2, 104: 3, 107: 4, 108: 5, 109: 6}
        stored = store.rooms.get(room.id)
        assert stored is not None
        assert stored.dealt_version == stored.version == 2
        scenario.vote(room, "bob", tally=scenario.tally(room, 109))

    def test_what_was_seen_meanwhile_is_not_taken_away(self, scenario: Scenario) -> None:
        room = scenario.join(scenario.room(films_=films(5)), "bob")
        deal = self.redeal(scenario, room)
        scenario.store.reckoned.mark_shown(room.id, [101])

        with pytest.raises(WriteConflict):
            scenario.store.reckoned.replace_unseen(room, deal)

        assert self.ids(scenario, room) == [101, 102, 103, 104, 105]

    def test_what_was_voted_on_meanwhile_is_not_taken_away(self, scenario: Scenario) -> None:
        room = scenario.join(scenario.room(films_=films(5)), "bob")
        deal = self.redeal(scenario, room)
        scenario.vote(room, "ann", tally=scenario.tally(room, 104))

        with pytest.raises(WriteConflict):
            scenario.store.reckoned.replace_unseen(room, deal)

        assert scenario.tally(room, 104).likes == {"ann"}

    def test_what_is_gone_cannot_be_shown(self, scenario: Scenario) -> None:
        room = scenario.join(scenario.room(films_=films(5)), "bob")
        scenario.store.reckoned.replace_unseen(room, self.redeal(scenario, room))

        with pytest.raises(WriteConflict):
            scenario.store.reckoned.mark_shown(room.id, [101])

    def test_a_room_is_dealt_once_for_each_version(self, scenario: Scenario) -> None:
        room = scenario.join(scenario.room(films_=films(5)), "bob")
        scenario.store.reckoned.replace_unseen(room, Redeal.none(films(5)))

        with pytest.raises(WriteConflict):
            scenario.store.reckoned.replace_unseen(room, self.redeal(scenario, room))

        left = scenario.leave(room, "bob")
        scenario.store.reckoned.replace_unseen(left, self.redeal(scenario, left))
        assert 106 in self.ids(scenario, room)

    def test_a_closed_room_stays_as_it_is(self, scenario: Scenario) -> None:
        room = scenario.join(scenario.room(films_=films(5)), "bob")
        deal = self.redeal(scenario, room)
        scenario.store.now.advance(hours=24)

        with pytest.raises(WriteConflict):
            scenario.store.reckoned.replace_unseen(room, deal)


class TestMembership:
    def test_joining_stores_participant_and_event(self, scenario: Scenario) -> None:
        room = scenario.join(scenario.room(), "bob")

        assert scenario.store.rooms.get(room.id) == room
        assert room.participants == ("ann", "bob")
        assert scenario.store.published() == ["RoomCreated", "ParticipantJoined"]

    def test_leaving_removes_participant_and_stores_event(self, scenario: Scenario) -> None:
        room = scenario.leave(scenario.join(scenario.room(), "bob"), "ann")

        assert scenario.store.rooms.get(room.id) == room
        assert (room.participants, room.host_id) == (("bob",), "bob")
        assert scenario.store.published()[-1] == "ParticipantLeft"

    def test_the_last_participant_may_leave_and_return(self, scenario: Scenario) -> None:
        empty = scenario.leave(scenario.room(), "ann")
        assert scenario.store.rooms.get(empty.id) == empty

        back = scenario.join(empty, "ann")

        assert scenario.store.rooms.get(back.id) == back

    def test_a_join_from_an_older_version_stores_nothing(self, scenario: Scenario) -> None:
        seen = scenario.room()
        now = scenario.join(seen, "bob")

        with pytest.raises(WriteConflict):
            scenario.join(seen, "cid")

        assert scenario.store.rooms.get(seen.id) == now
        assert len(scenario.store.published()) == 2
        assert list(scenario.store.rooms.list_by_user("cid", seen.created_at, 10, None)) == []

    def test_a_leave_from_an_older_version_stores_nothing(self, scenario: Scenario) -> None:
        seen = scenario.join(scenario.room(), "bob")
        now = scenario.join(seen, "cid")

        with pytest.raises(WriteConflict):
            scenario.leave(seen, "bob")

        assert scenario.store.rooms.get(seen.id) == now
        assert [
            room.id for room in scenario.store.rooms.list_by_user("bob", seen.created_at, 10, None)
        ]

    def test_an_expired_room_s_membership_cannot_change(self, scenario: Scenario) -> None:
        room = scenario.join(scenario.room(), "bob")
        scenario.store.now.advance(hours=24)

        with pytest.raises(WriteConflict):
            scenario.join(room, "cid")
        with pytest.raises(WriteConflict):
            scenario.leave(room, "bob")

        assert scenario.store.rooms.get(room.id) == room

    def test_a_room_can_be_filled_to_fifty_and_emptied_again(self, scenario: Scenario) -> None:
        room = scenario.room()
        for n in range(49):
            room = scenario.join(room, f"user-{n:02}")
        assert len(room.participants) == 50

        room = scenario.leave(room, "ann")
        tally = scenario.vote(room, "user-48")

        assert scenario.store.rooms.get(room.id) == room
        assert tally.likes == {"user-48"}


class TestMyRooms:
    def test_rooms_are_listed_newest_first(self, scenario: Scenario) -> None:
        first = scenario.room("ann", code="AAAAAA")
        scenario.room("bob", code="BBBBBB")
        scenario.store.now.advance(minutes=1)
        third = scenario.join(scenario.room("bob", code="CCCCCC"), "ann")

        mine = scenario.store.rooms.list_by_user("ann", first.created_at, 10, None)

        assert list(mine) == [third, first]

    def test_rooms_are_paged(self, scenario: Scenario) -> None:
        rooms = [scenario.room("ann", code=f"AAAAA{n}") for n in "23456"]
        since = rooms[0].created_at
        pages = []
        after = None
        for _ in range(4):
            page = scenario.store.rooms.list_by_user("ann", since, 2, after)
            pages.append([room.id for room in page])
            after = page[-1].id if page else after

        assert pages == [
            [rooms[4].id, rooms[3].id],
            [rooms[2].id, rooms[1].id],
            [rooms[0].id],
            [],
        ]

    def test_rooms_older_than_requested_are_left_out(self, scenario: Scenario) -> None:
        scenario.room("ann", code="AAAAAA")
        scenario.store.now.advance(hours=1)
        new = scenario.room("ann", code="BBBBBB")

        assert list(scenario.store.rooms.list_by_user("ann", new.created_at, 10, None)) == [new]

    def test_a_page_after_a_room_that_is_too_old_is_empty(self, scenario: Scenario) -> None:
        old = scenario.room("ann", code="AAAAAA")
        scenario.store.now.advance(hours=1)
        scenario.room("ann", code="BBBBBB")

        assert (
            list(scenario.store.rooms.list_by_user("ann", scenario.store.now(), 10, old.id)) == []
        )

    def test_a_page_may_start_after_a_room_that_was_left(self, scenario: Scenario) -> None:
        first = scenario.room("ann", code="AAAAAA")
        second = scenario.room("ann", code="BBBBBB")
        scenario.leave(second, "ann")

        page = scenario.store.rooms.list_by_user("ann", first.created_at, 10, second.id)

        assert list(page) == [first]

    def test_a_room_that_the_user_left_is_not_listed(self, scenario: Scenario) -> None:
        room = scenario.room("ann")
        scenario.leave(room, "ann")

        assert list(scenario.store.rooms.list_by_user("ann", room.created_at, 10, None)) == []

    def test_votes_are_not_taken_for_rooms(self, scenario: Scenario) -> None:
        room = scenario.join(scenario.room("ann"), "bob")
        scenario.vote(room, "ann")

        assert len(scenario.store.rooms.list_by_user("ann", room.created_at, 10, None)) == 1


class TestVotes:
    def test_get_room_and_tally_returns_both(self, scenario: Scenario) -> None:
        room = scenario.room()

        assert scenario.store.votes.get_room_and_tally(room.id, FILM) == (
            room,
            scenario.tally(room),
        )

    def test_get_room_and_tally_returns_none_for_what_is_missing(self, scenario: Scenario) -> None:
        room = scenario.room()

        assert scenario.store.votes.get_room_and_tally(scenario.ids(), FILM) == (None, None)
        assert scenario.store.votes.get_room_and_tally(room.id, 999) == (room, None)
        assert scenario.store.votes.get_room_and_tally(room.id, -1) == (room, None)

    def test_a_vote_is_stored_with_tally_and_event(self, scenario: Scenario) -> None:
        room = scenario.room()

        tally = scenario.vote(room, "ann")

        assert scenario.tally(room) == tally
        assert tally.likes == {"ann"}
        vote = scenario.store.votes.get_vote(room.id, "ann", FILM)
        assert vote == Vote(room.id, "ann", FILM, yes=True, at=scenario.store.now())
        assert scenario.store.published()[-1] == "VoteCast"

    def test_an_absent_vote_is_not_found(self, scenario: Scenario) -> None:
        room = scenario.room()

        assert scenario.store.votes.get_vote(room.id, "ann", FILM) is None
        assert scenario.store.votes.get_tally(room.id, 999) is None

    def test_a_changed_vote_changes_sides(self, scenario: Scenario) -> None:
        room = scenario.join(scenario.room(), "bob")
        scenario.vote(room, "ann")
        scenario.vote(room, "bob", yes=False)

        tally = scenario.vote(room, "ann", yes=False)

        assert scenario.tally(room) == tally
        assert tally.dislikes == {"ann", "bob"}
        assert tally.version == 3
        assert not tally.likes
        stored = scenario.store.votes.get_vote(room.id, "ann", FILM)
        assert stored is not None
        assert not stored.yes

    def test_a_vote_that_is_taken_back_is_gone(self, scenario: Scenario) -> None:
        room = scenario.join(scenario.room(), "bob")
        scenario.vote(room, "ann")
        scenario.vote(room, "bob", yes=False)

        scenario.vote(room, "ann", yes=None)
        tally = scenario.vote(room, "bob", yes=None)

        assert scenario.tally(room) == tally
        assert (tally.likes, tally.dislikes, tally.version) == (frozenset(), frozenset(), 4)
        assert scenario.store.votes.get_vote(room.id, "ann", FILM) is None
        assert scenario.store.published().count("VoteCast") == 4

    def test_a_user_s_votes_are_listed_and_nothing_else(self, scenario: Scenario) -> None:
        room = scenario.join(scenario.room(), "bob")
        for user, movie_id in (("ann", 101), ("ann", 102), ("bob", 101)):
            scenario.vote(room, user, tally=scenario.tally(room, movie_id))

        votes = scenario.store.vote_reader.list_by_user(room.id, "ann")

        assert sorted(vote.movie_id for vote in votes) == [101, 102]
        assert {vote.user_id for vote in votes} == {"ann"}
        assert list(scenario.store.vote_reader.list_by_user(room.id, "cid")) == []

    def test_an_agreement_is_stored_with_its_vote(self, scenario: Scenario) -> None:
        room = scenario.join(scenario.room(), "bob")
        scenario.vote(room, "ann")

        tally = scenario.vote(room, "bob")

        assert tally.agreement is not None
        assert scenario.tally(room) == tally

    def test_a_later_vote_keeps_the_agreement(self, scenario: Scenario) -> None:
        room = scenario.join(scenario.room(), "bob")
        scenario.vote(room, "ann")
        agreed = scenario.vote(room, "bob")

        scenario.vote(room, "ann", yes=False)

        assert scenario.tally(room).agreement == agreed.agreement

    def test_a_vote_leaves_other_tallies_unchanged(self, scenario: Scenario) -> None:
        room = scenario.room()
        scenario.vote(room, "ann")

        assert scenario.tally(room, 102).version == 0

    def test_a_vote_from_an_older_tally_version_stores_nothing(self, scenario: Scenario) -> None:
        room = scenario.join(scenario.room(), "bob")
        seen = scenario.tally(room)
        now = scenario.vote(room, "ann")

        with pytest.raises(WriteConflict):
            scenario.vote(room, "bob", tally=seen)

        assert scenario.tally(room) == now
        assert scenario.store.votes.get_vote(room.id, "bob", FILM) is None
        assert scenario.store.published().count("VoteCast") == 1

    @pytest.mark.parametrize("voter", ["ann", "bob", "cid"])
    def test_a_vote_from_an_older_room_version_stores_nothing(
        self, scenario: Scenario, voter: str
    ) -> None:
        seen = scenario.join(scenario.room(), "bob")
        scenario.join(seen, "cid")

        with pytest.raises(WriteConflict):
            scenario.vote(seen, voter)

        assert scenario.tally(seen).version == 0
        assert scenario.store.votes.get_vote(seen.id, voter, FILM) is None

    def test_participants_vote_with_the_room_s_present_version(self, scenario: Scenario) -> None:
        room = scenario.join(scenario.join(scenario.room(), "bob"), "cid")
        room = scenario.leave(room, "bob")

        scenario.vote(room, "ann")
        tally = scenario.vote(room, "cid")

        assert tally.likes == {"ann", "cid"}
        assert scenario.tally(room) == tally

    def test_a_participant_who_left_does_not_vote(self, scenario: Scenario) -> None:
        room = scenario.leave(scenario.join(scenario.room(), "bob"), "bob")

        with pytest.raises(WriteConflict):
            scenario.vote(room, "bob")

        assert scenario.tally(room).version == 0

    def test_nobody_votes_once_the_room_has_expired(self, scenario: Scenario) -> None:
        room = scenario.room()
        scenario.store.now.advance(hours=24)

        with pytest.raises(WriteConflict):
            scenario.vote(room, "ann")

        assert scenario.tally(room).version == 0

    def test_a_vote_until_the_last_second_counts(self, scenario: Scenario) -> None:
        room = scenario.room()
        scenario.store.now.advance(hours=23, minutes=59, seconds=59)

        assert scenario.vote(room, "ann").likes == {"ann"}


class TestDecisions:
    def decide(self, scenario: Scenario, room: Room, before: Proposals) -> Proposals:
        decision = Decision(
            decision_id=scenario.ids(),
            room_id=room.id,
            movie_id=FILM,
            media_type=MediaType.MOVIE,
            title="Film 1",
            poster_path=None,
            by=DecidedBy.HOST,
            at=scenario.store.now(),
        )
        after = before.next_version().with_decision(decision)
        event = scenario.events.room_decided(decision, room, TRACE)
        scenario.store.decisions.save(room, after, event)
        return after

    def test_proposals_are_stored_and_found(self, scenario: Scenario) -> None:
        room = scenario.room()
        none = scenario.store.decisions.get(room.id)

        scenario.store.decisions.save(room, none.with_proposal("ann", FILM))

        assert none == Proposals(room.id)
        assert scenario.store.decisions.get(room.id) == none.with_proposal("ann", FILM)
        assert scenario.store.rooms.get(room.id) == room

    def test_a_decision_is_stored_with_its_event_and_in_every_list(
        self, scenario: Scenario
    ) -> None:
        room = scenario.join(scenario.room(), "bob")
        scenario.record(scenario.match("ann", "bob"))

        after = self.decide(scenario, room, Proposals(room.id))

        inbox = scenario.store.inbox
        assert after.decision is not None
        assert scenario.store.decisions.get(room.id) == after
        assert scenario.store.published()[-1] == "RoomDecided"
        for user in ("ann", "bob"):
            assert list(inbox.list_by_user(user, 10, None)) == [after.decision]
            assert inbox.has(user, after.decision.decision_id)
            assert len(scenario.store.matches.list_by_user(user, 10, None)) == 1
        assert list(inbox.list_by_user("ann", 10, after.decision.decision_id)) == []
        inbox.delete("ann", after.decision.decision_id)
        assert list(inbox.list_by_user("ann", 10, None)) == []

    def test_a_decision_from_older_versions_stores_nothing(self, scenario: Scenario) -> None:
        seen = scenario.room()
        first = Proposals(seen.id).with_proposal("ann", FILM)
        scenario.store.decisions.save(seen, first)
        now = scenario.join(seen, "bob")

        with pytest.raises(WriteConflict):
            self.decide(scenario, seen, first)
        with pytest.raises(WriteConflict):
            self.decide(scenario, now, Proposals(seen.id))

        assert scenario.store.decisions.get(seen.id) == first
        assert "RoomDecided" not in scenario.store.published()

    def test_a_deleted_user_s_proposal_is_removed(self, scenario: Scenario) -> None:
        room = scenario.room()
        first = Proposals(room.id).with_proposal("ann", FILM)
        scenario.store.decisions.save(room, first)

        scenario.store.decisions.anonymize(first.without_user("ann"))

        assert scenario.store.decisions.get(room.id) == Proposals(room.id, {}, 2)
        with pytest.raises(WriteConflict):
            scenario.store.decisions.anonymize(first.without_user("ann"))


class TestMatches:
    def test_a_match_is_recorded_once_for_the_room_and_for_each_user(
        self, scenario: Scenario
    ) -> None:
        match = scenario.match("ann", "bob")

        assert scenario.record(match) is True

        matches = scenario.store.matches
        assert matches.get(match.room_id, match.movie_id) == match
        for user in ("ann", "bob"):
            assert list(matches.list_by_user(user, 10, None)) == [match]
        assert list(matches.list_by_user("cid", 10, None)) == []
        assert scenario.store.published() == ["MatchFound"]

    def test_a_second_recording_changes_nothing(self, scenario: Scenario) -> None:
        match = scenario.match("ann", "bob")
        scenario.record(match)

        other = replace(match, match_id=scenario.ids(), matched_users=("ann", "cid"))
        assert scenario.record(match) is False
        assert scenario.record(other) is False

        assert scenario.store.matches.get(match.room_id, FILM) == match
        assert list(scenario.store.matches.list_by_user("cid", 10, None)) == []
        assert scenario.store.published() == ["MatchFound"]

    def test_a_rooms_matches_are_listed_newest_first(self, scenario: Scenario) -> None:
        room, other = scenario.room(), scenario.room(code="DEF567")
        found = [
            Match(scenario.ids(), room_.id, film, MediaType.MOVIE, "t", None, ("ann", "bob"), NOON)
            for room_, film in ((room, 101), (other, 101), (room, 102))
        ]
        for match in found:
            scenario.store.matches.record(match, scenario.events.match_found(match, TRACE))

        assert scenario.store.match_reader.list_by_room(room.id) == [found[2], found[0]]

    def test_the_same_title_may_match_in_another_room(self, scenario: Scenario) -> None:
        assert scenario.record(scenario.match("ann", "bob"))
        assert scenario.record(scenario.match("ann", "bob"))
        assert len(scenario.store.matches.list_by_user("ann", 10, None)) == 2

    def test_fifty_participants_can_match(self, scenario: Scenario) -> None:
        users = [f"user-{n:02}" for n in range(50)]
        match = scenario.match(*users)

        assert scenario.record(match)

        assert list(scenario.store.matches.list_by_user("user-49", 10, None)) == [match]

    def test_a_match_that_does_not_exist_is_not_found(self, scenario: Scenario) -> None:
        assert scenario.store.matches.get(scenario.ids(), FILM) is None

    def test_matches_are_paged_newest_first(self, scenario: Scenario) -> None:
        mine = [scenario.match("ann", "bob", movie_id=n) for n in range(5)]
        for match in mine:
            scenario.record(match)
        pages = []
        after = None
        for _ in range(4):
            page = scenario.store.matches.list_by_user("ann", 2, after)
            pages.append([match.movie_id for match in page])
            after = page[-1].match_id if page else after

        assert pages == [[4, 3], [2, 1], [0], []]

    def test_reconciling_stores_match_and_agreement(self, scenario: Scenario) -> None:
        room = scenario.join(scenario.room(), "bob")
        tally = scenario.vote(room, "ann")

        match = scenario.reconcile(room, tally)

        noted = scenario.tally(room)
        assert noted.agreement == Agreement(match.match_id, ("ann", "bob"), match.at)
        assert noted.version == tally.version + 1
        assert scenario.store.matches.get(room.id, FILM) == match
        assert list(scenario.store.matches.list_by_user("bob", 10, None)) == [match]

    def test_reconciling_an_older_room_stores_nothing(self, scenario: Scenario) -> None:
        seen = scenario.join(scenario.room(), "bob")
        tally = scenario.tally(seen)
        scenario.join(seen, "cid")

        with pytest.raises(WriteConflict):
            scenario.reconcile(seen, tally)

        assert scenario.tally(seen) == tally
        assert scenario.store.matches.get(seen.id, FILM) is None
        assert "MatchFound" not in scenario.store.published()

    def test_reconciling_an_older_tally_stores_nothing(self, scenario: Scenario) -> None:
        room = scenario.join(scenario.room(), "bob")
        seen = scenario.tally(room)
        now = scenario.vote(room, "ann", yes=False)

        with pytest.raises(WriteConflict):
            scenario.reconcile(room, seen)

        assert scenario.tally(room) == now
        assert scenario.store.matches.get(room.id, FILM) is None
        assert list(scenario.store.matches.list_by_user("ann", 10, None)) == []

    def test_a_vote_from_before_the_agreement_is_refused(self, scenario: Scenario) -> None:
        room = scenario.join(scenario.room(), "bob")
        seen = scenario.vote(room, "ann")
        match = scenario.reconcile(room, seen)

        with pytest.raises(WriteConflict):
            scenario.vote(room, "bob", tally=seen)
        with pytest.raises(WriteConflict):
            scenario.reconcile(room, seen)

        assert scenario.store.matches.get(room.id, FILM) == match

    def test_votes_are_accepted_after_an_agreement(self, scenario: Scenario) -> None:
        room = scenario.join(scenario.room(), "bob")
        match = scenario.reconcile(room, scenario.vote(room, "ann"))

        tally = scenario.vote(room, "bob", yes=False)

        assert tally.agreement is not None
        assert tally.agreement.match_id == match.match_id
        assert scenario.tally(room) == tally


def test_rooms_created_at_the_same_time_are_included(scenario: Scenario) -> None:
    room = scenario.room()

    assert first_id_at(room.created_at) <= room.id


class TestPresence:
    def test_whoever_joins_is_there(self, scenario: Scenario) -> None:
        room = scenario.room()
        created_at = scenario.store.now()
        scenario.store.now.advance(seconds=5)
        scenario.join(room, "bob")
        joined_at = scenario.store.now()

        assert scenario.store.presence.find(room.id, ["ann", "bob", "eve"]) == {
            "ann": Presence(created_at, created_at),
            "bob": Presence(joined_at, joined_at),
        }

    def test_a_heartbeat_changes_when_they_were_seen_alone(self, scenario: Scenario) -> None:
        room = scenario.room()
        joined_at = scenario.store.now()
        scenario.store.now.advance(seconds=45)

        scenario.store.presence.record(room.id, "ann", scenario.store.now())

        found = scenario.store.presence.find(room.id, ["ann"])
        assert found == {"ann": Presence(joined_at, scenario.store.now())}
        assert scenario.vote(room, "ann").likes == {"ann"}, "the room's version is kept"

    def test_whoever_is_not_in_the_room_has_no_heartbeat(self, scenario: Scenario) -> None:
        room = scenario.room()
        left = scenario.leave(scenario.join(room, "bob"), "bob")

        for user in ("bob", "eve"):
            with pytest.raises(NotAParticipant):
                scenario.store.presence.record(left.id, user, scenario.store.now())
        assert scenario.store.presence.find(room.id, ["bob", "eve"]) == {}

    def test_a_closed_room_takes_no_heartbeat(self, scenario: Scenario) -> None:
        room = scenario.room()
        scenario.store.now.advance(hours=24)

        with pytest.raises(RoomExpired):
            scenario.store.presence.record(room.id, "ann", scenario.store.now())

    def test_nobody_s_presence_is_no_request(self, scenario: Scenario) -> None:
        assert scenario.store.presence.find(scenario.room().id, []) == {}


class FeedOfRoom:
    """Appends to the feed of a room, as the feed writer does."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.feeds = scenario.store.feeds
        self.room = scenario.room()

    def entry(self, seq: int, user: str = "ann") -> FeedEntry:
        """Return an entry with everything that an entry can have."""
        now = self.scenario.store.now()
        return FeedEntry(
            room_id=self.room.id,
            kind=EntryKind.JOINED,
            at=now,
            seq=seq,
            user_id=user,
            progress=Progress(1, 3),
            movie_id=FILM,
            media_type=MediaType.TV,
            title="Title",
            poster_path="/p.jpg",
            likes=2,
            supporters=1,
            participants=2,
            candidates=3,
            by=DecidedBy.HOST,
            closes_at=now,
            reason=CloseReason.EXPIRED,
            room_version=seq,
        )

    def append(self, change: str, user: str = "ann", feed: Feed | None = None) -> Feed:
        """Append an entry, having read `feed`, or what there is now."""
        before = feed or self.feeds.get(self.room.id)
        after = before.with_entry(change, self.scenario.store.now(), 3)
        self.feeds.append(self.room, self.entry(after.last, user), after, change=change)
        return after


@pytest.fixture
def feed(scenario: Scenario) -> FeedOfRoom:
    return FeedOfRoom(scenario)


class TestFeeds:
    def test_what_is_appended_is_read_in_order(self, feed: FeedOfRoom) -> None:
        assert feed.feeds.get(feed.room.id) == Feed(feed.room.id)

        stored = [feed.append(f"e{n}") for n in range(12)]

        assert feed.feeds.get(feed.room.id) == stored[-1]
        assert feed.feeds.get_entry(feed.room.id, 2) == feed.entry(2)
        assert feed.feeds.get_entry(feed.room.id, 13) is None
        found = feed.feeds.list(feed.room.id, 8, 3)
        assert list(found) == [feed.entry(9), feed.entry(10), feed.entry(11)]
        assert [entry.seq for entry in feed.feeds.list(feed.room.id, 11, 50)] == [12]
        assert list(feed.feeds.list(feed.room.id, 12, 50)) == []

    def test_a_change_is_appended_once(self, feed: FeedOfRoom) -> None:
        before = feed.feeds.get(feed.room.id)
        stored = feed.append("e1")

        for read in (before, None):
            with pytest.raises(AlreadyAppended):
                feed.append("e1", feed=read)
        assert feed.feeds.get(feed.room.id) == stored

    def test_of_two_who_append_at_once_one_is_refused(self, feed: FeedOfRoom) -> None:
        before = feed.feeds.get(feed.room.id)
        feed.append("e1")

        with pytest.raises(WriteConflict):
            feed.append("e2", feed=before)
        assert feed.append("e2").last == 2

    def test_a_feed_is_saved_by_its_version(self, feed: FeedOfRoom) -> None:
        stored = feed.append("e1")
        published = stored.with_published(1)
        feed.feeds.save(published)

        assert feed.feeds.get(feed.room.id) == published
        with pytest.raises(WriteConflict):
            feed.feeds.save(stored.with_published(1))

    def test_progress_is_remembered_as_it_was_told(self, feed: FeedOfRoom) -> None:
        now = feed.scenario.store.now()
        after = Feed(feed.room.id).with_entry("e", now, 3)

        feed.feeds.append(feed.room, feed.entry(1, "bob"), after, told=ToldProgress(2, now))

        assert feed.feeds.get_told_progress(feed.room.id, "bob") == ToldProgress(2, now)
        assert feed.feeds.get_told_progress(feed.room.id, "ann") == ToldProgress()

    def test_an_append_that_has_read_is_refused_after_an_interruption(
        self, feed: FeedOfRoom
    ) -> None:
        for change in ("e1", "e2"):
            before = feed.feeds.get(feed.room.id)
            feed.feeds.interrupt_appends(feed.room)

            with pytest.raises(WriteConflict):
                feed.append(change, feed=before)
            feed.append(change)

    def test_an_anonymized_entry_keeps_its_number(self, feed: FeedOfRoom) -> None:
        for n, user in enumerate(("ann", "bob", "ann")):
            feed.append(f"e{n}", user)

        mine = [entry.seq for entry in feed.feeds.list_by_user(feed.room.id, "ann")]
        feed.feeds.anonymize(feed.room.id, "ann", mine)

        assert mine == [1, 3]
        assert list(feed.feeds.list_by_user(feed.room.id, "ann")) == []
        users = [entry.user_id for entry in feed.feeds.list(feed.room.id, 0, 9)]
        assert users == [DELETED_USER, "bob", DELETED_USER]

    def test_votes_are_counted_as_they_are(self, feed: FeedOfRoom) -> None:
        scenario = feed.scenario
        room = scenario.join(feed.room, "bob")
        counter = scenario.store.counter
        assert counter.count_by_user(room.id, "ann") == 0
        scenario.vote(room, "ann", yes=False)
        scenario.vote(room, "ann", tally=scenario.tally(room, 102))
        scenario.vote(room, "bob")
        assert counter.count_by_user(room.id, "ann") == 2
        scenario.vote(room, "ann", yes=None)
        assert counter.count_by_user(room.id, "ann") == 1

    def test_who_was_in_a_room_has_been_unless_they_are_deleted(self, feed: FeedOfRoom) -> None:
        history, room = feed.scenario.store.history, feed.room
        assert history.has("ann", room.id)
        assert not history.has("eve", room.id)
        history.block("ann", feed.scenario.store.now() + timedelta(days=2))
        assert not history.has("ann", room.id)
