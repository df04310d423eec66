"""The rate limiter's counters in DynamoDB."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from botocore.exceptions import ReadTimeoutError
from botocore.stub import Stubber

from auth.adapters.dynamodb.hashed_keys import SecretHashKey
from matinee.dynamodb.attempt_counters import DynamoAttemptCounters
from matinee.dynamodb.items import from_item
from matinee.errors import Unavailable
from matinee.secrets import Secret

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def test_counts_to_the_limit_then_returns_the_time_to_wait(
    counters: DynamoAttemptCounters,
) -> None:
    now = NOON + timedelta(minutes=4)
    assert [counters.increment("a", 3, QUARTER, now) for _ in range(5)] == [
        None, None, None, timedelta(minutes=11), timedelta(minutes=11),
    ]  # fmt: skip


def test_concurrent_attempts_do_not_exceed_the_limit(
    counters: DynamoAttemptCounters,
) -> None:
    with ThreadPoolExecutor(12) as threads:
        waits = list(threads.map(lambda _: counters.increment("a", 5, QUARTER, NOON), range(24)))
    assert waits.count(None) == 5


def test_keys_and_windows_are_counted_separately(counters: DynamoAttemptCounters) -> None:
    for key, now in (("a", NOON), ("b", NOON), ("a", NOON + QUARTER)):
        assert counters.increment(key, 1, QUARTER, now) is None
        assert counters.increment(key, 1, QUARTER, now) is not None


def test_a_decrement_allows_one_more_attempt_only(
    counters: DynamoAttemptCounters,
) -> None:
    counters.increment("a", 1, QUARTER, NOON)
    for _ in range(5):
        counters.decrement("a", QUARTER, NOON)
    assert counters.increment("a", 1, QUARTER, NOON) is None
    assert counters.increment("a", 1, QUARTER, NOON) is not None
    counters.decrement("never taken", QUARTER, NOON)


def test_a_counter_expires_after_its_window(counters: DynamoAttemptCounters) -> None:
    counters.increment("a", 3, QUARTER, NOON)
    [item] = counters.client.scan(TableName=counters.table)["Items"]
    counter = from_item(item)
    ends = int((NOON + QUARTER).timestamp())
    assert counter["attempt"] == f"a#{ends}"
    assert counter["ttl"] > ends


@pytest.mark.parametrize("code", ["InternalServerError", "ThrottlingException", "AccessDenied"])
def test_a_failing_table_is_unavailable(code: str) -> None:
    client = boto3.client("dynamodb", region_name="eu-west-1")
    counters = DynamoAttemptCounters("AuthAttempts", client)
    with Stubber(client) as stub:
        for _ in range(2):
            stub.add_client_error("update_item", code)
        with pytest.raises(Unavailable):
            counters.increment("a", 3, QUARTER, NOON)
        with pytest.raises(Unavailable):
            counters.decrement("a", QUARTER, NOON)


def test_a_hanging_table_is_unavailable(
    counters: DynamoAttemptCounters, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hanging(**_: object) -> None:
        raise ReadTimeoutError(endpoint_url="https://dynamodb.example")

    monkeypatch.setattr(counters.client, "update_item", hanging)
    with pytest.raises(Unavailable):
        counters.increment("a", 3, QUARTER, NOON)
    with pytest.raises(Unavailable):
        counters.decrement("a", QUARTER, NOON)


def test_reads_the_hash_key_once_and_reports_a_missing_one() -> None:
    client = boto3.client("secretsmanager", region_name="eu-west-1")
    key = SecretHashKey(Secret(SecretsProvider(boto3_client=client), "arn:key"))
    with Stubber(client) as stub:
        stub.add_client_error("get_secret_value", "ResourceNotFoundException")
        with pytest.raises(Unavailable):
            key()
        stub.add_response("get_secret_value", {"SecretString": "hush"})
        assert (key(), key()) == ("hush", "hush")
        stub.assert_no_pending_responses()
