"""EventBridge's event patterns, as far as rules name events with them."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

type Matcher = Callable[[str], bool]
"""Returns whether one alternative of a pattern accepts a value."""


class NotUnderstood(ValueError):
    """A pattern, or an operator in it, that this checker does not know."""


def matcher(alternative: object) -> Matcher:
    """Return a matcher of one alternative: a text, or one of EventBridge's operators on texts.

    Raises NotUnderstood, so that no rule goes unchecked.
    """
    if isinstance(alternative, str):
        return _exactly(alternative)
    if isinstance(alternative, Mapping) and len(alternative) == 1:
        ((operator, operand),) = alternative.items()
        if operator in _OPERATORS and isinstance(operand, str):
            return _OPERATORS[operator](operand)
        if operator == "anything-but" and isinstance(operand, list):
            return lambda value: value not in operand
    message = f"{alternative!r} is not understood"
    raise NotUnderstood(message)


def _exactly(operand: str) -> Matcher:
    return lambda value: value == operand


def _wildcard(operand: str) -> Matcher:
    expression = re.compile(".*".join(re.escape(part) for part in operand.split("*")))
    return lambda value: expression.fullmatch(value) is not None


_OPERATORS: Mapping[str, Callable[[str], Matcher]] = {
    "prefix": lambda operand: lambda value: value.startswith(operand),
    "suffix": lambda operand: lambda value: value.endswith(operand),
    "equals-ignore-case": lambda operand: lambda value: value.lower() == operand.lower(),
    "anything-but": lambda operand: lambda value: value != operand,
    "wildcard": _wildcard,
}


def matchers(pattern: Mapping[str, Any], key: str) -> Sequence[tuple[object, Matcher]]:
    """Return the alternatives of one key of a pattern; none when it does not name the key."""
    alternatives = pattern.get(key, [])
    if not isinstance(alternatives, list):
        message = f"{key} of a pattern is a list of alternatives"
        raise NotUnderstood(message)
    return [(alternative, matcher(alternative)) for alternative in alternatives]


def lets_through(pattern: Mapping[str, Any], key: str, value: str) -> bool:
    """Return whether a pattern accepts a value of a key; without the key it accepts all."""
    found = matchers(pattern, key)
    return not found or any(matches(value) for _, matches in found)


def detail_paths(pattern: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return the fields of `detail` that a pattern names."""

    def paths(node: object, path: tuple[str, ...]) -> list[tuple[str, ...]]:
        if not isinstance(node, Mapping):
            return [path]
        return [found for name, part in node.items() for found in paths(part, (*path, name))]

    return paths(pattern["detail"], ()) if "detail" in pattern else []
