"""Groups of real people: what they like is known of them, and scores have not seen it."""

import pickle
from dataclasses import replace
from random import Random

import pytest

from bench.real_tastes import RealTastes, read_real_tastes
from bench.swipes import BEFORE, SCORED_ORDERS, SERVED, measure, measure_scored
from bench.tastes import RANKED, Group
from tools.evaluate.synthetic import Cinema, write

SEEDS = range(20)


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - the same each time


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RealTastes]:
    folder = tmp_path_factory.mktemp("invented")
    write(folder, Cinema(200, themes=8), 120)
    return dict(read_real_tastes(folder))


@pytest.fixture(scope="module")
def tastes(kinds: dict[str, RealTastes]) -> RealTastes:
    return kinds["favourites"]


def groups(tastes: RealTastes) -> list[Group]:
    return [tastes(seeded(seed), 3, 50) for seed in SEEDS]


def test_another_process_draws_the_same_groups(tastes: RealTastes) -> None:
    there = pickle.loads(pickle.dumps(tastes))  # noqa: S301 - our own
    assert pickle.loads(pickle.dumps(measure_scored)) is measure_scored  # noqa: S301
    for ours, theirs in zip(groups(tastes)[:2], groups(there)[:2], strict=True):
        assert (ours.likes, ours.scores()) == (theirs.likes, theirs.scores())


def test_a_yes_is_a_favourite_and_nothing_else(tastes: RealTastes) -> None:
    liked = sum(sum(row) for group in groups(tastes) for row in group.likes)
    everywhere = replace(tastes, favourites=[[]] * len(tastes.favourites))
    assert liked > 0
    assert not any(any(row) for group in groups(everywhere) for row in group.likes)


def test_scores_have_not_seen_the_favourites_of_the_room(tastes: RealTastes) -> None:
    for seed in SEEDS[:5]:
        room = seeded(seed)
        people = room.sample(tastes.favourites, 3)
        films = {
            tastes.well_known[place] for place in room.sample(range(len(tastes.well_known)), 50)
        }
        without = [[one for one in person if one.key not in films] for person in tastes.favourites]

        group = tastes(seeded(seed), 3, 50)
        blind = replace(tastes, favourites=without)(seeded(seed), 3, 50)

        assert any(one.key in films for person in people for one in person)
        assert group.scores() == blind.scores()
        assert all(group.scores())


def test_rooms_can_have_the_order_of_how_well_films_are_known(
    kinds: dict[str, RealTastes],
) -> None:
    ranked = kinds[f"favourites, {RANKED}"]
    halves = [
        sum(sum(row[part]) for group in groups(ranked) for row in group.likes)
        for part in (slice(25), slice(25, None))
    ]
    assert halves[0] > 1.5 * halves[1]


def test_who_is_willing_says_yes_more_often(kinds: dict[str, RealTastes]) -> None:
    said = {
        name: sum(sum(row) for group in groups(kind) for row in group.likes)
        for name, kind in kinds.items()
    }
    assert said["favourites and what fits"] > 1.5 * said["favourites"]


def test_own_scores_save_swipes_of_people_whose_tastes_can_be_learnt(tastes: RealTastes) -> None:
    found = measure(tastes, 3, rooms=20, orders=SCORED_ORDERS)
    assert found.agreeing == 20
    assert found.ratio(SERVED, BEFORE) < 0.9
