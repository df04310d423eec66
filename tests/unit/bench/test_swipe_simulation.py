"""The simulation of groups that swipe: the same for the same seed, and true to the rules."""

from random import Random

import pytest

from bench.swipes import ORDERS, SCORED_ORDERS, SERVED, measure, swipes_until_match
from bench.tastes import Alike, Group, Independent, Model, unanimous


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - the same each time


def test_the_same_seed_gives_the_same_figures() -> None:
    first, second = (measure(Alike(0.45), 3, rooms=10) for _ in range(2))
    assert first == second
    assert first.agreeing == 10


@pytest.mark.parametrize("model", [Independent(0.5), Alike(0.45)])
def test_tastes_depend_on_the_seed_alone(model: Model) -> None:
    once, again, other = (model(seeded(seed), 4, 50).likes for seed in (1, 1, 2))
    assert once == again
    assert once != other


@pytest.mark.parametrize("model", [Independent(0.3), Alike(0.3)])
def test_the_given_share_of_votes_is_yes(model: Model) -> None:
    likes = [row for seed in range(100) for row in model(seeded(seed), 4, 50).likes]
    share = sum(map(sum, likes)) / (len(likes) * 50)
    assert share == pytest.approx(0.3, abs=0.02)


def test_people_alike_agree_more_often_than_by_chance() -> None:
    def agreeing(model: Model) -> int:
        return sum(unanimous(model(seeded(seed), 6, 50).likes) for seed in range(200))

    assert agreeing(Alike(0.4)) > 2 * agreeing(Independent(0.4))


def test_a_film_is_unanimous_when_all_like_it() -> None:
    assert unanimous([[True, False], [True, True]])
    assert not unanimous([[True, False], [False, True]])


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_ends_at_the_one_film_that_all_like(order: str) -> None:
    likes = [[film == 7 for film in range(20)] for _ in range(3)]
    swipes = swipes_until_match(Group(likes), ORDERS[order], seeded(1))
    assert 3 <= swipes <= 3 * 20


def test_the_room_order_shows_every_film_before_the_match() -> None:
    likes = [[film == 7 for film in range(20)] for _ in range(2)]
    swipes = swipes_until_match(Group(likes), ORDERS["room"], seeded(1))
    assert 2 * 8 <= swipes <= 8 + 20


def test_the_deck_shows_the_last_person_what_all_others_liked() -> None:
    """As an order of their own would do by chance alone."""
    likes = [[film == 15 for film in range(20)] for _ in range(2)] + [[True] * 20]
    swipes = {
        order: sum(
            swipes_until_match(Group(likes), ORDERS[order], seeded(seed)) for seed in range(20)
        )
        for order in ("deck", "room")
    }
    assert swipes["deck"] < swipes["room"]


@pytest.mark.parametrize("order", ORDERS)
def test_a_group_without_a_common_film_runs_out_of_films(order: str) -> None:
    likes = [[True] * 5, [False] * 5]
    with pytest.raises(LookupError):
        swipes_until_match(Group(likes), ORDERS[order], seeded(1))


def test_the_best_film_by_their_own_scores_comes_first() -> None:
    likes = [[film == 15 for film in range(20)] for _ in range(2)]
    group = Group(likes, lambda: [{15: 1.0, 3: 0.5}] * 2)
    swipes = {
        order: sum(swipes_until_match(group, SCORED_ORDERS[order], seeded(n)) for n in range(20))
        for order in (SERVED, "deck")
    }
    assert swipes[SERVED] < swipes["deck"] / 4
