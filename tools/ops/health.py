"""Health of an environment: queues, outboxes, the bus's policy, the last refresh, alarms."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError

from tools.ops.bus_policy import policy_faults
from tools.ops.events.environment import Environment
from tools.ops.inventory import ALARM, DLQ_SUFFIX, LOGS, QUEUE, TABLE, Inventory

REFRESHED = "refresh_completed"
"""The catalogue's log message at the end of a refresh."""

LOOKED_BACK = timedelta(days=3)
REFRESH_DUE = timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a report. `good` is None where nothing is good or bad."""

    what: str
    said: str
    good: bool | None = None


@dataclass(frozen=True, slots=True)
class QueueCount:
    """How many messages a queue holds, and how many of them somebody works at."""

    name: str
    waiting: int
    at_work: int
    dead_letters: bool


def findings(environment: Environment, parts: Inventory) -> Iterator[Finding]:
    """Yield the findings of an environment, the queues first."""
    yield from _queues(environment, parts)
    yield from _outboxes(environment, parts)
    yield from _policy(environment)
    yield _refresh(environment, parts)
    yield from _alarms(environment, parts)


def queue_counts(environment: Environment, parts: Inventory) -> Iterator[QueueCount]:
    """Yield how full each queue is."""
    sqs = environment.client("sqs")
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    for name, url in parts.of(QUEUE).items():
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        waiting, at_work = (int(counts.get(key, 0)) for key in names)
        yield QueueCount(name, waiting, at_work, name.endswith(DLQ_SUFFIX))


def _queues(environment: Environment, parts: Inventory) -> Iterator[Finding]:
    for queue in queue_counts(environment, parts):
        said = f"{queue.waiting} waiting" + (f", {queue.at_work} at work" if queue.at_work else "")
        yield Finding(queue.name, said, queue.waiting == 0 if queue.dead_letters else None)


def _outboxes(environment: Environment, parts: Inventory) -> Iterator[Finding]:
    """Count what has not been published: an outbox holds nothing else."""
    dynamodb = environment.client("dynamodb")
    for name, table in parts.of(TABLE).items():
        if not name.endswith("OutboxTable"):
            continue
        page = dynamodb.scan(
            TableName=table,
            Limit=1000,
            ProjectionExpression="occurred_at, rejected_because",
            ConsistentRead=True,
        )
        moments = sorted(
            item["occurred_at"]["S"] for item in page["Items"] if "occurred_at" in item
        )
        if not moments:
            yield Finding(name, "nothing owed", good=True)
            continue
        age = (datetime.now(UTC) - datetime.fromisoformat(moments[0])).total_seconds()
        more = " or more" if "LastEvaluatedKey" in page else ""
        said = f"{len(moments)}{more} events not published, the oldest for {age:.0f} s"
        yield Finding(name, said, good=age < 60)  # noqa: PLR2004 - a minute, as the alarm has it


def _policy(environment: Environment) -> Iterator[Finding]:
    faults = list(policy_faults(environment))
    if not faults:
        yield Finding("bus policy", "as the templates have it", good=True)
    for fault in faults:
        yield Finding("bus policy", fault, good=False)


def _refresh(environment: Environment, parts: Inventory) -> Finding:
    logs = environment.client("logs")
    since = datetime.now(UTC) - LOOKED_BACK
    last = 0
    for name, group in parts.of(LOGS).items():
        if "Refresh" not in name and "Catalog" not in name:
            continue
        try:
            pages = logs.get_paginator("filter_log_events").paginate(
                logGroupName=group,
                startTime=round(since.timestamp() * 1000),
                filterPattern=f'"{REFRESHED}"',
            )
            last = max([last, *(e["timestamp"] for page in pages for e in page["events"])])
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
    if not last:
        return Finding("catalogue", f"no refresh within {LOOKED_BACK.days} days", good=False)
    age = timedelta(seconds=round(time.time() - last / 1000))
    return Finding("catalogue", f"last refreshed {age} ago", good=age < REFRESH_DUE)


def _alarms(environment: Environment, parts: Inventory) -> Iterator[Finding]:
    cloudwatch = environment.client("cloudwatch")
    own = set(parts.of(ALARM).values())
    ringing = []
    for page in cloudwatch.get_paginator("describe_alarms").paginate(StateValue="ALARM"):
        ringing += [
            f"{alarm['AlarmName']}: {alarm.get('AlarmDescription', '')}"
            for alarm in page["MetricAlarms"]
            if alarm["AlarmName"] in own
        ]
    if not ringing:
        yield Finding("alarms", f"none of {len(own)} rings", good=True)
    for text in ringing:
        yield Finding("alarm", text, good=False)
