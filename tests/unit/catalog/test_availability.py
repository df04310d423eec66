"""What changed of who streams a title."""

from datetime import UTC, datetime

import pytest

from catalog.domain import CachedTitle, Facts, Provider
from catalog.domain.availability import CountryChange, availability_changes
from catalog.events.factory import size_in_event, titles_cached
from catalog.events.published import TitlesCached
from matinee.events.envelope import Trace
from tests.unit.catalog.fakes import a_title

NOW = datetime(2026, 1, 31, 3, tzinfo=UTC)
NETFLIX, DISNEY, MUBI = Provider(8, "Netflix"), Provider(337, "Disney Plus"), Provider(11, "MUBI")


def facts(**countries: tuple[Provider, ...]) -> Facts:
    return Facts(providers=countries)


def test_says_by_country_who_came_and_who_went() -> None:
    before = facts(DE=(NETFLIX, MUBI), FR=(MUBI,), US=(NETFLIX,))
    after = facts(DE=(DISNEY, NETFLIX), GB=(NETFLIX,), US=(NETFLIX,))

    assert availability_changes(before, after) == [
        CountryChange("DE", (DISNEY,), (MUBI,), (DISNEY, NETFLIX)),
        CountryChange("FR", (), (MUBI,), ()),
        CountryChange("GB", (NETFLIX,), (), (NETFLIX,)),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (facts(DE=(NETFLIX, MUBI)), facts(DE=(MUBI, NETFLIX))),
        (facts(DE=(NETFLIX,)), facts(DE=(Provider(8, "Netflix DE"),))),
        (facts(DE=()), facts()),
        (Facts(), facts(DE=(NETFLIX,))),
        (facts(DE=(NETFLIX,)), Facts()),
    ],
    ids=["another order", "another name", "no entry", "unknown before", "unknown now"],
)
def test_is_no_change(before: Facts, after: Facts) -> None:
    assert not availability_changes(before, after)


def test_unknown_providers_stay_as_they_were() -> None:
    before = CachedTitle(a_title(), facts(DE=(NETFLIX,)), NOW)

    assert CachedTitle(a_title(), Facts(), NOW).replacing(before).facts == before.facts
    assert CachedTitle(a_title(), facts(), NOW).replacing(before).facts == facts()


def test_an_event_of_titles_names_each_provider_once() -> None:
    titles = [
        CachedTitle(a_title(), facts(DE=(NETFLIX, DISNEY), US=(NETFLIX,)), NOW),
        CachedTitle(a_title(), facts(FR=(NETFLIX,)), NOW),
        CachedTitle(a_title(), Facts(), NOW),
    ]

    data = titles_cached(titles, Trace("a-refresh")).data

    assert isinstance(data, TitlesCached)
    assert data.provider_names == {"8": "Netflix", "337": "Disney Plus"}
    alone = titles_cached(titles[2:], Trace("a-refresh")).data
    assert "provider_names" not in alone.model_dump(exclude_none=True)


def test_the_size_of_a_title_in_an_event_has_its_providers_names() -> None:
    title = CachedTitle(a_title(), facts(DE=(NETFLIX, Provider(9, "Ä" * 500))), NOW)

    event = titles_cached([title], Trace("a-refresh")).data

    assert size_in_event(title) > len(event.model_dump_json(exclude_none=True).encode()) - 50
