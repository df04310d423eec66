"""The environment of each function."""

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


class TransferSettings(WatchlistSettings):
    """The environment of LibraryTransferFunction."""

    user_preferences_table: str


class EraserSettings(ConsumerSettings):
    """The environment of LibraryEraserFunction."""

    user_preferences_table: str
    favourites_table: str
    watchlist_table: str


class TitleProjectorSettings(ConsumerSettings):
    """The environment of LibraryTitleProjectorFunction."""

    library_titles_table: str
