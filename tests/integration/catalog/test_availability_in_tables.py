"""AvailabilityChanged over moto's tables: once for each real change, in one transaction with it."""

import json
from collections.abc import Collection, Mapping
from typing import Any

import pytest

from catalog.adapters.dynamodb.titles import DynamoTitles
from catalog.domain import CachedTitle, Details, Facts, Provider, Title
from matinee.media import MediaType, TitleKey
from tests.fakes.refreshing import FACTS, film
from tests.integration.catalog.conftest import TRACE, RefreshScenario

KEY = TitleKey(MediaType.MOVIE, 1)
NETFLIX, MUBI = Provider(8, "Netflix"), Provider(11, "MUBI")
type Providers = Mapping[str, tuple[Provider, ...]] | None


def fetched(scenario: RefreshScenario, providers: Providers, *, minutes: int = 1) -> CachedTitle:
    """Return film 1 as TMDB says it now, some minutes after the time before."""
    scenario.now.advance(minutes=minutes)
    return CachedTitle.fetched(Details(film(1), Facts(providers=providers)), scenario.now())


def store(scenario: RefreshScenario, providers: Providers) -> None:
    scenario.titles.store([fetched(scenario, providers)], TRACE)


def changes(scenario: RefreshScenario) -> list[dict[str, Any]]:
    """Return the data of all AvailabilityChanged, in their order."""
    data = [json.loads(item.detail)["data"] for item in scenario.events("AvailabilityChanged")]
    return sorted(data, key=lambda each: str(each["changed_at"]))


def test_tells_who_came_and_who_went(scenario: RefreshScenario) -> None:
    store(scenario, {"DE": (NETFLIX,), "FR": (MUBI,)})
    store(scenario, {"DE": (NETFLIX, MUBI)})

    [change] = changes(scenario)
    assert change.pop("changed_at").startswith("2026-01-31T03:02")
    assert change == {
        "media_type": "movie",
        "media_id": 1,
        "title": "Film 1",
        "poster_path": "/1.jpg",
        "countries": [
            {"country": "DE", "came": [11], "went": [], "providers": [8, 11]},
            {"country": "FR", "came": [], "went": [11], "providers": []},
        ],
        "names": {"8": "Netflix", "11": "MUBI"},
    }


def test_tells_nothing_of_a_new_title_nor_without_a_change(scenario: RefreshScenario) -> None:
    for providers in ({"DE": (NETFLIX, MUBI)}, {"DE": (MUBI, NETFLIX)}, None):
        store(scenario, providers)

    assert changes(scenario) == []
    stored = scenario.titles.get(KEY)
    assert stored is not None
    assert stored.facts.providers == {"DE": (MUBI, NETFLIX)}


def test_a_title_without_any_local_facts_becomes_available(scenario: RefreshScenario) -> None:
    store(scenario, {})
    store(scenario, {"DE": (NETFLIX,)})

    assert [each["countries"][0]["came"] for each in changes(scenario)] == [[8]]


def test_what_was_fetched_earlier_changes_nothing_later(scenario: RefreshScenario) -> None:
    store(scenario, {})
    late = fetched(scenario, {})
    store(scenario, {"DE": (NETFLIX,)})
    scenario.titles.store([late], TRACE)

    assert len(changes(scenario)) == 1


def test_two_writers_tell_each_change_once(
    scenario: RefreshScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one reads before the first one writes, and has to compare again."""
    store(scenario, {})
    first, second = (
        fetched(scenario, {"DE": (NETFLIX,)}),
        fetched(scenario, {"DE": (NETFLIX, MUBI)}),
    )
    others = [lambda: scenario.titles.store([first], TRACE)]
    read = DynamoTitles.get_many

    def reads_and_waits(
        titles: DynamoTitles, keys: Collection[TitleKey]
    ) -> Mapping[TitleKey, CachedTitle]:
        found = read(titles, keys)
        if others:
            others.pop()()
        return found

    monkeypatch.setattr(DynamoTitles, "get_many", reads_and_waits)
    scenario.titles.store([second], TRACE)

    assert [each["countries"][0]["came"] for each in changes(scenario)] == [[8], [11]]


def test_a_page_of_titles_that_all_changed_is_one_transaction(scenario: RefreshScenario) -> None:
    titles: list[Title] = [film(id_) for id_ in range(1, 26)]

    def store_all(providers: Providers) -> None:
        scenario.now.advance(minutes=1)
        now = scenario.now()
        facts = Facts(FACTS.runtime, providers=providers)
        scenario.titles.store(
            [CachedTitle.fetched(Details(title, facts), now) for title in titles], TRACE
        )

    store_all({})
    store_all({"DE": (NETFLIX,)})

    assert len(changes(scenario)) == 25
