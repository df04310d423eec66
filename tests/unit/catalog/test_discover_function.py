"""DiscoverFunction, from its event to its answer, and its contract."""

import json
from pathlib import Path
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from jsonschema import Draft202012Validator

from catalog.domain import Discovery, Strategy, Taste
from catalog.domain.genres import FILM_GENRES, TV_GENRES
from catalog.errors import TmdbKeyRefused, TmdbRateLimited, TmdbUnavailable
from catalog.handlers import discover
from matinee.errors import MatineeError
from tests.unit.catalog.fakes import LogLines, a_title
from tools.contracts import function_schemas

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = ROOT / "contracts" / "functions" / "catalog"
EVENTS = ROOT / "events" / "catalog"


class Context:
    """What Powertools reads of a Lambda context."""

    function_name = "DiscoverFunction"
    function_version = "1"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:000000000000:function:DiscoverFunction"
    aws_request_id = "019b0000-0000-7000-8000-00000000000f"


class FakeDiscoverer:
    """Answers what it was told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answer: Discovery | MatineeError = Discovery((), Strategy.AND)
        self.tastes: list[Taste] = []

    def __call__(self, taste: Taste) -> Discovery:
        self.tastes.append(taste)
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
    return cast("dict[str, Any]", json.loads((CONTRACT / f"Discover/1.0.{part}.json").read_text()))


def check(value: object, part: str) -> None:
    Draft202012Validator(contract(part)).validate(value)


def test_a_taste_is_answered_with_its_candidates(discoverer: FakeDiscoverer) -> None:
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
                    "mediaType": "MOVIE",
                }
            ],
            "strategy": "OR",
        }
    }
    check(answer, "response")


def test_no_candidates_are_an_answer_too(discoverer: FakeDiscoverer) -> None:
    answer = invoke({"mediaType": "MOVIE", "genreIds": [37]})

    assert answer == {"data": {"candidates": [], "strategy": "AND"}}
    assert len(discoverer.tastes) == 1


@pytest.mark.parametrize("genre_ids", [[18, 16], [16, 18]])
def test_the_order_of_genres_means_nothing(
    discoverer: FakeDiscoverer, genre_ids: list[int]
) -> None:
    invoke({"mediaType": "MOVIE", "genreIds": genre_ids})

    assert discoverer.tastes[0].genre_ids == (16, 18)


def test_the_same_genre_twice_is_one_genre(discoverer: FakeDiscoverer) -> None:
    invoke({"mediaType": "TV", "genreIds": [18, 18]})

    assert discoverer.tastes[0].genre_ids == (18,)


def test_a_film_genre_is_no_series_genre_and_the_answer_says_what_is(
    discoverer: FakeDiscoverer,
) -> None:
    answer = invoke(sample("unknown-genre"))

    assert answer["error"]["type"] == "InvalidInput"
    assert list(answer["error"]["info"]["fields"]) == ["genreIds"]
    reason = answer["error"]["info"]["fields"]["genreIds"]
    assert reason.startswith("28 is no genre of TV; allowed are ")
    assert all(f"{id_} ({name})" in reason for id_, name in TV_GENRES.items())
    assert discoverer.tastes == []
    check(answer, "response")


def test_every_genre_of_a_media_type_is_taken(discoverer: FakeDiscoverer) -> None:
    for media_type, genres in (("MOVIE", FILM_GENRES), ("TV", TV_GENRES)):
        for genre in genres:
            assert "data" in invoke({"mediaType": media_type, "genreIds": [genre]})

    assert len(discoverer.tastes) == 19 + 16


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({}, "mediaType"),
        ({"mediaType": "BOOK"}, "mediaType"),
        ({"mediaType": None}, "mediaType"),
        ({"mediaType": "MOVIE", "genreIds": [28, 12, 16]}, "genreIds"),
        ({"mediaType": "MOVIE", "genreIds": ["28"]}, "genreIds.0"),
        ({"mediaType": "MOVIE", "genreIds": [True]}, "genreIds.0"),
        ({"mediaType": "MOVIE", "genreIds": None}, "genreIds"),
        ({"mediaType": "MOVIE", "genreIds": [-1]}, "genreIds"),
        ({"mediaType": "MOVIE", "correlationId": "x" * 129}, "correlationId"),
    ],
)
def test_input_that_breaks_a_rule_is_refused_by_the_name_of_its_field(
    discoverer: FakeDiscoverer, event: dict[str, Any], field: str
) -> None:
    answer = invoke(event)

    assert answer["error"]["type"] == "InvalidInput"
    assert field in answer["error"]["info"]["fields"]
    assert discoverer.tastes == []


@pytest.mark.parametrize(
    ("error", "type_", "info"),
    [
        (TmdbUnavailable(), "TmdbUnavailable", None),
        (TmdbKeyRefused(), "TmdbKeyRefused", None),
        (TmdbRateLimited(retry_after=7.5), "TmdbRateLimited", {"retryAfter": 7.5}),
    ],
)
def test_a_failing_tmdb_is_a_typed_error_with_a_sentence(
    discoverer: FakeDiscoverer, error: MatineeError, type_: str, info: object
) -> None:
    discoverer.answer = error

    answer = invoke(sample("valid"))

    assert answer["error"]["type"] == type_
    assert answer["error"]["info"] == info
    assert answer["error"]["message"].endswith(".")
    check(answer, "response")


def test_the_correlation_id_is_on_every_line(
    discoverer: FakeDiscoverer, log_lines: LogLines
) -> None:
    assert discoverer.tastes == []

    invoke(sample("valid"))

    lines = log_lines()
    assert lines[-1]["message"] == "discovered"
    assert {line["correlation_id"] for line in lines} == {sample("valid")["correlationId"]}


@pytest.mark.filterwarnings("ignore:No application metrics to publish")
def test_a_warm_up_asks_nothing(discoverer: FakeDiscoverer) -> None:
    assert invoke({"warmup": True}) == {"warmed": True}
    assert discoverer.tastes == []


def test_the_schemas_on_file_are_those_of_the_models() -> None:
    for path, text in function_schemas.texts().items():
        assert (CONTRACT / path).read_text() == text, "make contracts"


def examples() -> list[tuple[str, Path]]:
    paths = sorted(CONTRACT.rglob("*.example.json"))
    return [(path.name.split(".")[2], path) for path in paths]


@pytest.mark.parametrize(("part", "path"), examples(), ids=str)
def test_every_example_keeps_the_contract(part: str, path: Path) -> None:
    check(json.loads(path.read_text()), part)


def test_there_is_an_example_of_every_part_of_the_contract() -> None:
    assert sorted(part for part, _ in examples()) == ["request", "response", "response"]


@pytest.mark.parametrize("path", sorted(EVENTS.glob("DiscoverFunction.*.json")), ids=str)
def test_every_sample_event_keeps_the_contract(path: Path) -> None:
    check(json.loads(path.read_text()), "request")
