"""The training algorithm: incremental co-occurrence counts, and EASE's weights."""

from collections import Counter
from dataclasses import astuple
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matinee.media import TitleKey
from recommender.domain.training import cooccurrence, ease
from recommender.domain.training.cooccurrence import (
    CooccurrenceCounts,
    CorruptCounts,
    FavouritesChange,
)
from recommender.domain.training.ease import invert, regularization, solve
from tests.fakes.films import MOVIE, TV

KEYS = [TitleKey(media, n) for n in range(6) for media in (MOVIE, TV)]
lists = st.lists(st.sampled_from(KEYS), max_size=8, unique=True)
type Told = tuple[int, dict[TitleKey, int], dict[frozenset[TitleKey], int]]


def told(counts: CooccurrenceCounts) -> Told:
    """Return the contents of counts, whatever the order of the titles."""
    pairs = {
        frozenset((counts.titles[int(pair) >> 32], counts.titles[int(pair) & 0xFFFFFFFF])): int(
            together
        )
        for pair, together in zip(counts.pairs, counts.together, strict=True)
    }
    single = zip(counts.titles, counts.favourites.tolist(), strict=True)
    return counts.users, {key: number for key, number in single if number}, pairs


def by_hand(users: list[list[TitleKey]]) -> Told:
    """Count users' lists by the definition."""
    return (
        sum(map(bool, users)),
        dict(Counter(key for one in users for key in one)),
        dict(Counter(frozenset(pair) for one in users for pair in combinations(one, 2))),
    )


def counted(users: list[list[TitleKey]]) -> CooccurrenceCounts:
    """Count users' lists at once."""
    return CooccurrenceCounts().changed(FavouritesChange(after=one) for one in users)


def test_pairs_are_counted_once_a_user() -> None:
    a, b, c = KEYS[:3]

    users, favourites, pairs = told(counted([[a, b], [b, a, c], [c]]))

    assert users == 3
    assert favourites == {a: 2, b: 2, c: 2}
    assert pairs == {frozenset((a, b)): 2, frozenset((a, c)): 1, frozenset((b, c)): 1}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(lists, min_size=2, max_size=4), max_size=5))
def test_incremental_counts_equal_counting_at_once(
    lives: list[list[list[TitleKey]]],
) -> None:
    counts = CooccurrenceCounts()
    for life in lives:
        before: list[TitleKey] = []
        for after in life:
            counts = CooccurrenceCounts.from_bytes(
                counts.changed([FavouritesChange(before, after)]).to_bytes()
            )
            before = after

    assert told(counts) == told(counted([life[-1] for life in lives]))


def test_subtracts_a_deleted_user() -> None:
    others = [[KEYS[0], KEYS[1]], [KEYS[1], KEYS[2]]]
    with_him = counted([*others, KEYS[:5]])

    without = with_him.changed([FavouritesChange(before=KEYS[:5])])

    assert told(without) == told(counted(others))


@pytest.mark.parametrize(
    "limit", ["MAX_PENDING_FAVOURITES", "MAX_COUNTED_AT_ONCE", "MAX_MERGED_AT_ONCE"]
)
@pytest.mark.parametrize("cells", [0, 1000])
@given(st.lists(st.tuples(lists, lists), max_size=20))
def test_counts_many_changes_in_portions(
    limit: str, cells: int, lives: list[tuple[list[TitleKey], list[TitleKey]]]
) -> None:
    added = [FavouritesChange(after=before) for before, _ in lives]
    changed = [FavouritesChange(before, after) for before, after in lives]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cooccurrence, limit, 3)
        patch.setattr(cooccurrence, "_CELLS_PER_PAIR", cells)
        found = CooccurrenceCounts().changed([*added, *changed]).changed(())

    assert told(found) == by_hand([after for _, after in lives])
    assert found.pairs.tolist() == sorted(set(found.pairs.tolist()))


def test_portions_are_of_few_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    portions: list[int] = []
    count = cooccurrence._count

    def seen(titles: Any, numbers: Any, high: Any) -> Any:  # noqa: ANN401 - passed on
        portions.append(len(high))
        return count(titles, numbers, high)

    monkeypatch.setattr(cooccurrence, "_count", seen)
    monkeypatch.setattr(cooccurrence, "MAX_COUNTED_AT_ONCE", 200)

    counts = counted([KEYS[:10]] * 20)

    assert max(portions) <= 200
    assert sum(portions) == 20 * 45
    assert set(told(counts)[2].values()) == {20}


def test_counts_the_latest_of_a_long_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cooccurrence, "MAX_COUNTED_FAVOURITES", 3)

    _, favourites, _ = told(counted([KEYS[:6]]))

    assert set(favourites) == set(KEYS[3:6])


@pytest.mark.parametrize("harm", [lambda b: b[:-1], lambda b: b"x" + b[1:], lambda _: b""])
def test_rejects_corrupt_counts(harm: "object") -> None:
    content = counted([[KEYS[0], KEYS[1]]]).to_bytes()

    with pytest.raises(CorruptCounts):
        CooccurrenceCounts.from_bytes(harm(content))  # type: ignore[operator]


@pytest.mark.parametrize("size", [1, 5, 16, 22, 35])  # up to a block, one and a part, two and more
def test_inverts_in_place(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ease, "_BLOCK", 16)
    made = np.random.default_rng(size).standard_normal((size, size))
    matrix = made @ made.T + np.eye(size)
    wanted = np.linalg.inv(matrix)

    invert(matrix)

    assert np.allclose(matrix, wanted, atol=1e-8)


def test_computes_the_weights_of_ease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ease, "DAMPING", 0.0)
    monkeypatch.setattr(ease, "LAMBDA", 0.5)
    users = [[KEYS[0], KEYS[1]], [KEYS[0], KEYS[1], KEYS[2]], [KEYS[2], KEYS[3]], [KEYS[1]]]
    counts = counted(users)
    x = np.array([[float(key in user) for key in counts.titles] for user in users])
    precision = np.linalg.inv(x.T @ x + 0.5 * np.eye(x.shape[1]))
    wanted = -precision / np.diag(precision)
    np.fill_diagonal(wanted, 0)

    weights = solve(counts)

    found = np.zeros_like(wanted)
    found[weights.sources, weights.targets] = weights.strengths
    assert np.allclose(found, np.maximum(wanted, 0))


def test_keeps_the_strongest_sources_of_a_title() -> None:
    draw = np.random.default_rng(3)
    keys = [TitleKey(MOVIE, n) for n in range(40)]
    users = [[keys[n] for n in draw.choice(40, 8, replace=False)] for _ in range(200)]

    weights = solve(counted(users), sources=5)

    assert np.bincount(weights.targets, minlength=40).max() <= 5


def test_rare_titles_have_cosine_weights() -> None:
    popular = [[KEYS[0], KEYS[1]]] * 5
    counts = counted([*popular, [KEYS[0], KEYS[2]], [KEYS[3], KEYS[2]]])

    weights = solve(counts, max_solved=2)

    linked = {
        (counts.titles[s], counts.titles[t])
        for s, t in zip(weights.sources, weights.targets, strict=True)
    }
    assert (KEYS[3], KEYS[2]) in linked
    assert (KEYS[2], KEYS[0]) in linked
    assert (KEYS[0], KEYS[1]) in linked


def test_counts_looked_at_in_portions_give_the_same_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draw = np.random.default_rng(4)
    keys = [TitleKey(MOVIE, n) for n in range(60)]
    counts = counted([[keys[n] for n in draw.choice(60, 8, replace=False)] for _ in range(150)])
    whole = solve(counts, max_solved=10, sources=5)

    monkeypatch.setattr(ease, "MAX_PAIRS_AT_ONCE", 7)
    portions = solve(counts, max_solved=10, sources=5)

    for one, other in zip(astuple(whole), astuple(portions), strict=True):
        assert np.array_equal(one, other)


def test_has_no_weights_without_favourites() -> None:
    weights = solve(CooccurrenceCounts())

    assert len(weights.sources) == len(weights.targets) == len(weights.strengths) == 0


def test_has_no_weights_for_a_single_favourite() -> None:
    assert len(solve(counted([[KEYS[0]]])).sources) == 0


def test_lambda_grows_slowly_with_the_users() -> None:
    assert regularization(10) == regularization(300) == ease.LAMBDA
    assert 450 < regularization(136_000) < 550
