"""The composition root: the use cases with their adapters, built once for each process."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from library.adapters.dynamodb.entries import DynamoDBEntryRepository, Tables
from library.adapters.dynamodb.erasure import DynamoDBErasureRepository
from library.adapters.dynamodb.preferences import DynamoDBPreferencesRepository
from library.adapters.dynamodb.titles import DynamoDBTitleFacts
from library.domain.titles import ListName
from library.events.consumed import CONSUMERS, erase_deleted_users, project_cached_titles
from library.events.factory import LibraryEventFactory
from library.events.published import PUBLISHED
from library.settings import (
    EraserSettings,
    FavouritesSettings,
    PreferencesSettings,
    TitleProjectorSettings,
    TransferSettings,
    WatchlistSettings,
)
from library.use_cases.add_entries import AddEntries
from library.use_cases.describe_titles import DescribeTitles, ProjectTitles
from library.use_cases.erase_user import UserDataEraser
from library.use_cases.import_export import ExportLibrary, ImportEntries
from library.use_cases.move_to_favourites import MoveToFavourites
from library.use_cases.preferences import PreferencesService
from library.use_cases.user_list import UserList, build_user_list
from matinee.events.consumer import Consumer, build_consumer
from matinee.events.continuation import ContinuationQueue
from matinee.events.relay import Relay, RelaySettings, build_relay
from matinee.settings import EdgeSettings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_REQUEST_CONFIG = Config(
    connect_timeout=1, read_timeout=2.5, retries={"mode": "standard", "total_max_attempts": 2}
)
"""Seconds: at most 8 for a call and its retry, so that a function responds before its timeout."""

_CONSUMER_CONFIG = Config(
    connect_timeout=1, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3}
)
"""Seconds. Nobody waits for a consumer."""


@cache
def edge() -> EdgeSettings:
    """Return the environment of every function behind the HTTP API."""
    return EdgeSettings.load()


@cache
def preferences() -> PreferencesService:
    """Return the use cases of preferences."""
    return PreferencesService(_preferences(PreferencesSettings.load()), LibraryEventFactory())


@cache
def favourites() -> UserList:
    """Return the use cases of the favourites."""
    settings = FavouritesSettings.load()
    tables = Tables({ListName.FAVOURITES: settings.favourites_table}, settings.outbox_table)
    entries = DynamoDBEntryRepository(tables, _dynamodb())
    events = LibraryEventFactory()
    return build_user_list(ListName.FAVOURITES, entries, events, _titles(settings))


@cache
def watchlist() -> UserList:
    """Return the use cases of the watchlist."""
    settings = WatchlistSettings.load()
    entries, events = _both_lists(settings), LibraryEventFactory()
    return build_user_list(ListName.WATCHLIST, entries, events, _titles(settings))


@cache
def move_to_favourites() -> MoveToFavourites:
    """Return the use case that moves a title from the watchlist to the favourites."""
    return MoveToFavourites(_both_lists(WatchlistSettings.load()), LibraryEventFactory())


@cache
def export_library() -> ExportLibrary:
    """Return the use case of exports."""
    settings = TransferSettings.load()
    return ExportLibrary(_preferences(settings), _both_lists(settings), _titles(settings))


@cache
def import_entries() -> ImportEntries:
    """Return the use case of imports."""
    settings = TransferSettings.load()
    entries, events = _both_lists(settings), LibraryEventFactory()
    return ImportEntries(
        PreferencesService(_preferences(settings), events),
        {name: AddEntries(name, entries, events, _titles(settings)) for name in ListName},
    )


@cache
def eraser() -> Consumer:
    """Return the consumer that erases deleted users."""
    settings = EraserSettings.load()
    lists = {
        ListName.FAVOURITES: settings.favourites_table,
        ListName.WATCHLIST: settings.watchlist_table,
    }
    repository = DynamoDBErasureRepository(
        settings.user_preferences_table, lists, _dynamodb(_CONSUMER_CONFIG)
    )
    queue = ContinuationQueue(settings.queue_url, boto3.client("sqs"))
    return build_consumer(
        "library-eraser",
        CONSUMERS["LibraryEraserFunction"],
        erase_deleted_users(UserDataEraser(repository), queue.requeue),
        settings,
    )


@cache
def title_projector() -> Consumer:
    """Return the consumer that keeps what the catalogue knows of titles."""
    settings = TitleProjectorSettings.load()
    facts = DynamoDBTitleFacts(settings.library_titles_table, _dynamodb(_CONSUMER_CONFIG))
    return build_consumer(
        "library-title-projector",
        CONSUMERS["LibraryTitleProjectorFunction"],
        project_cached_titles(ProjectTitles(facts)),
        settings,
    )


@cache
def relay() -> Relay:
    """Return the relay from the outbox to the bus."""
    return build_relay(PUBLISHED, RelaySettings.load())


def _both_lists(settings: WatchlistSettings) -> DynamoDBEntryRepository:
    tables = {
        ListName.FAVOURITES: settings.favourites_table,
        ListName.WATCHLIST: settings.watchlist_table,
    }
    return DynamoDBEntryRepository(Tables(tables, settings.outbox_table), _dynamodb())


def _titles(settings: FavouritesSettings) -> DescribeTitles:
    return DescribeTitles(DynamoDBTitleFacts(settings.library_titles_table, _dynamodb()))


def _preferences(
    settings: PreferencesSettings | TransferSettings,
) -> DynamoDBPreferencesRepository:
    return DynamoDBPreferencesRepository(
        settings.user_preferences_table, settings.outbox_table, _dynamodb()
    )


@cache
def _dynamodb(config: Config = _REQUEST_CONFIG) -> DynamoDBClient:
    return boto3.client("dynamodb", config=config)
