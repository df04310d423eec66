"""EventBridge's event patterns, as far as rules name events with them."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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


ABSENT = object()
"""The value of a field that an event does not have."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a pattern asks of one field, what an event has there, and whether that is accepted."""

    path: tuple[str, ...]
    asked: Sequence[object]
    found: object
    accepted: bool


def verdicts(pattern: Mapping[str, Any], event: object) -> Iterator[Verdict]:
    """Yield a verdict for each field that a pattern names; the event matches if all are accepted.

    Raises NotUnderstood.
    """
    yield from _verdicts(pattern, event, ())


def _verdicts(node: Mapping[str, Any], event: object, path: tuple[str, ...]) -> Iterator[Verdict]:
    for name, part in node.items():
        found = event.get(name, ABSENT) if isinstance(event, Mapping) else ABSENT
        here = (*path, name)
        if isinstance(part, Mapping):
            yield from _verdicts(part, found, here)
        elif isinstance(part, list) and not name.startswith("$"):
            yield Verdict(here, part, found, any(accepts(one, found) for one in part))
        else:
            message = f"{'.'.join(here)} of a pattern is not understood"
            raise NotUnderstood(message)


def accepts(alternative: object, value: object) -> bool:
    """Return whether one alternative accepts a field's value, of any type. Raises NotUnderstood."""
    if alternative == {"exists": True}:
        return value is not ABSENT
    if alternative == {"exists": False}:
        return value is ABSENT
    if isinstance(value, list):
        return any(accepts(alternative, one) for one in value)
    if alternative is None or isinstance(alternative, bool | int | float):
        return bool(type(alternative) is type(value) and alternative == value)
    matches = matcher(alternative)
    return isinstance(value, str) and matches(value)
