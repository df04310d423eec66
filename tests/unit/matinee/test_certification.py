"""Certifications of many countries say for whom a title is; the strictest counts."""

from collections.abc import Mapping

import pytest

from matinee.certification import is_at_most, maturity_of
from matinee.questionnaire import Maturity
from tools.tmdb.certifications import FILM_CERTIFICATIONS, SERIES_CERTIFICATIONS


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ({}, None),
        ({"US": "G"}, Maturity.KIDS),
        ({"US": "pg"}, Maturity.KIDS),
        ({"US": "PG-13"}, Maturity.TEENS),
        ({"US": "R"}, Maturity.ADULTS),
        ({"US": "TV-Y7"}, Maturity.KIDS),
        ({"US": "TV-14"}, Maturity.TEENS),
        ({"US": "NR"}, None),
        ({"ES": "A"}, Maturity.KIDS),
        ({"IN": "A"}, Maturity.ADULTS),
        ({"XX": "A"}, None),
        ({"DE": "6", "FR": "TP", "GB": "U"}, Maturity.KIDS),
        ({"DE": "12", "FR": "TP"}, Maturity.TEENS),
        ({"GB": "12A"}, Maturity.TEENS),
        ({"AU": "MA15+"}, Maturity.ADULTS),
        ({"KR": "ALL", "US": "PG", "NO": "18"}, Maturity.ADULTS),
    ],
)
def test_the_strictest_board_counts(said: Mapping[str, str], level: Maturity | None) -> None:
    assert maturity_of(said) is level


@pytest.mark.parametrize("table", [FILM_CERTIFICATIONS, SERIES_CERTIFICATIONS])
def test_what_a_country_writes_is_understood_in_order(table: Mapping[str, tuple[str, ...]]) -> None:
    order = list(Maturity)
    for country, mildest_first in table.items():
        levels = [maturity_of({country: text}) for text in mildest_first]
        assert None not in levels
        places = [order.index(level) for level in levels if level]
        assert places == sorted(places)


@pytest.mark.parametrize(
    ("country", "certification", "strictest", "passes"),
    [
        ("DE", "12", "12", True),
        ("DE", "16", "12", False),
        ("US", "TV-PG", "TV-14", True),
        ("US", "TV-MA", "TV-14", False),
        ("US", "NC-17", "R", False),
        ("US", "R", "NC-17", True),
        ("GB", "12A", "12", True),
        ("GB", "U", "PG", True),
        ("US", None, "R", False),
        ("US", "NR", "R", False),
        ("US", "G", "whatever", False),
    ],
)
def test_a_certification_is_compared_within_its_country(
    country: str, certification: str | None, strictest: str, *, passes: bool
) -> None:
    assert is_at_most(country, certification, strictest) is passes
