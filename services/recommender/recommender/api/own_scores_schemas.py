"""The own scores function's request and response, as JSON: its contract with its callers."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Self

from pydantic import BaseModel, Field, RootModel, StrictInt

from matinee.functions import FUNCTION_MODEL, FunctionFailure
from matinee.media import MAX_MEDIA_ID, MediaType, TitleKey

MAX_TITLES = 200
"""As many as a room has."""


class _Camel(BaseModel):
    model_config = FUNCTION_MODEL


class ScoredRef(_Camel):
    """A title by TMDB's id."""

    media_type: MediaType
    id: Annotated[StrictInt, Field(ge=1, le=MAX_MEDIA_ID)]


class OwnScoresRequest(_Camel):
    """A user, and titles to be scored for them. The caller shows scores to nobody else."""

    user_id: Annotated[str, Field(min_length=1, max_length=128)]
    titles: Annotated[tuple[ScoredRef, ...], Field(max_length=MAX_TITLES)] = ()
    with_platforms: bool = Field(
        default=False, description="Whether to tell the user's platforms, too."
    )
    correlation_id: Annotated[str, Field(min_length=1, max_length=128)] | None = None

    def keys(self) -> Sequence[TitleKey]:
        """Return the keys of the titles, each once."""
        return list(dict.fromkeys(TitleKey(one.media_type, one.id) for one in self.titles))


class OwnScore(_Camel):
    """How well a title suits the user."""

    media_type: MediaType
    id: int
    score: float = Field(description="0 to 100; 0 for what breaks their deal.")


class OwnPlatforms(_Camel):
    """The platforms of a user's preferences, in the region of these."""

    country: str = Field(description="ISO 3166-1 alpha-2.")
    provider_ids: tuple[int, ...] = Field(
        description="TMDB's ids of the providers that they name, those of the first platform first;"
        " empty if none is known by these names."
    )


class OwnScores(_Camel):
    """The scores of the titles that are known; none for a user of whom nothing is known."""

    scores: Annotated[tuple[OwnScore, ...], Field(max_length=MAX_TITLES)]
    platforms: OwnPlatforms | None = Field(
        default=None, description="If asked for, and the user has stated a region."
    )

    @classmethod
    def from_scores(
        cls, scores: Mapping[TitleKey, float], platforms: OwnPlatforms | None = None
    ) -> Self:
        """Return scores."""
        return cls(
            platforms=platforms,
            scores=tuple(
                OwnScore(media_type=key.media_type, id=key.id, score=round(score, 3))
                for key, score in scores.items()
            ),
        )


class OwnScoresSuccess(_Camel):
    """The response with scores."""

    data: OwnScores


class OwnScoresResponse(RootModel[OwnScoresSuccess | FunctionFailure]):
    """The own scores function's response."""
