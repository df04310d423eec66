"""The composition root: the adapter behind each port, built once for each process."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.credentials import Credentials

from matinee.clock import Clock, utc_now
from matinee.settings import EdgeSettings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from matinee.events.consumer import Consumer
    from matinee.events.relay import Relay
    from rooms.adapters.appsync.publisher import AppSyncPublisher
    from rooms.adapters.dynamodb.crews import (
        DynamoCrewRepository,
        DynamoCrewRoomRepository,
        DynamoInvitationInbox,
    )
    from rooms.adapters.dynamodb.decisions import DynamoDecisionRepository
    from rooms.adapters.dynamodb.devices import DynamoDeviceRepository
    from rooms.adapters.dynamodb.feeds import DynamoFeedRepository
    from rooms.adapters.dynamodb.history import DynamoRoomHistory
    from rooms.adapters.dynamodb.life import DynamoRoomLifeRepository
    from rooms.adapters.dynamodb.matches import DynamoMatchRepository
    from rooms.adapters.dynamodb.presence import DynamoPresenceRepository
    from rooms.adapters.dynamodb.refused_titles import DynamoRefusedTitles
    from rooms.adapters.dynamodb.rooms import DynamoRoomRepository
    from rooms.adapters.dynamodb.tables import Tables
    from rooms.adapters.dynamodb.votes import DynamoVoteRepository
    from rooms.api.use_cases import CrewUseCases, UseCases
    from rooms.events.factory import RoomEventFactory
    from rooms.ports import CardReader, NameDirectory, OwnPlatforms, OwnScores, RateLimiter
    from rooms.settings import PublisherSettings, TableSettings
    from rooms.use_cases.admit_guest import GuestAdmission
    from rooms.use_cases.close_expired_rooms import ExpiredRoomCloser
    from rooms.use_cases.export_user import UserDataExporter
    from rooms.use_cases.find_candidates import CandidateFinder
    from rooms.use_cases.reconcile_matches import MatchReconciler
    from rooms.use_cases.record_decision import DecisionRecorder
    from rooms.use_cases.register_device import DeviceRegistrar

DISCOVER_TIMEOUT_SECONDS = 12
"""The catalog responds within five; a cold start comes on top."""

SCORE_CALLS = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1})
"""Seconds. Without scores a deck has the room's order; a cold start need not fit in."""

DETAIL_CALLS = Config(connect_timeout=1, read_timeout=4, retries={"total_max_attempts": 1})
"""Seconds. A room without names and cards is better than none; a cold start fits in."""
GROUP_DECK_TIMEOUT_SECONDS = 5
"""The catalog, which is asked when that is not enough, still has its time."""

SECRET_CALLS = Config(connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 2})
"""Seconds."""

CREATE_GUEST_TIMEOUT_SECONDS = 20
"""Four calls of the user pool, and a cold start."""

PUBLISH_TIMEOUT_SECONDS = 5.0
"""For one notification: fifty of them, eight at a time, stay below the function's timeout."""

PROGRESS_DELAY_SECONDS = 1
"""Until progress that came too early is looked at again: `rooms.domain.feed`."""


@dataclass(frozen=True, slots=True)
class Repositories:
    """The repositories over the tables, and what every function over them needs."""

    rooms: DynamoRoomRepository
    votes: DynamoVoteRepository
    matches: DynamoMatchRepository
    history: DynamoRoomHistory
    decisions: DynamoDecisionRepository
    presence: DynamoPresenceRepository
    feeds: DynamoFeedRepository
    recorder: DecisionRecorder
    events: RoomEventFactory
    reconciler: MatchReconciler
    life: DynamoRoomLifeRepository
    crews: DynamoCrewRepository
    crew_rooms: DynamoCrewRoomRepository
    invitations: DynamoInvitationInbox
    refused: DynamoRefusedTitles


def build_repositories(
    tables: Tables, client: DynamoDBClient, now: Clock = utc_now
) -> Repositories:
    """Build the repositories over one client."""
    from rooms.adapters.dynamodb.crews import (
        DynamoCrewRepository,
        DynamoCrewRoomRepository,
        DynamoInvitationInbox,
    )
    from rooms.adapters.dynamodb.decisions import DynamoDecisionRepository
    from rooms.adapters.dynamodb.feeds import DynamoFeedRepository
    from rooms.adapters.dynamodb.history import DynamoRoomHistory
    from rooms.adapters.dynamodb.life import DynamoRoomLifeRepository
    from rooms.adapters.dynamodb.matches import DynamoMatchRepository
    from rooms.adapters.dynamodb.presence import DynamoPresenceRepository
    from rooms.adapters.dynamodb.refused_titles import DynamoRefusedTitles
    from rooms.adapters.dynamodb.rooms import DynamoRoomRepository
    from rooms.adapters.dynamodb.votes import DynamoVoteRepository
    from rooms.events.factory import RoomEventFactory
    from rooms.use_cases.reconcile_matches import MatchReconciler
    from rooms.use_cases.record_decision import DecisionRecorder

    votes = DynamoVoteRepository(tables, client, now)
    matches = DynamoMatchRepository(tables, client)
    events = RoomEventFactory(now=now)
    decisions = DynamoDecisionRepository(tables, client)
    recorder = DecisionRecorder(decisions, votes, events, now)
    reconciler = MatchReconciler(votes, matches, events, recorder, now)
    rooms = DynamoRoomRepository(tables, client, now)
    history = DynamoRoomHistory(tables.visits, client)
    presence = DynamoPresenceRepository(tables, client)
    life = DynamoRoomLifeRepository(tables, client, now)
    feeds = DynamoFeedRepository(tables.feeds, client)
    return Repositories(
        rooms,
        votes,
        matches,
        history,
        decisions,
        presence,
        feeds,
        recorder,
        events,
        reconciler,
        life,
        DynamoCrewRepository(tables, client),
        DynamoCrewRoomRepository(tables.crews, rooms),
        DynamoInvitationInbox(tables.crews, client),
        DynamoRefusedTitles(tables.crews, client, now),
    )


@dataclass(frozen=True, slots=True)
class OtherServices:
    """What the API function asks other services for."""

    find: CandidateFinder
    names: NameDirectory
    cards: CardReader
    scores: OwnScores
    platforms: OwnPlatforms


def build_use_cases(
    over: Repositories,
    others: OtherServices,
    limiter: RateLimiter,
    now: Clock = utc_now,
) -> UseCases:
    """Build the use cases of the API function."""
    # Here, not above: the cold starts of the other functions would wait for the API's models.
    from rooms.api.use_cases import UseCases
    from rooms.use_cases.cast_vote import VoteCaster
    from rooms.use_cases.close_room import RoomCloser
    from rooms.use_cases.create_room import RoomCreator
    from rooms.use_cases.deal_more import MoreDealer
    from rooms.use_cases.decide_room import RoomDecider
    from rooms.use_cases.describe_people import PeopleQuery
    from rooms.use_cases.extend_room import RoomExtender
    from rooms.use_cases.get_deck import DeckQuery
    from rooms.use_cases.get_standings import StandingsQuery
    from rooms.use_cases.join_room import RoomJoiner
    from rooms.use_cases.leave_room import RoomLeaver
    from rooms.use_cases.limit_guesses import GuessLimiter
    from rooms.use_cases.limit_to_platforms import PlatformLimiter
    from rooms.use_cases.list_decisions import DecisionQueries
    from rooms.use_cases.list_matches import MatchQueries
    from rooms.use_cases.list_rooms import RoomQueries
    from rooms.use_cases.list_votes import VoteQueries
    from rooms.use_cases.read_feed import FeedQuery
    from rooms.use_cases.reckon_group_deck import GroupReckoner
    from rooms.use_cases.record_heartbeat import HeartbeatRecorder
    from rooms.use_cases.remove_participant import ParticipantRemover

    reckoner = GroupReckoner(over.rooms, others.find, now=now)
    return UseCases(
        create_room=RoomCreator(over.rooms, others.find, over.events, now=now),
        limit_to_platforms=PlatformLimiter(others.platforms),
        join_room=RoomJoiner(over.rooms, over.events, over.reconciler, now=now),
        leave_room=RoomLeaver(over.rooms, over.events, over.reconciler, now=now),
        extend_room=RoomExtender(over.life, over.events, now=now),
        close_room=RoomCloser(over.life, over.events, over.reconciler, now=now),
        remove_participant=ParticipantRemover(over.rooms, over.events, over.reconciler, now=now),
        deal_more=MoreDealer(over.rooms, others.find, over.events, now=now),
        cast_vote=VoteCaster(over.votes, over.events, now=now),
        get_deck=DeckQuery(over.rooms, over.votes, reckoner, others.scores, now=now),
        decide_room=RoomDecider(over.votes, over.decisions, over.recorder, now=now),
        decisions=DecisionQueries(over.decisions, over.decisions),
        get_standings=StandingsQuery(over.rooms, over.votes),
        rooms=RoomQueries(over.rooms, reckoner, now),
        votes=VoteQueries(over.rooms, over.votes),
        matches=MatchQueries(over.matches),
        guesses=GuessLimiter(limiter),
        names=others.names,
        cards=others.cards,
        people=PeopleQuery(over.presence, over.votes, now),
        heartbeat=HeartbeatRecorder(over.presence, now=now),
        feed=FeedQuery(over.rooms, over.feeds, now),
        crews=_build_crew_use_cases(over, others, limiter, now),
        accounts=over.history,
        bindings=over.history,
    )


def _build_crew_use_cases(
    over: Repositories, others: OtherServices, limiter: RateLimiter, now: Clock
) -> CrewUseCases:
    from rooms.api.use_cases import CrewUseCases
    from rooms.use_cases.create_crew import CrewCreator
    from rooms.use_cases.create_room import RoomCreator
    from rooms.use_cases.leave_crew import CrewLeaver
    from rooms.use_cases.list_crews import CrewQueries
    from rooms.use_cases.record_refused_titles import RefusalRecorder
    from rooms.use_cases.start_room import CrewRoomStarter, InvitingRooms

    inviting = InvitingRooms(over.crews, over.crew_rooms, over.events)
    creator = RoomCreator(inviting, others.find, over.events, now=now)
    refusals = RefusalRecorder(over.rooms, over.votes, over.refused, now)
    return CrewUseCases(
        create=CrewCreator(over.rooms, over.crews, others.names, now=now),
        leave=CrewLeaver(over.crews),
        start_room=CrewRoomStarter(over.crews, creator, refusals),
        queries=CrewQueries(over.crews, over.invitations, over.history),
        limiter=limiter,
    )


@cache
def use_cases() -> UseCases:
    """Build the use cases of the API function over its tables and the catalog."""
    from matinee.dynamodb.attempt_counters import COUNTER_CALLS, DynamoAttemptCounters
    from matinee.media import MediaType
    from matinee.rate_limiter import CountingRateLimiter
    from rooms.adapters.dynamodb.guess_keys import GuessKeys
    from rooms.adapters.lambda_.cards_client import LambdaCardReader
    from rooms.adapters.lambda_.catalog_client import LambdaCatalogClient
    from rooms.adapters.lambda_.names_client import LambdaNameDirectory
    from rooms.adapters.lambda_.own_platforms_client import LambdaOwnPlatforms
    from rooms.adapters.lambda_.own_scores_client import LambdaOwnScores
    from rooms.adapters.lambda_.recommender_client import LambdaGroupDeckClient
    from rooms.settings import ApiSettings
    from rooms.use_cases.find_candidates import CandidateFinder

    settings = ApiSettings.load()
    over = _repositories(settings, settings.feeds_table, settings.crews_table)
    timeout = Config(read_timeout=DISCOVER_TIMEOUT_SECONDS, retries={"total_max_attempts": 1})
    soon = Config(read_timeout=GROUP_DECK_TIMEOUT_SECONDS, retries={"total_max_attempts": 1})
    find = CandidateFinder(
        LambdaCatalogClient(settings.discover_function, boto3.client("lambda", config=timeout)),
        LambdaGroupDeckClient(settings.group_deck_function, boto3.client("lambda", config=soon)),
        ThreadPoolExecutor(len(MediaType)).map,
        over.refused.list_by_crew,
    )
    counters = DynamoAttemptCounters(
        settings.attempts_table, boto3.client("dynamodb", config=COUNTER_CALLS)
    )
    limiter = CountingRateLimiter(counters, GuessKeys())
    details = boto3.client("lambda", config=DETAIL_CALLS)
    names = LambdaNameDirectory(settings.names_function, details)
    cards = LambdaCardReader(settings.cards_function, details)
    brief = boto3.client("lambda", config=SCORE_CALLS)
    scores = LambdaOwnScores(settings.own_scores_function, brief)
    platforms = LambdaOwnPlatforms(settings.own_scores_function, details)
    others = OtherServices(find, names, cards, scores, platforms)
    return build_use_cases(over, others, limiter)


@cache
def match_detector() -> Consumer:
    """Build the match detector behind its queue."""
    from matinee.events.consumer import build_consumer
    from rooms.events.consumed import CONSUMERS, detect_match
    from rooms.settings import DetectorSettings
    from rooms.use_cases.detect_match import MatchDetector
    from rooms.use_cases.record_refused_titles import RefusalRecorder

    settings = DetectorSettings.load()
    over = _repositories(settings, crews_table=settings.crews_table)
    detector = MatchDetector(
        rooms=over.rooms,
        votes=over.votes,
        matches=over.matches,
        events=over.events,
        reconciler=over.reconciler,
    )
    contracts = CONSUMERS["MatchDetectorFunction"]
    recorder = RefusalRecorder(over.rooms, over.votes, over.refused)
    handle = detect_match(detector, recorder)
    return build_consumer("match-detector", contracts, handle, settings)


@cache
def eraser() -> Consumer:
    """Build the eraser behind its queue."""
    from matinee.events.consumer import build_consumer
    from matinee.events.continuation import ContinuationQueue
    from rooms.events.consumed import CONSUMERS, erase_user
    from rooms.settings import EraserSettings
    from rooms.use_cases.erase_crews import UserCrewEraser
    from rooms.use_cases.erase_devices import DeviceEraser
    from rooms.use_cases.erase_user import UserDataEraser

    settings = EraserSettings.load()
    over = _repositories(settings, settings.feeds_table, settings.crews_table)
    eraser = UserDataEraser(
        participants=over.rooms,
        votes=over.votes,
        matches=over.matches,
        history=over.history,
        decisions=over.decisions,
        inbox=over.decisions,
        feeds=over.feeds,
        events=over.events,
        reconciler=over.reconciler,
        others=[
            DeviceEraser(_devices(settings.devices_table, settings.visits_table)),
            UserCrewEraser(over.crews, over.invitations),
        ],
    )
    queue = ContinuationQueue(settings.queue_url, boto3.client("sqs"))
    handle = erase_user(eraser, queue.requeue)
    return build_consumer("eraser", CONSUMERS["EraserFunction"], handle, settings)


@cache
def user_data_exporter() -> UserDataExporter:
    """Build the export of a user's data."""
    from rooms.adapters.dynamodb.tables import Tables
    from rooms.settings import ExportSettings
    from rooms.use_cases.export_user import UserDataExporter

    settings = ExportSettings.load()
    tables = Tables(
        rooms=settings.rooms_table,
        votes=settings.votes_table,
        user_matches=settings.user_matches_table,
        visits=settings.visits_table,
        feeds=settings.feeds_table,
        crews=settings.crews_table,
    )
    over = build_repositories(tables, boto3.client("dynamodb"))
    return UserDataExporter(
        rooms=over.rooms,
        votes=over.votes,
        matches=over.matches,
        proposals=over.decisions,
        decisions=over.decisions,
        history=over.history,
        accounts=over.history,
        devices=_devices(settings.devices_table, settings.visits_table),
        presence=over.presence,
        feeds=over.feeds,
        crews=over.crews,
        invitations=over.invitations,
    )


@cache
def edge() -> EdgeSettings:
    """Return the environment that the functions behind the REST API share."""
    return EdgeSettings.load()


@cache
def devices() -> DeviceRegistrar:
    """Build the devices of users behind the REST API."""
    from rooms.adapters.dynamodb.history import DynamoRoomHistory
    from rooms.domain.device import EndpointRules
    from rooms.settings import DevicesSettings
    from rooms.use_cases.register_device import DeviceRegistrar

    settings = DevicesSettings.load()
    return DeviceRegistrar(
        devices=_devices(settings.devices_table, settings.visits_table),
        accounts=DynamoRoomHistory(settings.visits_table, boto3.client("dynamodb")),
        public_key=settings.vapid_public_key,
        rules=EndpointRules(private=settings.push_to_private_addresses),
    )


@cache
def guest_admission() -> GuestAdmission:
    """Build the admission of guests."""
    from matinee.dynamodb.attempt_counters import COUNTER_CALLS, DynamoAttemptCounters
    from matinee.rate_limiter import CountingRateLimiter
    from rooms.adapters.dynamodb.guess_keys import GuessKeys
    from rooms.adapters.lambda_.guest_client import LambdaGuestAccounts
    from rooms.settings import GuestsSettings
    from rooms.use_cases.admit_guest import GuestAdmission
    from rooms.use_cases.limit_guesses import GuessLimiter

    settings = GuestsSettings.load()
    over = _repositories(settings)
    calls = Config(read_timeout=CREATE_GUEST_TIMEOUT_SECONDS, retries={"total_max_attempts": 1})
    accounts = LambdaGuestAccounts(
        settings.create_guest_function, boto3.client("lambda", config=calls)
    )
    counters = DynamoAttemptCounters(
        settings.attempts_table, boto3.client("dynamodb", config=COUNTER_CALLS)
    )
    limiter = CountingRateLimiter(counters, GuessKeys())
    return GuestAdmission(over.rooms, accounts, over.history, GuessLimiter(limiter), limiter)


@cache
def expired_room_closer() -> ExpiredRoomCloser:
    """Build what closes the rooms whose time is over."""
    from rooms.adapters.dynamodb.items import CLOSING_SHARDS
    from rooms.adapters.dynamodb.tables import Tables
    from rooms.settings import CloserSettings
    from rooms.use_cases.close_expired_rooms import ExpiredRoomCloser

    settings = CloserSettings.load()
    tables = Tables(
        rooms=settings.rooms_table,
        outbox=settings.outbox_table,
    )
    over = build_repositories(tables, boto3.client("dynamodb"))
    return ExpiredRoomCloser(over.life, over.events, CLOSING_SHARDS)


@cache
def notifier() -> Consumer:
    """Build the notifier behind its queue."""
    from matinee.events.consumer import build_consumer
    from matinee.events.idempotency import IdempotencyGuard

    # Here, not above: the cold starts of the other functions would wait for an HTTP client.
    from rooms.adapters.appsync.match_publisher import AppSyncMatchPublisher
    from rooms.events.consumed import CONSUMERS, notify_match
    from rooms.settings import NotifierSettings
    from rooms.use_cases.notify_match import MatchNotifier

    settings = NotifierSettings.load()
    once = IdempotencyGuard(settings.idempotency_table, "notification")
    publisher = _publisher(AppSyncMatchPublisher, settings)
    handle = notify_match(MatchNotifier(publisher, once))
    return build_consumer(
        "notifier", CONSUMERS["NotifierFunction"], handle, settings, further_guards=[once]
    )


@cache
def push_sender() -> Consumer:
    """Build the push sender behind its queue."""
    # Here, not above: the cold starts of the other functions would wait for its packages.
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

    from matinee.events.consumer import build_consumer
    from matinee.events.idempotency import IdempotencyGuard
    from matinee.secrets import Secret
    from rooms.adapters.dynamodb.crews import DynamoCrewRepository
    from rooms.adapters.dynamodb.devices import DynamoDeviceRepository
    from rooms.adapters.dynamodb.tables import Tables
    from rooms.adapters.web_push.http import GuardedHttp
    from rooms.adapters.web_push.service import VapidKey, WebPushService
    from rooms.domain.device import EndpointRules, Platform
    from rooms.events.consumed import CONSUMERS, push_to_devices
    from rooms.settings import PushSettings
    from rooms.use_cases.push_notification import MAX_PARALLEL_PUSHES, DevicePusher

    settings = PushSettings.load()
    once = IdempotencyGuard(settings.idempotency_table, "push")
    secrets = SecretsProvider(boto3_client=boto3.client("secretsmanager", config=SECRET_CALLS))
    web = WebPushService(
        GuardedHttp(EndpointRules(private=settings.push_to_private_addresses)),
        VapidKey(Secret(secrets, settings.vapid_secret_arn), settings.vapid_public_key),
        settings.push_contact,
    )
    tables = boto3.client("dynamodb", config=Config(max_pool_connections=MAX_PARALLEL_PUSHES))
    stored = DynamoDeviceRepository(settings.devices_table, "", tables)
    crews = DynamoCrewRepository(Tables(crews=settings.crews_table), tables)
    pusher = DevicePusher(stored, {Platform.WEB: web}, once)
    return build_consumer(
        "push",
        CONSUMERS["PushSenderFunction"],
        push_to_devices(pusher, crews),
        settings,
        further_guards=[once],
    )


@cache
def feed_writer() -> Consumer:
    """Build the feed writer behind its queue."""
    from matinee.events.consumer import build_consumer
    from matinee.events.continuation import ContinuationQueue
    from rooms.adapters.appsync.feed_publisher import AppSyncFeedPublisher
    from rooms.adapters.dynamodb.tables import Tables
    from rooms.events.consumed import CONSUMERS, write_feed
    from rooms.settings import FeedWriterSettings
    from rooms.use_cases.write_feed import FeedWriter

    settings = FeedWriterSettings.load()
    tables = Tables(
        rooms=settings.rooms_table,
        votes=settings.votes_table,
        visits=settings.visits_table,
        feeds=settings.feeds_table,
    )
    over = build_repositories(tables, boto3.client("dynamodb"))
    publisher = _publisher(AppSyncFeedPublisher, settings)
    writer = FeedWriter(over.rooms, over.votes, over.feeds, over.history, publisher)
    queue = ContinuationQueue(settings.queue_url, boto3.client("sqs"))
    requeue = partial(queue.requeue, delay_seconds=PROGRESS_DELAY_SECONDS)
    contracts = CONSUMERS["FeedWriterFunction"]
    return build_consumer("feed-writer", contracts, write_feed(writer, requeue), settings)


@cache
def relay() -> Relay:
    """Build the relay from the outbox to the bus."""
    from matinee.events.relay import RelaySettings, build_relay
    from rooms.events.published import PUBLISHED

    return build_relay(PUBLISHED, RelaySettings.load())


def _devices(table: str, visits: str) -> DynamoDeviceRepository:
    from rooms.adapters.dynamodb.devices import DynamoDeviceRepository

    return DynamoDeviceRepository(table, visits, boto3.client("dynamodb"))


def _publisher[P: AppSyncPublisher](made: type[P], settings: PublisherSettings) -> P:
    import httpx

    http = httpx.Client(timeout=PUBLISH_TIMEOUT_SECONDS)
    return made(settings.graphql_url, settings.aws_region, _credentials(), http)


def _repositories(
    settings: TableSettings, feeds_table: str = "", crews_table: str = ""
) -> Repositories:
    from rooms.adapters.dynamodb.tables import Tables

    tables = Tables(
        rooms=settings.rooms_table,
        votes=settings.votes_table,
        matches=settings.matches_table,
        user_matches=settings.user_matches_table,
        visits=settings.visits_table,
        outbox=settings.outbox_table,
        feeds=feeds_table,
        crews=crews_table,
    )
    return build_repositories(tables, boto3.client("dynamodb"))


def _credentials() -> Callable[[], Credentials]:
    """Return a function that returns the role's current credentials.

    An empty session token counts as none.
    """
    from matinee.errors import Unavailable

    renewed = boto3.Session().get_credentials()

    def current() -> Credentials:
        frozen = renewed.get_frozen_credentials() if renewed else None
        if not frozen or not frozen.access_key or not frozen.secret_key:
            message = "The function has no credentials to sign with."
            raise Unavailable(message)
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token or None)

    return current
