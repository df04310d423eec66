"""The log of requests, in moto."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from auth.adapters.dynamodb.hashed_keys import KeyHasher
from auth.adapters.dynamodb.request_log import REPEATED_WITHIN, DynamoRequestLog
from matinee.dynamodb.attempt_counters import DynamoAttemptCounters
from matinee.errors import Unavailable

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
REQUEST = ("signup", "ann@example.com", "Popcorn4two")


class Log:
    """A log at a time that a test sets."""

    def __init__(self, counters: DynamoAttemptCounters) -> None:
        self.now = NOON
        self.log = DynamoRequestLog(
            counters.table, counters.client, KeyHasher(lambda: "key"), lambda: self.now
        )

    def begin(self, *request: str) -> datetime | None:
        return self.log.begin(*request)


@pytest.fixture
def log(counters: DynamoAttemptCounters) -> Log:
    return Log(counters)


def test_returns_when_the_same_request_was_first_made(log: Log) -> None:
    assert log.begin(*REQUEST) is None
    log.now += timedelta(minutes=5)
    assert log.begin(*REQUEST) == NOON
    assert log.begin(*REQUEST) == NOON


@pytest.mark.parametrize(
    "other",
    [
        ("signup", "ann@example.com", "Popcorn4three"),
        ("signup", "bob@example.com", "Popcorn4two"),
        ("reset", "ann@example.com", "Popcorn4two"),
    ],
)
def test_another_request_is_the_first(log: Log, other: tuple[str, ...]) -> None:
    log.begin(*REQUEST)
    assert log.begin(*other) is None


def test_a_refused_request_is_forgotten(log: Log) -> None:
    log.begin(*REQUEST)
    log.log.forget(*REQUEST)
    assert log.begin(*REQUEST) is None


def test_a_request_is_remembered_for_minutes(log: Log) -> None:
    log.begin(*REQUEST)
    log.now += REPEATED_WITHIN + timedelta(seconds=1)
    assert log.begin(*REQUEST) is None
    assert log.begin(*REQUEST) == log.now


def test_stores_no_value_and_expires(log: Log, dynamodb: DynamoDBClient) -> None:
    log.log.forget(*REQUEST)
    log.begin(*REQUEST)
    [item] = dynamodb.scan(TableName=log.log.table)["Items"]
    for value in REQUEST[1:]:
        assert value not in json.dumps(item)
    assert int(item["ttl"]["N"]) == int((NOON + REPEATED_WITHIN).timestamp())


def test_without_its_key_every_request_is_the_first(counters: DynamoAttemptCounters) -> None:
    def fail() -> str:
        raise Unavailable

    log = DynamoRequestLog(counters.table, counters.client, KeyHasher(fail))
    for _ in range(2):
        assert log.begin(*REQUEST) is None
    log.forget(*REQUEST)
