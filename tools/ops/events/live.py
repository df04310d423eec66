"""Live events: a line for each event on the bus, and for each related line of our functions' logs.

Following one correlation id shows a vote's way: VoteCast, MatchFound, and the functions' own lines
up to the notification, which is no event.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.markup import escape

from tools.contracts.project import load_project
from tools.ops.events.bus_listener import listen, received
from tools.ops.events.environment import Environment
from tools.ops.inventory import inventory

_OVERLAP_MILLISECONDS = 5_000
_SHORT = 8
_LEVELS = frozenset({"INFO", "WARNING", "ERROR"})
_SOURCE_WIDTH, _TYPE_WIDTH = 20, 20


@dataclass(frozen=True, slots=True)
class EventFilter:
    """A filter of live events; empty means all. `seconds` is how long, None for ever."""

    types: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    correlation_id: str = ""
    seconds: float | None = None

    @property
    def pattern(self) -> dict[str, Any]:
        """The event pattern of it."""
        pattern: dict[str, Any] = {"source": list(self.sources) or [{"prefix": "matinee."}]}
        if self.types:
            pattern["detail-type"] = list(self.types)
        if self.correlation_id:
            pattern["detail"] = {"metadata": {"correlation_id": [self.correlation_id]}}
        return pattern


def lines(environment: Environment, wanted: EventFilter) -> Iterator[str]:
    """Yield what passes from now on, a line for each, marked up for rich."""
    began = time.time()
    keys = {contract.event_type: contract.entity_keys for _, contract in load_project().published()}
    log = FunctionLog(environment, wanted.correlation_id, began) if wanted.correlation_id else None
    with listen(environment, wanted.pattern) as url:
        while wanted.seconds is None or time.time() - began < wanted.seconds:
            for event in received(environment, url):
                yield event_line(event, keys.get(event["detail-type"], ()))
            if log:
                yield from map(log_line, log.new())


def event_line(event: Mapping[str, Any], about: tuple[str, ...] = ()) -> str:
    """Write one event: time, source, type, what it is about, and its ids."""
    metadata, data = event["detail"]["metadata"], event["detail"]["data"]
    moment = datetime.fromisoformat(metadata["occurred_at"])
    facts = " ".join(f"{name}={_shown(data[name])}" for name in about if name in data)
    cause = metadata.get("causation_id")
    because = f" because of {_tail(cause)}" if cause else ""
    replay = f" [yellow]replay {escape(event['replay-name'])}[/]" if "replay-name" in event else ""
    return (
        f"[dim]{_clock(moment)}[/] [cyan]{event['source']:{_SOURCE_WIDTH}}[/] "
        f"[bold]{event['detail-type']:{_TYPE_WIDTH}}[/] {escape(facts)} "
        f"[dim]event {_tail(metadata['event_id'])}{because} "
        f"correlation[/] {escape(metadata['correlation_id'])}{replay}"
    )


def log_line(line: Mapping[str, Any]) -> str:
    """Write one line of a function's log."""
    moment = datetime.fromisoformat(line["timestamp"].replace(",", ".").replace("+0000", "+00:00"))
    said = " ".join(
        f"{name}={escape(_shown(line[name]))}"
        for name in ("field", "route", "status", "event_type", "event_id", "reason", "match_id")
        if name in line
    )
    function = str(line.get("function_name", "")).split("-")
    name = function[1] if len(function) > 1 else str(line.get("service", ""))
    return (
        f"[dim]{_clock(moment)}[/] [green]{name:{_SOURCE_WIDTH}}[/] "
        f"{escape(str(line['message'])):{_TYPE_WIDTH}} {said}"
    )


class FunctionLog:
    """The lines that our functions log under one correlation id, each once."""

    def __init__(self, environment: Environment, correlation_id: str, since: float) -> None:
        self._logs = environment.client("logs")
        self._groups = inventory(environment).function_logs
        self._correlation_id = correlation_id
        self._since = round(since * 1000)
        self._seen: set[str] = set()

    def new(self) -> Iterator[dict[str, Any]]:
        """Yield what was written since the last time, oldest first."""
        found = []
        for group in self._groups:
            try:
                answer = self._logs.filter_log_events(
                    logGroupName=group,
                    startTime=self._since,
                    filterPattern=f'"{self._correlation_id}"',
                )
            except self._logs.exceptions.ResourceNotFoundException:
                continue
            found += [(event["timestamp"], event["message"]) for event in answer["events"]]
        for at, text in sorted(found):
            self._since = max(self._since, at - _OVERLAP_MILLISECONDS)
            if text not in self._seen:
                self._seen.add(text)
                yield from _ours(text, self._correlation_id)


def _ours(text: str, correlation_id: str) -> Iterator[dict[str, Any]]:
    try:
        line = json.loads(text)
    except ValueError:
        return
    if not isinstance(line, dict) or line.get("level") not in _LEVELS:
        return
    if line.get("correlation_id") == correlation_id:
        yield line


def _clock(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%H:%M:%S.%f")[:-3]


def _tail(event_id: str) -> str:
    """Return an id's end: ids that sort by time begin alike for a whole day."""
    return f"…{escape(event_id[-_SHORT:])}"


def _shown(value: object) -> str:
    text = str(value)
    return f"…{text[-_SHORT:]}" if len(text) == 36 and text.count("-") == 4 else text  # noqa: PLR2004 - a UUID's form
