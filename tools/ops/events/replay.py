"""Replays of past events from the bus's archive."""

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tools.contracts.pattern import NotUnderstood, accepts
from tools.contracts.project import load_project
from tools.ops.events.environment import Environment, EnvironmentNotFound

_POLL_SECONDS = 1.0
_DONE = frozenset({"COMPLETED", "CANCELLED", "FAILED"})


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """A replay: its period, the types of events, and the rules that receive them.

    `rules` are logical ids or rule names, whole or their beginnings; with neither rules nor types
    all rules receive it, except for those that take live events only.
    """

    start: datetime
    end: datetime
    types: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


def moment(text: str) -> datetime:
    """Read an instant: ISO 8601, in UTC unless it says otherwise, or `now`. Raises ValueError."""
    if text == "now":
        return datetime.now(UTC)
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def replay(environment: Environment, wanted: ReplayRequest) -> str:
    """Start a replay, wait until it is over, and return its name. Raises EnvironmentNotFound.

    An archive is replayed by time, not by type: other events are kept out by naming the rules of
    the wanted types. A rule that takes further types receives those, too.
    """
    if not wanted.start < wanted.end or wanted.start > datetime.now(UTC):
        message = "FROM must be before TO, and in the past."
        raise EnvironmentNotFound(message)
    events = environment.client("events")
    name = f"{environment.name}-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
    rules = wanted_rules(environment, wanted)
    destination: dict[str, Any] = {"Arn": environment.bus_arn}
    if rules:
        destination["FilterArns"] = [rule["Arn"] for rule in rules]
    events.start_replay(
        ReplayName=name,
        EventSourceArn=archive_arn(environment),
        EventStartTime=wanted.start,
        EventEndTime=wanted.end,
        Destination=destination,
    )
    while (state := events.describe_replay(ReplayName=name)["State"]) not in _DONE:
        time.sleep(_POLL_SECONDS)
    if state != "COMPLETED":
        message = f"The replay {name} has {state.lower()}."
        raise EnvironmentNotFound(message)
    return name


def archive_arn(environment: Environment) -> str:
    """Return the archive of the bus. Raises EnvironmentNotFound."""
    events = environment.client("events")
    archives = events.list_archives(EventSourceArn=environment.bus_arn)["Archives"]
    if not archives:
        message = f"The bus {environment.bus} has no archive."
        raise EnvironmentNotFound(message)
    described = events.describe_archive(ArchiveName=archives[0]["ArchiveName"])
    return str(described["ArchiveArn"])


def wanted_rules(environment: Environment, wanted: ReplayRequest) -> list[dict[str, Any]]:
    """Return the rules that receive a replay; none means every rule. Raises EnvironmentNotFound.

    Rules that ask for live events only are never among them: a replay is not for them.
    """
    if not (wanted.types or wanted.rules):
        return []
    replayed = [rule for rule in bus_rules(environment) if not _is_live_only(pattern_of(rule))]
    found = [
        rule
        for rule in replayed
        if _is_named(rule, environment, wanted.rules) and _takes(pattern_of(rule), wanted.types)
    ]
    if not found:
        message = f"No rule of {environment.bus} takes that in a replay; there are: " + ", ".join(
            sorted(rule["Name"] for rule in replayed)
        )
        raise EnvironmentNotFound(message)
    return found


def bus_rules(environment: Environment) -> list[dict[str, Any]]:
    """Return the rules on the bus, as EventBridge lists them."""
    paginator = environment.client("events").get_paginator("list_rules")
    pages = paginator.paginate(EventBusName=environment.bus)
    return [rule for page in pages for rule in page["Rules"]]


def pattern_of(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a rule's event pattern."""
    read: Mapping[str, Any] = json.loads(rule.get("EventPattern") or "{}")
    return read


def _is_live_only(pattern: Mapping[str, Any]) -> bool:
    return {"exists": False} in pattern.get("replay-name", ())


def _is_named(rule: dict[str, Any], environment: Environment, names: Sequence[str]) -> bool:
    full, own = str(rule["Name"]), own_name(rule, environment)
    return not names or any(full.startswith(name) or own.startswith(name) for name in names)


def own_name(rule: Mapping[str, Any], environment: Environment) -> str:
    """Return a rule's name without its stack's, as its template calls it."""
    full = str(rule["Name"])
    stack = max(
        (s for s in environment.stacks if full.startswith(f"{s}-")),
        key=len,
        default=environment.name,
    )
    return full.removeprefix(f"{stack}-")


def _takes(pattern: Mapping[str, Any], types: Sequence[str]) -> bool:
    """Return whether a pattern may take an event of one of the types; without types, any."""
    return not types or any(
        _fits(pattern, "detail-type", name) and _fits(pattern, "source", _source_of(name))
        for name in types
    )


def _fits(pattern: Mapping[str, Any], field: str, value: str) -> bool:
    """Return whether a pattern takes a field's value; what it does not name, or `value` is empty.

    A filter that compares in a way that is not known here counts as one that takes it: a replay to
    one rule too many does no harm, and one to nobody is lost work.
    """
    if field not in pattern or not value:
        return True
    try:
        return any(accepts(wanted, value) for wanted in pattern[field])
    except NotUnderstood:
        return True


def _source_of(event_type: str) -> str:
    """Return who publishes a type, or nothing if no contract says it."""
    return next(
        (
            contract.source
            for _, contract in load_project().published()
            if contract.event_type == event_type
        ),
        "",
    )
