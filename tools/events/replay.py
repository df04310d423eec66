"""Replays of past events from the bus's archive."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tools.events.environment import Environment, EnvironmentNotFound

_POLL_SECONDS = 1.0
_DONE = frozenset({"COMPLETED", "CANCELLED", "FAILED"})


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """A replay: its period, the types of events, and the rules that receive them.

    `rules` are logical ids or beginnings of rule names; with neither rules nor types all rules
    receive it, except for those that take live events only.
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
    pages = (
        environment.client("events")
        .get_paginator("list_rules")
        .paginate(EventBusName=environment.bus)
    )
    rules = [rule for page in pages for rule in page["Rules"]]
    found = [
        rule
        for rule in rules
        if not _is_live_only(rule)
        and _is_named(rule, environment, wanted.rules)
        and _takes(rule, wanted.types)
    ]
    if not found:
        message = f"No rule of {environment.bus} takes that in a replay; there are: " + ", ".join(
            sorted(rule["Name"] for rule in rules)
        )
        raise EnvironmentNotFound(message)
    return found


def _is_live_only(rule: dict[str, Any]) -> bool:
    return '"replay-name"' in rule.get("EventPattern", "")


def _is_named(rule: dict[str, Any], environment: Environment, names: Sequence[str]) -> bool:
    full = str(rule["Name"])
    stack = max(
        (s for s in environment.stacks if full.startswith(f"{s}-")),
        key=len,
        default=environment.name,
    )
    own = full.removeprefix(f"{stack}-")
    return not names or any(own.startswith(name) for name in names)


def _takes(rule: dict[str, Any], types: Sequence[str]) -> bool:
    return not types or any(f'"{name}"' in rule.get("EventPattern", "") for name in types)
