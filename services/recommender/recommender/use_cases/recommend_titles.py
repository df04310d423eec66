"""Recommend titles to a user, page by page."""

import base64
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from matinee.clock import Clock, utc_now
from matinee.dynamodb.cursor import MAX_CURSOR_CHARACTERS, decode, encode
from matinee.errors import InvalidInput
from matinee.media import MediaType, TitleKey
from matinee.observability import count, logger
from recommender.domain.recommend import ReadNames, recommend
from recommender.domain.recommendation import Recommendations
from recommender.domain.requests import RecommendationRequest
from recommender.domain.taste import Taste
from recommender.domain.titles import TitleStore
from recommender.ports import ModelProvider, TasteReader, TastesUnavailable

MAX_SHOWN_TITLES = 400
"""Titles of earlier pages that a cursor holds: about 1,600 characters."""

_MAX_SHOWN_BYTES = 16 * MAX_SHOWN_TITLES


@dataclass(frozen=True, slots=True)
class RecommendationsPage:
    """Recommendations, and the cursor of the next page; None when there is none."""

    recommendations: Recommendations
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class RecommendTitles:
    """Recommends titles. Whatever fails below, there are recommendations, and their source."""

    tastes: TasteReader
    models: ModelProvider
    projection: TitleStore
    catalogue: TitleStore
    provider_names: ReadNames = dict
    now: Clock = utc_now

    def __call__(
        self, user_id: str, request: RecommendationRequest, cursor: str | None = None
    ) -> RecommendationsPage:
        """Return titles that a user may like, other ones than on the cursor's earlier pages.

        Raises AccountDeleted, and InvalidInput for a cursor that is broken, another user's, or of
        other media types.
        """
        scope = ("recommendations", user_id, *sorted(request.media_types or ("any",)))
        if cursor:
            request = replace(request, shown=_shown(scope, cursor))
        model = self.models.current()
        taste = self._taste(user_id)
        found = recommend(
            request.resolve(taste, model),
            taste,
            model=model,
            projection=self.projection,
            catalogue=self.catalogue,
            provider_names=self.provider_names,
            now=self.now(),
        )
        count("RecommendationsRequested")
        logger.info(
            "recommended",
            extra={"source": found.source, "items": len(found.items), "model": found.model_version},
        )
        return RecommendationsPage(found, _next_cursor(scope, request, found))

    def _taste(self, user_id: str) -> Taste | None:
        try:
            return self.tastes.get(user_id)
        except TastesUnavailable:
            logger.exception("taste_unavailable")
            count("TastesUnavailable")
            return None


def _shown(scope: tuple[str, ...], cursor: str) -> frozenset[TitleKey]:
    try:
        return decode_titles(str(decode(scope, cursor)["shown"]))
    except (KeyError, ValueError) as error:
        reason = "is no cursor of these recommendations: begin without one"
        message = f"cursor: {reason}"
        raise InvalidInput(message, fields={"cursor": reason}) from error


def _next_cursor(
    scope: tuple[str, ...], request: RecommendationRequest, found: Recommendations
) -> str | None:
    shown = request.shown | {item.key for item in found.items}
    if len(found.items) < request.limit or len(shown) > MAX_SHOWN_TITLES:
        return None
    cursor = encode(scope, {"shown": encode_titles(shown)})
    return cursor if len(cursor) <= MAX_CURSOR_CHARACTERS else None


def encode_titles(keys: Iterable[TitleKey]) -> str:
    """Encode a set of titles as a short text: compressed JSON of its sorted numbers' differences.

    As plain JSON, MAX_SHOWN_TITLES would not fit into MAX_CURSOR_CHARACTERS.
    """
    numbers = sorted(2 * key.id + (key.media_type is MediaType.TV) for key in keys)
    differences = [after - before for before, after in pairwise((0, *numbers))]
    content = zlib.compress(json.dumps(differences, separators=(",", ":")).encode(), 9)
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def decode_titles(text: str) -> frozenset[TitleKey]:
    """Decode what `encode_titles` encoded; raise ValueError for any other text."""
    content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    try:
        differences = json.loads(zlib.decompressobj().decompress(content, _MAX_SHOWN_BYTES))
    except (zlib.error, RecursionError) as error:
        message = "is no list of titles"
        raise ValueError(message) from error
    if not isinstance(differences, list) or not all(type(one) is int for one in differences):
        message = "is no list of titles"
        raise ValueError(message)
    return frozenset(
        TitleKey(MediaType.TV if number % 2 else MediaType.MOVIE, number // 2)
        for number in accumulate(differences)
    )
