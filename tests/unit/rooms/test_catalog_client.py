"""The client of the catalog's Discover function."""

import json
from io import BytesIO
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from mypy_boto3_lambda import LambdaClient

from matinee.errors import InvalidInput
from matinee.filters import Filters
from matinee.media import MediaType
from rooms.adapters.lambda_.catalog_client import LambdaCatalogClient
from rooms.domain.errors import CatalogBusy, CatalogUnavailable, NoCandidates
from rooms.domain.room import Movie

FILTERS = Filters(max_runtime=100, provider_ids=(8,), provider_country="DE")
FILM = {
    "id": 550,
    "title": "Amélie",
    "overview": "Paris.",
    "mediaType": "movie",
    "genreIds": [35, 10749],
    "posterPath": "/p.jpg",
    "releaseDate": "2001-04-25",
    "voteAverage": 7.9,
    "voteCount": 11000,
}
THROTTLED = ClientError({"Error": {"Code": "TooManyRequestsException"}}, "Invoke")
TIMED_OUT = ReadTimeoutError(endpoint_url="https://lambda")


class FakeLambda:
    """Returns every invocation alike."""

    def __init__(self, answer: object, **response: object) -> None:
        self.answer = answer
        self.response = response
        self.requests: list[dict[str, Any]] = []

    def invoke(self, **request: Any) -> dict[str, object]:  # noqa: ANN401 - as boto3 has it
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        text = self.answer if isinstance(self.answer, str) else json.dumps(self.answer)
        return {"StatusCode": 200, "Payload": BytesIO(text.encode()), **self.response}


def discover(fake: FakeLambda) -> list[Movie]:
    function = LambdaCatalogClient("catalog-discover", cast("LambdaClient", fake))
    return list(function.discover(MediaType.MOVIE, (35, 18), FILTERS, "thread-1", {9, 4}))


def test_it_sends_media_type_genres_and_correlation_id() -> None:
    fake = FakeLambda({"data": {"candidates": [FILM]}})

    discover(fake)

    [request] = fake.requests
    assert request["FunctionName"] == "catalog-discover"
    assert json.loads(request["Payload"]) == {
        "mediaType": "movie",
        "genreIds": [35, 18],
        "filters": {"maxRuntime": 100, "providerIds": [8], "providerCountry": "DE"},
        "excludeIds": [4, 9],
        "correlationId": "thread-1",
    }


def test_it_returns_candidates() -> None:
    [movie] = discover(FakeLambda({"data": {"candidates": [FILM]}}))

    assert movie == Movie(
        id=550,
        title="Amélie",
        overview="Paris.",
        media_type=MediaType.MOVIE,
        genre_ids=(35, 10749),
        poster_path="/p.jpg",
        release_date="2001-04-25",
        vote_average=7.9,
        vote_count=11000,
    )


def test_unknown_fields_are_ignored() -> None:
    added = FILM | {"backdropPath": "/b.jpg"}

    assert len(discover(FakeLambda({"data": {"candidates": [added]}, "source": "tmdb"}))) == 1


def test_optional_fields_may_be_missing() -> None:
    bare = {key: FILM[key] for key in ("id", "title", "overview", "mediaType")}

    [movie] = discover(FakeLambda({"data": {"candidates": [bare]}}))

    assert (movie.poster_path, movie.release_date, movie.vote_average) == (None, None, None)


def test_nothing_found_names_what_to_relax() -> None:
    empty = {"candidates": [], "strategy": "AND", "relax": ["providers"]}

    with pytest.raises(NoCandidates) as refused:
        discover(FakeLambda({"data": empty}))

    assert refused.value.info == {"relax": ["providers"]}


def test_refused_genres_raise_invalid_input() -> None:
    info = {"fields": {"genreIds": "There is no genre 7."}}
    error = {"type": "InvalidInput", "message": "genreIds: There is no genre 7.", "info": info}

    with pytest.raises(InvalidInput) as refused:
        discover(FakeLambda({"error": error}))

    assert refused.value.message == "genreIds: There is no genre 7."
    assert refused.value.info == info


@pytest.mark.parametrize("seconds", [7, 7.5])
def test_a_rate_limited_catalog_raises_catalog_busy(seconds: float) -> None:
    info = {"retryAfter": seconds}
    error = {"type": "TmdbRateLimited", "message": "Not now.", "info": info}

    with pytest.raises(CatalogBusy) as refused:
        discover(FakeLambda({"error": error}))

    assert refused.value.retry_after == seconds


@pytest.mark.parametrize(
    "answer",
    [
        {"error": {"type": "TmdbUnavailable", "message": "no", "info": None}},
        {"error": {}},
        {"error": {"type": "TmdbRateLimited", "info": {"retryAfter": "soon"}}},
        {},
        {"data": None},
        {"data": {"candidates": [{"id": "x"}]}},
        "not json",
        "[]",
        "",
        THROTTLED,
        TIMED_OUT,
    ],
    ids=str,
)
def test_any_other_failure_raises_catalog_unavailable(answer: object) -> None:
    with pytest.raises(CatalogUnavailable):
        discover(FakeLambda(answer))


def test_a_failed_function_raises_catalog_unavailable() -> None:
    with pytest.raises(CatalogUnavailable):
        discover(FakeLambda({"errorMessage": "boom"}, FunctionError="Unhandled"))
