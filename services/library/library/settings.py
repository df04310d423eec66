"""The environment of each function."""

from typing import Annotated

from pydantic import Field

from matinee.events.consumer import ConsumerSettings
from matinee.settings import EdgeSettings


class PreferencesSettings(EdgeSettings):
    """The environment of PreferencesFunction."""

    user_preferences_table: str
    outbox_table: str


class FavouritesSettings(EdgeSettings):
    """The environment of FavouritesFunction."""

    favourites_table: str
    library_titles_table: str
    outbox_table: str


class WatchlistSettings(FavouritesSettings):
    """The environment of WatchlistFunction, which moves titles to the favourites, too."""

    watchlist_table: str


class ShelvesSettings(EdgeSettings):
    """The environment of ShelvesFunction."""

    seen_titles_table: str
    dismissed_titles_table: str
    library_titles_table: str
    outbox_table: str


class AllListsSettings(ShelvesSettings, WatchlistSettings):
    """The tables of a function that works on all lists."""


class TransferSettings(AllListsSettings):
    """The environment of LibraryTransferFunction, and the functions that export elsewhere."""

    user_preferences_table: str
    imports_table: str
    export_account_function: str
    rooms_export_function: str


class ImportsSettings(AllListsSettings):
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
    outbox_table: str


class TitleProjectorSettings(ConsumerSettings):
    """The environment of LibraryTitleProjectorFunction."""

    library_titles_table: str
