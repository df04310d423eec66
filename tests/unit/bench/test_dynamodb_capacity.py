"""The size of an item and what requests cost, by the rules of DynamoDB's developer guide."""

import pytest

from bench.capacity import item_size, read_units, value_size, write_units


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": ""}, 0),
        ({"S": "abc"}, 3),
        ({"S": "Amélie"}, 7),
        ({"S": "映画"}, 6),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"B": b"\x00\x01\x02"}, 3),
        ({"SS": ["ab", "cde"]}, 5),
        ({"NS": ["1", "1234"]}, 2 + 3),
        ({"BS": [b"a", b"bc"]}, 3),
    ],
)
def test_a_value_has_the_size_that_the_guide_says(value: dict[str, object], size: int) -> None:
    assert value_size(value) == size


@pytest.mark.parametrize(
    ("number", "size"),
    [
        ("0", 1),
        ("7", 2),
        ("27", 2),
        ("123", 3),
        ("1234", 3),
        ("1000000", 2),
        ("0.25", 2),
        ("7.5", 2),
        ("-27", 3),
        ("1767225600", 5),
        ("12345678901234567890123456789012345678", 20),
    ],
)
def test_a_number_has_a_byte_for_two_significant_digits_and_one_more(
    number: str, size: int
) -> None:
    assert value_size({"N": number}) == size


def test_a_list_has_three_bytes_and_one_for_each_element() -> None:
    assert value_size({"L": []}) == 3
    assert value_size({"L": [{"S": "ab"}, {"BOOL": False}]}) == 3 + (1 + 2) + (1 + 1)


def test_a_map_has_three_bytes_and_its_names_and_one_for_each_entry() -> None:
    assert value_size({"M": {}}) == 3
    assert value_size({"M": {"at": {"S": "now"}}}) == 3 + 1 + 2 + 3
    nested = {"M": {"users": {"L": [{"S": "a"}, {"S": "b"}]}}}
    assert value_size(nested) == 3 + 1 + 5 + (3 + 2 + 2)


def test_an_item_is_the_sum_of_its_names_and_values() -> None:
    item = {"roomId": {"S": "r1"}, "version": {"N": "12"}, "likes": {"SS": ["ada", "bo"]}}
    assert item_size(item) == (6 + 2) + (7 + 2) + (5 + 5)
    assert item_size({}) == 0


def test_an_unknown_type_has_no_size() -> None:
    with pytest.raises(ValueError, match="knows no type X"):
        value_size({"X": "?"})


@pytest.mark.parametrize(
    ("size", "consistent", "units"),
    [
        (0, True, 1),
        (1, True, 1),
        (4096, True, 1),
        (4097, True, 2),
        (0, False, 0.5),
        (4096, False, 0.5),
        (4097, False, 1),
        (40_000, True, 10),
    ],
)
def test_a_read_costs_a_unit_per_4_kib_half_if_eventual(
    size: int, consistent: bool, units: float
) -> None:
    assert read_units(size, consistent=consistent) == units


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [(0, 0, 1), (0, 1024, 1), (0, 1025, 2), (3000, 10, 3), (10, 3000, 3), (2048, 0, 2)],
)
def test_a_write_costs_a_unit_per_kib_of_the_larger_item(
    before: int, after: int, units: int
) -> None:
    assert write_units(before, after) == units
