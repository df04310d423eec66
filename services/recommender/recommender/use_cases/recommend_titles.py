"""The use cases of the API: recommendations for a user, and titles like a title."""

from dataclasses import dataclass, replace

from matinee.clock import Clock, utc_now
from matinee.dynamodb.cursor import decode, encode
from matinee.errors import InvalidInput
from matinee.observability import count, logger
from recommender.domain.errors import SimilarUnavailable, TitleNotFound
from recommender.domain.recommend import recommend, similar
from recommender.domain.recommendation import Recommendations
from recommender.domain.requests import (
    MAX_SHOWN_TITLES,
    EntityRef,
    RecommendationRequest,
    read,
    written,
)
from recommender.domain.taste import Taste
from recommender.domain.titles import TitleKey, TitleStore, TitlesUnavailable
from recommender.ports import ModelProvider, TasteReader, TastesUnavailable


@dataclass(frozen=True, slots=True)
class RecommendationsPage:
    """Recommendations, and the cursor that leads to others; none when there are no others."""

    recommendations: Recommendations
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class RecommendationService:
    """What is recommended. Whatever fails below, there is an answer: it says which layer spoke."""

    tastes: TasteReader
    models: ModelProvider
    projection: TitleStore
    catalogue: TitleStore
    now: Clock = utc_now

    def recommend(
        self, user_id: str, question: RecommendationRequest, cursor: str | None = None
    ) -> RecommendationsPage:
        """Return what a user may like, other titles than the cursor has shown.

        Raises InvalidInput for a cursor that is broken, another user's, or of other media types.
        """
        scope = _scope(user_id, question)
        asked = replace(question, shown=_shown(scope, cursor)) if cursor else question
        model = self.models.current()
        taste = self._taste(user_id)
        found = recommend(
            asked.request(taste, model),
            taste,
            model=model,
            projection=self.projection,
            catalogue=self.catalogue,
            now=self.now(),
        )
        count("RecommendationsAsked")
        logger.info(
            "recommended",
            extra={"layer": found.source, "items": len(found.items), "model": found.model_version},
        )
        return RecommendationsPage(found, _next(scope, asked, found))

    def similar(
        self, key: TitleKey, limit: int, exclude: tuple[EntityRef, ...] = ()
    ) -> Recommendations:
        """Return titles like a title, of its media type.

        Raises TitleNotFound, and SimilarUnavailable while that cannot be known.
        """
        unwanted = {other for named in exclude for other in named.keys(frozenset({key.media_type}))}
        try:
            found = similar(
                key,
                limit=limit,
                exclude=frozenset(unwanted),
                model=self.models.current(),
                projection=self.projection,
                catalogue=self.catalogue,
            )
        except TitlesUnavailable as error:
            raise SimilarUnavailable from error
        if found is None:
            raise TitleNotFound
        count("SimilarAsked")
        return found

    def _taste(self, user_id: str) -> Taste | None:
        try:
            return self.tastes.of(user_id)
        except TastesUnavailable:
            logger.exception("taste_unavailable")
            count("TastesUnavailable")
            return None


def _scope(user_id: str, question: RecommendationRequest) -> tuple[str, ...]:
    return ("recommendations", user_id, *sorted(question.media_types or ("any",)))


def _shown(scope: tuple[str, ...], cursor: str) -> frozenset[TitleKey]:
    try:
        return read(str(decode(scope, cursor)["shown"]))
    except (KeyError, ValueError) as error:
        reason = "is no cursor of these recommendations: begin without one"
        message = f"cursor: {reason}"
        raise InvalidInput(message, fields={"cursor": reason}) from error


def _next(
    scope: tuple[str, ...], asked: RecommendationRequest, found: Recommendations
) -> str | None:
    shown = asked.shown | {item.key for item in found.items}
    if len(found.items) < asked.limit or len(shown) > MAX_SHOWN_TITLES:
        return None
    return encode(scope, {"shown": written(shown)})
