"""The client of the catalogue's discovery function: cached, with a cooldown and a time budget."""

from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

from matinee.media import MediaType
from recommender import bootstrap
from recommender.adapters.lambda_.catalog_client import (
    CACHE_TTL_SECONDS,
    COOLDOWN_SECONDS,
    TIME_BUDGET_SECONDS,
)
from recommender.domain.titles import TitlesUnavailable
from tests.fakes.discovery import Discovery
from tests.fakes.recommender import movie

MOVIE = MediaType.MOVIE
INVOCATION = 10.0
"""Seconds that the function has (template.yaml, Globals)."""

LONGEST_PAUSE = 1.0
"""Seconds that botocore's standard mode may wait before the second attempt."""


def found(*ids: int) -> dict[str, Any]:
    candidates = [
        {"id": number, "title": f"T{number}", "overview": "", "voteAverage": number, "voteCount": 1}
        for number in ids
    ]
    return {"data": {"candidates": candidates}}


def test_returns_the_best_first_and_caches_them() -> None:
    discovery = Discovery(found(3, 9, 5))
    titles = discovery.titles()

    assert [facts.key.id for facts in titles.best(MOVIE, 28, 2)] == [9, 5]
    assert titles.best(MOVIE, 28, 2)
    assert titles.facts([movie(5), movie(6)]).keys() == {movie(5)}
    assert titles.new(MOVIE, 5) == ()
    assert [(one["mediaType"], one["genreIds"]) for one in discovery.asked] == [("movie", [28])]

    discovery.time += CACHE_TTL_SECONDS + 1
    titles.best(MOVIE, 28, 2)
    titles.best(MOVIE, None, 2)
    assert [one["genreIds"] for one in discovery.asked] == [[28], [28], []]


@pytest.mark.parametrize(
    "answer",
    [
        ReadTimeoutError(endpoint_url="http://nowhere"),
        {"error": {"type": "TmdbUnavailable", "message": "no"}},
        {"errorMessage": "it fell over"},
        "nonsense",
    ],
)
def test_does_not_call_a_failed_catalogue_for_a_while(answer: object) -> None:
    discovery = Discovery(answer)
    titles = discovery.titles()
    for _ in range(3):
        with pytest.raises(TitlesUnavailable):
            titles.best(MOVIE, 28, 2)
    assert len(discovery.asked) == 1

    discovery.time += COOLDOWN_SECONDS + 1
    discovery.answer = found(1)

    assert titles.best(MOVIE, 28, 2)


def test_limits_the_time_spent_on_a_slow_catalogue() -> None:
    discovery = Discovery(found(1), takes=TIME_BUDGET_SECONDS / 2 + 0.01)
    titles = discovery.titles()
    titles.best(MOVIE, 1, 2)
    titles.best(MOVIE, 2, 2)

    with pytest.raises(TitlesUnavailable):
        titles.best(MOVIE, 3, 2)
    assert titles.best(MOVIE, 2, 2)

    discovery.time += COOLDOWN_SECONDS + 1
    assert titles.best(MOVIE, 3, 2)


def test_timeouts_together_fit_into_an_invocation() -> None:
    def waited(patience: Config) -> float:
        limits: Any = patience
        return float(limits.connect_timeout + limits.read_timeout)

    taste_and_titles = 2 * 2 * bootstrap.TABLE_CONFIG.read_timeout  # type: ignore[attr-defined]
    pauses = 2 * LONGEST_PAUSE
    catalogue = TIME_BUDGET_SECONDS + waited(bootstrap.CATALOG_CONFIG)

    assert taste_and_titles + pauses + catalogue < INVOCATION
