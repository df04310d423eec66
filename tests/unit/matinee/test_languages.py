"""Which language and country a reader is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.languages import accepted_languages, best_language, country_of


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("", []),
        ("de", ["de"]),
        ("fr;q=0.5, de-AT , en;q=0.8", ["de-AT", "en", "fr"]),
        ("de;q=0, en;q=0.000", []),
        ("*, de;q=2, q=1, a;b, -, es;q=1.000", ["es"]),
        ("zh-Hans-CN", ["zh-Hans-CN"]),
    ],
)
def test_reads_accept_language_by_weight(header: str, tags: list[str]) -> None:
    assert accepted_languages(header) == tags


@given(st.text(max_size=300))
def test_any_header_is_read(header: str) -> None:
    assert all(tag.isascii() for tag in accepted_languages(header))


def test_english_stands_for_what_is_not_available() -> None:
    assert best_language(["ja", "FR-ca", "de"], {"fr", "de"}) == "fr"
    assert best_language(["ja", "en-GB", "de"], {"de"}) == "en"
    assert best_language([], {"de"}) == "en"


def test_the_country_is_that_of_the_first_tag_with_one() -> None:
    assert country_of(["de", "pt-br", "es-MX"]) == "BR"
    assert country_of(["zh-Hans-CN"]) == "CN"
    assert country_of(["de", "es-419"]) is None
