"""Rooms put together over fakes, as bootstrap.py does it over the real adapters."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace, create_envelope
from matinee.media import MediaType
from matinee.rate_limiter import CountingRateLimiter
from rooms.adapters.dynamodb.guess_keys import GuessKeys
from rooms.api.use_cases import CrewUseCases, UseCases
from rooms.domain.room import Room
from rooms.domain.room_code import RoomCodeGenerator
from rooms.events import consumed
from rooms.events.consumed import UserDeleted
from rooms.events.factory import RoomEventFactory
from rooms.events.published import VoteCast
from rooms.use_cases.cast_vote import VoteCaster
from rooms.use_cases.close_expired_rooms import ExpiredRoomCloser
from rooms.use_cases.close_room import RoomCloser
from rooms.use_cases.create_crew import CrewCreator
from rooms.use_cases.create_room import CreateRoom, RoomCreator
from rooms.use_cases.deal_more import MoreDealer
from rooms.use_cases.decide_room import RoomDecider
from rooms.use_cases.describe_people import PeopleQuery
from rooms.use_cases.detect_match import MatchDetector
from rooms.use_cases.erase_crews import UserCrewEraser
from rooms.use_cases.erase_devices import DeviceEraser
from rooms.use_cases.erase_user import UserDataEraser
from rooms.use_cases.extend_room import RoomExtender
from rooms.use_cases.find_candidates import CandidateFinder
from rooms.use_cases.get_deck import DeckQuery
from rooms.use_cases.get_standings import StandingsQuery
from rooms.use_cases.join_room import RoomJoiner
from rooms.use_cases.leave_crew import CrewLeaver
from rooms.use_cases.leave_room import RoomLeaver
from rooms.use_cases.limit_guesses import GuessLimiter
from rooms.use_cases.limit_to_platforms import PlatformLimiter
from rooms.use_cases.list_crews import CrewQueries
from rooms.use_cases.list_decisions import DecisionQueries
from rooms.use_cases.list_matches import MatchQueries
from rooms.use_cases.list_rooms import RoomQueries
from rooms.use_cases.list_votes import VoteQueries
from rooms.use_cases.notify_match import MAX_PARALLEL_NOTIFICATIONS, MatchNotifier
from rooms.use_cases.read_feed import FeedQuery
from rooms.use_cases.reckon_group_deck import GroupReckoner
from rooms.use_cases.reconcile_matches import MatchReconciler
from rooms.use_cases.record_decision import DecisionRecorder
from rooms.use_cases.record_heartbeat import HeartbeatRecorder
from rooms.use_cases.record_refused_titles import RefusalRecorder
from rooms.use_cases.remove_participant import ParticipantRemover
from rooms.use_cases.retry import BACKOFF, optimistic_retry
from rooms.use_cases.start_room import CrewRoomStarter, InvitingRooms
from rooms.use_cases.write_feed import FeedWriter
from tests.fakes.attempts import FakeAttemptCounters
from tests.fakes.clock import FakeIds, no_pause
from tests.fakes.crews import (
    FakeCrewRepository,
    FakeCrewRoomRepository,
    FakeInvitationInbox,
    FakeRefusedTitles,
)
from tests.fakes.devices import FakeDeviceRepository
from tests.fakes.rooms import (
    FakeCardReader,
    FakeCatalogClient,
    FakeContinuationQueue,
    FakeDecisionRepository,
    FakeFeedPublisher,
    FakeFeedRepository,
    FakeGroupDeckClient,
    FakeIdempotency,
    FakeMatchPublisher,
    FakeMatchRepository,
    FakeNameDirectory,
    FakeOwnPlatforms,
    FakeOwnScores,
    FakePresenceRepository,
    FakeRoomHistory,
    FakeRoomRepository,
    FakeVoteRepository,
    InMemoryTables,
    films,
)

TRACE = Trace("a-correlation-id")
THREADS = ThreadPoolExecutor(MAX_PARALLEL_NOTIFICATIONS)
"""For all apps: threads of each one's own would take most of a run's time."""


class Sequentially(Executor):
    """Runs one after the other: where a schedule decides who acts when, threads cannot."""

    def map[T](
        self,
        fn: Callable[..., T],
        *iterables: Iterable[Any],
        timeout: float | None = None,  # noqa: ARG002 - the base's
        chunksize: int = 1,  # noqa: ARG002 - the base's
    ) -> Iterator[T]:
        return map(fn, *iterables)


@dataclass
class RoomsApp:
    """The use cases and consumers of rooms, all over the same tables in memory."""

    tables: InMemoryTables = field(default_factory=InMemoryTables)
    catalog: FakeCatalogClient = field(default_factory=lambda: FakeCatalogClient(films(3)))
    recommender: FakeGroupDeckClient = field(default_factory=FakeGroupDeckClient)
    publisher: FakeMatchPublisher = field(default_factory=FakeMatchPublisher)
    idempotency: FakeIdempotency = field(default_factory=FakeIdempotency)
    codes: RoomCodeGenerator = field(default_factory=lambda: RoomCodeGenerator(Random(1)))  # noqa: S311 - repeatable
    pauses: list[float] = field(default_factory=list)
    delivered: int = 0
    continuation: FakeContinuationQueue = field(default_factory=FakeContinuationQueue)
    later: FakeContinuationQueue = field(default_factory=FakeContinuationQueue)
    feed_publisher: FakeFeedPublisher = field(default_factory=FakeFeedPublisher)
    seconds: float = 0.0
    attempts: FakeAttemptCounters = field(default_factory=FakeAttemptCounters)
    names: FakeNameDirectory = field(default_factory=FakeNameDirectory)
    cards: FakeCardReader = field(default_factory=FakeCardReader)
    scores: FakeOwnScores = field(default_factory=FakeOwnScores)
    platforms: FakeOwnPlatforms = field(default_factory=FakeOwnPlatforms)

    def __post_init__(self) -> None:
        tables, now = self.tables, self.tables.now
        self.devices = FakeDeviceRepository(tables)
        self.ids = FakeIds(now)
        self.rooms = FakeRoomRepository(tables)
        self.votes = FakeVoteRepository(tables)
        self.matches = FakeMatchRepository(tables)
        self.presence = FakePresenceRepository(tables)
        self.feeds = FakeFeedRepository(tables)
        events = RoomEventFactory(now=now, new_id=self.ids)
        self.decisions = FakeDecisionRepository(tables)
        self.crews = FakeCrewRepository(tables)
        self.invitations = FakeInvitationInbox(tables)
        recorder = DecisionRecorder(self.decisions, self.votes, events, now, self.ids)
        reconciler = MatchReconciler(self.votes, self.matches, events, recorder, now, self.ids)
        longest = replace(BACKOFF, sleep=self.pauses.append, jitter=lambda _, most: most)
        retry = optimistic_retry(longest)
        at_once = optimistic_retry(replace(BACKOFF, sleep=no_pause))
        refused = FakeRefusedTitles(tables)
        find = CandidateFinder(self.catalog, self.recommender, refused=refused.list_by_crew)
        refusals = RefusalRecorder(self.rooms, self.votes, refused, now)
        reckoner = GroupReckoner(self.rooms, find, retry, now)
        limiter = CountingRateLimiter(self.attempts, GuessKeys(), now)
        inviting = InvitingRooms(self.crews, FakeCrewRoomRepository(tables), events)
        starting = RoomCreator(inviting, find, events, self.codes, retry, now, self.ids)
        self.use_cases = UseCases(
            create_room=RoomCreator(self.rooms, find, events, self.codes, retry, now, self.ids),
            limit_to_platforms=PlatformLimiter(self.platforms),
            join_room=RoomJoiner(self.rooms, events, reconciler, retry, now),
            leave_room=RoomLeaver(self.rooms, events, reconciler, retry, now),
            extend_room=RoomExtender(self.rooms, events, retry, now),
            close_room=RoomCloser(self.rooms, events, reconciler, retry, now),
            remove_participant=ParticipantRemover(self.rooms, events, reconciler, retry, now),
            deal_more=MoreDealer(self.rooms, find, events, retry, now),
            cast_vote=VoteCaster(self.votes, events, retry, now, self.ids),
            get_deck=DeckQuery(self.rooms, self.votes, reckoner, self.scores, retry, now),
            decide_room=RoomDecider(self.votes, self.decisions, recorder, retry, now),
            decisions=DecisionQueries(self.decisions, self.decisions),
            get_standings=StandingsQuery(self.rooms, self.votes),
            rooms=RoomQueries(self.rooms, reckoner, now),
            accounts=FakeRoomHistory(tables),
            bindings=FakeRoomHistory(tables),
            votes=VoteQueries(self.rooms, self.votes),
            matches=MatchQueries(self.matches),
            guesses=GuessLimiter(limiter),
            names=self.names,
            people=PeopleQuery(self.presence, self.votes, now),
            heartbeat=HeartbeatRecorder(self.presence, retry, now),
            cards=self.cards,
            feed=FeedQuery(self.rooms, self.feeds, now),
            crews=CrewUseCases(
                create=CrewCreator(self.rooms, self.crews, self.names, retry, now),
                leave=CrewLeaver(self.crews, retry),
                start_room=CrewRoomStarter(self.crews, starting, refusals),
                queries=CrewQueries(self.crews, self.invitations, FakeRoomHistory(tables)),
                limiter=limiter,
            ),
        )
        self.eraser = UserDataEraser(
            participants=self.rooms,
            votes=self.votes,
            matches=self.matches,
            history=FakeRoomHistory(tables),
            decisions=self.decisions,
            inbox=self.decisions,
            feeds=self.feeds,
            events=events,
            reconciler=reconciler,
            others=[
                DeviceEraser(self.devices, at_once),
                UserCrewEraser(self.crews, self.invitations, at_once),
            ],
            retry=at_once,
            now=now,
            timer=lambda: self.seconds,
        )
        self.close_expired = ExpiredRoomCloser(
            self.rooms, events, 1, at_once, now, lambda: self.seconds, threads=Sequentially()
        )
        self.detect_match = consumed.detect_match(
            MatchDetector(self.rooms, self.votes, self.matches, events, reconciler, at_once),
            refusals,
        )
        self.notify_match = consumed.notify_match(
            MatchNotifier(self.publisher, self.idempotency, threads=THREADS)
        )
        self.erase_user = consumed.erase_user(self.eraser, self.continuation.requeue)
        history = FakeRoomHistory(tables)
        self.write_feed = consumed.write_feed(
            FeedWriter(
                self.rooms, self.votes, self.feeds, history, self.feed_publisher, at_once, now
            ),
            self.later.requeue,
        )

    def room(self, *users: str, at_least: int = 2, at_most: int = 10) -> Room:
        """Create a room with the first user as host, let the others join, and return it."""
        host, *others = users
        command = CreateRoom(MediaType.MOVIE, (28,), at_least, at_most)
        room, _ = self.use_cases.create_room(host, command, TRACE)
        for user in others:
            self.use_cases.join_room(user, room.code, TRACE)
        return self.tables.rooms[room.id]

    def vote(self, room: Room, movie_id: int, *yes: str, no: tuple[str, ...] = ()) -> None:
        """Cast the yes votes of some users, and then the no votes of others."""
        for user in (*yes, *no):
            self.use_cases.cast_vote(user, room.id, movie_id, TRACE, yes=user in yes)

    def take_back(self, room: Room, movie_id: int, *users: str) -> None:
        """Take back the votes of some users."""
        for user in users:
            self.use_cases.cast_vote(user, room.id, movie_id, TRACE, yes=None)

    def account_deleted(self, user_id: str) -> Envelope[Contract]:
        """Return the event that auth publishes when a user's account is deleted."""
        return create_envelope(
            UserDeleted(user_id=user_id),
            event_id=self.ids(),
            occurred_at=self.tables.now(),
            trace=TRACE,
            idempotency_key=f"user-deleted:{user_id}",
        )

    def erase(self, *users: str) -> None:
        """Erase some users, in as many invocations as it takes."""
        for user in users:
            self.erase_user(self.account_deleted(user))
            while self.continuation.waiting:
                self.erase_user(self.continuation.waiting.pop())

    def deliver(self) -> None:
        """Deliver every event, also those that follow from them, to its consumer, in order."""
        while self.delivered < len(self.tables.outbox):
            event = self.tables.outbox[self.delivered]
            self.delivered += 1
            self.react(event)
            self.tell(event)

    def settle(self) -> None:
        """Deliver everything, and what is told a second later."""
        self.deliver()
        self._tell_later()

    def tell_everything(self) -> None:
        """Deliver every event to the feed writer, also those that it has handled."""
        for event in self.tables.outbox:
            self.tell(event)
        self._tell_later()

    def _tell_later(self) -> None:
        while waiting := self.later.waiting:
            self.tables.now.advance(seconds=1)
            self.later.waiting = []
            for event in waiting:
                self.write_feed(event)

    def tell(self, event: Envelope[Contract]) -> None:
        """Deliver an event to the feed writer, if it reads it."""
        if isinstance(event.data, consumed.CONSUMERS["FeedWriterFunction"]):
            self.write_feed(event)

    def react(self, event: Envelope[Contract]) -> None:
        """Deliver an event to its other consumer, if it has one."""
        if isinstance(event.data, UserDeleted):
            self.erase_user(event)
        elif isinstance(event.data, consumed.CONSUMERS["NotifierFunction"]):
            self.notify_match(event)
        elif isinstance(event.data, VoteCast) and event.data.agreed is False:
            pass  # MatchDetectorRule takes no vote on which no agreement stands
        elif isinstance(event.data, consumed.CONSUMERS["MatchDetectorFunction"]):
            self.detect_match(event)
