"""DiscoverFunction, from its event to its answer, and its contract."""

import json
from pathlib import Path
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from jsonschema import Draft202012Validator

from catalog.domain import Discovery, RoomCriteria, Strategy
from catalog.domain.errors import TmdbKeyRefused, TmdbRateLimited, TmdbUnavailable
from catalog.handlers import discover
from matinee.errors import MatineeError
from matinee.media import MOVIE_GENRES, TV_GENRES
from tests.unit.catalog.fakes import LogLines, a_title
from tools.contracts import function_schemas

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = ROOT / "contracts" / "functions" / "catalog"
EVENTS = ROOT / "events" / "catalog"
VERSION, *_ = function_schemas.MODELS["catalog/Discover"]


class Context:
    """What Powertools reads of a Lambda context."""

    function_name = "DiscoverFunction"
    function_version = "1"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:000000000000:function:DiscoverFunction"
    aws_request_id = "019b0000-0000-7000-8000-00000000000f"


class FakeDiscoverer:
    """Returns what it was told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answer: Discovery | MatineeError = Discovery((), Strategy.AND)
        self.criteria_seen: list[RoomCriteria] = []

    def __call__(self, criteria: RoomCriteria) -> Discovery:
        self.criteria_seen.append(criteria)
        if isinstance(self.answer, MatineeError):
            raise self.answer
        return self.answer


@pytest.fixture
def discoverer(monkeypatch: pytest.MonkeyPatch) -> FakeDiscoverer:
    fake = FakeDiscoverer()
    monkeypatch.setattr(discover, "discoverer", lambda: fake)
    return fake


def invoke(event: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    return json.loads(json.dumps(discover.handler(event, cast("LambdaContext", Context()))))


def sample(case: str) -> dict[str, Any]:
    text = (EVENTS / f"DiscoverFunction.invoke.{case}.json").read_text()
    return cast("dict[str, Any]", json.loads(text))


def contract(part: str) -> dict[str, Any]:
    path = CONTRACT / f"Discover/{VERSION}.{part}.json"
    return cast("dict[str, Any]", json.loads(path.read_text()))


def check(value: object, part: str) -> None:
    Draft202012Validator(contract(part)).validate(value)


def test_returns_the_candidates_of_the_criteria(discoverer: FakeDiscoverer) -> None:
    found = a_title(7, 28, 12, title="Amélie", release_date=None)
    discoverer.answer = Discovery((found,), Strategy.OR)

    answer = invoke(sample("valid"))

    assert answer == {
        "data": {
            "candidates": [
                {
                    "id": 7,
                    "title": "Amélie",
                    "overview": "A postman takes the wrong train and stays on it.",
                    "posterPath": "/home.jpg",
                    "releaseDate": None,
                    "voteAverage": 7.1,
                    "voteCount": 420,
                    "genreIds": [28, 12],
                    "mediaType": "movie",
                }
            ],
            "strategy": "OR",
            "relax": [],
        }
    }
    check(answer, "response")


def test_returns_an_empty_list_without_candidates(discoverer: FakeDiscoverer) -> None:
    answer = invoke({"mediaType": "movie", "genreIds": [37]})

    assert answer == {"data": {"candidates": [], "strategy": "AND", "relax": []}}
    assert len(discoverer.criteria_seen) == 1


@pytest.mark.parametrize("genre_ids", [[18, 16], [16, 18]])
def test_ignores_the_order_of_genres(discoverer: FakeDiscoverer, genre_ids: list[int]) -> None:
    invoke({"mediaType": "movie", "genreIds": genre_ids})

    assert discoverer.criteria_seen[0].genre_ids == (16, 18)


def test_ignores_a_repeated_genre(discoverer: FakeDiscoverer) -> None:
    invoke({"mediaType": "tv", "genreIds": [18, 18]})

    assert discoverer.criteria_seen[0].genre_ids == (18,)


def test_refuses_a_film_genre_for_series_and_lists_theirs(
    discoverer: FakeDiscoverer,
) -> None:
    answer = invoke(sample("unknown-genre"))

    assert answer["error"]["type"] == "InvalidInput"
    assert list(answer["error"]["info"]["fields"]) == ["genreIds"]
    reason = answer["error"]["info"]["fields"]["genreIds"]
    assert reason.startswith("28 is no genre of tv; allowed are ")
    assert all(f"{id_} ({name})" in reason for id_, name in TV_GENRES.items())
    assert discoverer.criteria_seen == []
    check(answer, "response")


def test_accepts_every_genre_of_a_media_type(discoverer: FakeDiscoverer) -> None:
    for media_type, genres in (("movie", MOVIE_GENRES), ("tv", TV_GENRES)):
        for genre in genres:
            assert "data" in invoke({"mediaType": media_type, "genreIds": [genre]})

    assert len(discoverer.criteria_seen) == 19 + 16


def test_equal_filters_are_equal_criteria(discoverer: FakeDiscoverer) -> None:
    given = {"languages": ["fr", "en", "fr"], "providerIds": [337, 8], "providerCountry": "DE"}
    same = {**given, "languages": ["en", "fr"], "providerIds": [8, 337, 8], "minRating": None}

    for filters in (given, same):
        assert "data" in invoke({"mediaType": "movie", "filters": filters})

    first, second = discoverer.criteria_seen
    assert first == second
    assert str(first.filters) == "languages=en,fr&provider_ids=8,337&provider_country=DE"


def test_refuses_a_certification_for_series(discoverer: FakeDiscoverer) -> None:
    answer = invoke(sample("bad-certification-of-series"))

    assert answer["error"]["info"]["fields"] == {
        "filters": "certification: films alone can be filtered by it"
    }
    assert discoverer.criteria_seen == []


def test_names_what_to_relax(discoverer: FakeDiscoverer) -> None:
    discoverer.answer = Discovery((), Strategy.AND, ("providers", "runtime"))

    answer = invoke(sample("filters"))

    assert answer["data"]["relax"] == ["providers", "runtime"]
    check(answer, "response")


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({}, "mediaType"),
        ({"mediaType": "BOOK"}, "mediaType"),
        ({"mediaType": None}, "mediaType"),
        ({"mediaType": "movie", "genreIds": [28] * 21}, "genreIds"),
        ({"mediaType": "movie", "filters": {"yearFrom": 2000, "yearTo": 1999}}, "filters"),
        ({"mediaType": "movie", "filters": {"minRuntime": 0}}, "filters.minRuntime"),
        ({"mediaType": "movie", "filters": {"minRating": 11}}, "filters.minRating"),
        ({"mediaType": "movie", "filters": {"languages": ["German"]}}, "filters.languages.0"),
        ({"mediaType": "movie", "filters": {"providerIds": [8]}}, "filters"),
        ({"mediaType": "movie", "filters": {"providerCountry": "DE"}}, "filters"),
        ({"mediaType": "movie", "filters": {"certification": "PG"}}, "filters"),
        ({"mediaType": "movie", "filters": {"excludedGenreIds": [10765]}}, "filters"),
        ({"mediaType": "movie", "filters": {"maxRunTime": 90}}, "filters.maxRunTime"),
        ({"mediaType": "movie", "genreIds": ["28"]}, "genreIds.0"),
        ({"mediaType": "movie", "genreIds": [True]}, "genreIds.0"),
        ({"mediaType": "movie", "genreIds": None}, "genreIds"),
        ({"mediaType": "movie", "genreIds": [-1]}, "genreIds"),
        ({"mediaType": "movie", "correlationId": "x" * 129}, "correlationId"),
    ],
)
def test_names_the_field_that_breaks_a_rule(
    discoverer: FakeDiscoverer, event: dict[str, Any], field: str
) -> None:
    answer = invoke(event)

    assert answer["error"]["type"] == "InvalidInput"
    assert field in answer["error"]["info"]["fields"]
    assert discoverer.criteria_seen == []


@pytest.mark.parametrize(
    ("error", "type_", "info"),
    [
        (TmdbUnavailable(), "TmdbUnavailable", None),
        (TmdbKeyRefused(), "TmdbKeyRefused", None),
        (TmdbRateLimited(retry_after=7.5), "TmdbRateLimited", {"retryAfter": 7.5}),
    ],
)
def test_returns_a_typed_error_when_tmdb_fails(
    discoverer: FakeDiscoverer, error: MatineeError, type_: str, info: object
) -> None:
    discoverer.answer = error

    answer = invoke(sample("valid"))

    assert answer["error"]["type"] == type_
    assert answer["error"]["info"] == info
    assert answer["error"]["message"].endswith(".")
    check(answer, "response")


def test_logs_the_correlation_id_on_every_line(
    discoverer: FakeDiscoverer, log_lines: LogLines
) -> None:
    assert discoverer.criteria_seen == []

    invoke(sample("valid"))

    lines = log_lines()
    assert lines[-1]["message"] == "discovered"
    assert {line["correlation_id"] for line in lines} == {sample("valid")["correlationId"]}


@pytest.mark.filterwarnings("ignore:No application metrics to publish")
def test_a_warm_up_discovers_nothing(discoverer: FakeDiscoverer) -> None:
    assert invoke({"warmup": True}) == {"warmed": True}
    assert discoverer.criteria_seen == []


def test_the_schemas_on_file_are_those_of_the_models() -> None:
    for path, text in function_schemas.texts().items():
        assert (ROOT / function_schemas.FOLDER / path).read_text() == text, "make contracts"


def examples() -> list[tuple[str, Path]]:
    paths = sorted((CONTRACT / "Discover").glob("*.example.json"))
    return [(path.name.split(".")[2], path) for path in paths]


@pytest.mark.parametrize(("part", "path"), examples(), ids=str)
def test_every_example_satisfies_the_contract(part: str, path: Path) -> None:
    check(json.loads(path.read_text()), part)


def test_every_part_of_the_contract_has_an_example() -> None:
    present = [part for part, path in examples() if path.name.startswith(VERSION)]
    assert sorted(present) == ["request", "response", "response", "response"]


@pytest.mark.parametrize("path", sorted(EVENTS.glob("DiscoverFunction.*.json")), ids=str)
def test_every_sample_event_satisfies_the_contract(path: Path) -> None:
    check(json.loads(path.read_text()), "request")
