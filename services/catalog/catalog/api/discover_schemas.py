"""The discovery function's request and response, as JSON: its contract with its callers."""

from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    StrictInt,
    ValidationInfo,
    field_validator,
)

from catalog.domain import CANDIDATES, MAX_GENRES, Discovery, RoomCriteria, Strategy, Title
from matinee.filter_input import FilterInput
from matinee.filters import NO_FILTERS
from matinee.functions import FUNCTION_MODEL
from matinee.media import MediaType

MAX_EXCLUDED = 500


class _Camel(BaseModel):
    model_config = FUNCTION_MODEL


class DiscoverRequest(_Camel):
    """A room's criteria."""

    media_type: MediaType
    genre_ids: Annotated[tuple[StrictInt, ...], Field(max_length=MAX_GENRES)] = Field(
        default=(), description="TMDB's genre ids of the media type; empty for any genre."
    )
    filters: FilterInput | None = Field(default=None, description="Absent: no further limits.")
    exclude_ids: Annotated[tuple[StrictInt, ...], Field(max_length=MAX_EXCLUDED)] = Field(
        default=(), description="TMDB's ids of titles that the room has already."
    )
    correlation_id: Annotated[str, Field(min_length=1, max_length=128)] | None = Field(
        default=None, description="The correlation id of the request that needs the candidates."
    )

    @field_validator("genre_ids")
    @classmethod
    def _known(cls, genre_ids: tuple[int, ...], info: ValidationInfo) -> tuple[int, ...]:
        """Raise ValueError for genres that the media type does not have."""
        media_type = info.data.get("media_type")
        if media_type is None:
            return genre_ids
        unknown = [genre for genre in genre_ids if genre not in media_type.genres]
        if unknown:
            named = ", ".join(str(genre) for genre in unknown)
            allowed = ", ".join(f"{id_} ({name})" for id_, name in media_type.genres.items())
            message = f"{named} is no genre of {media_type}; allowed are {allowed}"
            raise ValueError(message)
        return genre_ids

    @field_validator("filters")
    @classmethod
    def _of_the_media_type(
        cls, filters: FilterInput | None, info: ValidationInfo
    ) -> FilterInput | None:
        """Raise ValueError for filters that the media type does not have."""
        if filters and (media_type := info.data.get("media_type")):
            filters.for_media_type(media_type)
        return filters

    def criteria(self) -> RoomCriteria:
        """Return the criteria. Repetitions and the order of genres mean nothing."""
        genre_ids = tuple(sorted(set(self.genre_ids)))
        filters = self.filters.for_media_type(self.media_type) if self.filters else NO_FILTERS
        return RoomCriteria(self.media_type, genre_ids, filters, frozenset(self.exclude_ids))


class Candidate(_Camel):
    """A film or series that a room votes on."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    overview: str
    poster_path: str = Field(description="Below https://image.tmdb.org/t/p/w500.")
    release_date: str | None = Field(description="yyyy-mm-dd; null when TMDB has no date.")
    vote_average: float = Field(description="0 to 10.")
    vote_count: int
    genre_ids: tuple[int, ...]
    media_type: MediaType

    @classmethod
    def from_title(cls, title: Title) -> Self:
        """Return a title that has passed the filters."""
        return cls.model_validate(title)


class Candidates(_Camel):
    """The candidates: titles with all genres first."""

    candidates: Annotated[tuple[Candidate, ...], Field(max_length=CANDIDATES)]
    strategy: Strategy = Field(
        description="AND: all have all genres. OR: some lack one. ANY: any genre."
    )
    relax: tuple[str, ...] = Field(
        default=(),
        description="Without candidates: genreIds, excludedGenreIds, years, runtime, minRating,"
        " languages, certification or providers; without any one of these there would be some, or,"
        " if all are named, without several.",
    )


class DiscoverSuccess(_Camel):
    """The response with candidates; there may be fewer than fifty, or none."""

    data: Candidates

    @classmethod
    def from_discovery(cls, discovery: Discovery) -> Self:
        """Return the response to a successful discovery."""
        candidates = tuple(map(Candidate.from_title, discovery.candidates))
        return cls(
            data=Candidates(
                candidates=candidates, strategy=discovery.strategy, relax=discovery.relax
            )
        )


class DiscoverError(_Camel):
    """An error: `type` for a program, `message` for a person."""

    type: str = Field(
        description="InvalidInput, TmdbUnavailable, TmdbKeyRefused, TmdbRateLimited, ..."
    )
    message: str
    info: dict[str, Any] | None = Field(
        description="fields: field to reason (InvalidInput); retryAfter: seconds (RateLimited)."
    )


class DiscoverFailure(_Camel):
    """The response with an error."""

    error: DiscoverError


class DiscoverResponse(RootModel[DiscoverSuccess | DiscoverFailure]):
    """The discovery function's response."""
