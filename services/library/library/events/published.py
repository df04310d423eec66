"""The events that the library publishes. Their schemas are in contracts/events/library/.

A list can be rebuilt from its events by `added_at` alone, in whatever order they arrive: a removal
ends every entry of its title whose `added_at` is not later than its own, and an addition that is
not later than a known removal has already ended. Each entry of a title is later than the one
before.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from matinee.events.contract import Contract, Registry
from matinee.field_types import UtcTime

type UserId = Annotated[str, Field(min_length=1, description="The user's Cognito sub.")]
type MediaTypeName = Annotated[Literal["movie", "tv"], Field(description="Film or series.")]
type MediaId = Annotated[
    int, Field(ge=1, description="TMDB's id of the title, unique within its media type.")
]
type AddedAt = Annotated[
    UtcTime,
    Field(description="When the title was added to the list, in UTC; later each time."),
]
type EntryAddedAt = Annotated[
    UtcTime, Field(description="The `added_at` of the removed entry, in UTC.")
]
type RemovedAt = Annotated[
    UtcTime, Field(description="When it was removed, in UTC; later than `added_at`.")
]
type GenreIds = Annotated[
    list[int] | None, Field(max_length=50, description="TMDB's ids of its genres, if known.")
]
type TitleText = Annotated[
    str | None,
    Field(description="As the app sent it, else as the catalogue has it; absent if neither does."),
]
type OpinionName = Literal["liked", "fine", "disliked"]
type Words = Annotated[list[str] | None, Field(max_length=50)]
type Genres = Annotated[list[int] | None, Field(max_length=50)]
type Rating = Annotated[float | None, Field(ge=0, le=10)]


class LibraryContract(Contract):
    """An event of the library. It identifies people by their ids only."""

    source: ClassVar[str] = "matinee.library"


class EntryContract(LibraryContract):
    """An event about a title on one of a user's lists."""

    entity_keys: ClassVar[tuple[str, ...]] = ("user_id", "media_type", "media_id")

    user_id: UserId
    media_type: MediaTypeName
    media_id: MediaId


class EntryAdded(EntryContract):
    """A title was added to a list."""

    schema_version: ClassVar[str] = "1.1"
    ordering_field: ClassVar[str] = "added_at"

    title: TitleText = None
    genre_ids: GenreIds = None
    added_at: AddedAt
    listed_since: UtcTime | None = Field(
        default=None,
        description="Of an entry that an import has put back: the time since when the list shows"
        " it, in UTC, before its last removal and so before `added_at`.",
    )


class EntryDescribed(EntryContract):
    """What was not known of a title when it was added to a list became known."""

    ordering_field: ClassVar[str] = "described_at"

    title: TitleText = None
    genre_ids: GenreIds = None
    added_at: Annotated[UtcTime, Field(description="The `added_at` of the entry, in UTC.")]
    described_at: Annotated[UtcTime, Field(description="When it became known, in UTC.")]


class EntryRemoved(EntryContract):
    """A title was removed from a list."""

    ordering_field: ClassVar[str] = "removed_at"

    added_at: EntryAddedAt
    removed_at: RemovedAt


class FavouriteAdded(EntryAdded):
    """A user added a title to their favourites."""

    trigger: ClassVar[str] = "A title that was not among a user's favourites is added to them."


class FavouriteDescribed(EntryDescribed):
    """The title or the genres of a favourite became known."""

    trigger: ClassVar[str] = (
        "A favourite that was added without its title or genres is added again with them."
    )


class FavouriteRemoved(EntryRemoved):
    """A user removed a title from their favourites."""

    trigger: ClassVar[str] = "A title is removed from a user's favourites."


class WatchlistItemAdded(EntryAdded):
    """A user added a title to their watchlist."""

    trigger: ClassVar[str] = "A title that was not on a user's watchlist is added to it."


class WatchlistItemDescribed(EntryDescribed):
    """The title or the genres of an entry of a watchlist became known."""

    trigger: ClassVar[str] = (
        "A title that was added to a watchlist without its name or genres is added again with them."
    )


class WatchlistItemRemoved(EntryRemoved):
    """A user removed a title from their watchlist."""

    trigger: ClassVar[str] = (
        "A title is removed from a user's watchlist, or moved from there to the favourites."
    )


class TitleSeen(EntryAdded):
    """A user has seen a title, or has said more or something else about it."""

    schema_version: ClassVar[str] = "1.0"
    trigger: ClassVar[str] = (
        "A title is added to a user's list of seen titles, or what they think of it changes: the"
        " event has all of it, and replaces earlier ones."
    )

    seen_at: UtcTime | None = Field(
        default=None, description="When they saw it, in UTC; absent when they did not say."
    )
    opinion: OpinionName | None = Field(
        default=None, description="What they think of it, said or implied by their rating."
    )
    rating: float | None = Field(default=None, ge=1, le=10, description="From 1 to 10, as given.")


class TitleUnseen(EntryRemoved):
    """A user removed a title from their list of seen titles."""

    trigger: ClassVar[str] = "A title is removed from a user's list of seen titles."


class TitleDismissed(EntryAdded):
    """A user is not interested in a title."""

    schema_version: ClassVar[str] = "1.0"
    trigger: ClassVar[str] = "A title is added to a user's list of dismissed titles."


class TitleReconsidered(EntryRemoved):
    """A user took back that they are not interested in a title."""

    trigger: ClassVar[str] = "A title is removed from a user's list of dismissed titles."


class CamelModel(BaseModel):
    """A part of an event whose fields have the names of the REST interface."""

    model_config = ConfigDict(
        defer_build=True,
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


class FavouritePeople(CamelModel):
    """Names of people whose work a user likes."""

    actors: Words = None
    directors: Words = None


class StatedPreferences(CamelModel):
    """A user's answers about their preferences; what they have not answered is absent.

    The names are those of the REST interface. Genres are TMDB's ids, of films and of series.
    """

    favorite_genres: Genres = None
    disliked_genres: Genres = None
    genre_ratings: dict[str, int] | None = Field(
        default=None, description="From 1 to 10, by the genre's id."
    )
    keywords: Words = None
    min_rating: Rating = None
    max_rating: Rating = None
    release_year_start: int | None = None
    release_year_end: int | None = None
    subgenre_preferences: Words = None
    mood_preferences: Words = None
    era_preferences: Words = None
    language_preferences: Words = None
    critical_acclaim_preferences: Words = None
    aesthetic_preferences: Words = None
    story_structure_preferences: Words = None
    character_preferences: Words = None
    content_type: str | None = None
    watching_context: Words = None
    streaming_platforms: Words = None
    region: str | None = Field(default=None, description="ISO 3166-1 alpha-2.")
    watching_time: Words = None
    runtime_preference: str | None = None
    maturity_preference: Words = None
    favorite_people: FavouritePeople | None = None
    content_discovery_preference: Words = None
    viewing_behavior_preference: Words = None
    deal_breakers: Words = None
    international_content_preference: str | None = None
    learn_from_swipes: bool | None = Field(
        default=None, description="false: their votes in rooms are not to be learnt from."
    )


class PreferencesUpdated(LibraryContract):
    """A user's preferences changed; the event has all of them."""

    schema_version: ClassVar[str] = "1.2"
    trigger: ClassVar[str] = "A user's answer is stored or changed, or all answers are reset."
    entity_keys: ClassVar[tuple[str, ...]] = ("user_id",)
    ordering_field: ClassVar[str] = "version"

    user_id: UserId
    version: int = Field(
        ge=1, description="Grows by one with each change of this user's; the higher one is later."
    )
    updated_at: UtcTime = Field(description="When it changed, in UTC.")
    preferences: StatedPreferences = Field(
        description="Everything that the user has answered; empty after a reset."
    )


class PlatformFacts(BaseModel):
    """A provider, by TMDB's id and name."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: int = Field(ge=1)
    name: str


class WatchlistTitleAvailable(LibraryContract):
    """A title on a user's watchlist can be streamed now, on platforms that they have.

    Who shows it credits JustWatch.
    """

    trigger: ClassVar[str] = (
        "A title comes to one of a user's streamingPlatforms in their region, and was on none of"
        " them before."
    )
    entity_keys: ClassVar[tuple[str, ...]] = ("user_id", "media_type", "media_id")
    ordering_field: ClassVar[str] = "available_at"

    user_id: UserId
    media_type: MediaTypeName
    media_id: MediaId
    title: str = Field(description="As the catalogue has it, in English.")
    poster_path: str | None = Field(
        default=None, description="Below https://image.tmdb.org/t/p/w500; absent if there is none."
    )
    region: str = Field(description="The user's, as ISO 3166-1 alpha-2.")
    platforms: list[PlatformFacts] = Field(
        min_length=1, description="Those of the user's to which it came."
    )
    available_at: UtcTime = Field(description="When the catalogue noticed it, in UTC.")


type RowCount = Annotated[int, Field(ge=0)]


class ImportCompleted(LibraryContract):
    """Every row of a user's import of another site's file has its outcome."""

    trigger: ClassVar[str] = "The last row of an import is added, left out or given up."
    entity_keys: ClassVar[tuple[str, ...]] = ("user_id", "import_id")

    user_id: UserId
    import_id: str = Field(
        min_length=1, description="The same file of the same user has the same id."
    )
    site: Literal["letterboxd", "imdb", "trakt", "netflix", "tmdb", "matinee"] = Field(
        description="Where the file comes from."
    )
    started_at: UtcTime = Field(description="When the file was received, in UTC.")
    completed_at: UtcTime = Field(description="In UTC.")
    rows: RowCount = Field(description="All rows of the file: the sum of the other counts.")
    added: RowCount = Field(description="Rows whose titles were added to a list.")
    already: RowCount = Field(description="Rows whose titles were on their list before.")
    kept: RowCount = Field(description="Rows of titles that were seen, which no list holds.")
    unresolved: RowCount = Field(description="Rows of which a person has to say what they mean.")
    skipped: RowCount = Field(description="Rows of episodes, games, or without a title.")


class ProcessImportPart(LibraryContract):
    """A command: resolve the waiting rows of a part of an import, add them, request the next."""

    user_id: UserId
    import_id: str = Field(min_length=1, max_length=64)
    part: int = Field(ge=0, le=400)


COMMANDS = Registry([ProcessImportPart])
PUBLISHED = Registry(
    [
        FavouriteAdded,
        FavouriteDescribed,
        FavouriteRemoved,
        WatchlistItemAdded,
        WatchlistItemDescribed,
        WatchlistItemRemoved,
        WatchlistTitleAvailable,
        TitleSeen,
        TitleUnseen,
        TitleDismissed,
        TitleReconsidered,
        PreferencesUpdated,
        ImportCompleted,
    ]
)
