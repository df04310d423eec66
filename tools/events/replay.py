"""Replays: what was, told once more from the bus's archive."""

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
class Wanted:
    """What is to be told again: from when to when, which events, and to which consumers.

    `rules` are logical ids or beginnings of rule names; with neither rules nor types it is
    everybody, except for whoever asks for live events only.
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


def replay(place: Environment, wanted: Wanted) -> str:
    """Start a replay and wait until it is over; answers its name. Raises EnvironmentNotFound.

    An archive is replayed by time, not by type: what keeps other events out is that only rules of
    the wanted types are told. A rule that takes others besides is told those too.
    """
    if not wanted.start < wanted.end or wanted.start > datetime.now(UTC):
        message = "FROM must be before TO, and in the past."
        raise EnvironmentNotFound(message)
    events = place.client("events")
    name = f"{place.name}-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
    rules = wanted_rules(place, wanted)
    destination: dict[str, Any] = {"Arn": place.bus_arn}
    if rules:
        destination["FilterArns"] = [rule["Arn"] for rule in rules]
    events.start_replay(
        ReplayName=name,
        EventSourceArn=archive_arn(place),
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


def archive_arn(place: Environment) -> str:
    """Answer the archive of the bus. Raises EnvironmentNotFound."""
    events = place.client("events")
    archives = events.list_archives(EventSourceArn=place.bus_arn)["Archives"]
    if not archives:
        message = f"The bus {place.bus} has no archive."
        raise EnvironmentNotFound(message)
    described = events.describe_archive(ArchiveName=archives[0]["ArchiveName"])
    return str(described["ArchiveArn"])


def wanted_rules(place: Environment, wanted: Wanted) -> list[dict[str, Any]]:
    """Answer the rules that are to be told; none means every rule. Raises EnvironmentNotFound.

    Rules that ask for live events only are never among them: a replay is not for them.
    """
    if not (wanted.types or wanted.rules):
        return []
    pages = place.client("events").get_paginator("list_rules").paginate(EventBusName=place.bus)
    rules = [rule for page in pages for rule in page["Rules"]]
    found = [
        rule
        for rule in rules
        if not _is_live_only(rule)
        and _is_named(rule, place, wanted.rules)
        and _takes(rule, wanted.types)
    ]
    if not found:
        message = f"No rule of {place.bus} takes that in a replay; there are: " + ", ".join(
            sorted(rule["Name"] for rule in rules)
        )
        raise EnvironmentNotFound(message)
    return found


def _is_live_only(rule: dict[str, Any]) -> bool:
    return '"replay-name"' in rule.get("EventPattern", "")


def _is_named(rule: dict[str, Any], place: Environment, names: Sequence[str]) -> bool:
    full = str(rule["Name"])
    stack = max((s for s in place.stacks if full.startswith(f"{s}-")), key=len, default=place.name)
    own = full.removeprefix(f"{stack}-")
    return not names or any(own.startswith(name) for name in names)


def _takes(rule: dict[str, Any], types: Sequence[str]) -> bool:
    return not types or any(f'"{name}"' in rule.get("EventPattern", "") for name in types)
