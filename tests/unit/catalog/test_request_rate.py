"""The shared rate: its arithmetic, and the item that shares it between instances."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient

from catalog.errors import TmdbRateLimited
from catalog.pace import MICROSECONDS, Pace
from catalog.rate_limit import WITHOUT_TABLE_FOR, DynamoRequestRate
from tests.unit.catalog.fakes import FakeTime, LogLines

TABLE = "RateLimits"


@pytest.fixture
def dynamodb() -> Iterator[DynamoDBClient]:
    with mock_aws():
        client = boto3.client("dynamodb")
        client.create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "bucket", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "bucket", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield client


def instance(dynamodb: DynamoDBClient, time: FakeTime, limit: float = 40) -> DynamoRequestRate:
    return DynamoRequestRate(
        dynamodb=dynamodb,
        table=TABLE,
        pace=Pace.of(limit),
        now=time.now,
        monotonic=time.monotonic,
    )


def item(dynamodb: DynamoDBClient) -> dict[str, Any]:
    return dynamodb.get_item(TableName=TABLE, Key={"bucket": {"S": "tmdb"}})["Item"]


def busiest_second(moments: list[float]) -> int:
    """Answer the most moments that any second, wherever it begins, has in it."""
    return max(sum(start <= moment < start + 1 for moment in moments) for start in moments)


@settings(max_examples=200)
@given(
    limit=st.one_of(st.floats(0.1, 5), st.integers(1, 100)),
    batches=st.lists(st.tuples(st.integers(1, 8), st.integers(0, 2_000_000)), max_size=40),
)
def test_no_second_ever_sees_more_than_the_limit(
    limit: float, batches: list[tuple[int, int]]
) -> None:
    pace, free_at, now, sent = Pace.of(limit), 0, 10**9, list[int]()
    for requests, later in batches:
        now += later
        first = pace.enter(free_at, now)
        sent += [now + round(wait * MICROSECONDS) for wait in pace.waits(first, now, requests)]
        free_at = first + pace.cost(requests)

    for start in sent:
        assert sum(start <= moment < start + MICROSECONDS for moment in sent) <= max(1, limit)


def test_a_typical_room_waits_for_nothing_while_the_flow_is_idle() -> None:
    pace, now = Pace.of(40), 10**9

    assert list(pace.waits(pace.enter(0, now), now, 4)) == [0] * 4


async def test_an_idle_flow_is_entered_at_once_with_one_write(dynamodb: DynamoDBClient) -> None:
    time = FakeTime()

    waits = await instance(dynamodb, time).reserve(4, time.deadline())

    assert waits == [0, 0, 0, 0]
    assert int(item(dynamodb)["ttl"]["N"]) == int(time.now().timestamp()) + 3600


async def test_many_instances_together_keep_the_limit(dynamodb: DynamoDBClient) -> None:
    time = FakeTime()
    instances = [instance(dynamodb, time, limit=20) for _ in range(6)]
    sent: list[float] = []

    for turn in range(30):
        waits = await instances[turn % 6].reserve(3, time.deadline(60))
        sent += [time.seconds + wait for wait in waits]
        time.seconds += 0.01

    assert len(sent) == 90
    assert busiest_second(sent) <= 20
    # 90 requests at four fifths of 20 a second: the flow is used, not only kept.
    assert max(sent) < 90 / 16 + 0.1


async def test_who_would_wait_past_the_deadline_is_told_when_to_come_back(
    dynamodb: DynamoDBClient,
) -> None:
    time = FakeTime()
    await instance(dynamodb, time, limit=5).reserve(40, time.deadline(60))
    before = item(dynamodb)

    with pytest.raises(TmdbRateLimited) as refusal:
        await instance(dynamodb, time, limit=5).reserve(1, time.deadline(4.5))

    assert refusal.value.retry_after == pytest.approx(10)
    assert item(dynamodb) == before


async def test_a_pause_is_kept_by_every_instance(dynamodb: DynamoDBClient) -> None:
    time = FakeTime()
    one, other = instance(dynamodb, time), instance(dynamodb, time)

    await one.pause(3)

    assert min(await other.reserve(8, time.deadline(60))) >= 3
    with pytest.raises(TmdbRateLimited):
        await other.reserve(1, time.deadline(2))


async def test_after_a_pause_nobody_rushes(dynamodb: DynamoDBClient) -> None:
    time = FakeTime()
    await instance(dynamodb, time, limit=20).pause(2)

    sent = [
        wait
        for _ in range(20)
        for wait in await instance(dynamodb, time, limit=20).reserve(3, time.deadline(60))
    ]

    assert min(sent) >= 2
    assert busiest_second(sent) <= 20


async def test_a_shorter_pause_does_not_shorten_a_longer_one(dynamodb: DynamoDBClient) -> None:
    time = FakeTime()
    rate = instance(dynamodb, time)

    await rate.pause(4)
    await rate.pause(1)

    assert min(await rate.reserve(1, time.deadline(60))) >= 4


async def test_an_absurd_pause_is_not_kept_for_hours(dynamodb: DynamoDBClient) -> None:
    time = FakeTime()
    rate = instance(dynamodb, time)

    await rate.pause(86_400)
    time.seconds += 61

    assert await rate.reserve(1, time.deadline()) == [0]


async def test_a_place_written_by_a_broken_clock_is_not_believed(dynamodb: DynamoDBClient) -> None:
    time = FakeTime()
    far = int(time.now().timestamp() + 10**6) * MICROSECONDS
    dynamodb.put_item(TableName=TABLE, Item={"bucket": {"S": "tmdb"}, "free_at": {"N": str(far)}})

    assert await instance(dynamodb, time).reserve(1, time.deadline()) == [0]


async def test_a_flow_that_fell_idle_is_entered_at_once_again(dynamodb: DynamoDBClient) -> None:
    time = FakeTime()
    rate = instance(dynamodb, time)
    await rate.reserve(30, time.deadline())
    time.seconds += 100

    assert await rate.reserve(4, time.deadline()) == [0, 0, 0, 0]


async def test_places_taken_at_the_same_time_are_all_different(
    dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_at_a_time, update_item = threading.Lock(), dynamodb.update_item

    def serialized(**parameters: Any) -> Any:  # noqa: ANN401 - boto3's own
        # DynamoDB writes an item once at a time; moto does not take care to.
        with one_at_a_time:
            return update_item(**parameters)

    monkeypatch.setattr(dynamodb, "update_item", serialized)
    time = FakeTime()
    rate = instance(dynamodb, time, limit=5)

    taken = await asyncio.gather(*(rate.reserve(1, time.deadline(60)) for _ in range(10)))

    assert len({wait for [wait] in taken}) == 10


class TestWhenTheTableFails:
    @pytest.fixture
    def client(self) -> DynamoDBClient:
        return boto3.client("dynamodb")

    @pytest.mark.parametrize(
        "code", ["ResourceNotFoundException", "ThrottlingException", "AccessDeniedException"]
    )
    async def test_the_request_goes_on_and_the_log_says_so(
        self, client: DynamoDBClient, code: str, log_lines: LogLines
    ) -> None:
        time = FakeTime()
        with Stubber(client) as stub:
            stub.add_client_error("update_item", code)
            assert await instance(client, time).reserve(3, time.deadline()) == [0, 0, 0]

        [line] = log_lines()
        assert (line["message"], line["reason"]) == ("rate_table_failed", code)

    async def test_it_is_left_alone_for_a_while_and_then_asked_again(
        self, client: DynamoDBClient
    ) -> None:
        time = FakeTime()
        rate = instance(client, time)
        with Stubber(client) as stub:
            stub.add_client_error("update_item", "ResourceNotFoundException")
            await rate.reserve(1, time.deadline())
            await rate.reserve(1, time.deadline())
            await rate.pause(1)
            time.seconds += WITHOUT_TABLE_FOR + 1
            stub.add_client_error("update_item", "ResourceNotFoundException")
            await rate.reserve(1, time.deadline())
            stub.assert_no_pending_responses()

    async def test_an_unreachable_table_stops_nobody(
        self, client: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unreachable(**_: object) -> None:
            raise EndpointConnectionError(endpoint_url="http://table.test")

        monkeypatch.setattr(client, "update_item", unreachable)
        time = FakeTime()

        assert await instance(client, time).reserve(2, time.deadline()) == [0, 0]
