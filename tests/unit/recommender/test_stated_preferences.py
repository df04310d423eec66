"""Every stated preference has an effect: it moves the list towards it, for any taste."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache

import pytest

from matinee.media import MediaType
from recommender.domain.hard_filters import MAX_DISLIKED_RATING
from recommender.domain.preferences import Preferences
from recommender.domain.recommend import recommend
from recommender.domain.recommendation import Recommendation
from recommender.domain.requests import ResolvedRequest
from recommender.domain.taste import Taste
from recommender.domain.titles import TitleFacts
from recommender.domain.vocabulary import DEAL_BREAKERS, EXPLICIT
from tests.fakes.films import (
    MOVIE,
    NOW,
    TV,
    InMemoryTitles,
    cinema,
    film,
    learnt,
    liked,
    model_of,
    series,
)

FILMS = frozenset({MOVIE})
type Measure = Callable[[TitleFacts], float]

TASTES = {
    "nobody's": Taste(),
    "one favourite": Taste(favourites=(liked(next(t for t in cinema() if t.genre_ids == (99,))),)),
    "many favourites": Taste(favourites=tuple(liked(cinema()[n], n) for n in range(100, 700, 40))),
    "only a watchlist": Taste(watchlist=(liked(cinema()[5]), liked(cinema()[50]))),
}


def served(
    taste: Taste,
    preferences: Mapping[str, object],
    media: frozenset[MediaType] | None = FILMS,
    limit: int = 20,
) -> tuple[Recommendation, ...]:
    """Return the items for a taste."""
    return recommend(
        ResolvedRequest(media_types=media, limit=limit, preferences=preferences),
        taste,
        model=learnt(),
        projection=InMemoryTitles(cinema()),
        catalogue=None,
        now=NOW,
    ).items


@cache
def unprompted(taste: Taste) -> tuple[Recommendation, ...]:
    """Return the items for a taste of somebody who states no preference."""
    return served(taste, {})


def with_tastes(stated: Iterable[tuple[str, object, Measure]]) -> list[object]:
    """Return each case for many favourites, and each field's first for every other taste, too."""
    cases: list[object] = []
    fields: set[str] = set()
    for field, value, measure in stated:
        for name, taste in TASTES.items():
            if field not in fields or name == "many favourites":
                case_id = f"{field}={value}-{name}"
                cases.append(pytest.param(field, value, measure, taste, id=case_id))
        fields.add(field)
    return cases


def mean(items: tuple[Recommendation, ...], measure: Measure) -> float:
    """Return a measure's mean over a list."""
    return sum(measure(item.facts) for item in items) / len(items)


def of_genres(*ids: int) -> Measure:
    """Measure: how many of these genres a title has."""
    return lambda title: len(set(ids) & set(title.genre_ids))


def about(*words: str) -> Measure:
    """Measure: whether a title has one of these keywords."""
    return lambda title: float(bool(set(words) & set(title.keywords)))


def year(title: TitleFacts) -> int:
    """Return a title's year."""
    assert title.release_date is not None
    return title.release_date.year


def foreign(title: TitleFacts) -> float:
    """Measure: whether a title is in another language than English."""
    return float(title.original_language != "en")


WISHES: tuple[tuple[str, object, Measure], ...] = (
    ("favoriteGenres", ["27"], of_genres(27)),
    ("favoriteGenres", [37], of_genres(37)),
    ("favoriteGenres", ["Science Fiction"], of_genres(878)),
    ("genreRatings", {"10402": 10}, of_genres(10402)),
    ("keywords", ["heist"], about("heist")),
    ("keywords", ["Chess"], about("chess")),
    ("languagePreferences", ["ko"], lambda title: title.original_language == "ko"),
    ("languagePreferences", ["French"], lambda title: title.original_language == "fr"),
    ("eraPreferences", ["classic"], lambda title: year(title) < 1980),
    ("eraPreferences", ["modern"], lambda title: 1980 <= year(title) <= 2009),
    ("eraPreferences", ["recent"], lambda title: year(title) >= 2010),
    ("eraPreferences", ["1990s"], lambda title: 1990 <= year(title) <= 1999),
    ("moodPreferences", ["exciting"], of_genres(28, 12, 53, 878)),
    ("moodPreferences", ["thoughtful"], of_genres(18, 99, 9648, 36)),
    ("moodPreferences", ["funny"], of_genres(35, 10751, 16)),
    ("moodPreferences", ["scary"], of_genres(27, 53, 9648)),
    ("moodPreferences", ["emotional"], of_genres(18, 10749, 10402)),
    ("subgenrePreferences", ["superhero"], about("superhero")),
    ("subgenrePreferences", ["spy"], about("spy", "cia")),
    ("subgenrePreferences", ["disaster"], about("disaster")),
    ("subgenrePreferences", ["dystopian"], about("dystopia")),
    ("subgenrePreferences", ["cyberpunk"], about("cyberpunk")),
    ("subgenrePreferences", ["biographical"], about("biography")),
    ("subgenrePreferences", ["psychological"], about("psychological thriller")),
    ("subgenrePreferences", ["satire"], about("satire")),
    ("subgenrePreferences", ["slasher"], about("slasher")),
    ("subgenrePreferences", ["noir"], about("film noir")),
    ("subgenrePreferences", ["comingofage"], about("coming of age")),
    ("subgenrePreferences", ["coming-of-age"], about("coming of age")),
    ("subgenrePreferences", ["historical"], about("period drama")),
    ("criticalAcclaimPreferences", ["awardWinning"], lambda title: title.vote_average),
    ("criticalAcclaimPreferences", ["criticallyAcclaimed"], lambda title: title.vote_average),
    (
        "criticalAcclaimPreferences",
        ["underrated"],
        lambda t: t.vote_average >= 7 and t.popularity < 50 and t.vote_count < 3000,
    ),
    ("criticalAcclaimPreferences", ["blockbuster"], lambda title: title.popularity),
    (
        "criticalAcclaimPreferences",
        ["cultClassic"],
        lambda title: title.vote_average >= 7 and 20 <= title.popularity <= 80,
    ),
    ("aestheticPreferences", ["visuallyStunning"], of_genres(16, 14, 878, 12)),
    ("aestheticPreferences", ["darkMoody"], of_genres(53, 27, 80)),
    ("aestheticPreferences", ["colorful"], of_genres(16, 10751, 14)),
    ("storyStructurePreferences", ["twist"], about("plot twist")),
    ("storyStructurePreferences", ["nonlinear"], about("nonlinear timeline")),
    ("characterPreferences", ["complexProtagonist"], about("anti hero")),
    ("characterPreferences", ["ensemble"], about("ensemble cast")),
    ("runtimePreference", "short", lambda title: -(title.runtime or 0)),
    ("runtimePreference", "medium", lambda title: 90 <= (title.runtime or 0) <= 130),
    ("runtimePreference", ["long"], lambda title: title.runtime or 0),
    ("favoritePeople", {"actors": ["Actor 17"]}, lambda title: "Actor 17" in title.cast),
    ("favoritePeople", {"directors": ["Director 9"]}, lambda t: "Director 9" in t.directors),
    ("contentDiscoveryPreference", ["trending"], lambda title: title.popularity),
    ("contentDiscoveryPreference", ["hiddenGems"], lambda title: -title.vote_count),
    ("contentDiscoveryPreference", ["awardWinning"], lambda title: title.vote_average),
    ("contentDiscoveryPreference", ["classics"], lambda title: year(title) < 1980),
    ("contentDiscoveryPreference", ["newReleases"], lambda title: year(title) >= 2022),
    ("internationalContentPreference", "veryOpen", foreign),
    ("internationalContentPreference", "englishPreferred", lambda title: -foreign(title)),
    (
        "internationalContentPreference",
        "dubbedOnly",
        lambda title: -(foreign(title) and title.vote_count < 1000),
    ),
)


@pytest.mark.parametrize("taste", TASTES.values(), ids=TASTES)
@pytest.mark.parametrize(
    ("field", "value", "measure"), WISHES, ids=[f"{field}={value}" for field, value, _ in WISHES]
)
def test_a_soft_preference_moves_the_list_towards_it(
    field: str, value: object, measure: Measure, taste: Taste
) -> None:
    before = mean(unprompted(taste), measure)

    after = mean(served(taste, {field: value}), measure)

    assert after > before


def test_someopen_admits_acclaimed_foreign_films() -> None:
    def good(title: TitleFacts) -> float:
        return foreign(title) * (title.vote_average >= 7)

    whole = [
        sum(mean(served(taste, {**said}), good) for taste in TASTES.values())
        for said in ({}, {"internationalContentPreference": "someOpen"})
    ]

    assert whole[1] > whole[0]


LIMITS: tuple[tuple[str, object, Callable[[TitleFacts], bool]], ...] = (
    ("dislikedGenres", ["18"], lambda title: 18 not in title.genre_ids),
    ("dislikedGenres", ["Comedy", 27], lambda title: not {35, 27} & set(title.genre_ids)),
    ("genreRatings", {"18": MAX_DISLIKED_RATING - 1}, lambda title: 18 not in title.genre_ids),
    ("minRating", 7.5, lambda title: title.vote_average >= 7.5),
    ("minRating", "7.5", lambda title: title.vote_average >= 7.5),
    ("maxRating", 6.5, lambda title: title.vote_average <= 6.5),
    ("releaseYearStart", 2005, lambda title: year(title) >= 2005),
    ("releaseYearEnd", 1965, lambda title: year(title) <= 1965),
    *(
        ("dealBreakers", [name], lambda title, words=words: not words & set(title.keywords))
        for name, words in DEAL_BREAKERS.items()
    ),
    ("dealBreakers", ["jumpScares"], lambda title: 27 not in title.genre_ids),
    ("dealBreakers", ["subtitles"], lambda title: title.original_language == "en"),
    ("dealBreakers", ["blackAndWhite"], lambda title: year(title) >= 1940),
    ("dealBreakers", ["slowPace"], lambda title: (title.runtime or 0) < 180),
    (
        "maturityPreference",
        "family",
        lambda t: not EXPLICIT & set(t.keywords) and not {27, 53, 80, 10752} & set(t.genre_ids),
    ),
    (
        "maturityPreference",
        "kid-friendly",
        lambda t: t.maturity in {None, "kids"} and not {27, 53, 80, 10752} & set(t.genre_ids),
    ),
    ("maturityPreference", "PG-13", lambda title: "female nudity" not in title.keywords),
    ("maturityPreference", ["teens"], lambda title: title.maturity != "adults"),
)


@pytest.mark.parametrize(("field", "value", "met", "taste"), with_tastes(LIMITS))
def test_every_item_passes_a_hard_filter(
    field: str, value: object, met: Callable[[TitleFacts], bool], taste: Taste
) -> None:
    items = served(taste, {field: value})

    assert len(items) == 20
    assert all(met(item.facts) for item in items)
    assert not any(item.relaxed for item in items)


def test_accepts_subtitles_in_a_preferred_language() -> None:
    said = {"dealBreakers": ["subtitles"], "languagePreferences": ["ko"]}

    items = served(Taste(), said)

    assert {item.facts.original_language for item in items} == {"ko"}


def test_relaxes_filters_in_order_and_as_far_as_needed() -> None:
    good_old = film(1, vote_average=8.0, genre_ids=(35,))
    bad_old = film(2, vote_average=5.0, genre_ids=(35,))
    bad_disliked = film(3, vote_average=5.0, genre_ids=(27,))
    all_titles = (good_old, bad_old, bad_disliked)
    said = {"minRating": 7.0, "dislikedGenres": ["27"], "maturityPreference": "family"}

    def of(limit: int) -> list[tuple[int, tuple[str, ...]]]:
        items = recommend(
            ResolvedRequest(media_types=FILMS, limit=limit, preferences=said),
            Taste(),
            model=model_of(all_titles, ()),
            projection=InMemoryTitles(all_titles),
            catalogue=None,
            now=NOW,
        ).items
        return [(item.key.id, item.relaxed) for item in items]

    assert of(1) == [(1, ())]
    assert of(2) == [(1, ()), (2, ("rating",))]
    # Horror is never for a family, however few there are.
    assert of(3) == [(1, ()), (2, ("rating",))]


def test_content_type_decides_without_a_media_type() -> None:
    shows = served(Taste(), {"contentType": "tv"}, media=None)
    films = served(Taste(), {"contentType": "movies"}, media=None)
    either = served(Taste(), {"contentType": "both"}, media=None)

    assert {item.key.media_type for item in shows} == {TV}
    assert {item.key.media_type for item in films} == {MOVIE}
    assert {item.key.media_type for item in either} == {MOVIE, TV}


def test_content_type_biases_a_request_for_both() -> None:
    both = frozenset({MOVIE, TV})

    def shows(said: Mapping[str, object]) -> float:
        return mean(served(Taste(), said, both), lambda title: title.key.media_type is TV)

    assert shows({"contentType": "tv"}) > shows({}) > shows({"contentType": "movies"})


def test_maps_genres_between_films_and_series() -> None:
    series_only = frozenset({TV})

    spaceships = served(Taste(), {"favoriteGenres": ["878"]}, series_only)
    fights = served(Taste(), {"favoriteGenres": ["10759"]})

    assert mean(spaceships, of_genres(10765)) > mean(
        served(Taste(), {}, series_only), of_genres(10765)
    )
    assert mean(fights, of_genres(28, 12)) > mean(served(Taste(), {}), of_genres(28, 12))


def test_stored_preferences_act_like_the_request_s() -> None:
    said = {"favoriteGenres": ["27"], "minRating": 7.0}
    stored = Taste(preferences=Preferences.from_mapping(said))

    assert served(stored, {}) == served(Taste(), said)


def test_a_request_s_preference_replaces_the_stored_one() -> None:
    stored = Preferences.from_mapping({"minRating": 7.0, "favoriteGenres": ["27"]})

    overridden = stored.overridden_by({"favoriteGenres": [35], "favoritePeople": {"actors": ["X"]}})

    assert overridden.favorite_genres == ("35",)
    assert overridden.min_rating == 7.0
    assert overridden.actors == ("x",)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"minRating": "abc", "maxRating": None, "releaseYearStart": "soon", "keywords": {"a": 1}},
        {"favoriteGenres": {"a": 1}, "genreRatings": [1], "favoritePeople": "me", "eras": None},
        {"eraPreferences": ["?"], "moodPreferences": [None, True, {}], "minRating": float("inf")},
        {"minRating": 9, "maxRating": 2, "releaseYearStart": 2020, "releaseYearEnd": 1990},
        {"dealBreakers": ["bagpipes"], "runtimePreference": "any", "contentType": 3},
    ],
)
def test_ignores_invalid_preferences(nonsense: Mapping[str, object]) -> None:
    plain = [item.key for item in served(TASTES["many favourites"], {})]

    assert [item.key for item in served(TASTES["many favourites"], nonsense)] == plain


def test_empty_values_are_no_preferences() -> None:
    assert not Preferences()
    assert not Preferences.from_mapping({"favoriteGenres": [], "minRating": 0, "maxRating": 10})
    assert Preferences.from_mapping({"keywords": ["heist"]})


def test_series_have_their_own_runtime_ranges() -> None:
    short, long = series(1, runtime=22), series(2, runtime=60)

    items = recommend(
        ResolvedRequest(limit=2, preferences={"runtimePreference": "short"}),
        Taste(),
        model=model_of((short, long), ()),
        projection=InMemoryTitles((short, long)),
        catalogue=None,
        now=NOW,
    ).items

    assert [item.key for item in items] == [short.key, long.key]
