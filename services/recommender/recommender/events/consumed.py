"""The events of other services, as far as the recommender reads them, and who reads which."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from matinee.certification import maturity_of
from matinee.events.contract import Contract
from matinee.local_facts import LocalFacts
from matinee.media import MediaType
from matinee.questionnaire import Maturity
from recommender.domain.taste import Opinion

type UserId = Annotated[str, Field(min_length=1, description="A user's Cognito sub.")]
type MediaId = Annotated[int, Field(ge=1, description="TMDB's id, unique within its media type.")]


def _date_or_none(text: object) -> date | None:
    """Parse a date; TMDB has invalid ones, for which a title must not be refused."""
    with suppress(ValueError):
        return date.fromisoformat(text) if isinstance(text, str) else None
    return None


class LibraryEvent(Contract):
    """An event of the library."""

    source: ClassVar[str] = "matinee.library"

    user_id: UserId


class EntryEvent(LibraryEvent):
    """A change of a title in one of a user's lists.

    `added_at` is when the entry was added, also in the event of its removal: the events of an entry
    are ordered by it.
    """

    media_type: MediaType
    media_id: MediaId
    added_at: AwareDatetime


class EntryAdded(EntryEvent):
    """A title was added to one of a user's lists."""

    title: str | None = None
    genre_ids: list[int] | None = None


class FavouriteAdded(EntryAdded):
    """A title was added to the favourites."""


class WatchlistItemAdded(EntryAdded):
    """A title was added to the watchlist."""


class TitleSeen(EntryAdded):
    """A title was seen, or another opinion of it was said: the later one counts."""

    opinion: Opinion | None = None


class TitleDismissed(EntryAdded):
    """A user is not interested in a title."""


class TitleUnseen(EntryEvent):
    """A title was removed from the seen ones."""


class TitleReconsidered(EntryEvent):
    """A title was removed from the dismissed ones."""


class FavouriteRemoved(EntryEvent):
    """A title was removed from the favourites."""


class WatchlistItemRemoved(EntryEvent):
    """A title was removed from the watchlist."""


class PreferencesUpdated(LibraryEvent):
    """A user's stated preferences have changed. A later `version` replaces an earlier one."""

    version: int = Field(ge=0)
    preferences: dict[str, JsonValue]


class CachedTitle(BaseModel):
    """A title as the catalogue describes it."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    media_type: MediaType
    media_id: MediaId
    title: str
    overview: str = ""
    poster_path: str | None = None
    backdrop_path: str | None = None
    release_date: Annotated[date | None, BeforeValidator(_date_or_none)] = None
    genre_ids: tuple[int, ...] = ()
    original_language: str | None = None
    popularity: float = 0.0
    vote_average: float = 0.0
    vote_count: int = 0
    runtime: int | None = None
    keywords: tuple[str, ...] = ()
    directors: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()
    certifications: Mapping[str, str] = {}
    providers: Mapping[str, list[int]] = {}
    cached_at: AwareDatetime
    expires_at: AwareDatetime

    @property
    def maturity(self) -> Maturity | None:
        """For whom it is, as the boards of several countries say; None if none is known."""
        return maturity_of(self.certifications)

    @property
    def local(self) -> LocalFacts:
        """What depends on a country."""
        return LocalFacts.of(self.certifications, self.providers)


class TitlesCached(Contract):
    """The catalogue has cached these titles."""

    source: ClassVar[str] = "matinee.catalog"

    titles: list[CachedTitle]
    provider_names: Mapping[int, str] = {}


class UserDeleted(Contract):
    """An account is deleted."""

    source: ClassVar[str] = "matinee.auth"

    user_id: UserId


class VoteCast(Contract):
    """A participant voted on a title in a room, or took the vote back: then `vote` is False."""

    source: ClassVar[str] = "matinee.rooms"

    room_id: str = Field(min_length=1)
    user_id: UserId
    movie_id: MediaId
    media_type: MediaType | None = None
    vote: bool
    tally_version: int = Field(ge=1)


LIBRARY_EVENTS = (
    FavouriteAdded,
    FavouriteRemoved,
    WatchlistItemAdded,
    WatchlistItemRemoved,
    TitleSeen,
    TitleUnseen,
    TitleDismissed,
    TitleReconsidered,
    PreferencesUpdated,
)

CONSUMERS: Mapping[str, tuple[type[Contract], ...]] = {
    "TasteProjectorFunction": LIBRARY_EVENTS,
    "SwipeProjectorFunction": (VoteCast,),
    "TitleProjectorFunction": (TitlesCached,),
    "TasteEraserFunction": (UserDeleted,),
}
"""The contracts that each consumer reads, by its logical id in the template."""
