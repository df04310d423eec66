"""What each function of the service reads from its environment."""

from pydantic import Field

from matinee.settings import EdgeSettings, Settings


class PreferencesSettings(EdgeSettings):
    """What preferences need."""

    user_preferences_table: str
    outbox_table: str


class FavouritesSettings(EdgeSettings):
    """What the favourites need."""

    favourites_table: str
    outbox_table: str


class WatchlistSettings(EdgeSettings):
    """What the watchlist needs; titles move from it to the favourites."""

    favourites_table: str
    watchlist_table: str
    outbox_table: str


class TransferSettings(WatchlistSettings):
    """What export and import need."""

    user_preferences_table: str


class EraserSettings(Settings):
    """What the eraser needs."""

    user_preferences_table: str
    favourites_table: str
    watchlist_table: str
    idempotency_table: str
    queue_url: str = Field(description="Its own queue, for what one invocation cannot finish.")
    dead_letter_url: str
