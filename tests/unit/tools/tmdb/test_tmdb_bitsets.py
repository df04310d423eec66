from bisect import bisect_left

from hypothesis import given
from hypothesis import strategies as st

from tools.tmdb.catalogue.bitsets import (
    Postings,
    RangeIndex,
    bitset,
    membership,
    slice_positions,
)

_SIZE = 1_500
_positions = st.sets(st.integers(0, _SIZE - 1))
_values = st.lists(st.none() | st.integers(-50, 50), max_size=200)
_ends = st.none() | st.integers(-60, 60)


@given(_positions, st.integers(0, 1_600), st.integers(0, 40))
def test_a_slice_of_a_set_is_the_slice_of_its_sorted_members(
    members: set[int], offset: int, count: int
) -> None:
    found = slice_positions(bitset(members, _SIZE), offset, count)

    assert found == sorted(members)[offset : offset + count]


@given(_positions)
def test_membership_has_a_one_for_each_member(
    members: set[int],
) -> None:
    flags = membership(bitset(members, _SIZE), _SIZE)

    assert [position for position, flag in enumerate(flags) if flag] == sorted(members)
    assert len(flags) == _SIZE


def test_membership_of_an_empty_shelf_is_empty() -> None:
    assert membership(0, 0) == b""


@given(_values, _ends, _ends)
def test_a_range_holds_the_rows_within_its_ends(
    values: list[int | None], low: int | None, high: int | None
) -> None:
    rows = RangeIndex(values).between(low, high)

    expected = [
        position
        for position, value in enumerate(values)
        if value is not None and (low is None or value >= low) and (high is None or value <= high)
    ]
    assert slice_positions(rows, 0, len(values)) == expected


def test_a_range_is_right_at_every_border_of_many_distinct_values() -> None:
    values = [(7 * index) % 1_021 for index in range(1_021)]
    index = RangeIndex(values)

    counts = [index.between(low=border).bit_count() for border in range(-1, 1_023)]

    ordered = sorted(values)
    assert counts == [len(ordered) - bisect_left(ordered, b) for b in range(-1, 1_023)]


@given(st.lists(st.sets(st.sampled_from("abcd")), max_size=80), st.sets(st.sampled_from("abcdz")))
def test_any_of_is_the_union_of_the_rows_of_each_key(
    keys_of_rows: list[set[str]], wanted: set[str]
) -> None:
    postings = Postings(keys_of_rows, len(keys_of_rows))

    found = slice_positions(postings.any_of(wanted), 0, len(keys_of_rows))

    assert found == [i for i, keys in enumerate(keys_of_rows) if keys & wanted]
