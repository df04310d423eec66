"""Requests that really happen at once, a thread for each, on the emulator's tables."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from matinee.errors import MatineeError
from matinee.events.envelope import Trace
from matinee.media import MediaType
from rooms.bootstrap import OtherServices, build_repositories, build_use_cases
from rooms.domain.errors import RoomFull
from rooms.domain.room import Room
from rooms.events.consumed import detect_match
from rooms.use_cases.create_room import CreateRoom
from rooms.use_cases.detect_match import MatchDetector
from rooms.use_cases.find_candidates import CandidateFinder
from rooms.use_cases.record_refused_titles import RefusalRecorder
from tests.fakes.attempts import Unlimited
from tests.fakes.rooms import (
    FakeCardReader,
    FakeCatalogClient,
    FakeGroupDeckClient,
    FakeNameDirectory,
    FakeOwnPlatforms,
    FakeOwnScores,
    films,
)
from tests.integration.rooms.events import events_in
from tests.integration.rooms.tables import TABLES

TRACE = Trace("thread-1")


class Street:
    """The service and its detector over the emulator, with many people in it."""

    def __init__(self, client: DynamoDBClient, crowd: ThreadPoolExecutor) -> None:
        self.client = client
        self.crowd = crowd
        over = build_repositories(TABLES, client)
        self.rooms, self.votes, self.matches = over.rooms, over.votes, over.matches
        self.use_cases = build_use_cases(
            over,
            OtherServices(
                CandidateFinder(FakeCatalogClient(films(2)), FakeGroupDeckClient()),
                FakeNameDirectory(),
                FakeCardReader(),
                FakeOwnScores(),
                FakeOwnPlatforms(),
            ),
            Unlimited(),
        )
        self.detect_match = detect_match(
            MatchDetector(over.rooms, over.votes, over.matches, over.events, over.reconciler),
            RefusalRecorder(over.rooms, over.votes, over.refused),
        )

    def room(self, *users: str, at_most: int = 50) -> Room:
        """Create a room with some participants."""
        opening = CreateRoom(MediaType.MOVIE, (), 2, at_most)
        room, _ = self.use_cases.create_room(users[0], opening, TRACE)
        for user in users[1:]:
            room = self.use_cases.join_room(user, room.code, TRACE)
        return room

    def at_once(self, acts: Sequence[Callable[[], object]]) -> list[object]:
        """Perform acts at the same moment; return the result or error of each."""
        barrier = Barrier(len(acts))

        def start(act: Callable[[], object]) -> object:
            barrier.wait(timeout=30)
            try:
                return act()
            except MatineeError as error:
                return error

        return list(self.crowd.map(start, acts))

    def votes_yes(self, room: Room, user: str, movie_id: int = 101) -> Callable[[], object]:
        return lambda: self.use_cases.cast_vote(user, room.id, movie_id, TRACE, yes=True)

    def joins(self, room: Room, user: str) -> Callable[[], object]:
        return lambda: self.use_cases.join_room(user, room.code, TRACE)

    def leaves(self, room: Room, user: str) -> Callable[[], object]:
        return lambda: self.use_cases.leave_room(user, room.id, TRACE)

    def detect_all_at_once(self) -> None:
        """Detect matches for every vote and every change of membership, all at once."""
        events = [
            event
            for event in events_in(self.client)
            if event.data.event_type not in {"RoomCreated", "DeckDealt", "MatchFound"}
        ]
        list(self.crowd.map(self.detect_match, events))

    def published(self, event_type: str) -> int:
        """Return how many events of a type there are."""
        return sum(event.data.event_type == event_type for event in events_in(self.client))


@pytest.fixture
def street(emulated: DynamoDBClient) -> Iterator[Street]:
    with ThreadPoolExecutor(60) as crowd:
        yield Street(emulated, crowd)


def test_concurrent_joins_never_exceed_the_capacity(street: Street) -> None:
    for _ in range(30):
        room = street.room("ann", at_most=2)

        outcomes = street.at_once([street.joins(room, user) for user in ("bob", "cid", "dee")])

        stored = street.rooms.get(room.id)
        assert stored is not None
        assert len(stored.participants) == 2
        assert sum(isinstance(outcome, Room) for outcome in outcomes) == 1
        assert sum(isinstance(outcome, RoomFull) for outcome in outcomes) == 2
    assert street.published("ParticipantJoined") == 30


def test_concurrent_last_votes_make_one_match(street: Street) -> None:
    rooms = [street.room("ann", "bob") for _ in range(50)]
    for room in rooms:
        outcomes = street.at_once([street.votes_yes(room, user) for user in ("ann", "bob")])
        assert not [outcome for outcome in outcomes if isinstance(outcome, MatineeError)]

    street.detect_all_at_once()

    for room in rooms:
        match = street.matches.get(room.id, 101)
        assert match is not None
        assert match.matched_users == ("ann", "bob")
    assert street.published("VoteCast") == 100
    assert street.published("MatchFound") == 50
    for user in ("ann", "bob"):
        mine = street.matches.list_by_user(user, 100, None)
        assert sorted(match.room_id for match in mine) == sorted(room.id for room in rooms)


def test_twenty_concurrent_votes_on_one_title_all_count(street: Street) -> None:
    users = [f"user-{n:02}" for n in range(20)]
    room = street.room(*users)

    outcomes = street.at_once([street.votes_yes(room, user) for user in users])

    assert not [outcome for outcome in outcomes if isinstance(outcome, MatineeError)]
    tally = street.votes.get_tally(room.id, 101)
    assert tally is not None
    assert tally.likes == set(users)
    assert tally.agreement is not None
    street.detect_all_at_once()
    assert street.published("MatchFound") == 1


def test_concurrent_joins_leaves_and_votes_keep_a_room_consistent(street: Street) -> None:
    stayers = ["ann", "bob"]
    leavers = [f"leaver-{n}" for n in range(4)]
    comers = [f"comer-{n}" for n in range(4)]
    room = street.room(*stayers, *leavers, at_most=8)

    acts: list[Callable[[], object]] = [
        *(street.votes_yes(room, user) for user in stayers),
        *(street.leaves(room, user) for user in leavers),
        *(street.joins(room, user) for user in comers),
    ]
    outcomes = street.at_once(acts)

    stored = street.rooms.get(room.id)
    assert stored is not None
    came = sum(isinstance(outcome, Room) for outcome in outcomes[-4:])
    assert len(stored.participants) == 2 + came <= 8
    assert stored.version == room.version + 4 + came
    assert street.published("ParticipantLeft") == 4
    for user in stored.participants:
        assert not isinstance(street.votes_yes(room, user, 102)(), MatineeError)


def test_concurrent_joins_of_one_user_take_one_place(street: Street) -> None:
    for _ in range(10):
        room = street.room("ann", at_most=3)

        street.at_once([street.joins(room, "bob")] * 2)

        stored = street.rooms.get(room.id)
        assert stored is not None
        assert stored.participants == ("ann", "bob")
    assert street.published("ParticipantJoined") == 10


def test_one_vote_sent_twice_at_once_is_one_vote(street: Street) -> None:
    room = street.room("ann", "bob")

    street.at_once([street.votes_yes(room, "ann")] * 2)

    tally = street.votes.get_tally(room.id, 101)
    assert tally is not None
    assert (tally.likes, tally.version) == (frozenset({"ann"}), 1)
    assert street.published("VoteCast") == 1
