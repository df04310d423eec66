"""Conditions and policies are read once, and judged as the emulator judges them."""

import importlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.local.patches.read_once import checking_once, parsing_once

VALUES = {":one": {"N": "1"}, ":two": {"N": "2"}, ":a": {"S": "a"}}
NAMES = {"#n": "name"}
EXPRESSIONS = (
    "",
    "attribute_exists(#n)",
    "attribute_not_exists(x) OR x = :one",
    "x < :two AND NOT begins_with(#n, :a)",
    "x BETWEEN :one AND :two",
    "x BETWEEN :two AND :one",
    "x IN (:one, :two)",
    "size(#n) > :one",
    "((x = :one))",
    "x = ",
    "name = :a",
    "x = :nothing",
    "begins_with(x, :one)",
)
ITEMS: tuple[dict[str, Any], ...] = (
    {},
    {"x": {"N": "1"}},
    {"x": {"N": "5"}, "name": {"S": "ab"}},
)

dynamodb: Any = importlib.import_module("ministack.services.dynamodb")


def told(evaluate: Any, *arguments: object) -> object:  # noqa: ANN401 - the emulator's
    try:
        return evaluate(*arguments)
    except ValueError as error:
        return str(error)


@given(st.lists(st.tuples(st.sampled_from(EXPRESSIONS), st.sampled_from(ITEMS)), max_size=12))
def test_a_condition_is_judged_as_without_the_patch(
    asked: list[tuple[str, dict[str, Any]]],
) -> None:
    plain = dynamodb._evaluate_condition
    patched = checking_once(plain, dynamodb._tokenize, dynamodb._ExprEval)
    for expression, item in asked:
        wanted = told(plain, expression, item, VALUES, NAMES, "FilterExpression")
        assert told(patched, expression, item, VALUES, NAMES, "FilterExpression") == wanted


@pytest.mark.parametrize(
    ("expression", "checks"), [("x = :one", 1), ("x BETWEEN :one AND :two", 3)]
)
def test_only_what_depends_on_values_is_checked_again(expression: str, checks: int) -> None:
    checked: list[str] = []

    def evaluate(expression: str, *arguments: object) -> object:
        checked.append(expression)
        return dynamodb._evaluate_condition(expression, *arguments)

    patched = checking_once(evaluate, dynamodb._tokenize, dynamodb._ExprEval)
    for item in ITEMS:
        patched(expression, item, VALUES, NAMES)
    assert len(checked) == checks


def test_values_that_were_in_order_may_be_out_of_it_the_next_time() -> None:
    patched = checking_once(dynamodb._evaluate_condition, dynamodb._tokenize, dynamodb._ExprEval)
    assert patched(
        "x BETWEEN :low AND :high", ITEMS[1], {":low": {"N": "0"}, ":high": {"N": "2"}}, {}
    )
    with pytest.raises(ValueError, match="upper bound"):
        patched("x BETWEEN :low AND :high", ITEMS[1], {":low": {"N": "3"}, ":high": {"N": "2"}}, {})


def test_a_policy_is_parsed_once_and_nobody_changes_it_for_others() -> None:
    parsed: list[object] = []

    def parse(document: object) -> list[object]:
        parsed.append(document)
        return [document]

    read = parsing_once(parse)
    read("a").append("more")
    assert [read("a"), read("b"), read({"c": 1}), read({"c": 1})] == [
        ["a"],
        ["b"],
        [{"c": 1}],
        [{"c": 1}],
    ]
    assert parsed == ["a", "b", {"c": 1}, {"c": 1}]
