"""The recommender's OwnScores function, through its published interface."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from matinee.media import MediaType, TitleKey
from rooms.adapters.lambda_.asking import Success, ask
from rooms.adapters.lambda_.recent import Recent

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

MAX_TITLES = 200
"""In one request, by the contract."""

SCORES_TTL_SECONDS = 600.0
"""A deck keeps its order for so long, whatever the user adds to their lists."""

PAUSE_SECONDS = 30.0
"""For so long the recommender is not asked again for a user for whom it did not respond."""

MAX_CACHED = 20_000


class _Score(BaseModel):
    """A score, as contracts/functions/recommender/OwnScores describes it."""

    model_config = ConfigDict(alias_generator=to_camel, defer_build=True)

    media_type: MediaType
    id: int
    score: float


class _Data(BaseModel):
    model_config = ConfigDict(defer_build=True)

    scores: list[_Score]


@dataclass(frozen=True, slots=True)
class LambdaOwnScores:
    """The recommender, by synchronous invocations of one Lambda function; scores are cached."""

    function_name: str
    client: LambdaClient
    recent: Recent[tuple[str, TitleKey], float] = field(
        default_factory=lambda: Recent(SCORES_TTL_SECONDS, MAX_CACHED)
    )
    failed: Recent[str, bool] = field(default_factory=lambda: Recent(PAUSE_SECONDS, MAX_CACHED))

    def find(
        self, user_id: str, keys: Collection[TitleKey], correlation_id: str
    ) -> Mapping[TitleKey, float]:
        """Return scores, the better the higher; without those that are unknown at the moment."""
        cached = self.recent.get((user_id, key) for key in keys)
        known = {key: score for (_, key), score in cached.items()}
        missing = sorted(set(keys) - known.keys())
        if missing and not self.failed.get([user_id]):
            for wanted in batched(missing, MAX_TITLES, strict=False):
                found = self._ask(user_id, wanted, correlation_id)
                if found is None:
                    self.failed.put([user_id], {user_id: True})
                    break
                scores = {TitleKey(one.media_type, one.id): one.score for one in found}
                self.recent.put(
                    [(user_id, key) for key in wanted],
                    {(user_id, key): score for key, score in scores.items()},
                )
                known |= scores
        return {key: score for key, score in known.items() if score is not None}

    def _ask(
        self, user_id: str, keys: Collection[TitleKey], correlation_id: str
    ) -> Sequence[_Score] | None:
        request = {
            "userId": user_id,
            "titles": [{"mediaType": key.media_type.value, "id": key.id} for key in keys],
            "correlationId": correlation_id,
        }
        data = ask(
            self.client,
            self.function_name,
            request,
            Success[_Data],
            otherwise="OwnScoresUnavailable",
        )
        return data.scores if data else None
