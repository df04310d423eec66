"""What is done once: Powertools' memory over a real table, as far as moto's is one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient

from matinee.errors import Unavailable
from matinee.events.idempotency import IDEMPOTENCY_TTL, IdempotencyGuard
from tests.fakes.aws import FakeLambdaContext
from tests.integration.rooms.tables import IDEMPOTENCY, create_tables


class Killed(BaseException):
    """Lambda ended the process here."""


class ShortOfTime(FakeLambdaContext):
    """An invocation that is over at once."""

    def get_remaining_time_in_millis(self) -> int:
        return -1_000


@pytest.fixture
def table() -> Iterator[DynamoDBClient]:
    with mock_aws():
        client = boto3.client("dynamodb")
        create_tables(client)
        yield client


def a_memory(name: str = "kitchen", context: FakeLambdaContext | None = None) -> IdempotencyGuard:
    memory = IdempotencyGuard(IDEMPOTENCY, name)
    memory.begin(cast("LambdaContext", context or FakeLambdaContext()))
    return memory


@pytest.mark.usefixtures("table")
class TestOnce:
    def test_what_has_been_done_is_not_done_again(self) -> None:
        done: list[str] = []

        a_memory()("key", lambda: done.append("first"))
        a_memory()("key", lambda: done.append("second"))

        assert done == ["first"]

    def test_other_keys_are_other_things(self) -> None:
        done: list[str] = []
        memory = a_memory()

        memory("one", lambda: done.append("one"))
        memory("two", lambda: done.append("two"))

        assert done == ["one", "two"]

    def test_the_same_key_under_another_name_is_another_thing(self) -> None:
        done: list[str] = []

        a_memory("kitchen")("key", lambda: done.append("kitchen"))
        a_memory("garden")("key", lambda: done.append("garden"))

        assert done == ["kitchen", "garden"]

    def test_two_memories_used_within_one_another_keep_apart(self) -> None:
        done: list[str] = []
        outer, inner = a_memory("outer"), a_memory("inner")

        for _ in range(2):
            outer("key", lambda: inner("key", lambda: done.append("inner")))
        inner("key", lambda: done.append("again"))

        assert done == ["inner"]

    def test_a_failure_is_raised_and_forgotten(self) -> None:
        done: list[str] = []
        memory = a_memory()

        with pytest.raises(ZeroDivisionError):
            memory("key", lambda: done.append(str(1 // 0)))
        memory("key", lambda: done.append("second"))

        assert done == ["second"]

    def test_a_failure_of_the_inner_is_forgotten_by_both(self) -> None:
        done: list[str] = []
        outer, inner = a_memory("outer"), a_memory("inner")

        with pytest.raises(ZeroDivisionError):
            outer("key", lambda: inner("key", lambda: done.append(str(1 // 0))))
        outer("key", lambda: inner("key", lambda: done.append("second")))

        assert done == ["second"]

    def test_while_one_does_it_another_is_turned_away(self) -> None:
        done: list[str] = []
        one, another = a_memory(), a_memory()

        def meanwhile() -> None:
            with pytest.raises(Unavailable):
                another("key", lambda: done.append("another"))
            done.append("one")

        one("key", meanwhile)

        assert done == ["one"]

    def test_what_a_crash_left_is_taken_up_when_its_invocation_would_be_over(self) -> None:
        done: list[str] = []

        def crash() -> None:
            raise Killed

        with pytest.raises(Killed):
            a_memory(context=ShortOfTime())("key", crash)
        a_memory()("key", lambda: done.append("the next"))

        assert done == ["the next"]

    def test_what_a_crash_left_is_not_taken_up_before(self) -> None:
        def crash() -> None:
            raise Killed

        with pytest.raises(Killed):
            a_memory()("key", crash)

        with pytest.raises(Unavailable):
            a_memory()("key", lambda: None)

    def test_eight_threads_can_share_a_memory(self) -> None:
        done: list[str] = []
        memory = a_memory()

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda n: memory(str(n), lambda: done.append(str(n))), range(40)))

        assert sorted(done, key=int) == [str(n) for n in range(40)]


def test_it_is_remembered_longer_than_a_message_can_come_back(table: DynamoDBClient) -> None:
    a_memory()("key", lambda: None)

    [item] = table.scan(TableName=IDEMPOTENCY)["Items"]
    assert IDEMPOTENCY_TTL.days > 4 + 14 - 1
    assert item["status"]["S"] == "COMPLETED"
    assert int(item["expiration"]["N"]) > 0
