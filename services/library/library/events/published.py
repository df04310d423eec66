"""The events that the library service publishes, and its own reading of those of others.

The schemas of what it publishes are in contracts/events/library/.

A list of titles is rebuilt from them by `added_at` alone, in whatever order they arrive: a removal
ends every entry of its title with an `added_at` up to its own, and an addition that is not later
than a known removal is over already. Every entry of a title is later than those before it.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from matinee.events.contract import Contract, Registry

type UserId = Annotated[str, Field(min_length=1, description="The user's Cognito sub.")]
type MediaTypeName = Annotated[
    Literal["movie", "tv"], Field(description="Whether it is a film or a series.")
]
type MediaId = Annotated[
    int, Field(ge=1, description="TMDB's id of the title, unique within its media type.")
]
type AddedAt = Annotated[
    AwareDatetime,
    Field(description="When the title was put on the list, in UTC; grows with each time."),
]
type EntryAddedAt = Annotated[
    AwareDatetime, Field(description="The `added_at` of the entry that went, in UTC.")
]
type RemovedAt = Annotated[
    AwareDatetime, Field(description="When it was taken off, in UTC: later than `added_at`.")
]
type GenreIds = Annotated[
    list[int] | None, Field(max_length=50, description="TMDB's ids of its genres, where known.")
]
type Title = Annotated[
    str | None, Field(description="Its title, as the app knew it; absent when it told none.")
]
type Words = Annotated[list[str] | None, Field(max_length=50)]
type Genres = Annotated[list[int] | None, Field(max_length=50)]

_TITLE: tuple[str, ...] = ("user_id", "media_type", "media_id")


class LibraryContract(Contract):
    """An event of the library service. It names people by their ids alone."""

    source: ClassVar[str] = "matinee.library"


class FavouriteAdded(LibraryContract):
    """Somebody made a title a favourite."""

    trigger: ClassVar[str] = "A title that was not among a user's favourites is put there."
    entity_keys: ClassVar[tuple[str, ...]] = _TITLE
    ordering_field: ClassVar[str] = "added_at"

    user_id: UserId
    media_type: MediaTypeName
    media_id: MediaId
    title: Title = None
    genre_ids: GenreIds = None
    added_at: AddedAt


class FavouriteRemoved(LibraryContract):
    """A title is no longer somebody's favourite."""

    trigger: ClassVar[str] = "A title is taken out of a user's favourites."
    entity_keys: ClassVar[tuple[str, ...]] = _TITLE
    ordering_field: ClassVar[str] = "removed_at"

    user_id: UserId
    media_type: MediaTypeName
    media_id: MediaId
    added_at: EntryAddedAt
    removed_at: RemovedAt


class WatchlistItemAdded(LibraryContract):
    """Somebody put a title on the watchlist."""

    trigger: ClassVar[str] = "A title that was not on a user's watchlist is put on it."
    entity_keys: ClassVar[tuple[str, ...]] = _TITLE
    ordering_field: ClassVar[str] = "added_at"

    user_id: UserId
    media_type: MediaTypeName
    media_id: MediaId
    title: Title = None
    genre_ids: GenreIds = None
    added_at: AddedAt


class WatchlistItemRemoved(LibraryContract):
    """A title is no longer on somebody's watchlist."""

    trigger: ClassVar[str] = "A title is taken off a user's watchlist, or moves to the favourites."
    entity_keys: ClassVar[tuple[str, ...]] = _TITLE
    ordering_field: ClassVar[str] = "removed_at"

    user_id: UserId
    media_type: MediaTypeName
    media_id: MediaId
    added_at: EntryAddedAt
    removed_at: RemovedAt


class FavouritePeople(BaseModel):
    """People whose work a user likes, by name."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    actors: Words = None
    directors: Words = None


class Taste(BaseModel):
    """What a user has said of his taste; what he has not said is absent.

    The names are those of the REST interface. Genres are TMDB's ids, of films and of series.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    favoriteGenres: Genres = None  # noqa: N815 - the field's name in the interface
    dislikedGenres: Genres = None  # noqa: N815
    genreRatings: dict[str, int] | None = Field(  # noqa: N815
        default=None, description="From 1 to 10, by the genre's id."
    )
    keywords: Words = None
    minRating: float | None = Field(default=None, ge=0, le=10)  # noqa: N815
    maxRating: float | None = Field(default=None, ge=0, le=10)  # noqa: N815
    releaseYearStart: int | None = None  # noqa: N815
    releaseYearEnd: int | None = None  # noqa: N815
    subgenrePreferences: Words = None  # noqa: N815
    moodPreferences: Words = None  # noqa: N815
    eraPreferences: Words = None  # noqa: N815
    languagePreferences: Words = None  # noqa: N815
    criticalAcclaimPreferences: Words = None  # noqa: N815
    aestheticPreferences: Words = None  # noqa: N815
    storyStructurePreferences: Words = None  # noqa: N815
    characterPreferences: Words = None  # noqa: N815
    contentType: str | None = None  # noqa: N815
    watchingContext: Words = None  # noqa: N815
    streamingPlatforms: Words = None  # noqa: N815
    watchingTime: Words = None  # noqa: N815
    runtimePreference: str | None = None  # noqa: N815
    maturityPreference: Words = None  # noqa: N815
    favoritePeople: FavouritePeople | None = None  # noqa: N815
    contentDiscoveryPreference: Words = None  # noqa: N815
    viewingBehaviorPreference: Words = None  # noqa: N815
    dealBreakers: Words = None  # noqa: N815
    internationalContentPreference: str | None = None  # noqa: N815


class PreferencesUpdated(LibraryContract):
    """A user's stated taste changed; the event holds the whole of it."""

    trigger: ClassVar[str] = "An answer about a user's taste is stored, changed or reset."
    entity_keys: ClassVar[tuple[str, ...]] = ("user_id",)
    ordering_field: ClassVar[str] = "version"

    user_id: UserId
    version: int = Field(
        ge=1, description="Grows by one with each change of this user's; tells which is later."
    )
    updated_at: AwareDatetime = Field(description="When it changed, in UTC.")
    preferences: Taste = Field(description="All that the user has said; empty after a reset.")


class UserDeleted(Contract):
    """An account is gone: as auth's contract has it, as far as the library reads it."""

    source: ClassVar[str] = "matinee.auth"

    user_id: str = Field(min_length=1, description="The Cognito sub of the user who is gone.")


PUBLISHED = Registry(
    [
        FavouriteAdded,
        FavouriteRemoved,
        WatchlistItemAdded,
        WatchlistItemRemoved,
        PreferencesUpdated,
    ]
)
ERASER_READS = Registry([UserDeleted])
