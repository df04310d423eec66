"""What a user can stream on own platforms in their region is lifted, softly, and says so."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from matinee.local_facts import LocalFacts
from matinee.media import TitleKey
from matinee.streaming import Offer
from recommender.api.schemas import SimilarTitles
from recommender.domain.preferences import Preferences
from recommender.domain.recommend import recommend
from recommender.domain.recommendation import Recommendations
from recommender.domain.requests import ResolvedRequest
from recommender.domain.taste import Taste
from recommender.domain.titles import TitleFacts, TitlesUnavailable
from tests.fakes.films import MOVIE, NOW, InMemoryTitles, cinema, film, learnt, liked

NAMES = {8: "Netflix", 337: "Disney Plus", 1796: "Netflix Standard with Ads"}
FILMS = tuple(title for title in cinema() if title.key.media_type is MOVIE)
HISTORY = tuple(liked(title) for title in FILMS[10:16])
GERMAN = {"region": "de", "streamingPlatforms": ["Disney+"]}


def on(title: TitleFacts, **providers: list[int]) -> TitleFacts:
    return replace(title, local=LocalFacts.of({}, providers))


def served(
    stated: Mapping[str, object],
    titles: tuple[TitleFacts, ...],
    *,
    names: Mapping[int, str] = NAMES,
    limit: int = 20,
    **more: object,
) -> Recommendations:
    return recommend(
        ResolvedRequest(media_types=frozenset({MOVIE}), limit=limit),
        Taste(favourites=HISTORY, preferences=Preferences.from_mapping(stated)),
        **{  # type: ignore[arg-type] # named as recommend names them
            "model": learnt(),
            "projection": InMemoryTitles(titles),
            "catalogue": None,
            "now": NOW,
            "provider_names": lambda: names,
            **more,
        },
    )


def keys(found: Recommendations) -> list[TitleKey]:
    return [item.key for item in found.items]


def streaming(lifted: TitleKey, **providers: list[int]) -> tuple[TitleFacts, ...]:
    """Return all films, one of which can be streamed."""
    return tuple(on(one, **providers) if one.key == lifted else one for one in cinema())


@pytest.fixture(scope="module")
def plain() -> Recommendations:
    return served({}, cinema())


@pytest.mark.parametrize(
    "stated",
    [{}, {"streamingPlatforms": ["Disney+"]}, {"region": "DE"}, {"region": "Germany"}],
    ids=["nothing", "no region", "no platforms", "no such region"],
)
def test_nothing_moves_for_others(plain: Recommendations, stated: Mapping[str, object]) -> None:
    everywhere = tuple(on(title, DE=[337], FR=[8]) for title in cinema()[::2]) + cinema()[1::2]

    found = served(stated, everywhere)

    assert [(item.key, item.parts, item.reason) for item in found.items] == [
        (item.key, item.parts, item.reason) for item in plain.items
    ]


def test_a_title_on_an_own_platform_rises(plain: Recommendations) -> None:
    low = keys(plain)[-1]

    found = served(GERMAN, streaming(low, DE=[8, 337]))

    assert keys(found).index(low) < keys(plain).index(low)
    [item] = [item for item in found.items if item.key == low]
    assert item.reason.endswith("; you can stream it on Disney Plus")
    assert item.offers == (Offer(337, "Disney Plus", is_own=True), Offer(8, "Netflix"))
    [before] = [item for item in plain.items if item.key == low]
    assert item.because_of == before.because_of


def test_the_lift_is_soft(plain: Recommendations) -> None:
    """What nothing else speaks for does not reach the top."""
    worst = min(cinema(), key=lambda title: (title.vote_average, title.key)).key

    found = served(GERMAN, streaming(worst, DE=[337]), limit=6)

    assert worst not in keys(found)
    assert keys(found) == keys(plain)[:6]


@pytest.mark.parametrize(
    "providers", [{"FR": [337]}, {"DE": [8]}, {}], ids=["elsewhere", "not own", "nowhere"]
)
def test_only_own_platforms_in_the_own_region_lift(
    plain: Recommendations, providers: dict[str, list[int]]
) -> None:
    low = keys(plain)[-1]

    found = served(GERMAN, streaming(low, **providers))

    assert [(item.key, item.parts, item.reason) for item in found.items] == [
        (item.key, item.parts, item.reason) for item in plain.items
    ]


def test_a_response_has_the_names_of_the_contract(plain: Recommendations) -> None:
    first = keys(plain)[0]
    found = served(GERMAN, streaming(first, DE=[337]))

    body = SimilarTitles.from_recommendations(found).model_dump(mode="json")

    assert body["items"][0]["availableOn"] == [{"id": 337, "name": "Disney Plus", "isOwn": True}]
    assert body["items"][1]["availableOn"] == []


def test_a_region_alone_shows_who_streams_titles(plain: Recommendations) -> None:
    first = keys(plain)[0]

    found = served({"region": "DE"}, streaming(first, DE=[8]))

    assert found.items[0].offers == (Offer(8, "Netflix"),)
    assert found.items[1].offers == ()
    assert all(item.offers is None for item in plain.items)


def test_without_a_model_titles_are_lifted_too() -> None:
    titles = (film(1, vote_count=1100), on(film(2), DE=[1796]))
    stated = {"region": "DE", "streamingPlatforms": ["Netflix"]}

    without = served({}, titles, model=None)
    found = served(stated, titles, model=None)

    assert [key.id for key in keys(without)] == [1, 2]
    assert [key.id for key in keys(found)] == [2, 1]


def test_a_new_title_says_where_it_can_be_streamed() -> None:
    fresh = on(film(9_000_001), DE=[337])

    store = InMemoryTitles(cinema(), fresh=(fresh,))
    found = served(GERMAN, cinema(), projection=store)

    [new] = [item for item in found.items if item.new]
    assert new.reason.endswith("; you can stream it on Disney Plus")


@pytest.mark.parametrize("names", [{}, None], ids=["no names yet", "names cannot be read"])
def test_recommends_though_names_are_unknown(
    plain: Recommendations, names: Mapping[int, str] | None
) -> None:
    def read() -> Mapping[int, str]:
        if names is None:
            raise TitlesUnavailable
        return names

    found = served(GERMAN, streaming(keys(plain)[-1], DE=[337]), provider_names=read)

    assert keys(found) == keys(plain)
    assert all(item.offers is None for item in found.items)


def test_names_are_read_for_users_with_a_region_alone() -> None:
    def read() -> Mapping[int, str]:
        pytest.fail("nobody asks who streams what")

    assert served({"streamingPlatforms": ["Netflix"]}, cinema(), provider_names=read).items


def test_titles_are_read_once_whatever_is_lifted() -> None:
    store = InMemoryTitles(cinema())

    served(GERMAN, cinema(), projection=store)

    assert store.asked.count("facts") <= 3
