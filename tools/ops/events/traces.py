"""Traces: the invocations that belong to one correlation id, read from the functions' logs."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tools.ops.events.environment import Environment

_THREADS = 8
_DURATION = re.compile(r"^REPORT RequestId: (\S+)\s.*?Duration: ([\d.]+) ms", re.DOTALL)
_LABELS = ("route", "field", "event_type", "message")
_FAILED = frozenset({"ERROR", "CRITICAL"})
_LEFT_OUT = frozenset(
    {"service", "cold_start", "function_memory_size", "function_arn", "xray_trace_id"}
)

type Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Invocation:
    """One invocation of a function; times are milliseconds since 1970."""

    service: str
    function: str
    request_id: str
    began: float
    ended: float
    cold_start: bool
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Request:
    """What happened under one correlation id; `began` and `ended` are milliseconds since 1970."""

    correlation_id: str
    label: str
    began: float
    ended: float
    services: Sequence[str]
    functions: Sequence[str]
    failed: bool


class Traces:
    """Reads one environment's logs; `groups` are those of its functions."""

    def __init__(self, environment: Environment, groups: Sequence[str]) -> None:
        self._logs = environment.client("logs")  # clients may be shared by threads, sessions not
        self._groups = groups

    def requests(self, since: int) -> list[Request]:
        """Return what began since a moment (milliseconds since 1970), the latest first."""
        by_id: dict[str, list[Line]] = defaultdict(list)
        for _, line in self._lines(self._groups, '"correlation_id"', since):
            by_id[line["correlation_id"]].append(line)
        found = [_request(correlation_id, lines) for correlation_id, lines in by_id.items()]
        return sorted(found, key=lambda request: -request.began)

    def invocations(self, correlation_id: str, since: int) -> list[Invocation]:
        """Return a trace's invocations since a moment, in the order in which they began."""
        by_request: dict[tuple[str, str], list[Line]] = defaultdict(list)
        for group, line in self._lines(self._groups, f'"{correlation_id}"', since):
            if line["correlation_id"] == correlation_id:
                by_request[group, line["function_request_id"]].append(line)

        def whole(found: tuple[tuple[str, str], list[Line]]) -> Invocation:
            (group, request_id), lines = found
            texts = self._texts(group, f'"{request_id}"', since)
            return _invocation(request_id, lines, texts)

        with ThreadPoolExecutor(_THREADS) as pool:
            return sorted(pool.map(whole, by_request.items()), key=lambda one: one.began)

    def _lines(self, groups: Iterable[str], pattern: str, since: int) -> Iterator[tuple[str, Line]]:
        def read(group: str) -> list[tuple[str, Line]]:
            return [
                (group, line)
                for _, text in self._texts(group, pattern, since)
                for line in _ours(text)
            ]

        with ThreadPoolExecutor(_THREADS) as pool:
            for found in pool.map(read, groups):
                yield from found

    def _texts(self, group: str, pattern: str, since: int) -> list[tuple[int, str]]:
        """Return the matching lines of a log group; a function that never ran has none."""
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=since, filterPattern=pattern
        )
        try:
            return [
                (event["timestamp"], event["message"]) for page in pages for event in page["events"]
            ]
        except self._logs.exceptions.ResourceNotFoundException:
            return []


def _ours(text: str) -> Iterator[Line]:
    try:
        line = json.loads(text)
    except ValueError:
        return
    if isinstance(line, dict) and {"correlation_id", "function_request_id"} <= line.keys():
        yield line


def _request(correlation_id: str, lines: list[Line]) -> Request:
    lines.sort(key=_written_at)
    requested = next((line for line in lines if "route" in line or "field" in line), lines[0])
    return Request(
        correlation_id,
        next(str(requested[name]) for name in _LABELS if name in requested),
        _written_at(lines[0]),
        _written_at(lines[-1]),
        sorted({str(line.get("service", "")) for line in lines}),
        sorted({function_of(line) for line in lines}),
        any(line.get("level") in _FAILED for line in lines),
    )


def _invocation(request_id: str, lines: list[Line], texts: Sequence[tuple[int, str]]) -> Invocation:
    """Put an invocation together; without Lambda's report it lasted from line to line."""
    lines.sort(key=_written_at)
    began, ended = _written_at(lines[0]), _written_at(lines[-1])
    for at, text in texts:
        report = _DURATION.match(text)
        if report and report[1] == request_id:
            began, ended = at - float(report[2]), float(at)
    return Invocation(
        str(lines[0].get("service", "")),
        function_of(lines[0]),
        request_id,
        began,
        ended,
        bool(lines[0].get("cold_start")),
        [{key: value for key, value in line.items() if key not in _LEFT_OUT} for line in lines],
    )


def function_of(line: Line) -> str:
    """Return the logical id of the function that wrote a line: `RoomsApiFunction`."""
    words = str(line.get("function_name", "")).split("-")
    return next((word for word in words if word.endswith("Function")), words[-1])


def _written_at(line: Line) -> float:
    text = str(line["timestamp"]).replace(",", ".").replace("+0000", "+00:00")
    return datetime.fromisoformat(text).timestamp() * 1000
