"""The environment of each function."""

from typing import Annotated

from pydantic import Field

from matinee.events.consumer import ConsumerSettings
from matinee.settings import EdgeSettings


class PreferencesTable(EdgeSettings):
    """The table of a function that reads preferences."""

    user_preferences_table: str


class PreferencesSettings(PreferencesTable):
    """The environment of PreferencesFunction."""

    outbox_table: str


class FavouritesTables(EdgeSettings):
    """The tables of a function that works on favourites."""

    favourites_table: str
    library_titles_table: str
    outbox_table: str


class FavouritesSettings(FavouritesTables, PreferencesTable):
    """The environment of FavouritesFunction."""


class WatchlistTables(FavouritesTables):
    """The tables of a function that works on watchlists and favourites."""

    watchlist_table: str


class WatchlistSettings(WatchlistTables, PreferencesTable):
    """The environment of WatchlistFunction: titles that wait, and notices of them.

    It moves titles to the favourites, too.
    """

    notices_table: str


class ShelvesTables(EdgeSettings):
    """The tables of a function that works on seen and dismissed titles."""

    seen_titles_table: str
    dismissed_titles_table: str
    library_titles_table: str
    outbox_table: str


class ShelvesSettings(ShelvesTables, PreferencesTable):
    """The environment of ShelvesFunction."""


class AllListsTables(ShelvesTables, WatchlistTables):
    """The tables of a function that works on all lists."""


class TransferSettings(AllListsTables, PreferencesTable):
    """The environment of LibraryTransferFunction, and the functions that export elsewhere."""

    imports_table: str
    notices_table: str
    export_account_function: str
    rooms_export_function: str


class ImportsSettings(AllListsTables):
    """The environment of ImportsFunction."""

    imports_table: str
    import_queue_url: str


class ImportWorkerSettings(ConsumerSettings):
    """The environment of ImportWorkerFunction. `import_attempts` is the queue's maxReceiveCount."""

    favourites_table: str
    watchlist_table: str
    seen_titles_table: str
    dismissed_titles_table: str
    imports_table: str
    library_titles_table: str
    outbox_table: str
    resolve_function: str
    import_attempts: Annotated[int, Field(ge=1)]


class EraserSettings(ConsumerSettings):
    """The environment of LibraryEraserFunction."""

    user_preferences_table: str
    imports_table: str
    notices_table: str
    favourites_table: str
    watchlist_table: str
    seen_titles_table: str
    dismissed_titles_table: str


class ListKeeperSettings(ConsumerSettings):
    """The environment of ListKeeperFunction."""

    seen_titles_table: str
    watchlist_table: str
    user_preferences_table: str
    library_titles_table: str
    outbox_table: str


class WatchlistMatcherSettings(ConsumerSettings):
    """The environment of WatchlistMatcherFunction."""

    watchlist_table: str
    user_preferences_table: str
    notices_table: str
    outbox_table: str


class TitleProjectorSettings(ConsumerSettings):
    """The environment of LibraryTitleProjectorFunction."""

    library_titles_table: str
