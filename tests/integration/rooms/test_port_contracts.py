"""What every adapter of the ports promises: the fakes, moto's DynamoDB and the emulator's alike."""

from dataclasses import replace
from datetime import timedelta

import pytest

from matinee.events.envelope import Trace
from matinee.ids import first_id_at
from rooms.domain.room import Agreement, Match, MediaType, Movie, Room, Tally, Vote, cast, match_of
from rooms.events.factory import Announcer
from rooms.ports import CodeTaken, Contended
from tests.fakes.clock import FakeIds
from tests.fakes.rooms import films
from tests.integration.rooms.conftest import Store

TRACE = Trace("thread-1")
FILM = 101


class Story:
    """Tells a store what happens, step by step, as the service would."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.ids = FakeIds(store.now)
        self.announce = Announcer(store.now, self.ids)

    def room(
        self, host: str = "ann", *, code: str = "ABC234", films_: list[Movie] | None = None
    ) -> Room:
        """Open a room."""
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
        )
        event = self.announce.room_created(room, len(candidates), TRACE)
        self.store.rooms.open(room, candidates, event)
        return room

    def join(self, room: Room, user: str) -> Room:
        joined = room.joined_by(user)
        self.store.rooms.admit(user, joined, self.announce.joined(joined, user, TRACE))
        return joined

    def leave(self, room: Room, user: str) -> Room:
        left = room.left_by(user)
        self.store.rooms.dismiss(user, left, self.announce.left(left, user, TRACE))
        return left

    def tally(self, room: Room, movie_id: int = FILM) -> Tally:
        tally = self.store.votes.tally(room.id, movie_id)
        assert tally is not None
        return tally

    def vote(self, room: Room, user: str, *, yes: bool = True, tally: Tally | None = None) -> Tally:
        """Vote on the film, having seen `tally`, or what there is now."""
        seen = tally or self.tally(room)
        vote = Vote(room.id, user, seen.movie_id, yes, self.store.now())
        after = cast(room, seen, vote, self.ids())
        self.store.votes.cast(vote, room, after, self.announce.vote_cast(vote, after, TRACE))
        return after

    def record(self, match: Match) -> bool:
        return self.store.matches.record(match, self.announce.match_found(match, TRACE))

    def settle(self, room: Room, tally: Tally) -> Match:
        agreement = Agreement(self.ids(), room.participants, self.store.now())
        settled = tally.settled(agreement)
        match = match_of(settled)
        assert match is not None
        event = self.announce.match_found(match, TRACE)
        self.store.matches.settle(room, settled, match, event)
        return match

    def match(self, *users: str, movie_id: int = FILM, room_id: str | None = None) -> Match:
        """Answer a match that is stored nowhere yet."""
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
def story(store: Store) -> Story:
    return Story(store)


class TestOpening:
    def test_a_room_is_found_by_id_and_by_code(self, story: Story) -> None:
        room = story.room()

        assert story.store.rooms.find(room.id) == room
        assert story.store.rooms.find_by_code(room.code) == room

    def test_a_room_that_does_not_exist_is_not_found(self, story: Story) -> None:
        assert story.store.rooms.find(story.ids()) is None
        assert story.store.rooms.find_by_code("ABC234") is None
        assert list(story.store.rooms.candidates(story.ids())) == []

    def test_its_candidates_are_kept_in_order_with_all_their_facts(self, story: Story) -> None:
        bare = Movie(7, "Bare", "", MediaType.MOVIE)
        room = story.room(films_=[*films(49), bare])

        assert list(story.store.rooms.candidates(room.id)) == [*films(49), bare]

    def test_every_candidate_has_a_tally_on_which_nobody_has_voted(self, story: Story) -> None:
        room = story.room(films_=films(50))

        tallies = sorted(story.store.votes.tallies(room.id), key=lambda tally: tally.position)

        assert [tally.movie_id for tally in tallies] == [movie.id for movie in films(50)]
        assert {(tally.likes, tally.dislikes, tally.version) for tally in tallies} == {
            (frozenset(), frozenset(), 0)
        }

    def test_the_event_is_stored_with_the_room(self, story: Story) -> None:
        story.room()

        assert story.store.told() == ["RoomCreated"]

    def test_a_code_that_an_open_room_has_is_taken_and_nothing_is_stored(
        self, story: Story
    ) -> None:
        first = story.room()

        with pytest.raises(CodeTaken):
            story.room("bob")

        assert story.store.rooms.find_by_code(first.code) == first
        assert story.store.told() == ["RoomCreated"]
        assert list(story.store.rooms.of_user("bob", story.store.now(), 10, None)) == []

    def test_a_code_is_free_again_when_its_room_has_expired(self, story: Story) -> None:
        first = story.room()
        story.store.now.advance(hours=24)

        second = story.room("bob")

        assert story.store.rooms.find_by_code("ABC234") == second
        assert story.store.rooms.find(first.id) == first


class TestMembership:
    def test_who_joins_is_in_and_it_is_told(self, story: Story) -> None:
        room = story.join(story.room(), "bob")

        assert story.store.rooms.find(room.id) == room
        assert room.participants == ("ann", "bob")
        assert story.store.told() == ["RoomCreated", "ParticipantJoined"]

    def test_who_leaves_is_out_and_it_is_told(self, story: Story) -> None:
        room = story.leave(story.join(story.room(), "bob"), "ann")

        assert story.store.rooms.find(room.id) == room
        assert (room.participants, room.host_id) == (("bob",), "bob")
        assert story.store.told()[-1] == "ParticipantLeft"

    def test_the_last_one_may_leave_and_come_back(self, story: Story) -> None:
        empty = story.leave(story.room(), "ann")
        assert story.store.rooms.find(empty.id) == empty

        back = story.join(empty, "ann")

        assert story.store.rooms.find(back.id) == back

    def test_a_join_that_has_seen_an_older_room_is_refused_whole(self, story: Story) -> None:
        seen = story.room()
        now = story.join(seen, "bob")

        with pytest.raises(Contended):
            story.join(seen, "cid")

        assert story.store.rooms.find(seen.id) == now
        assert len(story.store.told()) == 2
        assert list(story.store.rooms.of_user("cid", seen.created_at, 10, None)) == []

    def test_a_departure_that_has_seen_an_older_room_is_refused_whole(self, story: Story) -> None:
        seen = story.join(story.room(), "bob")
        now = story.join(seen, "cid")

        with pytest.raises(Contended):
            story.leave(seen, "bob")

        assert story.store.rooms.find(seen.id) == now
        assert [room.id for room in story.store.rooms.of_user("bob", seen.created_at, 10, None)]

    def test_nobody_comes_or_goes_once_the_room_has_expired(self, story: Story) -> None:
        room = story.join(story.room(), "bob")
        story.store.now.advance(hours=24)

        with pytest.raises(Contended):
            story.join(room, "cid")
        with pytest.raises(Contended):
            story.leave(room, "bob")

        assert story.store.rooms.find(room.id) == room

    def test_a_room_can_be_filled_to_fifty_and_emptied_again(self, story: Story) -> None:
        room = story.room()
        for n in range(49):
            room = story.join(room, f"user-{n:02}")
        assert len(room.participants) == 50

        room = story.leave(room, "ann")
        tally = story.vote(room, "user-48")

        assert story.store.rooms.find(room.id) == room
        assert tally.likes == {"user-48"}


class TestMyRooms:
    def test_they_are_mine_newest_first(self, story: Story) -> None:
        first = story.room("ann", code="AAAAAA")
        story.room("bob", code="BBBBBB")
        story.store.now.advance(minutes=1)
        third = story.join(story.room("bob", code="CCCCCC"), "ann")

        mine = story.store.rooms.of_user("ann", first.created_at, 10, None)

        assert list(mine) == [third, first]

    def test_they_come_page_by_page(self, story: Story) -> None:
        rooms = [story.room("ann", code=f"AAAAA{n}") for n in "23456"]
        since = rooms[0].created_at
        pages = []
        after = None
        for _ in range(4):
            page = story.store.rooms.of_user("ann", since, 2, after)
            pages.append([room.id for room in page])
            after = page[-1].id if page else after

        assert pages == [
            [rooms[4].id, rooms[3].id],
            [rooms[2].id, rooms[1].id],
            [rooms[0].id],
            [],
        ]

    def test_older_ones_than_asked_for_are_left_out(self, story: Story) -> None:
        story.room("ann", code="AAAAAA")
        story.store.now.advance(hours=1)
        new = story.room("ann", code="BBBBBB")

        assert list(story.store.rooms.of_user("ann", new.created_at, 10, None)) == [new]

    def test_a_page_after_a_room_that_is_too_old_is_empty(self, story: Story) -> None:
        old = story.room("ann", code="AAAAAA")
        story.store.now.advance(hours=1)
        story.room("ann", code="BBBBBB")

        assert list(story.store.rooms.of_user("ann", story.store.now(), 10, old.id)) == []

    def test_a_page_may_begin_after_a_room_that_i_have_left(self, story: Story) -> None:
        first = story.room("ann", code="AAAAAA")
        second = story.room("ann", code="BBBBBB")
        story.leave(second, "ann")

        page = story.store.rooms.of_user("ann", first.created_at, 10, second.id)

        assert list(page) == [first]

    def test_a_room_that_i_have_left_is_not_mine(self, story: Story) -> None:
        room = story.room("ann")
        story.leave(room, "ann")

        assert list(story.store.rooms.of_user("ann", room.created_at, 10, None)) == []

    def test_votes_are_not_taken_for_rooms(self, story: Story) -> None:
        room = story.join(story.room("ann"), "bob")
        story.vote(room, "ann")

        assert len(story.store.rooms.of_user("ann", room.created_at, 10, None)) == 1


class TestVotes:
    def test_a_ballot_holds_the_room_and_the_tally(self, story: Story) -> None:
        room = story.room()

        assert story.store.votes.ballot(room.id, FILM) == (room, story.tally(room))

    def test_a_ballot_without_a_room_or_a_candidate_says_so(self, story: Story) -> None:
        room = story.room()

        assert story.store.votes.ballot(story.ids(), FILM) == (None, None)
        assert story.store.votes.ballot(room.id, 999) == (room, None)
        assert story.store.votes.ballot(room.id, -1) == (room, None)

    def test_a_vote_is_stored_counted_and_told(self, story: Story) -> None:
        room = story.room()

        tally = story.vote(room, "ann")

        assert story.tally(room) == tally
        assert tally.likes == {"ann"}
        vote = story.store.votes.find(room.id, "ann", FILM)
        assert vote == Vote(room.id, "ann", FILM, yes=True, at=story.store.now())
        assert story.store.told()[-1] == "VoteCast"

    def test_a_vote_that_nobody_cast_is_not_found(self, story: Story) -> None:
        room = story.room()

        assert story.store.votes.find(room.id, "ann", FILM) is None
        assert story.store.votes.tally(room.id, 999) is None

    def test_a_changed_vote_changes_sides(self, story: Story) -> None:
        room = story.join(story.room(), "bob")
        story.vote(room, "ann")
        story.vote(room, "bob", yes=False)

        tally = story.vote(room, "ann", yes=False)

        assert story.tally(room) == tally
        assert tally.dislikes == {"ann", "bob"}
        assert tally.version == 3
        assert not tally.likes
        stored = story.store.votes.find(room.id, "ann", FILM)
        assert stored is not None
        assert not stored.yes

    def test_the_agreement_that_a_vote_brings_is_stored_with_it(self, story: Story) -> None:
        room = story.join(story.room(), "bob")
        story.vote(room, "ann")

        tally = story.vote(room, "bob")

        assert tally.agreement is not None
        assert story.tally(room) == tally

    def test_a_later_vote_keeps_the_agreement(self, story: Story) -> None:
        room = story.join(story.room(), "bob")
        story.vote(room, "ann")
        agreed = story.vote(room, "bob")

        story.vote(room, "ann", yes=False)

        assert story.tally(room).agreement == agreed.agreement

    def test_votes_on_one_film_leave_the_others_alone(self, story: Story) -> None:
        room = story.room()
        story.vote(room, "ann")

        assert story.tally(room, 102).version == 0

    def test_a_vote_that_has_seen_an_older_tally_is_refused_whole(self, story: Story) -> None:
        room = story.join(story.room(), "bob")
        seen = story.tally(room)
        now = story.vote(room, "ann")

        with pytest.raises(Contended):
            story.vote(room, "bob", tally=seen)

        assert story.tally(room) == now
        assert story.store.votes.find(room.id, "bob", FILM) is None
        assert story.store.told().count("VoteCast") == 1

    @pytest.mark.parametrize("voter", ["ann", "bob", "cid"])
    def test_a_vote_that_has_seen_an_older_room_is_refused_whole(
        self, story: Story, voter: str
    ) -> None:
        seen = story.join(story.room(), "bob")
        story.join(seen, "cid")

        with pytest.raises(Contended):
            story.vote(seen, voter)

        assert story.tally(seen).version == 0
        assert story.store.votes.find(seen.id, voter, FILM) is None

    def test_everybody_votes_under_the_room_as_it_is_now(self, story: Story) -> None:
        room = story.join(story.join(story.room(), "bob"), "cid")
        room = story.leave(room, "bob")

        story.vote(room, "ann")
        tally = story.vote(room, "cid")

        assert tally.likes == {"ann", "cid"}
        assert story.tally(room) == tally

    def test_who_has_left_does_not_vote(self, story: Story) -> None:
        room = story.leave(story.join(story.room(), "bob"), "bob")

        with pytest.raises(Contended):
            story.vote(room, "bob")

        assert story.tally(room).version == 0

    def test_nobody_votes_once_the_room_has_expired(self, story: Story) -> None:
        room = story.room()
        story.store.now.advance(hours=24)

        with pytest.raises(Contended):
            story.vote(room, "ann")

        assert story.tally(room).version == 0

    def test_a_vote_until_the_last_second_counts(self, story: Story) -> None:
        room = story.room()
        story.store.now.advance(hours=23, minutes=59, seconds=59)

        assert story.vote(room, "ann").likes == {"ann"}


class TestMatches:
    def test_a_match_is_recorded_once_for_the_room_and_for_each_user(self, story: Story) -> None:
        match = story.match("ann", "bob")

        assert story.record(match) is True

        matches = story.store.matches
        assert matches.find(match.room_id, match.movie_id) == match
        for user in ("ann", "bob"):
            assert list(matches.of_user(user, 10, None)) == [match]
        assert list(matches.of_user("cid", 10, None)) == []
        assert story.store.told() == ["MatchFound"]

    def test_a_second_recording_changes_and_tells_nothing(self, story: Story) -> None:
        match = story.match("ann", "bob")
        story.record(match)

        other = replace(match, match_id=story.ids(), matched_users=("ann", "cid"))
        assert story.record(match) is False
        assert story.record(other) is False

        assert story.store.matches.find(match.room_id, FILM) == match
        assert list(story.store.matches.of_user("cid", 10, None)) == []
        assert story.store.told() == ["MatchFound"]

    def test_the_same_film_may_match_in_another_room(self, story: Story) -> None:
        assert story.record(story.match("ann", "bob"))
        assert story.record(story.match("ann", "bob"))
        assert len(story.store.matches.of_user("ann", 10, None)) == 2

    def test_fifty_people_can_match(self, story: Story) -> None:
        users = [f"user-{n:02}" for n in range(50)]
        match = story.match(*users)

        assert story.record(match)

        assert list(story.store.matches.of_user("user-49", 10, None)) == [match]

    def test_a_match_that_does_not_exist_is_not_found(self, story: Story) -> None:
        assert story.store.matches.find(story.ids(), FILM) is None

    def test_my_matches_come_page_by_page_newest_first(self, story: Story) -> None:
        mine = [story.match("ann", "bob", movie_id=n) for n in range(5)]
        for match in mine:
            story.record(match)
        pages = []
        after = None
        for _ in range(4):
            page = story.store.matches.of_user("ann", 2, after)
            pages.append([match.movie_id for match in page])
            after = page[-1].match_id if page else after

        assert pages == [[4, 3], [2, 1], [0], []]

    def test_settling_stores_the_match_and_the_agreement_together(self, story: Story) -> None:
        room = story.join(story.room(), "bob")
        tally = story.vote(room, "ann")

        match = story.settle(room, tally)

        noted = story.tally(room)
        assert noted.agreement == Agreement(match.match_id, ("ann", "bob"), match.at)
        assert noted.version == tally.version + 1
        assert story.store.matches.find(room.id, FILM) == match
        assert list(story.store.matches.of_user("bob", 10, None)) == [match]

    def test_settling_under_an_older_room_is_refused_whole(self, story: Story) -> None:
        seen = story.join(story.room(), "bob")
        tally = story.tally(seen)
        story.join(seen, "cid")

        with pytest.raises(Contended):
            story.settle(seen, tally)

        assert story.tally(seen) == tally
        assert story.store.matches.find(seen.id, FILM) is None
        assert "MatchFound" not in story.store.told()

    def test_settling_an_older_tally_is_refused_whole(self, story: Story) -> None:
        room = story.join(story.room(), "bob")
        seen = story.tally(room)
        now = story.vote(room, "ann", yes=False)

        with pytest.raises(Contended):
            story.settle(room, seen)

        assert story.tally(room) == now
        assert story.store.matches.find(room.id, FILM) is None
        assert list(story.store.matches.of_user("ann", 10, None)) == []

    def test_whoever_had_seen_the_tally_before_it_was_settled_must_look_again(
        self, story: Story
    ) -> None:
        room = story.join(story.room(), "bob")
        seen = story.vote(room, "ann")
        match = story.settle(room, seen)

        with pytest.raises(Contended):
            story.vote(room, "bob", tally=seen)
        with pytest.raises(Contended):
            story.settle(room, seen)

        assert story.store.matches.find(room.id, FILM) == match

    def test_a_settled_film_can_still_be_voted_on(self, story: Story) -> None:
        room = story.join(story.room(), "bob")
        match = story.settle(room, story.vote(room, "ann"))

        tally = story.vote(room, "bob", yes=False)

        assert tally.agreement is not None
        assert tally.agreement.match_id == match.match_id
        assert story.tally(room) == tally


def test_rooms_opened_in_the_same_moment_are_not_before_it(story: Story) -> None:
    room = story.room()

    assert first_id_at(room.created_at) <= room.id
