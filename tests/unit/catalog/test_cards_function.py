"""CardsFunction, from its event to its answer, and its contract."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from jsonschema import Draft202012Validator

from catalog.domain import CachedTitle
from catalog.domain.errors import CatalogBusy
from catalog.domain.titles import Facts, Provider, Trailer, Translation
from catalog.handlers import cards
from matinee.clock import utc_now
from matinee.media import MediaType, TitleKey
from tests.unit.catalog.fakes import a_title
from tests.unit.catalog.test_discover_function import Context

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = ROOT / "contracts" / "functions" / "catalog" / "Cards"
FACTS = Facts(
    runtime=122,
    directors=("Jean-Pierre Jeunet",),
    cast=("Audrey Tautou",),
    trailer=Trailer("YouTube", "HUECWi5pX7o"),
    certifications={"DE": "6"},
    providers={"DE": (Provider(8, "Netflix"),)},
    translations={"de": Translation("Die fabelhafte Welt der Amélie", "")},
)


class StoredTitles:
    """One film, or nothing while it is busy."""

    def __init__(self) -> None:
        self.busy = False
        self.asked: list[TitleKey] = []

    def get_many(self, keys: Collection[TitleKey]) -> Mapping[TitleKey, CachedTitle]:
        self.asked += keys
        if self.busy:
            raise CatalogBusy
        title = CachedTitle(a_title(1), FACTS, utc_now())
        return {title.key: title} if title.key in keys else {}


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> StoredTitles:
    fake = StoredTitles()
    monkeypatch.setattr(cards, "stored_titles", lambda: fake)
    return fake


def invoke(event: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    answer = json.loads(json.dumps(cards.handler(event, cast("LambdaContext", Context()))))
    schema = json.loads((CONTRACT / "1.0.response.json").read_text())
    Draft202012Validator(schema).validate(answer)
    return answer


def sample(case: str) -> dict[str, Any]:
    text = (ROOT / "events" / "catalog" / f"CardsFunction.invoke.{case}.json").read_text()
    return cast("dict[str, Any]", json.loads(text))


def test_shows_what_is_cached_to_its_reader(stored: StoredTitles) -> None:
    [card] = invoke(sample("valid"))["data"]["cards"]

    assert (card["id"], card["mediaType"], card["language"]) == (1, "movie", "de")
    assert card["title"] == "Die fabelhafte Welt der Amélie"
    assert card["overview"] == a_title(1).overview, "English stands for what is not translated"
    assert (card["runtime"], card["certification"]) == (122, "6")
    assert card["providers"] == [{"id": 8, "name": "Netflix"}]
    assert card["trailer"] == {"site": "YouTube", "key": "HUECWi5pX7o"}
    assert stored.asked == [TitleKey(MediaType.MOVIE, 1), TitleKey(MediaType.TV, 1)]


@pytest.mark.usefixtures("stored")
def test_without_a_country_there_is_nothing_local() -> None:
    [card] = invoke({"titles": [{"mediaType": "movie", "id": 1}]})["data"]["cards"]

    assert (card["language"], card["certification"], card["providers"]) == ("en", None, None)


@pytest.mark.usefixtures("stored")
def test_a_country_without_providers_has_none() -> None:
    event = {"titles": [{"mediaType": "movie", "id": 1}], "country": "FR"}

    [card] = invoke(event)["data"]["cards"]

    assert card["providers"] == []


def test_refuses_what_it_cannot_read(stored: StoredTitles) -> None:
    assert invoke(sample("no-titles"))["error"]["type"] == "InvalidInput"
    assert stored.asked == []


def test_says_that_it_is_busy(stored: StoredTitles) -> None:
    stored.busy = True

    assert invoke(sample("valid"))["error"]["type"] == "CatalogBusy"


@pytest.mark.parametrize("name", ["response", "response.error"])
def test_the_examples_keep_the_contract(name: str) -> None:
    schema = json.loads((CONTRACT / "1.0.response.json").read_text())
    Draft202012Validator(schema).validate(
        json.loads((CONTRACT / f"1.0.{name}.example.json").read_text())
    )
