"""Smart Discovery's promises, over a TMDB in memory."""

import asyncio
from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.domain import CANDIDATES, LAST_PAGE, Discovery, RoomCriteria, Strategy, Title
from catalog.domain.deadline import Deadline
from catalog.use_cases.discover_candidates import SmartDiscovery
from matinee.media import MediaType
from tests.fakes.examples import examples
from tests.unit.catalog.fakes import FakeTime, FakeTmdb, a_title, seeded, titles

DRAMA, ANIMATION, COMEDY = 18, 16, 35
PAIR = RoomCriteria(MediaType.MOVIE, (ANIMATION, DRAMA))


def discover(tmdb: FakeTmdb, criteria: RoomCriteria = PAIR, seed: int = 1) -> Discovery:
    discovery = SmartDiscovery(tmdb, seeded(seed))
    deadline = Deadline.after(60, FakeTime().monotonic)
    return asyncio.run(discovery.discover(criteria, deadline))


def ids(found: Iterable[Title]) -> list[int]:
    return [title.id for title in found]


def drama_and_animation(number: int, *, first_id: int = 1) -> list[Title]:
    return titles(number, DRAMA, ANIMATION, first_id=first_id)


def one_of_them(number: int, *, first_id: int = 10_000) -> list[Title]:
    half = number // 2
    return [
        *titles(half, DRAMA, first_id=first_id),
        *titles(number - half, ANIMATION, COMEDY, first_id=first_id + half),
    ]


@pytest.mark.parametrize("seed", range(20))
def test_sixty_titles_with_both_genres_give_fifty(seed: int) -> None:
    tmdb = FakeTmdb([*drama_and_animation(60), *one_of_them(500)])

    found = discover(tmdb, seed=seed)

    assert len(found.candidates) == 50
    assert all(PAIR.is_met_by(title) for title in found.candidates)
    assert found.strategy is Strategy.AND
    assert len(tmdb.asked) == 3


def test_sixty_of_which_fifty_are_valid_give_those_fifty() -> None:
    flawed = titles(10, DRAMA, ANIMATION, first_id=900, original_language="ja")
    tmdb = FakeTmdb([*flawed, *drama_and_animation(50), *one_of_them(500)])

    found = discover(tmdb)

    assert sorted(ids(found.candidates)) == list(range(1, 51))
    assert found.strategy is Strategy.AND


def test_forty_nine_valid_titles_are_filled_up_with_one() -> None:
    flawed = titles(11, DRAMA, ANIMATION, first_id=900, poster_path=None)
    tmdb = FakeTmdb([*flawed, *drama_and_animation(49), *one_of_them(500)])

    found = discover(tmdb)

    assert sorted(ids(found.candidates[:49])) == list(range(1, 50))
    assert len(found.candidates) == 50
    assert not PAIR.is_met_by(found.candidates[49])
    assert found.strategy is Strategy.OR


@pytest.mark.parametrize("both", [0, 1, 2, 23, 40, 41, 49])
def test_returns_all_with_both_genres_first(both: int) -> None:
    tmdb = FakeTmdb(
        [*one_of_them(300), *drama_and_animation(both), *one_of_them(300, first_id=50_000)]
    )

    found = discover(tmdb)

    assert sorted(ids(found.candidates[:both])) == list(range(1, both + 1))
    assert len(set(ids(found.candidates))) == 50
    assert not any(PAIR.is_met_by(title) for title in found.candidates[both:])
    assert found.strategy is Strategy.OR
    assert len(tmdb.asked) <= 5


def test_a_genre_of_thirty_valid_films_gives_thirty() -> None:
    tmdb = FakeTmdb([*titles(30, 37), *one_of_them(200)])

    found = discover(tmdb, RoomCriteria(MediaType.MOVIE, (37,)))

    assert sorted(ids(found.candidates)) == list(range(1, 31))
    assert found.strategy is Strategy.AND


def test_one_genre_has_no_loose_query() -> None:
    tmdb = FakeTmdb(titles(30, 37))

    discover(tmdb, RoomCriteria(MediaType.MOVIE, (37,)))

    assert {request.query.strategy for request in tmdb.asked} == {Strategy.AND}


def test_no_genre_gives_any_fifty() -> None:
    tmdb = FakeTmdb([*one_of_them(300), *titles(100, COMEDY, first_id=50_000)])

    found = discover(tmdb, RoomCriteria(MediaType.MOVIE))

    assert len(found.candidates) == 50
    assert found.strategy is Strategy.ANY


def test_a_room_for_series_gets_series() -> None:
    series = titles(80, 10765, media_type=MediaType.TV)
    tmdb = FakeTmdb([*titles(80, 10765), *series])

    found = discover(tmdb, RoomCriteria(MediaType.TV, (10765,)))

    assert len(found.candidates) == 50
    assert {title.media_type for title in found.candidates} == {MediaType.TV}


def test_returns_nothing_from_an_empty_catalogue() -> None:
    assert discover(FakeTmdb([])).candidates == ()


def test_two_hundred_rooms_get_fifty_each_and_differ() -> None:
    tmdb = FakeTmdb(drama_and_animation(1000))

    rooms = [frozenset(ids(discover(tmdb, seed=seed).candidates)) for seed in range(200)]

    assert {len(room) for room in rooms} == {50}
    assert len(set(rooms)) == 200
    appearances = Counter(id_ for room in rooms for id_ in room)
    # 200 rooms x 50 of 1,000 titles: each is expected in 10 rooms.
    assert len(appearances) == 1000
    assert max(appearances.values()) < 30


def test_the_order_differs_between_rooms() -> None:
    tmdb = FakeTmdb(drama_and_animation(50))

    orders = {tuple(ids(discover(tmdb, seed=seed).candidates)) for seed in range(20)}

    assert len(orders) == 20


def test_never_requests_pages_above_five_hundred() -> None:
    tmdb = FakeTmdb(titles(LAST_PAGE * 20 + 400, DRAMA))

    for seed in range(200):
        found = discover(tmdb, RoomCriteria(MediaType.MOVIE, (DRAMA,)), seed=seed)
        assert len(found.candidates) == 50

    assert max(request.page for request in tmdb.asked) <= LAST_PAGE


@pytest.mark.parametrize("seed", range(20))
def test_a_common_pair_costs_four_requests_in_two_rounds(seed: int) -> None:
    tmdb = FakeTmdb([*drama_and_animation(400), *one_of_them(1000)])

    discover(tmdb, seed=seed)

    assert len(tmdb.asked) <= 4
    assert tmdb.rounds <= 2


@pytest.mark.parametrize("seed", range(20))
def test_a_pair_with_dropped_titles_costs_five_requests(
    seed: int,
) -> None:
    catalogue = [
        a_title(id_, DRAMA, ANIMATION, original_language="ja" if id_ % 5 == 0 else "en")
        for id_ in range(1, 1001)
    ]
    tmdb = FakeTmdb(catalogue)

    assert len(discover(tmdb, seed=seed).candidates) == 50
    assert len(tmdb.asked) <= 5


def test_fetches_more_pages_while_filters_drop_titles() -> None:
    catalogue = [a_title(id_, DRAMA, ANIMATION, adult=id_ % 10 != 0) for id_ in range(1, 501)]
    tmdb = FakeTmdb([*catalogue, *one_of_them(300)])

    found = discover(tmdb)

    assert sorted(ids(found.candidates)) == list(range(10, 501, 10))
    assert found.strategy is Strategy.AND


def test_ends_without_a_valid_title() -> None:
    tmdb = FakeTmdb(titles(200, DRAMA, ANIMATION, overview=""))

    assert discover(tmdb).candidates == ()
    assert tmdb.asked_twice() == []


FLAWS = st.sampled_from(
    [
        {},
        {},
        {},
        {"original_language": "ko"},
        {"title": "Солярис"},
        {"poster_path": None},
        {"adult": True},
        {"vote_count": 12},
    ]
)
GENRES = st.sampled_from([(DRAMA,), (ANIMATION,), (DRAMA, ANIMATION), (COMEDY,), (COMEDY, DRAMA)])
GROUPS = st.lists(st.tuples(st.integers(1, 45), GENRES, FLAWS), max_size=12)
TASTES = st.sampled_from([(), (DRAMA,), (ANIMATION,), (ANIMATION, DRAMA), (COMEDY, DRAMA)])


@settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(groups=GROUPS, genres=TASTES, seed=st.integers(0, 2**32), shuffled=st.booleans())
def test_keeps_its_promises_for_any_catalogue(
    groups: list[tuple[int, tuple[int, ...], dict[str, object]]],
    genres: tuple[int, ...],
    seed: int,
    *,
    shuffled: bool,
) -> None:
    catalogue: list[Title] = []
    for number, theirs, flaw in groups:
        catalogue += titles(number, *theirs, first_id=len(catalogue) + 1, **flaw)
    if shuffled:
        seeded(seed).shuffle(catalogue)
    tmdb = FakeTmdb(catalogue)
    criteria = RoomCriteria(MediaType.MOVIE, genres)

    found = discover(tmdb, criteria, seed)

    presentable = [title for title in catalogue if title.is_presentable()]
    every = {title.id for title in presentable if criteria.is_met_by(title)}
    some = {t.id for t in presentable if any(g in t.genre_ids for g in genres)} | every
    chosen = ids(found.candidates)
    first = chosen[: min(CANDIDATES, len(every))]
    assert len(chosen) == len(set(chosen)) == min(CANDIDATES, len(some))
    assert set(first) <= every
    assert len(every) >= CANDIDATES or set(first) == every
    assert set(chosen) <= some
    assert tmdb.asked_twice() == []
