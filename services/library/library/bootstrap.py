"""The composition root: the use cases with their adapters, built once for each process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from library.domain.titles import ListName
from matinee.settings import EdgeSettings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from library.adapters.dynamodb.entries import DynamoDBEntryRepository
    from library.adapters.dynamodb.imports import DynamoDBImportRepository
    from library.adapters.dynamodb.preferences import DynamoDBPreferencesRepository
    from library.settings import (
        EraserSettings,
        FavouritesSettings,
        FavouritesTables,
        ImportsSettings,
        ImportWorkerSettings,
        ListKeeperSettings,
        PreferencesSettings,
        ShelvesSettings,
        ShelvesTables,
        TransferSettings,
        WatchlistSettings,
    )
    from library.use_cases.add_entries import AddEntries
    from library.use_cases.complete_row import CompleteRow
    from library.use_cases.describe_titles import DescribeTitles
    from library.use_cases.export_films import ExportFilms
    from library.use_cases.import_export import ExportUser, ImportEntries
    from library.use_cases.import_file import ImportFile
    from library.use_cases.move_to_favourites import MoveToFavourites
    from library.use_cases.preferences import PreferencesService
    from library.use_cases.read_imports import ReadImports
    from library.use_cases.read_notices import ReadNotices
    from library.use_cases.user_list import UserList
    from matinee.events.consumer import Consumer
    from matinee.events.relay import Relay

_REQUEST_CONFIG = Config(
    connect_timeout=1, read_timeout=2.5, retries={"mode": "standard", "total_max_attempts": 2}
)
"""Seconds: at most 8 for a call and its retry, so that a function responds before its timeout."""

_EXPORT_CONFIG = Config(connect_timeout=1, read_timeout=12, retries={"total_max_attempts": 1})
"""Seconds. A cold start of the other function fits into it, and it into our timeout."""

_CONSUMER_CONFIG = Config(
    connect_timeout=1, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3}
)
"""Seconds. Nobody waits for a consumer."""

_RESOLVE_CONFIG = Config(connect_timeout=1, read_timeout=31, retries={"total_max_attempts": 1})
"""Seconds: as long as ResolveFunction may take. Its queue tries again."""


_LIST_TABLES = {
    ListName.FAVOURITES: "favourites_table",
    ListName.WATCHLIST: "watchlist_table",
    ListName.SEEN: "seen_titles_table",
    ListName.DISMISSED: "dismissed_titles_table",
}

type ListSettings = FavouritesTables | ShelvesTables | ImportWorkerSettings | ListKeeperSettings
type OwnListSettings = FavouritesSettings | WatchlistSettings | ShelvesSettings


@cache
def edge() -> EdgeSettings:
    """Return the environment of every function behind the HTTP API."""
    return EdgeSettings.load()


@cache
def preferences() -> PreferencesService:
    """Return the use cases of preferences."""
    from library.events.factory import LibraryEventFactory
    from library.settings import PreferencesSettings
    from library.use_cases.preferences import PreferencesService

    return PreferencesService(_preferences(PreferencesSettings.load()), LibraryEventFactory())


@cache
def favourites() -> UserList:
    """Return the use cases of the favourites."""
    from library.settings import FavouritesSettings

    return _user_list(ListName.FAVOURITES, FavouritesSettings.load())


@cache
def watchlist() -> UserList:
    """Return the use cases of the watchlist."""
    from library.settings import WatchlistSettings

    return _user_list(ListName.WATCHLIST, WatchlistSettings.load())


@cache
def shelf(name: ListName) -> UserList:
    """Return the use cases of the list of seen titles, or of dismissed ones."""
    from library.settings import ShelvesSettings

    return _user_list(name, ShelvesSettings.load())


@cache
def notices() -> ReadNotices:
    """Return the use cases of a user's inbox."""
    from library.settings import WatchlistSettings

    return _notices(WatchlistSettings.load())


@cache
def move_to_favourites() -> MoveToFavourites:
    """Return the use case that moves a title from the watchlist to the favourites."""
    from library.events.factory import LibraryEventFactory
    from library.settings import WatchlistSettings
    from library.use_cases.move_to_favourites import MoveToFavourites

    return MoveToFavourites(_lists(WatchlistSettings.load()), LibraryEventFactory())


@cache
def export_user() -> ExportUser:
    """Return the use case of exports."""
    from library.adapters.lambda_.exports import AccountExport, ExportFunction, RoomsExport
    from library.settings import TransferSettings
    from library.use_cases.import_export import ExportLibrary, ExportUser

    settings = TransferSettings.load()
    library = ExportLibrary(
        _preferences(settings),
        _lists(settings),
        _imports(settings),
        _notices(settings),
        _titles(settings),
    )
    client = boto3.client("lambda", config=_EXPORT_CONFIG)
    return ExportUser(
        library,
        AccountExport(ExportFunction(settings.export_account_function, client)),
        RoomsExport(ExportFunction(settings.rooms_export_function, client)),
    )


@cache
def export_films() -> ExportFilms:
    """Return the use case of files for other sites."""
    from library.settings import TransferSettings
    from library.use_cases.export_films import ExportFilms

    settings = TransferSettings.load()
    return ExportFilms(_lists(settings), _titles(settings))


@cache
def import_entries() -> ImportEntries:
    """Return the use case of imports."""
    from library.events.factory import LibraryEventFactory
    from library.settings import TransferSettings
    from library.use_cases.add_entries import AddEntries
    from library.use_cases.import_export import ImportEntries
    from library.use_cases.preferences import PreferencesService

    settings = TransferSettings.load()
    entries, events = _lists(settings), LibraryEventFactory()
    return ImportEntries(
        PreferencesService(_preferences(settings), events),
        {name: AddEntries(name, entries, events, _titles(settings)) for name in ListName},
    )


@cache
def import_file() -> ImportFile:
    """Return the use case that receives files."""
    from library.adapters.sqs.import_queue import SqsImportQueue
    from library.events.factory import LibraryEventFactory
    from library.settings import ImportsSettings
    from library.use_cases.import_file import ImportFile

    settings = ImportsSettings.load()
    queue = SqsImportQueue(settings.import_queue_url, boto3.client("sqs", config=_REQUEST_CONFIG))
    return ImportFile(_imports(settings), queue, LibraryEventFactory())


@cache
def read_imports() -> ReadImports:
    """Return the use cases that read imports."""
    from library.settings import ImportsSettings
    from library.use_cases.read_imports import ReadImports

    imports = _imports(ImportsSettings.load())
    return ReadImports(imports, imports)


@cache
def complete_row() -> CompleteRow:
    """Return the use case that completes a row by hand."""
    from library.settings import ImportsSettings
    from library.use_cases.complete_row import CompleteRow

    settings = ImportsSettings.load()
    imports = _imports(settings)
    return CompleteRow(imports, imports, _adding(settings))


@cache
def import_worker() -> Consumer:
    """Return the consumer of the imports' queue."""
    from library.adapters.lambda_.title_catalogue import LambdaTitleCatalogue
    from library.adapters.sqs.import_queue import SqsImportQueue
    from library.events.consumed import CONSUMERS, ImportConsumer
    from library.events.factory import LibraryEventFactory
    from library.settings import ImportWorkerSettings
    from library.use_cases.import_rows import ImportRows
    from matinee.events.consumer import Attempts, build_consumer

    settings = ImportWorkerSettings.load()
    sqs = boto3.client("sqs")
    imports = _imports(settings)
    catalogue = boto3.client("lambda", config=_RESOLVE_CONFIG)
    consumer = ImportConsumer(
        ImportRows(
            imports=imports,
            parts=imports,
            entries=_lists(settings),
            lists=_adding(settings),
            catalogue=LambdaTitleCatalogue(settings.resolve_function, catalogue),
            queue=SqsImportQueue(settings.queue_url, sqs),
            events=LibraryEventFactory(),
        )
    )
    return build_consumer(
        "library-imports",
        CONSUMERS["ImportWorkerFunction"],
        consumer.handle,
        settings,
        attempts=Attempts(settings.import_attempts, consumer.give_up),
    )


@cache
def eraser() -> Consumer:
    """Return the consumer that erases deleted users."""
    from library.adapters.dynamodb.erasure import DynamoDBErasureRepository
    from library.events.consumed import CONSUMERS, erase_deleted_users
    from library.ports import OtherStore, Store
    from library.settings import EraserSettings
    from library.use_cases.erase_user import UserDataEraser
    from matinee.events.consumer import build_consumer
    from matinee.events.continuation import ContinuationQueue

    settings = EraserSettings.load()
    tables: dict[Store, str] = {
        OtherStore.IMPORTS: settings.imports_table,
        OtherStore.NOTICES: settings.notices_table,
    }
    tables.update(_tables(settings).items())
    repository = DynamoDBErasureRepository(
        settings.user_preferences_table, tables, _dynamodb(_CONSUMER_CONFIG)
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
    from library.adapters.dynamodb.titles import DynamoDBTitleFacts
    from library.events.consumed import CONSUMERS, project_cached_titles
    from library.settings import TitleProjectorSettings
    from library.use_cases.describe_titles import ProjectTitles
    from matinee.events.consumer import build_consumer

    settings = TitleProjectorSettings.load()
    facts = DynamoDBTitleFacts(settings.library_titles_table, _dynamodb(_CONSUMER_CONFIG))
    return build_consumer(
        "library-title-projector",
        CONSUMERS["LibraryTitleProjectorFunction"],
        project_cached_titles(ProjectTitles(facts)),
        settings,
    )


@cache
def list_keeper() -> Consumer:
    """Return the consumer that puts what happens in rooms on users' lists."""
    from library.events.consumed import CONSUMERS, keep_titles_of_rooms
    from library.events.factory import LibraryEventFactory
    from library.settings import ListKeeperSettings
    from library.use_cases.keep_titles import KeepMatch, KeepTitle
    from matinee.events.consumer import build_consumer

    settings = ListKeeperSettings.load()
    keep = KeepTitle(_lists(settings), LibraryEventFactory(), _titles(settings))
    return build_consumer(
        "library-list-keeper",
        CONSUMERS["ListKeeperFunction"],
        keep_titles_of_rooms(keep, KeepMatch(keep, _preferences(settings))),
        settings,
    )


@cache
def watchlist_matcher() -> Consumer:
    """Return the consumer that tells those who wait for a title that they can stream it."""
    from library.adapters.dynamodb.watchers import DynamoDBWatcherRepository
    from library.events.consumed import CONSUMERS, match_watchlists
    from library.events.factory import LibraryEventFactory
    from library.settings import WatchlistMatcherSettings
    from library.use_cases.match_watchlists import WatchlistMatcher
    from matinee.events.consumer import build_consumer
    from matinee.events.continuation import ContinuationQueue

    settings = WatchlistMatcherSettings.load()
    watchers = DynamoDBWatcherRepository(
        settings.watchlist_table,
        settings.user_preferences_table,
        settings.notices_table,
        settings.outbox_table,
        _dynamodb(_CONSUMER_CONFIG),
    )
    queue = ContinuationQueue(settings.queue_url, boto3.client("sqs"))
    matcher = WatchlistMatcher(watchers, LibraryEventFactory())
    return build_consumer(
        "library-watchlist-matcher",
        CONSUMERS["WatchlistMatcherFunction"],
        match_watchlists(matcher, queue.requeue),
        settings,
    )


@cache
def relay() -> Relay:
    """Return the relay from the outbox to the bus."""
    from library.events.published import PUBLISHED
    from matinee.events.relay import RelaySettings, build_relay

    return build_relay(PUBLISHED, RelaySettings.load())


def _imports(
    settings: ImportsSettings | ImportWorkerSettings | TransferSettings,
) -> DynamoDBImportRepository:
    from library.adapters.dynamodb.imports import DynamoDBImportRepository

    return DynamoDBImportRepository(settings.imports_table, settings.outbox_table, _dynamodb())


def _notices(settings: WatchlistSettings | TransferSettings) -> ReadNotices:
    from library.adapters.dynamodb.notices import DynamoDBNoticeRepository
    from library.use_cases.read_notices import ReadNotices

    return ReadNotices(DynamoDBNoticeRepository(settings.notices_table, _dynamodb()))


def _user_list(name: ListName, settings: OwnListSettings) -> UserList:
    from library.adapters.dynamodb.titles import DynamoDBTitleFacts
    from library.events.factory import LibraryEventFactory
    from library.use_cases.describe_titles import DescribeTitles
    from library.use_cases.show_offers import ShowOffers
    from library.use_cases.user_list import build_user_list

    facts = DynamoDBTitleFacts(settings.library_titles_table, _dynamodb())
    parts = (_lists(settings), LibraryEventFactory(), DescribeTitles(facts))
    offers = ShowOffers(_preferences(settings), facts)
    return replace(build_user_list(name, *parts), offers=offers)


def _adding(settings: ImportsSettings | ImportWorkerSettings) -> Mapping[ListName, AddEntries]:
    from library.events.factory import LibraryEventFactory
    from library.use_cases.add_entries import AddEntries

    parts = (_lists(settings), LibraryEventFactory(), _titles(settings))
    return {name: AddEntries(name, *parts) for name in ListName}


def _lists(settings: ListSettings) -> DynamoDBEntryRepository:
    from library.adapters.dynamodb.entries import DynamoDBEntryRepository, Tables

    return DynamoDBEntryRepository(Tables(_tables(settings), settings.outbox_table), _dynamodb())


def _tables(settings: ListSettings | EraserSettings) -> Mapping[ListName, str]:
    """Return the tables of the lists that a function works on."""
    return {
        name: getattr(settings, setting)
        for name, setting in _LIST_TABLES.items()
        if hasattr(settings, setting)
    }


def _titles(settings: ListSettings) -> DescribeTitles:
    from library.adapters.dynamodb.titles import DynamoDBTitleFacts
    from library.use_cases.describe_titles import DescribeTitles

    return DescribeTitles(DynamoDBTitleFacts(settings.library_titles_table, _dynamodb()))


def _preferences(
    settings: PreferencesSettings | TransferSettings | ListKeeperSettings | OwnListSettings,
) -> DynamoDBPreferencesRepository:
    from library.adapters.dynamodb.preferences import DynamoDBPreferencesRepository

    return DynamoDBPreferencesRepository(
        settings.user_preferences_table, settings.outbox_table, _dynamodb()
    )


@cache
def _dynamodb(config: Config = _REQUEST_CONFIG) -> DynamoDBClient:
    return boto3.client("dynamodb", config=config)
