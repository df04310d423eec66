"""AppSync's own scalar types, checked on the way in and on the way out as AppSync checks them."""

import ipaddress
import json
import re
from collections.abc import Callable
from datetime import date, time

from graphql import GraphQLError, GraphQLScalarType, GraphQLSchema

_OFFSET = r"(?:Z|[+-]\d{2}:\d{2}(?::\d{2})?)"
_DATE = re.compile(rf"(\d{{4}}-\d{{2}}-\d{{2}}){_OFFSET}?")
_TIME = re.compile(rf"(\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d{{1,9}})?)?){_OFFSET}?")
_DATE_TIME = re.compile(
    rf"(\d{{4}}-\d{{2}}-\d{{2}})T(\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d{{1,9}})?)?){_OFFSET}"
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#]+[^\s]*")
_PHONE = re.compile(r"\+?[0-9]+(?:[ -]?[0-9()]+)*")


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


def _is_clock_time(text: str) -> bool:
    try:
        time.fromisoformat(text[:15])  # nanoseconds are allowed, and more than Python reads
    except ValueError:
        return False
    return True


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_date(text: str) -> bool:
    found = _DATE.fullmatch(text)
    return found is not None and _is_day(found[1])


def _is_time(text: str) -> bool:
    found = _TIME.fullmatch(text)
    return found is not None and _is_clock_time(found[1])


def _is_date_time(text: str) -> bool:
    found = _DATE_TIME.fullmatch(text)
    return found is not None and _is_day(found[1]) and _is_clock_time(found[2])


def _is_ip_address(text: str) -> bool:
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        return False
    return True


_TEXTS: dict[str, Callable[[str], bool]] = {
    "AWSDate": _is_date,
    "AWSTime": _is_time,
    "AWSDateTime": _is_date_time,
    "AWSEmail": _matches(_EMAIL),
    "AWSURL": _matches(_URL),
    "AWSPhone": _matches(_PHONE),
    "AWSIPAddress": _is_ip_address,
}
NAMES = (*_TEXTS, "AWSTimestamp", "AWSJSON")


def _text_check(name: str, is_valid: Callable[[str], bool], verb: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        if not isinstance(value, str) or not is_valid(value):
            raise GraphQLError(f"Unable to {verb} `{value}` as a valid {name}.")
        return value

    return check


def _timestamp(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise GraphQLError(f"Unable to read `{value}` as a valid AWSTimestamp.")
    return value


def _parse_json(value: object) -> object:
    if not isinstance(value, str):
        raise GraphQLError(f"Unable to parse `{value}` as a valid AWSJSON: it must be a string.")
    try:
        return json.loads(value)
    except ValueError:
        raise GraphQLError(f"Unable to parse `{value}` as a valid AWSJSON.") from None


def _serialize_json(value: object) -> str:
    """Write JSON; a text that already is JSON stays what it is, as on AppSync."""
    if isinstance(value, str):
        try:
            json.loads(value)
        except ValueError:
            return json.dumps(value)
        return value
    return json.dumps(value)


def install(schema: GraphQLSchema) -> None:
    """Set the rules of a built schema's predefined scalars."""
    for name, is_valid in _TEXTS.items():
        scalar = _scalar(schema, name)
        scalar.serialize = _text_check(name, is_valid, "serialize")  # type: ignore[method-assign, assignment]
        scalar.parse_value = _text_check(name, is_valid, "parse")  # type: ignore[method-assign, assignment]
    timestamp = _scalar(schema, "AWSTimestamp")
    timestamp.serialize = _timestamp  # type: ignore[method-assign]
    timestamp.parse_value = _timestamp  # type: ignore[method-assign]
    aws_json = _scalar(schema, "AWSJSON")
    aws_json.serialize = _serialize_json  # type: ignore[method-assign]
    aws_json.parse_value = _parse_json  # type: ignore[method-assign]


def _scalar(schema: GraphQLSchema, name: str) -> GraphQLScalarType:
    scalar = schema.type_map[name]
    if not isinstance(scalar, GraphQLScalarType):
        raise TypeError(f"{name} is AppSync's scalar and cannot be redefined")
    return scalar
