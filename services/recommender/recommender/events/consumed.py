"""The event that the recommender publishes, and its own reading of those of others.

The schema of what it publishes is in contracts/events/recommender/.
"""

from contextlib import suppress
from datetime import date
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BeforeValidator, Field, JsonValue

from matinee.events.contract import Contract, Registry
from recommender.domain.titles import MediaType

type UserId = Annotated[str, Field(min_length=1, description="A user's Cognito sub.")]
type MediaId = Annotated[int, Field(ge=1, description="TMDB's id, unique within its media type.")]


def _day(told: object) -> date | None:
    """Read a day; TMDB knows some as no day at all, and a title is more than its day."""
    with suppress(ValueError):
        return date.fromisoformat(told) if isinstance(told, str) else None
    return None


class ModelTrained(Contract):
    """A model was trained and is served from now on."""

    source: ClassVar[str] = "matinee.recommender"
    trigger: ClassVar[str] = "A training run ends and its model takes the place of the one before."
    entity_keys: ClassVar[tuple[str, ...]] = ("model_version",)
    ordering_field: ClassVar[str] = "trained_at"

    model_version: str = Field(description="Its version, as in every answer's modelVersion.")
    trained_at: AwareDatetime = Field(description="When its training ended, in UTC.")
    users: int = Field(ge=0, description="How many users' favourites it was learnt from.")
    titles: int = Field(ge=0, description="How many titles it knows.")
    favourites: int = Field(ge=0, description="How many favourites it was learnt from.")


class LibraryEvent(Contract):
    """An event of the library, as far as the recommender reads it."""

    source: ClassVar[str] = "matinee.library"

    user_id: UserId


class EntryEvent(LibraryEvent):
    """Something happened to a title in one of a user's lists.

    `added_at` is when the entry came into the list, also in the event of its removal: an entry's
    life is ordered by it.
    """

    media_type: MediaType
    media_id: MediaId
    added_at: AwareDatetime


class EntryAdded(EntryEvent):
    """A title came into one of a user's lists."""

    title: str | None = None
    genre_ids: list[int] | None = None


class FavouriteAdded(EntryAdded):
    """A title became a favourite."""


class WatchlistItemAdded(EntryAdded):
    """A title came into the watchlist."""


class FavouriteRemoved(EntryEvent):
    """A title is a favourite no more."""


class WatchlistItemRemoved(EntryEvent):
    """A title left the watchlist."""


class PreferencesUpdated(LibraryEvent):
    """A user's stated preferences are these now. A later `version` replaces an earlier one."""

    version: int = Field(ge=0)
    preferences: dict[str, JsonValue]


class CachedTitle(Contract):
    """A title as the catalogue tells it."""

    media_type: MediaType
    media_id: MediaId
    title: str
    overview: str = ""
    poster_path: str | None = None
    backdrop_path: str | None = None
    release_date: Annotated[date | None, BeforeValidator(_day)] = None
    genre_ids: list[int] = []
    original_language: str | None = None
    popularity: float = 0.0
    vote_average: float = 0.0
    vote_count: int = 0
    runtime: int | None = None
    keywords: list[str] = []
    directors: list[str] = []
    cast: list[str] = []
    cached_at: AwareDatetime
    expires_at: AwareDatetime


class TitlesCached(Contract):
    """The catalogue has taken these titles in, or anew."""

    source: ClassVar[str] = "matinee.catalog"

    titles: list[CachedTitle]


class UserDeleted(Contract):
    """An account is gone: as auth's contract has it, as far as the recommender reads it."""

    source: ClassVar[str] = "matinee.auth"

    user_id: UserId


PUBLISHED = Registry([ModelTrained])
TASTES_READS = Registry(
    [
        FavouriteAdded,
        FavouriteRemoved,
        WatchlistItemAdded,
        WatchlistItemRemoved,
        PreferencesUpdated,
    ]
)
TITLES_READS = Registry([TitlesCached])
ERASER_READS = Registry([UserDeleted])
