"""The composition root: which adapter stands behind which port, made once for each process."""

from collections.abc import Callable
from functools import cache

import boto3
from botocore.config import Config
from botocore.credentials import Credentials

from matinee.errors import Unavailable
from matinee.events.consumer import Consumer, DeadLetterQueue
from matinee.events.continuation import ContinuationQueue
from matinee.events.idempotency import IdempotencyGuard
from matinee.events.relay import Relay, RelaySettings, build_relay
from rooms.adapters.dynamodb import DynamoMatches, DynamoRooms, DynamoVisits, DynamoVotes, Tables
from rooms.adapters.lambda_.catalog_client import DiscoverFunction
from rooms.events.factory import Announcer
from rooms.events.published import DETECTOR_READS, ERASER_READS, NOTIFIER_READS, PUBLISHED
from rooms.settings import (
    ApiSettings,
    DetectorSettings,
    EraserSettings,
    NotifierSettings,
    TableSettings,
)
from rooms.use_cases.create_room import RoomService
from rooms.use_cases.detect_match import Detector
from rooms.use_cases.erase_user import Eraser
from rooms.use_cases.notify_match import Notifier
from rooms.use_cases.reconcile_matches import Settler

DISCOVERY_PATIENCE = 12
"""Seconds. Discovery answers within five; a cold start comes on top."""

PUBLISH_PATIENCE = 5.0
"""Seconds for one notification: fifty of them, eight at a time, stay below the timeout."""


@cache
def room_service() -> RoomService:
    """Return the use cases of the API function."""
    settings = ApiSettings.load()
    dynamodb, tables = boto3.client("dynamodb"), _tables(settings)
    votes, matches = DynamoVotes(tables, dynamodb), DynamoMatches(tables, dynamodb)
    patience = Config(read_timeout=DISCOVERY_PATIENCE, retries={"total_max_attempts": 1})
    return RoomService(
        rooms=DynamoRooms(tables, dynamodb),
        votes=votes,
        matches=matches,
        catalogue=DiscoverFunction(
            settings.discover_function, boto3.client("lambda", config=patience)
        ),
        announce=Announcer(),
        settler=Settler(votes, matches, Announcer()),
    )


@cache
def match_detector() -> Consumer:
    """Return the match detector behind its queue."""
    settings = DetectorSettings.load()
    dynamodb, tables = boto3.client("dynamodb"), _tables(settings)
    votes, matches = DynamoVotes(tables, dynamodb), DynamoMatches(tables, dynamodb)
    detector = Detector(
        rooms=DynamoRooms(tables, dynamodb),
        votes=votes,
        matches=matches,
        announce=Announcer(),
        settler=Settler(votes, matches, Announcer()),
    )
    return Consumer(
        contracts=DETECTOR_READS,
        handle=detector.handle,
        guard=IdempotencyGuard(settings.idempotency_table, "match-detector"),
        dead_letters=DeadLetterQueue(settings.dead_letter_url, boto3.client("sqs")),
    )


@cache
def eraser() -> Consumer:
    """Return the eraser behind its queue."""
    settings = EraserSettings.load()
    dynamodb, tables, sqs = boto3.client("dynamodb"), _tables(settings), boto3.client("sqs")
    votes, matches = DynamoVotes(tables, dynamodb), DynamoMatches(tables, dynamodb)
    eraser = Eraser(
        rooms=DynamoRooms(tables, dynamodb),
        votes=votes,
        matches=matches,
        visits=DynamoVisits(settings.visits_table, dynamodb),
        announce=Announcer(),
        settler=Settler(votes, matches, Announcer()),
        resumption=ContinuationQueue(settings.queue_url, sqs),
    )
    return Consumer(
        contracts=ERASER_READS,
        handle=eraser.handle,
        guard=IdempotencyGuard(settings.idempotency_table, "eraser"),
        dead_letters=DeadLetterQueue(settings.dead_letter_url, sqs),
    )


@cache
def notifier() -> Consumer:
    """Return the notifier behind its queue."""
    # Here, not above: the cold starts of the other functions would wait for an HTTP client.
    import httpx  # noqa: PLC0415

    from rooms.adapters.appsync.match_publisher import AppSyncPhones  # noqa: PLC0415

    settings = NotifierSettings.load()
    told = IdempotencyGuard(settings.idempotency_table, "notification")
    phones = AppSyncPhones(
        settings.graphql_url,
        settings.aws_region,
        _credentials(),
        httpx.Client(timeout=PUBLISH_PATIENCE),
    )
    return Consumer(
        contracts=NOTIFIER_READS,
        handle=Notifier(phones, told).handle,
        guard=IdempotencyGuard(settings.idempotency_table, "notifier"),
        further_guards=[told],
        dead_letters=DeadLetterQueue(settings.dead_letter_url, boto3.client("sqs")),
    )


@cache
def relay() -> Relay:
    """Return the relay from the outbox to the bus."""
    return build_relay(PUBLISHED, RelaySettings.load())


def _tables(settings: TableSettings) -> Tables:
    return Tables(
        rooms=settings.rooms_table,
        votes=settings.votes_table,
        matches=settings.matches_table,
        user_matches=settings.user_matches_table,
        visits=settings.visits_table,
        outbox=settings.outbox_table,
    )


def _credentials() -> Callable[[], Credentials]:
    """Return what gives the role's credentials of the moment; an empty session token is none."""
    renewed = boto3.Session().get_credentials()

    def of_the_moment() -> Credentials:
        frozen = renewed.get_frozen_credentials() if renewed else None
        if not frozen or not frozen.access_key or not frozen.secret_key:
            message = "The function has no credentials to sign with."
            raise Unavailable(message)
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token or None)

    return of_the_moment
