"""Which of TMDB's providers people mean by the platforms that they name."""

import pytest

from matinee.streaming import Platforms


@pytest.mark.parametrize(
    ("word", "provider_id", "name"),
    [
        ("Netflix", 8, "Netflix"),
        ("netflix ", 1796, "Netflix Standard with Ads"),
        ("8", 8, "Netflix"),
        ("Disney+", 337, "Disney Plus"),
        ("disney", 337, "Disney Plus"),
        ("Amazon Prime", 9, "Amazon Prime Video"),
        ("Prime Video", 2100, "Amazon Prime Video with Ads"),
        ("HBO Max", 1899, "Max"),
        ("Apple TV", 350, "Apple TV+"),
        ("Peacock", 387, "Peacock Premium Plus"),
        ("Canal+", 381, "Canal+"),
    ],
)
def test_a_provider_is_the_platform(word: str, provider_id: int, name: str) -> None:
    assert Platforms([word]).has(provider_id, name)


@pytest.mark.parametrize(
    ("word", "provider_id", "name"),
    [
        ("Netflix", 337, "Disney Plus"),
        ("8", 9, "Amazon Prime Video"),
        ("Apple TV", 2, "Apple TV"),
        ("Paramount+", 582, "Paramount+ Amazon Channel"),
        ("Now", 1, "Nowhere"),
        ("+ -", 8, "Netflix"),
        ("", 8, ""),
    ],
)
def test_a_provider_is_another_one(word: str, provider_id: int, name: str) -> None:
    assert not Platforms([word]).has(provider_id, name)


def test_there_are_no_platforms_in_words_without_letters() -> None:
    assert not Platforms([" ", "!"])
    assert Platforms(["MUBI"]).among([8, 11], {8: "Netflix", 11: "MUBI"}) == [11]
