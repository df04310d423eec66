"""The composition root: which adapter stands behind which port, made once for each process."""

from collections.abc import Callable
from functools import cache

import boto3
import httpx
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
)
from botocore.config import Config
from botocore.credentials import Credentials

from matinee.consumer import REMEMBERED_FOR, Consumer, DeadLetters
from matinee.errors import Unavailable
from matinee.relay import Relay
from rooms.catalogue import DiscoverFunction
from rooms.contracts import DETECTOR_READS, NOTIFIER_READS, PUBLISHED
from rooms.detection import Detector
from rooms.events import Announcer
from rooms.notification import Notifier, Once
from rooms.phones import AppSyncPhones
from rooms.repository import DynamoMatches, DynamoRooms, DynamoVotes, Tables
from rooms.service import RoomService
from rooms.settings import (
    ApiSettings,
    DetectorSettings,
    NotifierSettings,
    RelaySettings,
    TableSettings,
)
from rooms.settling import Settler

DISCOVERY_PATIENCE = 12
"""Seconds. Discovery answers within five; a cold start comes on top."""

PUBLISH_PATIENCE = 10.0
"""Seconds for one notification."""


@cache
def room_service() -> RoomService:
    """Answer the use cases of the API function."""
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
    """Answer the match detector behind its queue."""
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
        name="match-detector",
        contracts=DETECTOR_READS,
        handle=detector.handle,
        memory=DynamoDBPersistenceLayer(settings.idempotency_table),
        dead_letters=DeadLetters(settings.dead_letter_url, boto3.client("sqs")),
    )


@cache
def notifier() -> Consumer:
    """Answer the notifier behind its queue."""
    settings = NotifierSettings.load()
    memory = DynamoDBPersistenceLayer(settings.idempotency_table)
    phones = AppSyncPhones(
        settings.graphql_url,
        settings.aws_region,
        _credentials,
        httpx.Client(timeout=PUBLISH_PATIENCE),
    )
    return Consumer(
        name="notifier",
        contracts=NOTIFIER_READS,
        handle=Notifier(phones, once_in(memory)).handle,
        memory=memory,
        dead_letters=DeadLetters(settings.dead_letter_url, boto3.client("sqs")),
    )


@cache
def relay() -> Relay:
    """Answer the relay from the outbox to the bus."""
    settings = RelaySettings.load()
    return Relay(
        bus=settings.event_bus,
        outbox_table=settings.outbox_table,
        dead_letter_url=settings.dead_letter_url,
        contracts=PUBLISHED,
        events=boto3.client("events"),
        dynamodb=boto3.client("dynamodb"),
        sqs=boto3.client("sqs"),
    )


def once_in(memory: DynamoDBPersistenceLayer) -> Once:
    """Answer what does a thing once for a key, as far as a table can remember."""

    @idempotent_function(  # type: ignore[untyped-decorator]
        data_keyword_argument="key",
        persistence_store=memory,
        config=IdempotencyConfig(expires_after_seconds=REMEMBERED_FOR),
        key_prefix="notification",
    )
    def do(key: str, action: Callable[[], None]) -> None:  # noqa: ARG001 - the key is read by the decorator
        action()

    def once(key: str, action: Callable[[], None]) -> None:
        try:
            do(key=key, action=action)
        except IdempotencyAlreadyInProgressError as error:
            message = "Somebody is telling this user at this moment."
            raise Unavailable(message) from error

    return once


def _tables(settings: TableSettings) -> Tables:
    return Tables(
        rooms=settings.rooms_table,
        votes=settings.votes_table,
        matches=settings.matches_table,
        user_matches=settings.user_matches_table,
        outbox=settings.outbox_table,
    )


def _credentials() -> Credentials:
    """Answer the role's credentials; an empty session token is none."""
    found = boto3.Session().get_credentials()
    frozen = found.get_frozen_credentials() if found else None
    if not frozen or not frozen.access_key or not frozen.secret_key:
        message = "The function has no credentials to sign with."
        raise Unavailable(message)
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token or None)
