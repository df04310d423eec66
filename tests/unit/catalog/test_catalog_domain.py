"""Which titles may be candidates."""

import pytest

from catalog.domain import DiscoverQuery, RoomCriteria, Strategy
from matinee.media import MediaType
from matinee.text import is_latin
from tests.unit.catalog.fakes import a_title


@pytest.mark.parametrize(
    "text",
    [
        "Amélie",
        "¡Átame!",
        "1917",
        "Œuvre de Łódź",
        "Straße nach Þingvellir",
        "WALL·E",
        "9½ Weeks",
        "Ame\u0301lie",
        "Hawaiʻi",
        "Alien³",
        "Ｆｕｌｌ",
        "ﬁn",
        "M*A*S*H — “the end”… 🎬",
        "L'été №5 ™",
    ],
)
def test_accepts_latin_titles_with_accents_digits_and_signs(text: str) -> None:
    assert is_latin(text)


@pytest.mark.parametrize(
    "text",
    [
        "千と千尋の神隠し",
        "Amélie в Париже",
        "Сталкер",
        "기생충",
        "Ζ",
        "דיבוק",
        "تاكسي",
        "शोले",
        "々",
        "ｱｷﾗ",
        "Аlien",  # noqa: RUF001 - its first letter is Cyrillic
        "π",
        "株",
    ],
)
def test_rejects_a_title_with_one_letter_of_another_script(text: str) -> None:
    assert not is_latin(text)


@pytest.mark.parametrize(
    "flaw",
    [
        {"poster_path": None},
        {"poster_path": ""},
        {"overview": ""},
        {"overview": "  "},
        {"title": " "},
        {"title": "となりのトトロ"},
        {"vote_count": 49},
        {"original_language": "ja"},
        {"adult": True},
    ],
)
def test_a_title_with_one_flaw_is_not_presentable(flaw: dict[str, object]) -> None:
    assert not a_title(1, **flaw).is_presentable()


@pytest.mark.parametrize("language", ["en", "es", "fr", "it", "de", "pt"])
def test_a_title_without_flaws_is_presentable_in_each_language(language: str) -> None:
    assert a_title(1, original_language=language, vote_count=50).is_presentable()


def test_a_strict_query_matches_titles_with_every_genre() -> None:
    query = DiscoverQuery(MediaType.MOVIE, (18, 16), Strategy.AND)

    assert query.matches(a_title(1, 16, 35, 18))
    assert not query.matches(a_title(1, 18))


def test_a_loose_query_matches_titles_with_one_of_the_genres() -> None:
    query = DiscoverQuery(MediaType.MOVIE, (18, 16), Strategy.OR)

    assert query.matches(a_title(1, 18))
    assert not query.matches(a_title(1, 35))


def test_only_two_genres_have_a_loose_query() -> None:
    assert RoomCriteria(MediaType.TV, (18,)).loose is None
    assert RoomCriteria(MediaType.TV).strict.strategy is Strategy.ANY
    assert RoomCriteria(MediaType.TV, (18, 37)).loose == DiscoverQuery(
        MediaType.TV, (18, 37), Strategy.OR
    )
