"""The rooms service as its functions put it together, over emulated tables, every call booked.

The functions' own composition roots make the use cases, the detector and the relay. In place of the
queues and the bus, which cost no DynamoDB call, stands a list; in place of AppSync and its HTTP a
direct call of what the notification's mutation looks up.
"""

from __future__ import annotations

import json
import random
import uuid
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import boto3

from bench.emulated_tables import EmulatedTables, emulated_tables
from bench.ledger import Item, Ledger
from bench.surroundings import environment
from matinee.clock import utc_now
from matinee.dynamodb.items import to_item
from matinee.events.consumer import Backoff, Consumer, DeadLetterQueue
from matinee.events.contract import Contract, Envelope, Registry
from matinee.events.envelope import Trace
from matinee.events.idempotency import IdempotencyGuard
from matinee.events.relay import Relay
from matinee.media import MediaType
from rooms import bootstrap
from rooms.adapters.dynamodb.items import vote_name
from rooms.adapters.dynamodb.tables import Tables
from rooms.api.use_cases import UseCases
from rooms.domain.match import Match
from rooms.domain.room import MAX_PARTICIPANTS, Movie, Room
from rooms.domain.tally import Tally
from rooms.events.consumed import CONSUMERS, notify_match, write_feed
from rooms.ports import FeedReader, MatchReader, VoteCounter
from rooms.use_cases.create_room import CreateRoom
from rooms.use_cases.notify_match import MatchNotifier
from rooms.use_cases.write_feed import FeedWriter
from tools.contracts.pattern import verdicts
from tools.templates import load_product

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sqs import SQSClient

API, DETECTOR, RELAY, NOTIFIER = "API", "detector", "relay", "notifier"
FEED, ELSEWHERE = "feed", "elsewhere"
"""The phases under which calls are booked."""

TABLES = {
    "ROOMS_TABLE": "RoomsTable",
    "VOTES_TABLE": "VotesTable",
    "MATCHES_TABLE": "MatchesTable",
    "USER_MATCHES_TABLE": "UserMatchesTable",
    "VISITS_TABLE": "VisitsTable",
    "OUTBOX_TABLE": "RoomsOutboxTable",
    "FEEDS_TABLE": "FeedsTable",
    "CREWS_TABLE": "CrewsTable",
    "IDEMPOTENCY_TABLE": "RoomsIdempotencyTable",
    "ATTEMPTS_TABLE": "RoomsAttemptsTable",
}
_ELSE = {
    "DISCOVER_FUNCTION": "discover",
    "NAMES_FUNCTION": "names",
    "GROUP_DECK_FUNCTION": "group-deck",
    "CARDS_FUNCTION": "cards",
    "OWN_SCORES_FUNCTION": "own-scores",
    "EVENT_BUS": "events",
    "QUEUE_URL": "https://sqs.example/queue",
    "DEAD_LETTER_URL": "https://sqs.example/dead-letters",
}
_WORDS = (
    "Amber",
    "Balcony",
    "Cinder",
    "Distant",
    "Evening",
    "Garden",
    "Harbour",
    "Journey",
    "Lantern",
)


@dataclass(slots=True)
class _Bus:
    """Takes events as EventBridge does, and keeps them in order."""

    events: deque[dict[str, Any]] = field(default_factory=deque)

    def put_events(self, Entries: Sequence[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's own name
        """Take entries."""
        for entry in Entries:
            self.events.append(
                {
                    "version": "0",
                    "id": str(uuid.uuid4()),
                    "detail-type": entry["DetailType"],
                    "source": entry["Source"],
                    "account": "000000000000",
                    "time": entry["Time"],
                    "region": "eu-west-1",
                    "resources": [],
                    "detail": json.loads(entry["Detail"]),
                }
            )
        return {"FailedEntryCount": 0, "Entries": [{"EventId": str(uuid.uuid4())} for _ in Entries]}


@dataclass(frozen=True, slots=True)
class _Films:
    """A catalogue with invented films, their texts as long as TMDB's."""

    number: int

    def discover(
        self, media_type: MediaType, genre_ids: Sequence[int], *_: object, **__: object
    ) -> list[Movie]:
        """Return them all."""
        return films(self.number, media_type, tuple(genre_ids))


@dataclass(frozen=True, slots=True)
class _MatchPublisher:
    """Looks up for each notification what its mutation looks up."""

    matches: MatchReader

    def publish(self, user_id: str, room_id: str, movie_id: int, _: str) -> None:
        """Look up the match and verify that the user belongs to it."""
        match = self.matches.get(room_id, movie_id)
        if match is None or user_id not in match.matched_users:
            message = "a notification without its match"
            raise RuntimeError(message)

    def publish_decision(self, *_: object) -> None:
        """Do nothing: rooms of the measurement decide nothing."""

    def publish_invitation(self, *_: object) -> None:
        """Do nothing: rooms of the measurement are no crew's."""


@dataclass(frozen=True, slots=True)
class _FeedPublisher:
    """Looks up for each entry what its mutation looks up, once a room."""

    feeds: FeedReader

    def publish(self, room_id: str, seq: int, _: str) -> None:
        """Look up the entry."""
        if self.feeds.get_entry(room_id, seq) is None:
            message = "a publication without its entry"
            raise RuntimeError(message)


@dataclass(frozen=True, slots=True)
class _WholeVotes:
    """Counts votes as the repository does, but is shown them: both are paid for whole."""

    votes: VoteCounter
    client: DynamoDBClient

    def count_by_user(self, room_id: str, user_id: str) -> int:
        """Return on how many candidates a user has voted."""
        found = self.client.query(
            TableName=TABLES["VOTES_TABLE"],
            KeyConditionExpression="roomId = :room AND begins_with(userMovieId, :own)",
            ExpressionAttributeValues=to_item({":room": room_id, ":own": vote_name(user_id, "")}),
            ConsistentRead=True,
        )["Items"]
        return sum("vote" in item for item in found)

    def list_tallies(self, room_id: str) -> Sequence[Tally]:
        """Return a room's tallies."""
        return self.votes.list_tallies(room_id)


class _Slow:
    """A clock that every look at it puts on by half a second: no progress follows too early."""

    def __init__(self) -> None:
        self._looks = 0

    def __call__(self) -> datetime:
        """Return half a second later than before."""
        self._looks += 1
        return utc_now() + timedelta(seconds=self._looks / 2)


def _left(event: Envelope[Contract]) -> None:
    message = f"the feed left {event.metadata.event_type} for later"
    raise RuntimeError(message)


@dataclass(frozen=True, slots=True)
class _Context:
    """The invocation context that Lambda gives a function."""

    function_name: str = "bench"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:000000000000:function:bench"
    aws_request_id: str = "00000000-0000-4000-8000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        """Return half a minute, always."""
        return 30_000


class RoomsService:
    """The service's functions in one process. Make it with `open_rooms_service`."""

    def __init__(self, tables: EmulatedTables) -> None:
        self.ledger = Ledger(tables.shapes, tables.peek, on_put=self._on_put)
        self._outbox: deque[Item] = deque()
        self._bus = _Bus()
        with self.ledger.watching_new_clients():
            self.use_cases: UseCases = bootstrap.use_cases()
            self.detector: Consumer = bootstrap.match_detector()
            self.relay: Relay = replace(
                bootstrap.relay(), events=cast("EventBridgeClient", self._bus)
            )
            told = IdempotencyGuard(TABLES["IDEMPOTENCY_TABLE"], "notification")
            self.notifier = Consumer(
                contracts=Registry(CONSUMERS["NotifierFunction"]),
                handle=notify_match(
                    MatchNotifier(_MatchPublisher(self.use_cases.matches.matches), told)
                ),
                guard=IdempotencyGuard(TABLES["IDEMPOTENCY_TABLE"], "notifier"),
                further_guards=[told],
                dead_letters=DeadLetterQueue(_ELSE["DEAD_LETTER_URL"], cast("SQSClient", None)),
                backoff=Backoff(_ELSE["QUEUE_URL"], cast("SQSClient", None)),
            )
            self.feed = _feed_writer()
        self._readers: dict[str, list[tuple[str, Consumer]]] = defaultdict(list)
        for name, consumer, function in (
            (DETECTOR, self.detector, "MatchDetectorFunction"),
            (NOTIFIER, self.notifier, "NotifierFunction"),
            (FEED, self.feed, "FeedWriterFunction"),
        ):
            for contract in CONSUMERS[function]:
                self._readers[contract.event_type].append((name, consumer))

    def room(self, users: Sequence[str], number_of_films: int) -> tuple[Room, list[Movie]]:
        """Open a room and fill it; returns it as it is with everybody in it, and its films."""
        create_room = self.use_cases.create_room
        find = replace(create_room.find, catalog=_Films(number_of_films))
        create_room = replace(create_room, find=find)
        opening = CreateRoom(MediaType.MOVIE, (28, 35), 2, MAX_PARTICIPANTS)
        with self.ledger.phase(ELSEWHERE):
            room, candidates = create_room(users[0], opening, trace())
            for user in users[1:]:
                room = self.use_cases.join_room(user, room.code, trace())
        self.deliver()
        return room, list(candidates)

    def vote(self, user_id: str, room: Room, movie: Movie, *, yes: bool) -> Match | None:
        """Cast a vote and deliver everything that follows from it."""
        with self.ledger.phase(API):
            _, match = self.use_cases.cast_vote(user_id, room.id, movie.id, trace(), yes=yes)
        self.deliver()
        return match

    def deliver(self) -> None:
        """Deliver all events, and those that follow from them, each by itself."""
        while self._outbox or self._bus.events:
            if self._outbox:
                with self.ledger.phase(RELAY):
                    self.relay.handle(_stream_event(self._outbox.popleft()))
            if self._bus.events:
                self._react(self._bus.events.popleft())

    def _react(self, event: dict[str, Any]) -> None:
        for name, consumer in self._readers.get(event["detail-type"], ()):
            if name == DETECTOR and not all(it.accepted for it in verdicts(_rule(), event)):
                continue
            with self.ledger.phase(name):
                answer = consumer(_queue_event(event), cast("LambdaContext", _Context()))
            if answer["batchItemFailures"]:
                message = f"the {name} did not handle {event['detail-type']}"
                raise RuntimeError(message)

    def _on_put(self, table: str, item: Item) -> None:
        if table == TABLES["OUTBOX_TABLE"]:
            self._outbox.append(item)


@cache
def _rule() -> Mapping[str, Any]:
    """Return which events the bus delivers to the detector."""
    rule: Mapping[str, Any] = load_product()["Resources"]["MatchDetectorRule"]
    return cast("Mapping[str, Any]", rule["Properties"]["EventPattern"])


@contextmanager
def open_rooms_service() -> Iterator[RoomsService]:
    """Start an emulator with empty tables, and the service over it."""
    with emulated_tables() as tables, environment({**tables.environment, **TABLES, **_ELSE}):
        roots = (bootstrap.use_cases, bootstrap.match_detector, bootstrap.relay)
        for root in roots:
            root.cache_clear()
        try:
            yield RoomsService(tables)
        finally:
            for root in roots:
                root.cache_clear()


def _feed_writer() -> Consumer:
    tables = Tables(
        rooms=TABLES["ROOMS_TABLE"],
        votes=TABLES["VOTES_TABLE"],
        visits=TABLES["VISITS_TABLE"],
        feeds=TABLES["FEEDS_TABLE"],
    )
    client = boto3.client("dynamodb")
    over = bootstrap.build_repositories(tables, client)
    votes = _WholeVotes(over.votes, client)
    publisher = _FeedPublisher(over.feeds)
    writer = FeedWriter(over.rooms, votes, over.feeds, over.history, publisher, now=_Slow())
    return Consumer(
        contracts=Registry(CONSUMERS["FeedWriterFunction"]),
        handle=write_feed(writer, _left),
        guard=IdempotencyGuard(TABLES["IDEMPOTENCY_TABLE"], "feed-writer"),
        dead_letters=DeadLetterQueue(_ELSE["DEAD_LETTER_URL"], cast("SQSClient", None)),
        backoff=Backoff(_ELSE["QUEUE_URL"], cast("SQSClient", None)),
    )


def trace() -> Trace:
    """Return a new thread, as a request begins it."""
    return Trace(str(uuid.uuid4()))


def user_ids(number: int) -> list[str]:
    """Return user ids as Cognito makes them."""
    return [str(uuid.uuid4()) for _ in range(number)]


def films(number: int, media_type: MediaType, genre_ids: tuple[int, ...]) -> list[Movie]:
    """Return invented films, with titles, overviews and paths as long as TMDB's."""
    draw = random.Random(number)
    return [
        Movie(
            id=100_000 + n,
            title=" ".join(draw.sample(_WORDS, 3)),
            overview=" ".join(draw.choices(_WORDS, k=40)),
            media_type=media_type,
            genre_ids=genre_ids,
            poster_path=f"/{draw.randbytes(14).hex()[:27]}.jpg",
            release_date="2019-05-17",
            vote_average=7.4,
            vote_count=1834,
        )
        for n in range(number)
    ]


def _stream_event(item: Item) -> dict[str, Any]:
    change = {"SequenceNumber": item["event_id"]["S"], "NewImage": item}
    return {"Records": [{"eventName": "INSERT", "dynamodb": change}]}


def _queue_event(event: dict[str, Any]) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": event["id"],
                "receiptHandle": "handle",
                "body": json.dumps(event),
                "attributes": {},
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:bench",
                "awsRegion": "eu-west-1",
            }
        ]
    }
