"""Conditions and policies, read once.

Where a laptop differs from a region: the emulator has one thread for everything. It checks the
grammar of DynamoDB's conditions and filters anew for each item that it holds against them, and
reads a caller's policies twice for each request. Here both are read once.
"""

import functools
import importlib
from collections.abc import Callable, Sequence
from typing import Any

from tools.local.patches.wrap import wrap

CONDITION = "ConditionExpression"
"""What an expression is called where nothing else is said."""

_KEPT = 1024
_BOUNDED = "BETWEEN"
"""Whether its bounds are in order depends on their values: it is checked each time."""

type Evaluate = Callable[..., Any]
type Tokens = Sequence[tuple[str, str]]


def apply(_port: int) -> None:
    """Replace the evaluation of conditions, and the reading of policies."""
    dynamodb = importlib.import_module("ministack.services.dynamodb")
    wrap(
        dynamodb,
        "_evaluate_condition",
        lambda evaluate: checking_once(evaluate, dynamodb._tokenize, dynamodb._ExprEval),  # noqa: SLF001
    )
    evaluator = importlib.import_module("ministack.core.iam_evaluator")
    wrap(evaluator, "parse_policy_document", parsing_once)


def checking_once(
    evaluate: Evaluate, tokenize: Callable[[str], Tokens], evaluator: Callable[..., Any]
) -> Evaluate:
    """Leave out `evaluate`'s checks of an expression that has passed them.

    `evaluator(tokens, item, values, names).evaluate()` evaluates alone; whenever it fails, it is
    `evaluate` that says how.
    """
    passed: set[tuple[str, str]] = set()
    tokens_of = functools.lru_cache(_KEPT)(tokenize)

    def evaluated(
        expression: str, item: object, values: object, names: object, slot: str = CONDITION
    ) -> object:
        if (expression, slot) in passed:
            try:
                return evaluator(tokens_of(expression), item, values, names).evaluate()
            except Exception:  # noqa: BLE001 - whatever it is, it is said below
                return evaluate(expression, item, values, names, slot)
        result = evaluate(expression, item, values, names, slot)
        if expression and _BOUNDED not in expression.upper() and len(passed) < _KEPT:
            passed.add((expression, slot))
        return result

    return evaluated


def parsing_once(parse: Callable[[Any], list[Any]]) -> Callable[[Any], list[Any]]:
    """Keep the statements of policies that are texts, as those of roles are."""
    kept = functools.lru_cache(_KEPT)(parse)

    def parsed(document: object) -> list[Any]:
        return list(kept(document)) if isinstance(document, str) else parse(document)

    return parsed
