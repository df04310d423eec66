"""The responses of the API, with the field names of the original's clients."""

from collections.abc import Iterable, Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from matinee.media import MediaType
from matinee.offer_output import AVAILABLE_ON, AvailableOn
from recommender.domain.recommendation import Recommendation, Recommendations, Source
from recommender.use_cases.recommend_titles import RecommendationsPage
from recommender.use_cases.train_model import TrainingOutcome, TrainingReport


class _Response(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel,
        defer_build=True,
        frozen=True,
        validate_by_name=True,
        serialize_by_alias=True,
    )


class Trained(_Response):
    """The outcome of a training run."""

    outcome: TrainingOutcome
    changed_users: int = Field(description="Users whose favourites this run counted.")
    left_for_the_next: bool = Field(
        description="Whether more users have changed than there was time for."
    )
    model_version: str | None
    users: int
    titles: int
    favourites: int

    @classmethod
    def from_report(cls, report: TrainingReport) -> Self:
        """Create the response from a report."""
        manifest = report.manifest
        return cls(
            outcome=report.outcome,
            changed_users=report.changed_users,
            left_for_the_next=report.is_partial,
            model_version=manifest.version if manifest else None,
            users=manifest.users if manifest else 0,
            titles=manifest.titles if manifest else 0,
            favourites=manifest.favourites if manifest else 0,
        )


class ScoreParts(_Response):
    """The parts of a score. `score` is the sum of the first four."""

    genre: float = Field(ge=0, le=30)
    quality: float = Field(ge=0, le=30)
    personalization: float = Field(ge=0, le=40)
    popularity: float = Field(
        default=0.0, ge=0, le=100, description="Fades as favourites and preferences become known."
    )
    diversity: float = Field(
        ge=0, description="Not part of the score: for differing from the items above."
    )


class BecauseOf(_Response):
    """The favourite that the reason names."""

    media_type: MediaType
    media_id: str = Field(description="TMDB's id in digits.")


class Item(_Response):
    """A recommended title. Paths are for https://image.tmdb.org/t/p/w500."""

    media_id: str = Field(
        description="TMDB's id in digits, unique within its media type.", examples=["27205"]
    )
    id: int = Field(description="`mediaId` as a number.")
    media_type: MediaType
    title: str
    overview: str
    poster_path: str | None
    backdrop_path: str | None
    release_date: str | None = Field(description="yyyy-mm-dd.")
    vote_average: float = Field(description="0 to 10.")
    vote_count: int
    popularity: float
    genres: str = Field(description="TMDB's genre ids between pipes.", examples=["28|12"])
    genre_ids: list[int]
    original_language: str | None
    runtime: int | None = Field(description="Minutes.")
    score: float = Field(ge=0, le=100)
    score_parts: ScoreParts
    recommendation_reason: str = Field(examples=["Because you liked Inception"])
    because_of: BecauseOf | None
    relaxed: list[str] = Field(
        description="Filters that it does not pass: fewer titles than asked for pass all."
    )
    is_new: bool = Field(description="Too new to have been anybody's favourite.")
    available_on: list[AvailableOn] | None = Field(
        default=None, description=f"{AVAILABLE_ON} null without a region, or if that is unknown."
    )
    media_type_: MediaType = Field(alias="media_type", description="As `mediaType`.")
    poster_path_: str | None = Field(alias="poster_path", description="As `posterPath`.")
    backdrop_path_: str | None = Field(alias="backdrop_path", description="As `backdropPath`.")
    release_date_: str | None = Field(alias="release_date", description="As `releaseDate`.")
    vote_average_: float = Field(alias="vote_average", description="As `voteAverage`.")
    vote_count_: int = Field(alias="vote_count", description="As `voteCount`.")
    genre_ids_: list[int] = Field(alias="genre_ids", description="As `genreIds`.")

    @classmethod
    def from_recommendation(cls, item: Recommendation) -> Self:
        """Create the response's item from a recommendation."""
        facts, because_of = item.facts, item.because_of
        parts = ScoreParts(
            genre=round(item.parts.genre, 1),
            quality=round(item.parts.quality, 1),
            personalization=round(item.parts.personalization, 1),
            popularity=round(item.parts.popularity, 1),
            diversity=round(item.parts.diversity, 1),
        )
        in_both_spellings: Mapping[str, Any] = {
            "media_type": facts.key.media_type,
            "poster_path": facts.poster_path,
            "backdrop_path": facts.backdrop_path,
            "release_date": facts.release_date.isoformat() if facts.release_date else None,
            "vote_average": facts.vote_average,
            "vote_count": facts.vote_count,
            "genre_ids": list(facts.genre_ids),
        }
        return cls(
            **in_both_spellings,
            **{f"{name}_": value for name, value in in_both_spellings.items()},
            media_id=str(facts.key.id),
            id=facts.key.id,
            title=facts.title,
            overview=facts.overview,
            popularity=facts.popularity,
            genres="|".join(map(str, facts.genre_ids)),
            original_language=facts.original_language,
            runtime=facts.runtime,
            score=round(parts.genre + parts.quality + parts.personalization + parts.popularity, 1),
            score_parts=parts,
            recommendation_reason=item.reason,
            because_of=BecauseOf(media_type=because_of.media_type, media_id=str(because_of.id))
            if because_of
            else None,
            relaxed=list(item.relaxed),
            is_new=item.new,
            available_on=None if item.offers is None else AvailableOn.of(item.offers),
        )


class SimilarTitles(_Response):
    """Titles, the best first."""

    items: list[Item]
    source: Source = Field(
        description="model: everybody's favourites. content: the titles' own facts. request: the "
        "request's own lists, since the stored taste could not be read. catalogue: the "
        "catalogue's best titles. built-in: a small list, since nothing could be read."
    )
    model_version: str | None = Field(description="null without a model.")

    @classmethod
    def from_recommendations(cls, found: Recommendations) -> Self:
        """Create the response from recommendations."""
        return cls(
            items=_items(found.items), source=found.source, model_version=found.model_version
        )


class RecommendedTitles(SimilarTitles):
    """Recommended titles."""

    next_cursor: str | None = Field(
        description="The cursor of the next page; null when there is none."
    )

    @classmethod
    def from_page(cls, page: RecommendationsPage) -> Self:
        """Create the response from a page."""
        found = page.recommendations
        return cls(
            items=_items(found.items),
            source=found.source,
            model_version=found.model_version,
            next_cursor=page.next_cursor,
        )


def _items(items: Iterable[Recommendation]) -> list[Item]:
    return [Item.from_recommendation(item) for item in items]
