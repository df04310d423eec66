"""The events that the catalog service publishes, and the commands of its own work queue.

The schemas of what it publishes are in contracts/events/catalog/. Commands are nobody else's
business: they never reach the bus, and may change with the code that sends and reads them.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from catalog.domain import LAST_PAGE, ListType
from matinee.events.contract import Contract, Registry

type MediaKind = Literal["movie", "tv"]
type Genre = Annotated[int, Field(gt=0, description="TMDB's id of a genre of the media type.")]


class CatalogContract(Contract):
    """An event of the catalog service. It speaks of titles, never of people who watch them."""

    source: ClassVar[str] = "matinee.catalog"


class CachedTitleFacts(BaseModel):
    """What is known of a title."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    media_type: MediaKind
    media_id: int = Field(gt=0, description="TMDB's id, unique within the media type.")
    title: str
    overview: str = Field(description="May be empty.")
    poster_path: str | None = Field(
        default=None, description="Behind https://image.tmdb.org/t/p/w500; absent when none."
    )
    backdrop_path: str | None = Field(default=None, description="As poster_path.")
    release_date: str | None = Field(
        default=None, description="yyyy-mm-dd; a series' first air date. Absent when unknown."
    )
    genre_ids: list[Genre]
    original_language: str | None = Field(default=None, description="ISO 639-1.")
    popularity: float = Field(ge=0, description="TMDB's measure, of the day; without a bound.")
    vote_average: float = Field(ge=0, le=10)
    vote_count: int = Field(ge=0)
    runtime: int | None = Field(
        default=None, ge=0, description="Minutes; of an episode for a series. Absent when unknown."
    )
    keywords: list[str] = Field(max_length=20, description="TMDB's keywords, by name.")
    directors: list[str] = Field(description="Names; who created it, for a series.")
    cast: list[str] = Field(max_length=5, description="Names, in billing order.")
    cached_at: AwareDatetime = Field(description="When TMDB said this, in UTC.")
    expires_at: AwareDatetime = Field(
        description="When it must be forgotten, unless a later event brings it anew; in UTC."
    )


class TitlesCached(CatalogContract):
    """The details of some titles were fetched and stored: each time anew, changed or not."""

    trigger: ClassVar[str] = "Details of titles were fetched from TMDB, for the first time or anew."

    titles: list[CachedTitleFacts] = Field(min_length=1, max_length=50)


class ListRefreshed(CatalogContract):
    """A list shows what TMDB shows now."""

    trigger: ClassVar[str] = "A list is shown as a refresh, on schedule or by hand, has read it."
    ordering_field: ClassVar[str] = "refreshed_at"

    run_id: str = Field(description="The refresh that read it.")
    list_type: ListType
    media_type: MediaKind
    genre_id: Genre | None = Field(default=None, description="For a genre's list alone.")
    titles: int = Field(ge=0, description="How many titles it has.")
    pages: int = Field(ge=0, description="How many of TMDB's pages were read.")
    refreshed_at: AwareDatetime = Field(description="When it was complete, in UTC.")


class RefreshPage(CatalogContract):
    """A command: read one page of a list, store it, and send on to the next."""

    run_id: str = Field(min_length=1, max_length=64)
    started_at: AwareDatetime
    list_type: ListType
    media_type: MediaKind
    genre_id: Genre | None = None
    page: int = Field(ge=1, le=LAST_PAGE)
    pages: int = Field(ge=1, le=LAST_PAGE)


PUBLISHED = Registry([TitlesCached, ListRefreshed])
COMMANDS = Registry([RefreshPage])
