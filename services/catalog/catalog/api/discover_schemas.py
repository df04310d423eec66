"""What the discovery function takes and gives, as JSON: its contract with the rooms service."""

from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    StrictInt,
    ValidationInfo,
    field_validator,
)
from pydantic.alias_generators import to_camel

from catalog.domain import (
    CANDIDATES,
    MOST_GENRES,
    Discovery,
    MediaType,
    Strategy,
    Taste,
    Title,
)


class _Camel(BaseModel):
    model_config = ConfigDict(
        defer_build=True,
        alias_generator=to_camel,
        populate_by_name=True,
        extra="ignore",
        frozen=True,
    )


class DiscoverRequest(_Camel):
    """A room's taste."""

    media_type: MediaType
    genre_ids: Annotated[tuple[StrictInt, ...], Field(max_length=MOST_GENRES)] = Field(
        default=(), description="TMDB's genre ids of the media type; none for any genre."
    )
    correlation_id: Annotated[str, Field(min_length=1, max_length=128)] | None = Field(
        default=None, description="The thread of the request that needs the candidates."
    )

    @field_validator("genre_ids")
    @classmethod
    def _known(cls, genre_ids: tuple[int, ...], info: ValidationInfo) -> tuple[int, ...]:
        """Refuse genres that the media type does not have: film and TV ids are not the same."""
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

    def taste(self) -> Taste:
        """Return the taste. The same genre twice is one genre, and their order means nothing."""
        return Taste(self.media_type, tuple(sorted(set(self.genre_ids))))


class Candidate(_Camel):
    """A film or series that a room votes on."""

    id: int
    title: str
    overview: str
    poster_path: str = Field(description="Behind https://image.tmdb.org/t/p/w500.")
    release_date: str | None = Field(description="yyyy-mm-dd; null when TMDB knows no day.")
    vote_average: float = Field(description="0 to 10.")
    vote_count: int
    genre_ids: tuple[int, ...]
    media_type: MediaType

    @classmethod
    def of(cls, title: Title) -> "Candidate":
        """Show a title that passed the filters."""
        return cls(
            id=title.id,
            title=title.title,
            overview=title.overview,
            poster_path=title.poster_path or "",
            release_date=title.release_date,
            vote_average=title.vote_average,
            vote_count=title.vote_count,
            genre_ids=title.genre_ids,
            media_type=title.media_type,
        )


class Candidates(_Camel):
    """What was found: titles with all genres first."""

    candidates: Annotated[tuple[Candidate, ...], Field(max_length=CANDIDATES)]
    strategy: Strategy = Field(
        description="AND: all have all genres. OR: filled up with one genre. ANY: none was asked."
    )


class Found(_Camel):
    """The answer when candidates were looked up; there may be fewer than fifty, or none."""

    data: Candidates

    @classmethod
    def of(cls, discovery: Discovery) -> "Found":
        """Show a discovery."""
        candidates = tuple(Candidate.of(title) for title in discovery.candidates)
        return cls(data=Candidates(candidates=candidates, strategy=discovery.strategy))


class Refusal(_Camel):
    """An error: `type` for a program, `message` for a person."""

    type: str = Field(
        description="InvalidInput, TmdbUnavailable, TmdbKeyRefused, TmdbRateLimited, ..."
    )
    message: str
    info: dict[str, Any] | None = Field(
        description="fields: field to reason (InvalidInput); retryAfter: seconds (RateLimited)."
    )


class Refused(_Camel):
    """The answer when candidates could not be looked up."""

    error: Refusal


class DiscoverResponse(RootModel[Found | Refused]):
    """The discovery function's answer."""
