"""Recommendations: their order, scores and reasons."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matinee.media import MediaType, TitleKey
from recommender.domain.preferences import Preferences
from recommender.domain.profile import build_profile
from recommender.domain.recommend import recommend
from recommender.domain.recommendation import Recommendation, Recommendations, Source
from recommender.domain.requests import ResolvedRequest
from recommender.domain.scoring import Scorer
from recommender.domain.similar import find_similar
from recommender.domain.soft_preferences import SoftPreference
from recommender.domain.taste import ListEntry, Taste
from recommender.domain.titles import TitleFacts, TitlesUnavailable
from recommender.domain.training.cooccurrence import FavouritesChange
from recommender.domain.tuning import TUNED
from tests.fakes.discovery import Discovery
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
ALL = {title.key: title for title in cinema()}
places = st.lists(st.integers(0, len(cinema()) - 1), max_size=25, unique=True)


def served(request: ResolvedRequest, taste: Taste, **more: object) -> Recommendations:
    """Recommend with everything available."""
    return recommend(
        request,
        taste,
        **{  # type: ignore[arg-type] # named as recommend names them
            "model": learnt(),
            "projection": InMemoryTitles(cinema()),
            "catalogue": None,
            "now": NOW,
            **more,
        },
    )


def keys(answer: Recommendations) -> list[TitleKey]:
    """Return the items' keys."""
    return [item.key for item in answer.items]


@settings(max_examples=40, deadline=None)
@given(
    lists=st.tuples(places, places, places),
    media=st.sampled_from([FILMS, frozenset({TV}), frozenset(MediaType)]),
    limit=st.integers(1, 50),
    seed=st.integers(0, 3),
)
def test_any_response_keeps_the_invariants(
    lists: tuple[list[int], list[int], list[int]],
    media: frozenset[MediaType],
    limit: int,
    seed: int,
) -> None:
    favourites, watchlist, exclude = lists
    taste = Taste(
        tuple(liked(cinema()[n], age) for age, n in enumerate(favourites)),
        tuple(liked(cinema()[n], age) for age, n in enumerate(watchlist)),
    )
    blocked = {cinema()[n].key for n in (*favourites, *watchlist, *exclude)}
    request = ResolvedRequest(media, limit, frozenset(cinema()[n].key for n in exclude), seed=seed)

    answer = served(request, taste)

    assert len(answer.items) == limit
    assert len(set(keys(answer))) == limit
    assert not blocked & set(keys(answer))
    assert {item.key.media_type for item in answer.items} <= media
    points = [item.score + item.parts.diversity for item in answer.items]
    assert points == sorted(points, reverse=True)
    for item in answer.items:
        _has_parts_within_their_caps(item)
        _has_a_true_reason(item, taste)
    again = replace(taste, favourites=taste.favourites[::-1], watchlist=taste.watchlist[::-1])
    assert served(request, again) == answer


def _has_parts_within_their_caps(item: Recommendation) -> None:
    assert 0 <= item.parts.genre <= 30
    assert 0 <= item.parts.quality <= 30
    assert 0 <= item.parts.personalization <= 40
    assert 0 <= item.parts.diversity <= 10
    assert 0 <= item.score <= 100
    assert 0 <= item.parts.popularity <= 100
    parts = item.parts
    assert item.score == parts.genre + parts.quality + parts.personalization + parts.popularity


def _has_a_true_reason(item: Recommendation, taste: Taste) -> None:
    favourites = {entry.key for entry in taste.favourites}
    watchlist = {entry.key for entry in taste.watchlist}
    if item.reason.startswith("Because you liked "):
        assert item.because_of in favourites
        assert item.reason == f"Because you liked {ALL[item.because_of].title}"
    elif item.reason.startswith("Because "):
        assert item.because_of in watchlist
        assert item.reason == f"Because {ALL[item.because_of].title} is on your watchlist"
    else:
        assert item.because_of is None
        assert item.reason


def test_the_reason_names_the_strongest_favourite() -> None:
    space, heart, other = film(1, "Space"), film(2, "Heart"), film(3, "Other", genre_ids=(35,))
    goal = film(4, "Goal")
    together = [FavouritesChange(after=[space.key, goal.key])] * 9 + [
        FavouritesChange(after=[heart.key, goal.key])
    ]
    titles = (space, heart, other, goal)
    taste = Taste(favourites=(liked(heart), liked(space, 1), liked(other, 2)))

    item = served(
        ResolvedRequest(limit=1),
        taste,
        model=model_of(titles, together),
        projection=InMemoryTitles(titles),
    ).items[0]

    assert item.key == goal.key
    assert (item.reason, item.because_of) == ("Because you liked Space", space.key)


def test_reads_a_favourite_s_name_from_the_titles() -> None:
    taste = Taste(favourites=(ListEntry(cinema()[3].key),))

    reasons = {item.reason for item in served(ResolvedRequest(FILMS), taste).items}

    assert f"Because you liked {cinema()[3].title}" in reasons


def test_omits_a_favourite_without_a_name() -> None:
    taste = Taste(favourites=(ListEntry(cinema()[3].key),))
    others = [title for title in cinema() if title.key != cinema()[3].key]

    items = served(ResolvedRequest(FILMS), taste, projection=InMemoryTitles(others)).items

    assert items
    assert not any("Because" in item.reason for item in items)


def test_a_film_and_a_series_of_one_id_are_two_favourites() -> None:
    same_number = [title for title in cinema() if title.key.id == 50]
    assert [title.key.media_type for title in same_number] == [MOVIE, TV]
    answers = [
        served(ResolvedRequest(FILMS), Taste(favourites=(liked(one),))) for one in same_number
    ]

    assert keys(answers[0]) != keys(answers[1]) != keys(served(ResolvedRequest(FILMS), Taste()))


def test_five_romances_give_romances() -> None:
    romances = [t for t in cinema() if t.key.media_type is MOVIE and 10749 in t.genre_ids]
    taste = Taste(favourites=tuple(liked(title, n) for n, title in enumerate(romances[:5])))

    items = served(ResolvedRequest(FILMS, 6), taste).items

    assert sum(10749 in item.facts.genre_ids for item in items) >= 4


def _towards(title: TitleFacts, taste: Taste) -> float:
    """Return how far the list follows one title: the number of reasons that name it."""
    items = served(ResolvedRequest(FILMS, 20), taste).items
    return sum(item.because_of == title.key for item in items)


def test_recent_favourites_weigh_more() -> None:
    first, second = cinema()[10], cinema()[20]
    rest = tuple(liked(cinema()[n], 50) for n in range(200, 260, 3))

    early = Taste(favourites=(liked(first, 99), liked(second, 0), *rest))
    late = Taste(favourites=(liked(first, 0), liked(second, 99), *rest))

    assert _towards(first, late) > _towards(first, early)


def _popularity(taste: Taste, *preferences: SoftPreference) -> float:
    model = learnt()
    profile = build_profile(taste, model, TUNED)
    return Scorer(profile, preferences, (), 0.0, TUNED).score(0, model.vector(0)).parts.popularity


def test_popularity_counts_less_with_every_known_favourite() -> None:
    shares = [
        _popularity(Taste(favourites=tuple(map(liked, cinema()[:known]))))
        for known in (0, 1, 5, 10, 30)
    ]

    assert shares == sorted(shares, reverse=True)
    assert 40 < shares[0] < 50
    assert shares[2] < shares[0] / 2
    assert shares[-1] < 0.1


def test_a_stated_genre_outweighs_the_popularity_of_others() -> None:
    obscure = [film(n, genre_ids=(10752,), popularity=1.0, vote_count=300) for n in range(1, 21)]
    famous = [film(n, genre_ids=(18,), popularity=200.0, vote_count=20_000) for n in range(21, 60)]
    users = [FavouritesChange(after=[title.key for title in famous[n:]]) for n in range(20)]
    taste = Taste(preferences=Preferences(favorite_genres=("10752",)))

    answer = served(
        ResolvedRequest(FILMS, 6),
        taste,
        model=model_of([*obscure, *famous], users),
        projection=InMemoryTitles([*obscure, *famous]),
    )

    assert sum(10752 in item.facts.genre_ids for item in answer.items) >= 3


def test_a_title_against_a_preference_gains_less_by_its_popularity() -> None:
    against = SoftPreference(TUNED.genre_points, fit=lambda _: -1.0)
    neutral = SoftPreference(TUNED.genre_points, fit=lambda _: 0.0)

    assert 0 < _popularity(Taste(), against) < _popularity(Taste(), neutral) < _popularity(Taste())


def test_the_watchlist_is_a_weaker_signal_than_a_favourite() -> None:
    wanted, loved = cinema()[10], cinema()[20]

    both = Taste(favourites=(liked(loved),), watchlist=(liked(wanted),))
    turned = Taste(favourites=(liked(wanted),), watchlist=(liked(loved),))

    assert _towards(loved, both) > _towards(loved, turned) > 0


def test_a_growing_exclude_never_repeats_a_title() -> None:
    taste = Taste(favourites=tuple(liked(cinema()[n], n) for n in range(0, 60, 7)))
    shown: list[TitleKey] = []

    for _ in range(20):
        answer = served(ResolvedRequest(FILMS, 6, frozenset(shown)), taste)
        shown += keys(answer)

    assert len(set(shown)) == len(shown) == 120


def test_another_seed_gives_another_stable_selection() -> None:
    taste = Taste(favourites=tuple(liked(cinema()[n], n) for n in range(0, 60, 7)))

    answers = [served(ResolvedRequest(FILMS, 6, seed=seed), taste) for seed in (0, 1, 2, 1)]

    assert keys(answers[1]) == keys(answers[3])
    assert len({tuple(keys(answer)) for answer in answers}) == 3
    assert set(keys(answers[1])) - set(keys(answers[0]))


@pytest.mark.parametrize(("limit", "places"), [(3, 0), (4, 1), (6, 1), (12, 2), (50, 2)])
def test_keeps_places_for_new_titles_that_fit(limit: int, places: int) -> None:
    taste = Taste(favourites=tuple(liked(t) for t in cinema() if t.genre_ids == (37,)))
    fresh = [film(9000 + n, genre_ids=(37,) if n < 3 else (10402,)) for n in range(12)]

    items = served(
        ResolvedRequest(FILMS, limit), taste, projection=InMemoryTitles(cinema(), fresh)
    ).items

    assert len(items) == limit
    assert [item.new for item in items].count(True) == places
    assert not any(item.new for item in items[: limit - places])
    assert all(item.facts.genre_ids == (37,) for item in items if item.new)


def test_new_titles_pass_the_same_filters() -> None:
    fresh = [film(9000, vote_average=4.0), film(9001), film(9002), series(9003)]
    request = ResolvedRequest(
        FILMS,
        6,
        frozenset({fresh[1].key}),
        preferences={"minRating": 6},
        watchlist=(liked(fresh[2]),),
    )

    items = served(request, Taste(), projection=InMemoryTitles(cinema(), fresh)).items

    assert len(items) == 6
    assert not any(item.new for item in items)


def test_a_title_with_favourites_is_not_new() -> None:
    popular = next(
        t for t in cinema() if learnt().vector(learnt().number(t.key) or 0).traits.favourites > 3
    )

    items = served(
        ResolvedRequest(limit=6), Taste(), projection=InMemoryTitles(cinema(), [popular])
    ).items

    assert not any(item.new for item in items)


def test_skips_titles_that_left_since_training() -> None:
    whole = served(ResolvedRequest(FILMS, 6), Taste())
    gone = set(keys(whole)[:3])
    left = [title for title in cinema() if title.key not in gone]

    answer = served(ResolvedRequest(FILMS, 6), Taste(), projection=InMemoryTitles(left))

    assert len(answer.items) == 6
    assert not gone & set(keys(answer))


def test_a_warm_request_reads_facts_and_new_titles_once() -> None:
    shelves = InMemoryTitles(cinema())

    served(
        ResolvedRequest(FILMS, 50),
        Taste(favourites=(ListEntry(cinema()[3].key),)),
        projection=shelves,
    )

    assert sorted(shelves.asked) == ["facts", "new"]


def test_a_list_is_varied() -> None:
    taste = Taste(favourites=tuple(liked(t) for t in cinema() if 37 in t.genre_ids)[:6])

    genres = [set(item.facts.genre_ids) for item in served(ResolvedRequest(FILMS, 20), taste).items]

    pairs = [(a, b) for n, a in enumerate(genres) for b in genres[n + 1 :]]
    assert sum(1 - len(a & b) / len(a | b) for a, b in pairs) / len(pairs) > 0.6


def test_similar_titles_share_fans_or_content() -> None:
    title = cinema()[40]

    answer = find_similar(
        title.key,
        limit=10,
        exclude=frozenset({cinema()[41].key}),
        model=learnt(),
        projection=InMemoryTitles(cinema()),
        catalogue=None,
    )

    assert answer is not None
    assert answer.source is Source.MODEL
    assert len(answer.items) == 10
    assert title.key not in keys(answer)
    assert cinema()[41].key not in keys(answer)
    assert {item.key.media_type for item in answer.items} == {MOVIE}
    assert {item.reason for item in answer.items} == {f"Similar to {title.title}"}
    share = sum(bool(set(item.facts.genre_ids) & set(title.genre_ids)) for item in answer.items)
    assert share >= 8


def test_similar_titles_without_a_model_share_content() -> None:
    twin = film(1, genre_ids=(27,), keywords=("castle",), directors=("Ann",))
    same = film(2, genre_ids=(27,), keywords=("castle",), directors=("Ann",))
    other = film(3, genre_ids=(27,), keywords=("beach",), popularity=90.0)

    answer = find_similar(
        twin.key,
        limit=5,
        exclude=frozenset(),
        model=None,
        projection=InMemoryTitles((twin, same, other)),
        catalogue=None,
    )

    assert answer is not None
    assert answer.source is Source.CONTENT
    assert keys(answer) == [same.key, other.key]


@pytest.mark.parametrize("number", [40, None], ids=["the model knows it", "it does not"])
@pytest.mark.parametrize("learns", [True, False], ids=["with a model", "without one"])
def test_similar_is_unavailable_while_titles_cannot_be_read(
    number: int | None,
    learns: bool,  # noqa: FBT001 - two cases
) -> None:
    key = TitleKey(MOVIE, 123_456) if number is None else cinema()[number].key

    for catalogue in (Discovery(titles_of=cinema()).titles(), None):
        with pytest.raises(TitlesUnavailable):
            find_similar(
                key,
                limit=5,
                exclude=frozenset(),
                model=learnt() if learns else None,
                projection=InMemoryTitles(cinema(), closed=True),
                catalogue=catalogue,
            )


def test_similar_falls_back_to_cached_catalogue_titles() -> None:
    catalogue = Discovery(titles_of=cinema()).titles()
    title, *_ = catalogue.best(MOVIE, 37, 5)

    answer = find_similar(
        title.key,
        limit=5,
        exclude=frozenset(),
        model=None,
        projection=InMemoryTitles(closed=True),
        catalogue=catalogue,
    )

    assert answer is not None
    assert answer.source is Source.CATALOGUE
    assert len(answer.items) == 5


def test_an_unknown_title_has_no_similar_ones() -> None:
    shelves = InMemoryTitles(cinema())
    closed = InMemoryTitles(cinema(), closed=True)
    unknown = TitleKey(MOVIE, 123_456)
    nothing = frozenset[TitleKey]()

    assert (
        find_similar(
            unknown, limit=5, exclude=nothing, model=learnt(), projection=shelves, catalogue=None
        )
        is None
    )
    beside = find_similar(
        cinema()[4].key, limit=5, exclude=nothing, model=None, projection=closed, catalogue=shelves
    )
    assert beside is not None
    assert beside.source is Source.CATALOGUE
