"""ResolveFunction, from its event to its answer, and its contract."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from jsonschema import Draft202012Validator

from catalog.domain.errors import CatalogUnavailable
from catalog.domain.resolution import Outcome, Resolution, TitleRef
from catalog.handlers import resolve
from catalog.use_cases.resolve_titles import Resolutions
from matinee.errors import MatineeError
from matinee.media import MediaType, TitleKey
from tests.unit.catalog.fakes import a_title
from tests.unit.catalog.test_discover_function import Context

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = ROOT / "contracts" / "functions" / "catalog" / "Resolve"
EVENTS = ROOT / "events" / "catalog"


class FakeResolver:
    """Returns what it was told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answer: Resolutions | MatineeError = Resolutions([])
        self.asked: list[TitleRef] = []

    def __call__(self, refs: Sequence[TitleRef]) -> Resolutions:
        self.asked += refs
        if isinstance(self.answer, MatineeError):
            raise self.answer
        return self.answer


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> FakeResolver:
    fake = FakeResolver()
    monkeypatch.setattr(resolve, "resolver", lambda: fake)
    return fake


def invoke(event: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    return json.loads(json.dumps(resolve.handler(event, cast("LambdaContext", Context()))))


def sample(case: str) -> dict[str, Any]:
    text = (EVENTS / f"ResolveFunction.invoke.{case}.json").read_text()
    return cast("dict[str, Any]", json.loads(text))


def check(value: object, part: str) -> None:
    schema = json.loads((CONTRACT / f"1.0.{part}.json").read_text())
    Draft202012Validator(schema).validate(value)


def test_answers_each_title_in_order(resolver: FakeResolver) -> None:
    found, meant = a_title(1, title="Amélie", poster_path=None), a_title(2)
    resolver.answer = Resolutions(
        [
            Resolution(Outcome.FOUND, found),
            Resolution(Outcome.AMBIGUOUS, suggestions=(meant,)),
            Resolution(Outcome.UNAVAILABLE),
        ],
        2.5,
    )

    answer = invoke(sample("valid"))

    check(answer, "response")
    results = answer["data"]["results"]
    assert [it["outcome"] for it in results] == ["found", "ambiguous", "unavailable"]
    assert (results[0]["title"]["title"], results[0]["title"]["posterPath"]) == ("Amélie", None)
    assert [it["id"] for it in results[1]["suggestions"]] == [2]
    assert answer["data"]["retryAfter"] == 2.5
    assert resolver.asked == [
        TitleRef(imdb_id="tt10000001", name="The Long Way Home", year=2019),
        TitleRef(key=TitleKey(MediaType.TV, 1), media_type=MediaType.TV),
        TitleRef(name="Amélie", year=2001),
    ]


@pytest.mark.parametrize(
    "titles",
    [
        [],
        [{}],
        [{"title": " "}],
        [{"mediaId": 550}],
        [{"imdbId": "nm0000001"}],
        [{"title": "x" * 501}],
        [{"title": "Salt"}] * 101,
    ],
    ids=str,
)
def test_refuses_titles_that_nothing_can_be_found_for(
    resolver: FakeResolver, titles: list[dict[str, Any]]
) -> None:
    answer = invoke({"titles": titles})

    assert answer["error"]["type"] == "InvalidInput"
    check(answer, "response")
    assert not resolver.asked


def test_reports_that_the_tables_cannot_be_reached(resolver: FakeResolver) -> None:
    resolver.answer = CatalogUnavailable()

    answer = invoke(sample("valid"))

    assert answer["error"]["type"] == "CatalogUnavailable"
    check(answer, "response")


@pytest.mark.parametrize("path", sorted(CONTRACT.glob("*.example.json")), ids=lambda it: it.name)
def test_every_example_satisfies_the_contract(path: Path) -> None:
    check(json.loads(path.read_text()), path.name.split(".")[2])
