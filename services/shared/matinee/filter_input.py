"""The filters of a room as input: of GraphQL, and of the functions that find candidates."""

from collections.abc import Collection
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt, model_validator
from pydantic.alias_generators import to_camel

from matinee.filters import MAX_PROVIDERS, Filters
from matinee.languages import COUNTRY_PATTERN
from matinee.media import MediaType

MAX_GENRES = 20
MAX_LANGUAGES = 10


def _sorted[Item: (int, str)](values: tuple[Item, ...]) -> tuple[Item, ...]:
    return tuple(sorted(set(values)))


type _Year = Annotated[StrictInt, Field(ge=1870, le=2100)]
type _Minutes = Annotated[StrictInt, Field(ge=1, le=1_000)]
type _Country = Annotated[str, Field(pattern=COUNTRY_PATTERN)]
type _Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
type _Id = Annotated[StrictInt, Field(ge=1, le=2**31 - 1)]


class FilterInput(BaseModel):
    """What candidates are limited to; what is absent is no limit."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        defer_build=True,
    )

    excluded_genre_ids: Annotated[
        tuple[_Id, ...], Field(max_length=MAX_GENRES), AfterValidator(_sorted)
    ] = Field(default=(), description="TMDB's genre ids; a title has none of them.")
    year_from: _Year | None = Field(default=None, description="Of the first release.")
    year_to: _Year | None = None
    min_runtime: _Minutes | None = Field(default=None, description="Minutes, of an episode.")
    max_runtime: _Minutes | None = None
    min_rating: Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)] | None = Field(
        default=None, description="TMDB's average vote."
    )
    languages: Annotated[
        tuple[_Language, ...], Field(max_length=MAX_LANGUAGES), AfterValidator(_sorted)
    ] = Field(default=(), description="Original languages, ISO 639-1; one of them.")
    certification: Annotated[str, Field(pattern=r"^[A-Za-z0-9+-]{1,10}$")] | None = Field(
        default=None, description="The strictest, of certificationCountry; for films alone."
    )
    certification_country: _Country | None = None
    provider_ids: Annotated[
        tuple[_Id, ...], Field(max_length=MAX_PROVIDERS), AfterValidator(_sorted)
    ] = Field(default=(), description="TMDB's ids of who streams it in providerCountry; one is.")
    provider_country: _Country | None = None

    @model_validator(mode="before")
    @classmethod
    def _nulls_are_absent(cls, values: Any) -> Any:  # noqa: ANN401 - pydantic's own signature
        """Drop nulls: GraphQL lets a client send them for what it could have left out."""
        if isinstance(values, dict):
            return {name: value for name, value in values.items() if value is not None}
        return values

    @model_validator(mode="after")
    def _agree(self) -> Self:
        """Raise ValueError for limits that nothing can keep, or of which a half is missing."""
        for low, high in (("year_from", "year_to"), ("min_runtime", "max_runtime")):
            least, most = getattr(self, low), getattr(self, high)
            if least is not None and most is not None and least > most:
                message = f"{to_camel(low)} must not be above {to_camel(high)}"
                raise ValueError(message)
        pairs = (("certification", "certification_country"), ("provider_ids", "provider_country"))
        for one, other in pairs:
            if bool(getattr(self, one)) != bool(getattr(self, other)):
                message = f"{to_camel(one)} and {to_camel(other)} need each other"
                raise ValueError(message)
        return self

    def for_media_type(self, media_type: MediaType) -> Filters:
        """Return the filters; raise ValueError for what TMDB does not say of the media type."""
        self.require_known_of(media_type)
        return self.for_media_types((media_type,))

    def require_known_of(self, media_type: MediaType) -> None:
        """Raise ValueError for what TMDB's lists cannot be filtered by for the media type."""
        if self.certification and media_type is MediaType.TV:
            message = "certification: films alone can be filtered by it"
            raise ValueError(message)

    def for_media_types(self, media_types: Collection[MediaType]) -> Filters:
        """Return the filters; raise ValueError for genres that none of the media types has."""
        known = {genre for media_type in media_types for genre in media_type.genres}
        if unknown := [genre for genre in self.excluded_genre_ids if genre not in known]:
            message = f"excludedGenreIds: {unknown[0]} is no genre of {' or '.join(media_types)}"
            raise ValueError(message)
        return Filters(**{name: getattr(self, name) for name in FilterInput.model_fields})
