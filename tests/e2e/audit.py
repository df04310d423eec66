"""What must hold of everything that the product did while the end-to-end tests ran.

Checked once, when the last test is over: no log line holds a secret or a refused permission, and
every event on the bus keeps its released contract.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.clients.node import NodeFailed, run_node
from tools.contracts import delivered
from tools.contracts.project import Project
from tools.contracts.release import released
from tools.contracts.versions import stored

type Event = dict[str, Any]

MIN_TOKEN_PART = 20
"""Characters. Shorter parts of a token may stand in a log by chance."""


def log_lines(logs: Any) -> list[str]:  # noqa: ANN401 - one of many types
    """Return everything that every function has logged."""
    groups = [
        group["logGroupName"]
        for page in logs.get_paginator("describe_log_groups").paginate()
        for group in page["logGroups"]
    ]
    return [
        event["message"]
        for group in groups
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        for event in page["events"]
    ]


def log_faults(lines: list[str], secrets: Iterable[str]) -> Iterator[str]:
    """Yield what must not be in the logs: secrets, parts of tokens, refused permissions."""
    text = "\n".join(lines)
    if '"answered"' not in text or '"correlation_id"' not in text:
        yield "no function logged an answer with its correlation id"
    for secret in secrets:
        if secret in text:
            yield f"a log line holds a secret that begins with {secret[:4]!r}"
        _, *parts = secret.split(".")
        if len(parts) == 2 and any(len(part) >= MIN_TOKEN_PART and part in text for part in parts):  # noqa: PLR2004
            yield "a log line holds a part of a token"
    for line in lines:
        if "AccessDenied" in line or "not authorized" in line:
            yield f"a function lacked a permission: {line[:300]}"


def event_faults(events: list[Event], project: Project) -> Iterator[str]:
    """Yield how events break the released contracts or contradict one another."""
    frozen = released(project)
    schemas = {
        (f"matinee.{file.service}", file.event_type, str(file.version)): file.read()
        for file in stored(project)
        if file.path.relative_to(project.events).as_posix() in frozen
    }
    for event in events:
        metadata = event["detail"]["metadata"]
        name = f"{event['source']} {event['detail-type']} {metadata['schema_version']}"
        schema = schemas.get((event["source"], event["detail-type"], metadata["schema_version"]))
        if schema is None:
            yield f"{name} was never released"
            continue
        for violation in delivered.violations(schema, event["detail"]):
            yield f"{name}: {violation}"
        if (metadata["event_type"], metadata["source"]) != (event["detail-type"], event["source"]):
            yield f"{name} names itself {metadata['source']} {metadata['event_type']} inside"
    yield from _contradictions(events)


def faults_in_javascript(events: list[Event], contracts: Path) -> Iterator[str]:
    """Yield what ajv finds in events by every minor version of their contracts."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "events.json"
        file.write_text(json.dumps(events))
        try:
            run_node("contracts.mjs", str(contracts), str(file))
        except NodeFailed as error:
            yield str(error)


def _contradictions(events: list[Event]) -> Iterator[str]:
    first: dict[str, str] = {}
    causes = set()
    for event in events:
        metadata = event["detail"]["metadata"]
        text = json.dumps(event["detail"], sort_keys=True)
        if first.setdefault(metadata["event_id"], text) != text:
            yield f"two events have the id {metadata['event_id']}"
        if cause := metadata.get("causation_id"):
            causes.add(cause)
    for cause in sorted(causes - first.keys()):
        yield f"an event names a cause that was never published: {cause}"
