"""The composition root: which adapter stands behind which port, made once for each process."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from library.adapters.dynamodb.entries import DynamoLists, Tables
from library.adapters.dynamodb.erasure import DynamoErasable
from library.adapters.dynamodb.preferences import DynamoPreferences
from library.domain.titles import ListName
from library.events.published import ERASER_READS, PUBLISHED
from library.settings import (
    EraserSettings,
    FavouritesSettings,
    PreferencesSettings,
    TransferSettings,
    WatchlistSettings,
)
from library.use_cases.add_entries import ListService, Mover
from library.use_cases.erase_user import Eraser
from library.use_cases.import_export import TransferService
from library.use_cases.preferences import PreferenceService
from matinee.events.consumer import Consumer, DeadLetterQueue
from matinee.events.continuation import ContinuationQueue
from matinee.events.idempotency import IdempotencyGuard
from matinee.events.relay import Relay, RelaySettings, build_relay
from matinee.settings import EdgeSettings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_CALLS = Config(
    connect_timeout=1, read_timeout=2.5, retries={"mode": "standard", "total_max_attempts": 2}
)
"""Seconds: at most 8 for a call, its pause included, so that a function answers for itself."""

_ERASING = Config(
    connect_timeout=1, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3}
)
"""Seconds. Nobody waits for an erasure, and it is long: a table may take its time."""


@cache
def edge() -> EdgeSettings:
    """Return what every function behind the HTTP API reads of its environment."""
    return EdgeSettings.load()


@cache
def preferences() -> PreferenceService:
    """Return the use cases of preferences."""
    settings = PreferencesSettings.load()
    rows = DynamoPreferences(settings.user_preferences_table, settings.outbox_table, _dynamodb())
    return PreferenceService(rows)


@cache
def favourites() -> ListService:
    """Return the use cases of favourites."""
    settings = FavouritesSettings.load()
    tables = Tables({ListName.FAVOURITES: settings.favourites_table}, settings.outbox_table)
    return ListService(ListName.FAVOURITES, DynamoLists(tables, _dynamodb()))


@cache
def watchlist() -> ListService:
    """Return the use cases of the watchlist."""
    return ListService(ListName.WATCHLIST, _both_lists(WatchlistSettings.load()))


@cache
def mover() -> Mover:
    """Return the use case of moving a title from the watchlist to the favourites."""
    return Mover(_both_lists(WatchlistSettings.load()))


@cache
def transfer() -> TransferService:
    """Return the use cases of export and import."""
    settings = TransferSettings.load()
    lists = _both_lists(settings)
    rows = DynamoPreferences(settings.user_preferences_table, settings.outbox_table, _dynamodb())
    return TransferService(
        PreferenceService(rows), {name: ListService(name, lists) for name in ListName}
    )


@cache
def eraser() -> Consumer:
    """Return the eraser behind its queue."""
    settings = EraserSettings.load()
    sqs = boto3.client("sqs")
    tables = {
        ListName.FAVOURITES: settings.favourites_table,
        ListName.WATCHLIST: settings.watchlist_table,
    }
    eraser = Eraser(
        DynamoErasable(settings.user_preferences_table, tables, _dynamodb(_ERASING)),
        ContinuationQueue(settings.queue_url, sqs),
    )
    return Consumer(
        contracts=ERASER_READS,
        handle=eraser.handle,
        guard=IdempotencyGuard(settings.idempotency_table, "library-eraser"),
        dead_letters=DeadLetterQueue(settings.dead_letter_url, sqs),
    )


@cache
def relay() -> Relay:
    """Return the relay from the outbox to the bus."""
    return build_relay(PUBLISHED, RelaySettings.load())


def _both_lists(settings: WatchlistSettings) -> DynamoLists:
    tables = {
        ListName.FAVOURITES: settings.favourites_table,
        ListName.WATCHLIST: settings.watchlist_table,
    }
    return DynamoLists(Tables(tables, settings.outbox_table), _dynamodb())


def _dynamodb(config: Config = _CALLS) -> DynamoDBClient:
    return boto3.client("dynamodb", config=config)
