"""Shows what the functions wrote, from the emulator's CloudWatch Logs."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from tools.local.emulator import Aws

_FOLLOW_SECONDS = 0.5
# Output is filed when its invocation ends, under that moment: look a little behind the newest.
_OVERLAP_MILLISECONDS = 2_000
_LEFT_OUT = frozenset(
    {
        *("level", "location", "message", "timestamp", "service", "xray_trace_id"),
        *("function_name", "function_arn", "function_memory_size", "cold_start"),
        *("exception", "stack_trace"),
    }
)
_PLATFORM = ("START RequestId:", "END RequestId:", "REPORT RequestId:")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line that a function wrote; `at` is in milliseconds since 1970."""

    at: int
    function: str
    stream: str
    text: str


def log_groups(aws: Aws, functions: Mapping[str, str]) -> dict[str, str]:
    """Find the log group of each function, by logical id."""
    groups = {}
    for logical_id, name in functions.items():
        configuration = aws.lambda_.get_function_configuration(FunctionName=name)
        own = configuration.get("LoggingConfig", {}).get("LogGroup")
        groups[logical_id] = own or f"/aws/lambda/{name}"
    return groups


def read_lines(aws: Aws, groups: Mapping[str, str], since: int) -> list[LogLine]:
    """Read the functions' lines from `since` (milliseconds since 1970) on, oldest first."""
    lines: list[LogLine] = []
    for logical_id, group in groups.items():
        try:
            answer = aws.logs.filter_log_events(logGroupName=group, startTime=since)
        except aws.logs.exceptions.ResourceNotFoundException:
            continue  # nothing was written yet
        lines += [
            LogLine(event["timestamp"], logical_id, event["logStreamName"], event["message"])
            for event in answer["events"]
        ]
    return sorted(lines, key=lambda line: line.at)


def follow(aws: Aws, groups: Mapping[str, str], since: int, *, forever: bool) -> Iterator[LogLine]:
    """Yield each line once: those since `since`, then with `forever` those that come."""
    seen: set[str] = set()
    newest = since
    while True:
        try:
            found = read_lines(aws, groups, max(since, newest - _OVERLAP_MILLISECONDS))
        except ClientError:
            return  # the stack was stopped
        # A stream is one invocation, written at once: what is known of it is known whole.
        yield from (line for line in found if line.stream not in seen)
        seen |= {line.stream for line in found}
        newest = max([newest, *(line.at for line in found)])
        if not forever:
            return
        time.sleep(_FOLLOW_SECONDS)


def render(line: LogLine, *, everything: bool = False) -> str | None:
    """One line for a person to read; None for the platform's own lines, unless `everything`."""
    if line.text.startswith(_PLATFORM):
        return f"{_clock(line.at)} {line.function:24} {line.text}" if everything else None
    try:
        entry = json.loads(line.text)
    except ValueError:
        entry = None
    if not isinstance(entry, dict):
        return f"{_clock(line.at)} {line.function:24} {line.text}"
    if "_aws" in entry:
        return _metrics(line, entry) if everything else None
    details = " ".join(f"{key}={_plain(entry[key])}" for key in entry if key not in _LEFT_OUT)
    words = [
        _clock(line.at),
        f"{line.function:24}",
        f"{entry.get('level', 'INFO'):7}",
        _plain(entry.get("message", "")),
        details,
    ]
    text = " ".join(word for word in words if word).rstrip()
    trace = entry.get("exception")
    return f"{text}\n{trace}" if isinstance(trace, str) else text


def render_all(lines: Iterable[LogLine], *, everything: bool) -> Iterator[str]:
    """Render lines, leaving out those that `render` leaves out."""
    for line in lines:
        text = render(line, everything=everything)
        if text is not None:
            yield text


def prune(aws: Aws, groups: Iterable[str], before: int) -> int:
    """Delete the log streams that ended before a moment; return how many.

    The emulator keeps each invocation's output for ever, and saves and loads all of it.
    """
    deleted = 0
    for group in groups:
        try:
            pages = aws.logs.get_paginator("describe_log_streams").paginate(logGroupName=group)
            old = [
                stream["logStreamName"]
                for page in pages
                for stream in page["logStreams"]
                if stream.get("lastEventTimestamp", 0) < before
            ]
        except aws.logs.exceptions.ResourceNotFoundException:
            continue
        for name in old:
            aws.logs.delete_log_stream(logGroupName=group, logStreamName=name)
        deleted += len(old)
    return deleted


def _metrics(line: LogLine, entry: Mapping[str, object]) -> str:
    values = {key: value for key, value in entry.items() if key not in {"_aws", *_LEFT_OUT}}
    return f"{_clock(line.at)} {line.function:24} METRIC  {_plain(values)}"


def _clock(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone().strftime("%H:%M:%S.%f")[:-3]


def _plain(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
