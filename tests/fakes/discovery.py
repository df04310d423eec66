"""A Lambda client with a fake of the catalogue's discovery function."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from botocore.exceptions import ReadTimeoutError

from recommender.adapters.lambda_.catalog_client import CatalogClient
from recommender.domain.titles import TitleFacts

MAX_CANDIDATES = 50


@dataclass
class Discovery:
    """Returns the given response, or one from its titles; each call takes time.

    From the call with the number `fails_from` on it fails.
    """

    answer: object = None
    takes: float = 0.0
    time: float = 100.0
    titles_of: Sequence[TitleFacts] = ()
    fails_from: int | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - as boto3 has it
        """Respond as Lambda does."""
        assert FunctionName == "Discover"
        self.asked.append(json.loads(Payload))
        self.time += self.takes
        if self.fails_from is not None and len(self.asked) >= self.fails_from:
            raise ReadTimeoutError(endpoint_url="http://nowhere")
        if isinstance(self.answer, Exception):
            raise self.answer
        answer = self.answer or {"data": {"candidates": self._candidates(self.asked[-1])}}
        return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(answer).encode())}

    def titles(self) -> CatalogClient:
        """Return the catalogue client over this one."""
        return CatalogClient("Discover", cast("Any", self), timer=lambda: self.time)

    def _candidates(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        fitting = [
            title
            for title in self.titles_of
            if title.key.media_type == asked["mediaType"]
            and set(asked["genreIds"]) <= set(title.genre_ids)
        ]
        best = sorted(fitting, key=lambda title: (-title.popularity, title.key))
        return [_candidate(title) for title in best[:MAX_CANDIDATES]]


def _candidate(title: TitleFacts) -> dict[str, Any]:
    return {
        "id": title.key.id,
        "title": title.title,
        "overview": title.overview,
        "genreIds": list(title.genre_ids),
        "posterPath": title.poster_path or "",
        "releaseDate": title.release_date.isoformat() if title.release_date else None,
        "voteAverage": title.vote_average,
        "voteCount": title.vote_count,
    }
