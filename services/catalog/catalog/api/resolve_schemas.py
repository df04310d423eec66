"""The resolve function's request and response, as JSON: its contract with its callers."""

from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, RootModel, StrictInt, model_validator

from catalog.domain import Title
from catalog.domain.resolution import MAX_SUGGESTIONS, Outcome, Resolution, TitleRef
from catalog.use_cases.resolve_titles import Resolutions
from matinee.functions import FUNCTION_MODEL
from matinee.media import MAX_MEDIA_ID, MediaType, TitleKey

MAX_TITLES = 100
"""In one request. The shared rate of 40 a second answers about 800 within the function's time."""


class _Camel(BaseModel):
    model_config = FUNCTION_MODEL


class ReferencedTitle(_Camel):
    """A title as another site names it: an id of TMDB's with its media type, IMDb's, or a name."""

    media_id: Annotated[StrictInt, Field(ge=1, le=MAX_MEDIA_ID)] | None = Field(
        default=None, description="TMDB's id; it needs a media type."
    )
    imdb_id: Annotated[str, Field(pattern=r"^tt[0-9]{7,10}$")] | None = None
    title: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    year: Annotated[StrictInt, Field(ge=1850, le=2200)] | None = Field(
        default=None, description="Of the release; TMDB's may differ by one."
    )
    media_type: MediaType | None = Field(
        default=None, description="Absent: a film or a series, films first."
    )

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.media_id and not self.media_type:
            message = "mediaId needs a mediaType"
            raise ValueError(message)
        if not (self.media_id or self.imdb_id or (self.title or "").strip()):
            message = "needs a mediaId, an imdbId or a title"
            raise ValueError(message)
        return self

    def as_ref(self) -> TitleRef:
        """Return the reference."""
        key = None
        if self.media_type and self.media_id:
            key = TitleKey(self.media_type, self.media_id)
        name = (self.title or "").strip() or None
        return TitleRef(key, self.imdb_id, name, self.year, self.media_type)


class ResolveRequest(_Camel):
    """Some titles to be resolved. Nobody waits for it: others' requests to TMDB come first."""

    titles: Annotated[tuple[ReferencedTitle, ...], Field(min_length=1, max_length=MAX_TITLES)]
    correlation_id: Annotated[str, Field(min_length=1, max_length=128)] | None = Field(
        default=None, description="The correlation id of what needs the titles."
    )

    def refs(self) -> Sequence[TitleRef]:
        """Return the references."""
        return [title.as_ref() for title in self.titles]


class ResolvedTitle(_Camel):
    """A film or series as TMDB's lists show it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    media_type: MediaType
    title: str
    overview: str
    poster_path: str | None = Field(description="Below https://image.tmdb.org/t/p/w500.")
    backdrop_path: str | None
    release_date: str | None = Field(description="yyyy-mm-dd; null when TMDB has no date.")
    vote_average: float = Field(description="0 to 10.")
    vote_count: int
    popularity: float
    genre_ids: tuple[int, ...]
    original_language: str

    @classmethod
    def from_title(cls, title: Title) -> Self:
        """Return a title of the catalogue."""
        return cls.model_validate(title)


class Result(_Camel):
    """What became of one title."""

    outcome: Outcome = Field(
        description="found; notFound: TMDB has nothing of this id, name and year; ambiguous: it "
        "has several; noTitle: the id is that of an episode, a season or a person; unavailable: "
        "TMDB could not be asked, so it is to be sent again."
    )
    title: ResolvedTitle | None = Field(description="If it is found.")
    suggestions: Annotated[tuple[ResolvedTitle, ...], Field(max_length=MAX_SUGGESTIONS)] = Field(
        description="Titles that may be meant, if it is not found."
    )

    @classmethod
    def from_resolution(cls, resolution: Resolution) -> Self:
        """Return an outcome."""
        title = resolution.title
        return cls(
            outcome=resolution.outcome,
            title=ResolvedTitle.from_title(title) if title else None,
            suggestions=tuple(map(ResolvedTitle.from_title, resolution.suggestions)),
        )


class Results(_Camel):
    """The results, in the order of the request's titles."""

    results: Annotated[tuple[Result, ...], Field(max_length=MAX_TITLES)]
    retry_after: float | None = Field(
        description="Seconds until TMDB may be asked again, if it is known."
    )


class ResolveSuccess(_Camel):
    """The response with results."""

    data: Results

    @classmethod
    def from_resolutions(cls, resolved: Resolutions) -> Self:
        """Return the response to a request that could be handled, wholly or in part."""
        results = tuple(map(Result.from_resolution, resolved.outcomes))
        return cls(data=Results(results=results, retry_after=resolved.retry_after))


class ResolveError(_Camel):
    """An error: `type` for a program, `message` for a person."""

    type: str = Field(description="InvalidInput, CatalogBusy, CatalogUnavailable, ...")
    message: str
    info: dict[str, Any] | None = Field(description="fields: field to reason (InvalidInput).")


class ResolveFailure(_Camel):
    """The response with an error."""

    error: ResolveError


class ResolveResponse(RootModel[ResolveSuccess | ResolveFailure]):
    """The resolve function's response."""
