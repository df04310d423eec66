"""The shared rate limiter: its arithmetic, and the item that shares it."""

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

from catalog.adapters.tmdb.throttle.breaker import (
    FAILURE_THRESHOLD,
    MIN_OPEN_SECONDS,
    PROBE_TIMEOUT_SECONDS,
)
from catalog.adapters.tmdb.throttle.gcra import GRACE, JITTER, MICROSECONDS, Gcra
from catalog.adapters.tmdb.throttle.limiter import SharedRateLimiter
from catalog.adapters.tmdb.throttle.priority import (
    IMPORT,
    INTERACTIVE,
    PUBLIC,
    REFRESH,
    RequestPriority,
)
from catalog.adapters.tmdb.throttle.public_quota import MAX_WAIT_SECONDS, PUBLIC_SHARE, PublicQuota
from catalog.adapters.tmdb.throttle.table import RETRY_TABLE_AFTER_SECONDS, RateTable
from catalog.domain.errors import TmdbRateLimited, TmdbUnavailable
from tests.unit.catalog.fakes import FakeRateLimiter, FakeTime, LogLines, first_slot, seeded

TABLE = "RateLimits"
HOST = "api.tmdb.test:443"
EPOCH = FakeTime().now().timestamp()


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


def instance(
    dynamodb: DynamoDBClient,
    time: FakeTime,
    limit: float = 40,
    priority: RequestPriority = INTERACTIVE,
) -> SharedRateLimiter:
    table = RateTable(
        dynamodb=dynamodb, table=TABLE, bucket=HOST, now=time.now, monotonic=time.monotonic
    )
    return SharedRateLimiter(
        table, Gcra.for_limit(limit), priority, random=seeded(3), sleep=time.sleep
    )


def item(dynamodb: DynamoDBClient) -> dict[str, Any]:
    return dynamodb.get_item(TableName=TABLE, Key={"bucket": {"S": HOST}})["Item"]


def busiest_second(moments: list[float]) -> int:
    """Return the most moments that any second, wherever it begins, has in it."""
    return max(sum(start <= moment < start + 1 for moment in moments) for start in moments)


@settings(max_examples=200)
@given(
    limit=st.one_of(st.floats(0.1, 5), st.integers(1, 100)),
    batches=st.lists(
        st.tuples(
            st.integers(1, 8),
            st.integers(0, 2_000_000),
            st.integers(0, int(JITTER * MICROSECONDS) - GRACE - 1),
        ),
        max_size=40,
    ),
)
def test_no_second_has_more_arrivals_than_the_limit(
    limit: float, batches: list[tuple[int, int, int]]
) -> None:
    pace, free_at, now, arrived = Gcra.for_limit(limit), 0, 10**9, list[int]()
    for requests, later, delay in batches:
        now += later
        first = first_slot(free_at, now)
        waits = pace.waits(first, now, requests)
        arrived += [now + max(0, round(wait * MICROSECONDS)) + delay for wait in waits]
        free_at = first + pace.cost(requests)

    for start in arrived:
        window = sum(start <= moment < start + MICROSECONDS for moment in arrived)
        assert window <= max(1, limit)


@pytest.mark.parametrize(("limit", "share"), [(4, 0.95), (40, 0.95), (50, 0.95)])
def test_the_flow_is_95_percent_of_the_limit(limit: float, share: float) -> None:
    assert MICROSECONDS / Gcra.for_limit(limit).interval == pytest.approx(limit * share, rel=0.01)


async def test_reserves_at_once_while_idle_with_one_write(dynamodb: DynamoDBClient) -> None:
    time = FakeTime()

    tasks = await instance(dynamodb, time).reserve(4, time.deadline())

    assert tasks.waits == pytest.approx((0, 0.02625, 0.0525, 0.07875), rel=1e-3)
    assert int(item(dynamodb)["ttl"]["N"]) == int(time.now().timestamp()) + 3600


async def test_many_instances_together_keep_and_use_the_limit(
    dynamodb: DynamoDBClient,
) -> None:
    time = FakeTime()
    instances = [instance(dynamodb, time, limit=20) for _ in range(6)]
    sent: list[float] = []

    for turn in range(30):
        tasks = await instances[turn % 6].reserve(3, time.deadline(60))
        sent += [time.seconds + wait for wait in tasks.waits]
        time.seconds += 0.01

    assert len(sent) == 90
    assert busiest_second(sent) <= 20
    assert max(sent) < 90 / (20 * 0.95)


async def test_refuses_with_retry_after_beyond_the_deadline(
    dynamodb: DynamoDBClient,
) -> None:
    time = FakeTime()
    await instance(dynamodb, time, limit=5).reserve(40, time.deadline(60))
    before = item(dynamodb)

    with pytest.raises(TmdbRateLimited) as refusal:
        await instance(dynamodb, time, limit=5).reserve(1, time.deadline(4.5))

    assert refusal.value.retry_after == pytest.approx(40 * 1.05 / 5, rel=1e-3)
    assert item(dynamodb) == before


async def test_every_instance_keeps_a_pause(dynamodb: DynamoDBClient) -> None:
    time = FakeTime()
    one, other = instance(dynamodb, time), instance(dynamodb, time)

    await one.pause(3)

    assert min((await other.reserve(8, time.deadline(60))).waits) >= 3
    with pytest.raises(TmdbRateLimited):
        await other.reserve(1, time.deadline(2))


async def test_keeps_the_limit_after_a_pause(dynamodb: DynamoDBClient) -> None:
    time = FakeTime()
    await instance(dynamodb, time, limit=20).pause(2)

    sent = [
        wait
        for _ in range(20)
        for wait in (await instance(dynamodb, time, limit=20).reserve(3, time.deadline(60))).waits
    ]

    assert min(sent) >= 2
    assert busiest_second(sent) <= 20


async def test_a_shorter_pause_does_not_shorten_a_longer_one(dynamodb: DynamoDBClient) -> None:
    time = FakeTime()
    rate = instance(dynamodb, time)

    await rate.pause(4)
    await rate.pause(1)

    assert min((await rate.reserve(1, time.deadline(60))).waits) >= 4


async def test_limits_the_length_of_a_pause(dynamodb: DynamoDBClient) -> None:
    time = FakeTime()
    rate = instance(dynamodb, time)

    await rate.pause(86_400)
    time.seconds += 61

    assert (await rate.reserve(1, time.deadline())).waits == (0,)


async def test_ignores_a_slot_written_by_a_wrong_clock(dynamodb: DynamoDBClient) -> None:
    time = FakeTime()
    far = int(time.now().timestamp() + 10**6) * MICROSECONDS
    dynamodb.put_item(TableName=TABLE, Item={"bucket": {"S": HOST}, "free_at": {"N": str(far)}})

    assert (await instance(dynamodb, time).reserve(1, time.deadline())).waits == (0,)


async def test_reserves_at_once_after_an_idle_time(dynamodb: DynamoDBClient) -> None:
    time = FakeTime()
    rate = instance(dynamodb, time)
    await rate.reserve(30, time.deadline())
    time.seconds += 100

    assert (await rate.reserve(1, time.deadline())).waits == (0,)


async def test_concurrent_reservations_get_different_slots(
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

    assert len({wait for tasks in taken for wait in tasks.waits}) == 10


class TestPriorities:
    async def test_a_user_waits_little_behind_a_refresh(self, dynamodb: DynamoDBClient) -> None:
        time = FakeTime()
        refresh = instance(dynamodb, time, priority=REFRESH)
        person = instance(dynamodb, time)
        waited = []

        for _ in range(40):
            await refresh.reserve(20, time.deadline(60))
            tasks = await person.reserve(1, time.deadline())
            waited.append(tasks.waits[0])

        furthest = REFRESH.max_batch * Gcra.for_limit(40).interval / MICROSECONDS
        assert REFRESH.max_lead
        assert max(waited) <= REFRESH.max_lead + furthest + 0.03

    async def test_a_refresh_alone_uses_the_whole_rate(self, dynamodb: DynamoDBClient) -> None:
        time = FakeTime()
        limiters = [instance(dynamodb, time, priority=REFRESH) for _ in range(4)]
        sent: list[float] = []

        while len(sent) < 400:
            for priority in limiters:
                tasks = await priority.reserve(20, time.deadline(60))
                sent += [time.seconds + wait for wait in tasks.waits]

        assert busiest_second(sent) <= 40
        assert len(sent) / (max(sent) - min(sent)) > 37

    async def test_an_import_takes_what_the_refresh_leaves(self, dynamodb: DynamoDBClient) -> None:
        time = FakeTime()
        refresh = instance(dynamodb, time, priority=REFRESH)
        imports = instance(dynamodb, time, priority=IMPORT)

        for _ in range(5):
            await refresh.reserve(20, time.deadline(60))
        before = item(dynamodb)
        with pytest.raises(TmdbRateLimited):
            await imports.reserve(1, time.deadline(0.4))
        assert item(dynamodb) == before

        sent: list[float] = []
        while len(sent) < 200:  # the refresh has ended
            tasks = await imports.reserve(50, time.deadline(60))
            sent += [time.seconds + wait for wait in tasks.waits]
        assert busiest_second(sent) <= 40
        assert len(sent) / (max(sent) - min(sent)) > 36

    async def test_users_who_use_the_whole_rate_delay_a_refresh(
        self, dynamodb: DynamoDBClient
    ) -> None:
        time = FakeTime()
        await instance(dynamodb, time).reserve(80, time.deadline(60))
        before = item(dynamodb)

        with pytest.raises(TmdbRateLimited):
            await instance(dynamodb, time, priority=REFRESH).reserve(1, time.deadline(1))

        assert item(dynamodb) == before

    async def test_a_refresh_waits_for_the_end_of_a_pause(self, dynamodb: DynamoDBClient) -> None:
        time = FakeTime()
        await instance(dynamodb, time).pause(5)

        tasks = await instance(dynamodb, time, priority=REFRESH).reserve(1, time.deadline(60))

        assert time.seconds + tasks.waits[0] >= 5 - 1e-5


class TestPublicQuota:
    async def test_gets_its_share_and_retry_after_for_more(self) -> None:
        time = FakeTime()
        everybody = FakeRateLimiter(time.now, 40)
        public = PublicQuota(FakeRateLimiter(time.now, 40 * PUBLIC_SHARE), everybody, time.sleep)
        sent: list[float] = []

        async def miss() -> None:
            tasks = await public.reserve(1, time.deadline(5))
            sent.append(time.seconds + tasks.waits[0])

        outcomes = await asyncio.gather(*(miss() for _ in range(80)), return_exceptions=True)

        refused = [outcome for outcome in outcomes if isinstance(outcome, TmdbRateLimited)]
        assert len(sent) + len(refused) == 80
        assert len(sent) == pytest.approx(MAX_WAIT_SECONDS * 40 * PUBLIC_SHARE, abs=3)
        assert busiest_second(sent) <= 40 * PUBLIC_SHARE
        assert min(refusal.retry_after for refusal in refused) >= MAX_WAIT_SECONDS
        assert (await everybody.reserve(1, time.deadline())).waits[0] < 0.1

    async def test_pauses_successes_and_failures_are_shared(self) -> None:
        time = FakeTime()
        admission, everybody = FakeRateLimiter(time.now), FakeRateLimiter(time.now)
        public = PublicQuota(admission, everybody, time.sleep)

        await public.pause(3)
        await public.record_success()
        await public.record_failure()

        assert (everybody.pauses, everybody.answered, everybody.failures) == ([3], 1, 1)
        assert (admission.pauses, admission.answered, admission.failures) == ([], 0, 0)


class TestCircuitBreaker:
    async def broken(self, dynamodb: DynamoDBClient, time: FakeTime) -> SharedRateLimiter:
        rate = instance(dynamodb, time)
        for _ in range(FAILURE_THRESHOLD):
            await rate.record_failure()
        return rate

    async def test_opens_after_enough_failures_in_a_row(self, dynamodb: DynamoDBClient) -> None:
        time = FakeTime()
        await instance(dynamodb, time).reserve(1, time.deadline())
        await self.broken(dynamodb, time)

        with pytest.raises(TmdbUnavailable):
            await instance(dynamodb, time).reserve(1, time.deadline())
        assert time.seconds == 0

    async def test_a_success_between_failures_keeps_it_closed(
        self, dynamodb: DynamoDBClient
    ) -> None:
        time = FakeTime()
        rate = instance(dynamodb, time)
        for _ in range(5 * FAILURE_THRESHOLD):
            await rate.record_failure()
            await rate.record_success()

        assert (await rate.reserve(2, time.deadline())).waits[0] == 0

    async def test_lets_one_probe_of_one_instance_through(self, dynamodb: DynamoDBClient) -> None:
        time = FakeTime()
        await self.broken(dynamodb, time)
        time.seconds += MIN_OPEN_SECONDS + 0.01
        one, other = instance(dynamodb, time), instance(dynamodb, time)

        tasks = await one.reserve(8, time.deadline())

        assert (len(tasks.waits), tasks.probe) == (1, True)
        with pytest.raises(TmdbUnavailable):
            await other.reserve(1, time.deadline())

    async def test_a_successful_probe_closes_it(self, dynamodb: DynamoDBClient) -> None:
        time = FakeTime()
        rate = await self.broken(dynamodb, time)
        time.seconds += MIN_OPEN_SECONDS + 0.01
        await rate.reserve(1, time.deadline())

        await rate.record_success()

        assert len((await instance(dynamodb, time).reserve(4, time.deadline())).waits) == 4
        assert {"open_until", "trips"}.isdisjoint(item(dynamodb))

    async def test_each_failed_probe_doubles_the_time_up_to_a_limit(
        self, dynamodb: DynamoDBClient
    ) -> None:
        time = FakeTime()
        rate = await self.broken(dynamodb, time)
        spans = []
        for _ in range(6):
            began = time.seconds
            time.seconds = int(item(dynamodb)["open_until"]["N"]) / MICROSECONDS - EPOCH + 0.001
            spans.append(time.seconds - began)
            await rate.reserve(1, time.deadline())
            await rate.record_failure()

        assert spans == pytest.approx([2, 4, 8, 16, 30, 30], abs=0.01)

    async def test_replaces_a_lost_probe(self, dynamodb: DynamoDBClient) -> None:
        time = FakeTime()
        await self.broken(dynamodb, time)
        time.seconds += MIN_OPEN_SECONDS + 0.01
        await instance(dynamodb, time).reserve(1, time.deadline())
        time.seconds += PROBE_TIMEOUT_SECONDS + 0.01

        assert (await instance(dynamodb, time).reserve(1, time.deadline())).probe

    async def test_a_refresh_waits_for_it_to_close(self, dynamodb: DynamoDBClient) -> None:
        time = FakeTime()
        await self.broken(dynamodb, time)

        tasks = await instance(dynamodb, time, priority=REFRESH).reserve(8, time.deadline(60))

        assert tasks.probe
        assert time.seconds >= MIN_OPEN_SECONDS

    async def test_only_one_instance_opens_it(
        self, dynamodb: DynamoDBClient, log_lines: LogLines
    ) -> None:
        time = FakeTime()
        await self.broken(dynamodb, time)
        time.seconds += 1
        await self.broken(dynamodb, time)

        messages = [line["message"] for line in log_lines()]
        assert messages.count("tmdb_circuit_opened") == 1
        time.seconds += MIN_OPEN_SECONDS - 0.99
        assert (await instance(dynamodb, time).reserve(1, time.deadline())).probe


class TestWhenTheTableFails:
    @pytest.fixture
    def client(self) -> DynamoDBClient:
        return boto3.client("dynamodb")

    @pytest.mark.parametrize(
        "code", ["ResourceNotFoundException", "ThrottlingException", "AccessDeniedException"]
    )
    async def test_sends_the_request_and_logs_the_failure(
        self, client: DynamoDBClient, code: str, log_lines: LogLines
    ) -> None:
        time = FakeTime()
        with Stubber(client) as stub:
            stub.add_client_error("update_item", code)
            assert (await instance(client, time).reserve(3, time.deadline())).waits == (0, 0, 0)

        [line] = log_lines()
        assert (line["message"], line["reason"]) == ("rate_table_failed", code)

    async def test_uses_a_failed_table_again_after_a_while(self, client: DynamoDBClient) -> None:
        time = FakeTime()
        rate = instance(client, time)
        with Stubber(client) as stub:
            stub.add_client_error("update_item", "ResourceNotFoundException")
            await rate.reserve(1, time.deadline())
            await rate.reserve(1, time.deadline())
            await rate.pause(1)
            time.seconds += RETRY_TABLE_AFTER_SECONDS + 1
            stub.add_client_error("update_item", "ResourceNotFoundException")
            await rate.reserve(1, time.deadline())
            stub.assert_no_pending_responses()

    async def test_an_unreachable_table_stops_no_room(
        self, client: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unreachable(**_: object) -> None:
            raise EndpointConnectionError(endpoint_url="http://table.test")

        monkeypatch.setattr(client, "update_item", unreachable)
        time = FakeTime()

        assert (await instance(client, time).reserve(2, time.deadline())).waits == (0, 0)

    @pytest.mark.parametrize("priority", [REFRESH, PUBLIC], ids=["refresh", "public"])
    async def test_refresh_and_public_stop_without_it(
        self, client: DynamoDBClient, priority: RequestPriority
    ) -> None:
        time = FakeTime()
        with Stubber(client) as stub:
            stub.add_client_error("update_item", "ThrottlingException")
            with pytest.raises(TmdbUnavailable):
                await instance(client, time, priority=priority).reserve(1, time.deadline())
