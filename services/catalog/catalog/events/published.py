"""The events that the catalog service publishes, and the commands that it sends to its own queue.

The schemas of events are in contracts/events/catalog/. A command never reaches the bus, and may
change together with the code that sends and reads it.
"""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from catalog.domain import LAST_PAGE, ListKey, ListType, PageTask
from matinee.events.contract import Contract, Registry
from matinee.field_types import UtcTime
from matinee.media import MediaType

type GenreId = Annotated[int, Field(gt=0, description="TMDB's id of a genre of the media type.")]


class CatalogContract(Contract):
    """An event of the catalog service. It is about titles, never about users."""

    source: ClassVar[str] = "matinee.catalog"


class TrailerFacts(BaseModel):
    """A trailer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    site: str = Field(description="YouTube or Vimeo.")
    key: str = Field(description="The video's id on the site.")


class CachedTitleFacts(BaseModel):
    """A title with its details."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    media_type: MediaType
    media_id: int = Field(gt=0, description="TMDB's id, unique within the media type.")
    title: str
    overview: str = Field(description="May be empty.")
    poster_path: str | None = Field(
        default=None, description="Below https://image.tmdb.org/t/p/w500; absent if there is none."
    )
    backdrop_path: str | None = Field(default=None, description="Like poster_path.")
    release_date: str | None = Field(
        default=None,
        description="yyyy-mm-dd, for a series of its first episode. Absent if unknown.",
    )
    genre_ids: list[GenreId]
    original_language: str | None = Field(default=None, description="ISO 639-1.")
    popularity: float = Field(ge=0, description="TMDB's daily measure, without an upper bound.")
    vote_average: float = Field(ge=0, le=10)
    vote_count: int = Field(ge=0)
    runtime: int | None = Field(
        default=None, ge=0, description="Minutes, for a series of an episode. Absent if unknown."
    )
    keywords: list[str] = Field(max_length=20, description="The names of TMDB's keywords.")
    directors: list[str] = Field(description="Names; for a series those of its creators.")
    cast: list[str] = Field(max_length=5, description="Names in billing order.")
    trailer: TrailerFacts | None = Field(default=None, description="Absent if there is none.")
    providers: dict[str, list[int]] | None = Field(
        default=None,
        description="TMDB's ids of those that stream it, by country (ISO 3166-1 alpha-2). Who shows"
        " them credits JustWatch. Absent: nobody, or unknown.",
    )
    certifications: dict[str, str] | None = Field(
        default=None,
        description="For whom it is, as the board of a country writes it (PG-13, 12A), by country"
        " (ISO 3166-1 alpha-2). Absent if unknown.",
    )
    cached_at: UtcTime = Field(description="When the details were fetched, in UTC.")
    expires_at: UtcTime = Field(
        description="When it must be deleted, unless a later event renews it, in UTC."
    )


class TitlesCached(CatalogContract):
    """The details of some titles were fetched and stored, whether they have changed or not."""

    schema_version: ClassVar[str] = "1.2"
    trigger: ClassVar[str] = "Details of titles were fetched from TMDB, for the first time or anew."

    titles: list[CachedTitleFacts] = Field(
        min_length=1,
        max_length=50,
        description="Each is identified by media_type and media_id, and ordered by cached_at.",
    )
    provider_names: dict[str, str] | None = Field(
        default=None, description="The names of the titles' providers by their ids."
    )


type ProviderId = Annotated[int, Field(gt=0, description="TMDB's id of a provider.")]


class CountryAvailability(BaseModel):
    """What changed in a country."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    country: str = Field(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")
    came: list[ProviderId] = Field(description="Those that stream it now and did not before.")
    went: list[ProviderId] = Field(description="Those that no longer stream it.")
    providers: list[ProviderId] = Field(
        description="All that stream it now, with a subscription, for free or with advertising;"
        " those before are these without `came`, and `went`."
    )


class AvailabilityChanged(CatalogContract):
    """Other providers than before stream a title in some countries.

    Who shows it credits JustWatch.
    """

    trigger: ClassVar[str] = (
        "A stored title's details were fetched anew, and a provider came or went in a country."
    )
    entity_keys: ClassVar[tuple[str, ...]] = ("media_type", "media_id")
    ordering_field: ClassVar[str] = "changed_at"

    media_type: MediaType
    media_id: int = Field(gt=0, description="TMDB's id, unique within the media type.")
    title: str
    poster_path: str | None = Field(
        default=None, description="Below https://image.tmdb.org/t/p/w500; absent if there is none."
    )
    countries: list[CountryAvailability] = Field(
        min_length=1, max_length=250, description="Those with a change; the others are as before."
    )
    names: dict[str, str] = Field(description="The providers' names by their ids.")
    changed_at: UtcTime = Field(
        description="When the catalogue noticed it, in UTC: the title's cached_at."
    )


class ListRefreshed(CatalogContract):
    """A new version of a list is shown."""

    trigger: ClassVar[str] = "A refresh, on schedule or by hand, has read a list to its end."
    entity_keys: ClassVar[tuple[str, ...]] = ("list_id",)
    ordering_field: ClassVar[str] = "refreshed_at"

    list_id: str = Field(
        description="The list: media type, list type and, for a genre's list, the genre.",
        examples=["movie#popular", "tv#genre#18"],
    )
    run_id: str = Field(description="The refresh that read it.")
    list_type: ListType
    media_type: MediaType
    genre_id: GenreId | None = Field(default=None, description="Only for a genre's list.")
    titles: int = Field(ge=0, description="How many titles it has.")
    pages: int = Field(ge=0, description="How many of TMDB's pages were read.")
    refreshed_at: UtcTime = Field(description="When it was complete, in UTC.")


class RefreshPage(CatalogContract):
    """A command: read one page of a list, store it, and request the next one."""

    run_id: str = Field(min_length=1, max_length=64)
    started_at: UtcTime
    list_type: ListType
    media_type: MediaType
    genre_id: GenreId | None = None
    page: int = Field(ge=1, le=LAST_PAGE)
    pages: int = Field(ge=1, le=LAST_PAGE)

    def as_task(self) -> PageTask:
        """Return the page; raise ValueError when there is no such list."""
        key = ListKey(self.list_type, self.media_type, self.genre_id)
        return PageTask(self.run_id, key, self.page, self.pages, self.started_at)


PUBLISHED = Registry([TitlesCached, AvailabilityChanged, ListRefreshed])
COMMANDS = Registry([RefreshPage])
