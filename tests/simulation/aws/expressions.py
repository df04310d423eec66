"""DynamoDB's expressions: parsed once for each text, evaluated on items in the low-level form.

All of the language that the product's adapters and Powertools use: comparisons, BETWEEN, IN, AND,
OR, NOT and the functions in conditions; SET with if_not_exists and sums, REMOVE, ADD and DELETE in
updates. Paths are top-level names, or names with a point between them. What is not understood is an
error of the test's, never a guess.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

type Item = dict[str, Any]
type Names = Mapping[str, str]
type Values = Mapping[str, Any]
type Operand = Callable[[Item, Names, Values], Any]
"""Returns a typed value such as {"S": "x"}, or None where the item has none."""

type Predicate = Callable[[Item, Names, Values], bool]
type Change = Callable[[Item, Item, Names, Values], None]
"""Changes the new item, of the old one."""

_TOKEN = re.compile(
    r"\s*(?:(?P<word>[#:]?[A-Za-z_][A-Za-z0-9_]*(?:\.[#]?[A-Za-z_][A-Za-z0-9_]*)*)"
    r"|(?P<sign><>|<=|>=|[=<>(),+-]))"
)
_KEYWORDS = frozenset({"AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"})
_NUMBER, _SETS = "N", frozenset({"SS", "NS", "BS"})


class BadExpression(Exception):
    """The expression is none, or one that the simulation does not know."""


def plain(value: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any of DynamoDB's values
    """Return what compares as DynamoDB compares: numbers as numbers, all else as it is."""
    ((kind, content),) = value.items()
    return Decimal(content) if kind == _NUMBER else content


@lru_cache(maxsize=1024)
def condition(text: str) -> Predicate:
    """Parse a condition, a filter or a key condition."""
    parser = _Parser(text)
    found = parser.disjunction()
    parser.end()
    return found


@lru_cache(maxsize=1024)
def update(text: str) -> Sequence[Change]:
    """Parse an update."""
    parser = _Parser(text)
    changes = parser.clauses()
    parser.end()
    return changes


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._at = 0

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise BadExpression(self._text)

    # ── conditions ───────────────────────────────────────────────────────────────────────────────

    def disjunction(self) -> Predicate:
        parts = [self._conjunction()]
        while self._take("OR"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else lambda *at: any(part(*at) for part in parts)

    def _conjunction(self) -> Predicate:
        parts = [self._negation()]
        while self._take("AND"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else lambda *at: all(part(*at) for part in parts)

    def _negation(self) -> Predicate:
        if self._take("NOT"):
            inner = self._negation()
            return lambda *at: not inner(*at)
        if self._take("("):
            inner = self.disjunction()
            self._expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Predicate:
        if self._peek(1) == "(" and self._peek() in _PREDICATES:
            name = self._next()
            test = _PREDICATES[name]
            arguments = self._arguments()
            return lambda *at: test(*(argument(*at) for argument in arguments))
        left = self._operand()
        if self._take("BETWEEN"):
            low = self._operand()
            self._expect("AND")
            high = self._operand()
            return lambda *at: (
                _compare("<=", low(*at), left(*at)) and _compare("<=", left(*at), high(*at))
            )
        if self._take("IN"):
            choices = self._arguments()
            return lambda *at: any(_compare("=", left(*at), one(*at)) for one in choices)
        sign, right = self._next(), self._operand()
        if sign not in _SIGNS:
            raise BadExpression(self._text)
        return lambda *at: _compare(sign, left(*at), right(*at))

    def _arguments(self) -> list[Operand]:
        self._expect("(")
        arguments = [self._operand()]
        while self._take(","):
            arguments.append(self._operand())
        self._expect(")")
        return arguments

    def _operand(self) -> Operand:
        word = self._next()
        if word == "size":
            (argument,) = self._arguments()
            return lambda *at: _size(argument(*at))
        if word == "if_not_exists":
            first, other = self._arguments()
            return lambda *at: first(*at) if first(*at) is not None else other(*at)
        if word == "list_append":
            front, back = self._arguments()
            return lambda *at: {"L": [*front(*at)["L"], *back(*at)["L"]]}
        if not word[-1].isalnum() or word in _KEYWORDS:
            raise BadExpression(self._text)
        if word.startswith(":"):
            return lambda _, __, values: values[word]
        return lambda item, names, _: _get(item, _path(word, names))

    # ── updates ──────────────────────────────────────────────────────────────────────────────────

    def clauses(self) -> list[Change]:
        changes: list[Change] = []
        while self._at < len(self._tokens):
            clause = self._next()
            if clause not in _CLAUSES:
                raise BadExpression(self._text)
            changes.append(_CLAUSES[clause](self))
            while self._take(","):
                changes.append(_CLAUSES[clause](self))
        return changes

    def _set(self) -> Change:
        word = self._next()
        self._expect("=")
        value = self._sum()

        def change(new: Item, old: Item, names: Names, values: Values) -> None:
            _put(new, _path(word, names), value(old, names, values))

        return change

    def _sum(self) -> Operand:
        value = self._operand()
        if (sign := self._peek()) not in {"+", "-"}:
            return value
        self._next()
        other, factor = self._operand(), 1 if sign == "+" else -1
        return lambda *at: {_NUMBER: str(plain(value(*at)) + factor * plain(other(*at)))}

    def _remove(self) -> Change:
        word = self._next()

        def change(new: Item, _: Item, names: Names, __: Values) -> None:
            _drop(new, _path(word, names))

        return change

    def _add(self) -> Change:
        word, value = self._next(), self._operand()

        def change(new: Item, old: Item, names: Names, values: Values) -> None:
            path, more = _path(word, names), value(old, names, values)
            ((kind, content),) = more.items()
            before = _get(old, path)
            if kind == _NUMBER:
                total = (plain(before) if before else 0) + plain(more)
                _put(new, path, {_NUMBER: str(total)})
            elif kind in _SETS:
                _put(new, path, {kind: sorted({*(before or {kind: []})[kind], *content})})
            else:
                raise BadExpression(self._text)

        return change

    def _delete(self) -> Change:
        word, value = self._next(), self._operand()

        def change(new: Item, old: Item, names: Names, values: Values) -> None:
            path = _path(word, names)
            ((kind, content),) = value(old, names, values).items()
            before = _get(old, path)
            if before is None:
                return
            left = sorted(set(before[kind]) - set(content))
            if left:
                _put(new, path, {kind: left})
            else:
                _drop(new, path)

        return change

    # ── tokens ───────────────────────────────────────────────────────────────────────────────────

    def _peek(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise BadExpression(self._text)
        self._at += 1
        return token

    def _take(self, token: str) -> bool:
        if self._peek() != token:
            return False
        self._at += 1
        return True

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise BadExpression(self._text)


_CLAUSES: Mapping[str, Callable[[_Parser], Change]] = {
    "SET": _Parser._set,  # noqa: SLF001 - the parser's own
    "REMOVE": _Parser._remove,  # noqa: SLF001
    "ADD": _Parser._add,  # noqa: SLF001
    "DELETE": _Parser._delete,  # noqa: SLF001
}


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    stripped = text.rstrip()
    while at < len(stripped):
        match = _TOKEN.match(stripped, at)
        if match is None:
            raise BadExpression(text)
        token = match["word"] or match["sign"]
        tokens.append(token.upper() if token.upper() in _KEYWORDS else token)
        at = match.end()
    return tokens


def _path(word: str, names: Names) -> tuple[str, ...]:
    return tuple(names[part] if part.startswith("#") else part for part in word.split("."))


def _get(item: Item, path: tuple[str, ...]) -> Any:  # noqa: ANN401 - a typed value
    value: Any = {"M": item}
    for part in path:
        value = value.get("M", {}).get(part) if value else None
    return value


def _put(item: Item, path: tuple[str, ...], value: object) -> None:
    *way, last = path
    for part in way:
        inner = dict(item[part]["M"])
        item[part] = {"M": inner}
        item = inner
    item[last] = value


def _drop(item: Item, path: tuple[str, ...]) -> None:
    *way, last = path
    for part in way:
        inner = dict(item[part]["M"])
        item[part] = {"M": inner}
        item = inner
    item.pop(last, None)


def _size(value: Any) -> Any:  # noqa: ANN401 - typed values
    if value is None:
        return None
    ((_, content),) = value.items()
    return {_NUMBER: str(len(content))}


_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _compare(sign: str, left: Any, right: Any) -> bool:  # noqa: ANN401 - typed values
    if left is None or right is None:
        return sign == "<>" and left is not right
    (one,), (other,) = left.keys(), right.keys()
    if one != other:
        return sign == "<>"
    if one in _SETS:
        return _SIGNS[sign](set(left[one]), set(right[one]))
    return _SIGNS[sign](plain(left), plain(right))


def _begins_with(value: Any, prefix: Any) -> bool:  # noqa: ANN401 - typed values
    return value is not None and "S" in value and str(value["S"]).startswith(prefix["S"])


def _contains(value: Any, part: Any) -> bool:  # noqa: ANN401 - typed values
    if value is None:
        return False
    ((kind, content),) = value.items()
    if kind == "L":
        return part in content
    return next(iter(part.values())) in content


def _attribute_type(value: Any, kind: Any) -> bool:  # noqa: ANN401 - typed values
    return value is not None and kind["S"] in value


_PREDICATES: Mapping[str, Callable[..., bool]] = {
    "attribute_exists": lambda value: value is not None,
    "attribute_not_exists": lambda value: value is None,
    "attribute_type": _attribute_type,
    "begins_with": _begins_with,
    "contains": _contains,
}
