"""Lists say who streams their titles where the user is."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from library.domain.titles import CachedTitle
from matinee.local_facts import LocalFacts
from tests.fakes.clock import NOON
from tests.fakes.library import TRACE, film
from tests.fakes.library_http import LibraryApi

STATED = {"region": "DE", "streamingPlatforms": ["Disney+"]}
LISTS = ("favourites", "favorites", "watchlist", "seen", "dismissed")


@pytest.fixture(autouse=True)
def catalogue(api: LibraryApi) -> None:
    """Film 1 can be streamed, film 2 by nobody; nothing is known of film 3."""
    facts = api.library.facts
    facts.add_names({8: "Netflix", 337: "Disney Plus"})
    local = {1: LocalFacts.of({}, {"DE": [8, 337, 4711], "FR": [8]}), 2: LocalFacts()}
    for number, known in local.items():
        facts.save(CachedTitle(film(number), NOON, NOON + timedelta(days=1), known))


def badges(api: LibraryApi, name: str, stated: Mapping[str, object]) -> Sequence[object]:
    """Return the badges of films 1 to 3 on a list."""
    api.library.preferences.change("ann", stated, TRACE)
    for number in (3, 2, 1):
        api("PUT", f"/user/{name}/movie/{number}", {"title": "T", "posterPath": "/p", "genres": []})
        api.library.now.advance(seconds=1)
    items = api("GET", f"/user/{name}").body["items"]
    assert [item["id"] for item in items] == [1, 2, 3]
    return [item.get("availableOn", "unknown") for item in items]


@pytest.mark.parametrize("name", LISTS)
def test_own_platforms_come_first(api: LibraryApi, name: str) -> None:
    assert badges(api, name, STATED) == [
        [
            {"id": 337, "name": "Disney Plus", "isOwn": True},
            {"id": 8, "name": "Netflix", "isOwn": False},
        ],
        [],
        "unknown",
    ]


def test_a_region_alone_is_enough(api: LibraryApi) -> None:
    found = badges(api, "watchlist", {"region": "FR"})

    assert found[0] == [{"id": 8, "name": "Netflix", "isOwn": False}]


def test_without_a_region_nothing_is_shown_or_read(api: LibraryApi) -> None:
    assert badges(api, "watchlist", {"streamingPlatforms": ["Netflix"]}) == ["unknown"] * 3
    assert api.library.facts.asked == []


def test_an_empty_list_reads_nothing(api: LibraryApi) -> None:
    api.library.preferences.change("ann", STATED, TRACE)

    assert api("GET", "/user/watchlist").body == {"items": []}
    assert api.library.facts.asked == []


def test_a_list_is_shown_though_nothing_is_known_of_providers(api: LibraryApi) -> None:
    api.library.facts.is_down = True

    assert badges(api, "favourites", STATED) == ["unknown"] * 3
