"""Another team's stack, in an account of its own, listens on our bus."""

import asyncio
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.e2e.conftest import Idle, MakePeople, eventually
from tests.e2e.test_events import matched_room, the_match_of
from tools.local.settings import STACK_NAME, SUBSCRIBER_ACCOUNT
from tools.local.subscriber import (
    FOLDER,
    STACK,
    SubscriberError,
    deploy_subscriber,
    planned_nights,
    remove_subscriber,
)
from tools.ops.client import Person, Stack
from tools.ops.events.environment import Environment
from tools.ops.events.replay import ReplayRequest, replay

STRANGER = "333333333333"


@pytest.fixture(scope="module")
def theirs(stack: Stack) -> Callable[[str], Any]:
    """Returns a client in the subscriber's account."""

    def client(service: str) -> Any:  # noqa: ANN401 - one factory for clients of many types
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=stack.emulator_url,
            region_name=stack.region,
            aws_access_key_id=SUBSCRIBER_ACCOUNT,
            aws_secret_access_key="theirs",
        )

    return client


@pytest.fixture(scope="module")
def subscriber(stack: Stack) -> Iterator[Mapping[str, str]]:
    """Deploys the example subscriber; answers its outputs."""
    yield deploy_subscriber(stack.emulator_url, stack.outputs["EventBusArn"])
    remove_subscriber(stack.emulator_url)


@pytest.fixture
def nights(
    subscriber: Mapping[str, str], theirs: Callable[[str], Any]
) -> Callable[[], list[dict[str, Any]]]:
    table = subscriber["NightsTableName"]
    return lambda: list(theirs("dynamodb").scan(TableName=table)["Items"])


async def planned(
    nights: Callable[[], list[dict[str, Any]]], match_id: str
) -> list[dict[str, Any]]:
    """Wait for the night of a match; answers every night of it."""

    def of_the_match() -> list[dict[str, Any]]:
        return [night for night in nights() if night["match_id"]["S"] == match_id]

    async def there() -> bool:
        return bool(of_the_match())

    assert await eventually(there)
    return of_the_match()


async def the_match_in(ada: Person, room: dict[str, Any]) -> dict[str, Any]:
    """Wait for the match of a room."""
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        found[:] = [match for match in await ada.matches() if match["roomId"] == room["id"]]
        return bool(found)

    assert await eventually(there)
    return found[0]


async def test_a_match_becomes_a_movie_night_of_the_subscriber(
    people: MakePeople, stack: Stack, nights: Callable[[], list[dict[str, Any]]]
) -> None:
    ada, boris = await people("Ada", "Boris")

    room, _ = await matched_room(ada, boris)
    match = await the_match_in(ada, room)

    (night,) = await planned(nights, match["matchId"])
    assert night["title"]["S"] == match["title"]
    assert {guest["S"] for guest in night["guests"]["L"]} == {ada.user_id, boris.user_id}
    assert any(
        line.endswith(f"  {match['title']}, 2 guests")
        for line in planned_nights(stack.emulator_url)
    )


async def test_a_subscriber_handles_duplicates_and_poison(
    people: MakePeople,
    subscriber: Mapping[str, str],
    theirs: Callable[[str], Any],
    nights: Callable[[], list[dict[str, Any]]],
    wiretap: Callable[[], list[dict[str, Any]]],
) -> None:
    sqs = theirs("sqs")
    queue = sqs.get_queue_url(QueueName=subscriber["MatchesQueueName"])["QueueUrl"]
    buried = sqs.get_queue_url(QueueName=subscriber["MatchesDlqName"])["QueueUrl"]
    ada, boris = await people("Ada", "Boris")
    room, _ = await matched_room(ada, boris)
    match = await the_match_in(ada, room)
    await planned(nights, match["matchId"])
    told = await the_match_of(room, wiretap)
    poison = f"poison {secrets.token_hex(4)}"

    for body in (poison, json.dumps(told), json.dumps({"detail": poison}), json.dumps(told)):
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    other_room, _ = await matched_room(ada, boris)
    second = await the_match_in(ada, other_room)

    assert len(await planned(nights, second["matchId"])) == 1
    assert len(await planned(nights, match["matchId"])) == 1
    reasons: list[str] = []

    async def both_are_put_away() -> bool:
        answer = sqs.receive_message(
            QueueUrl=buried, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        for message in answer.get("Messages", []):
            assert poison in message["Body"]
            reasons.append(message["MessageAttributes"]["reason"]["StringValue"])
            sqs.delete_message(QueueUrl=buried, ReceiptHandle=message["ReceiptHandle"])
        return len(reasons) == 2

    assert await eventually(both_are_put_away)
    assert all("no match" in reason for reason in reasons)


async def test_a_replay_restores_a_subscriber(
    people: MakePeople,
    stack: Stack,
    subscriber: Mapping[str, str],
    theirs: Callable[[str], Any],
    nights: Callable[[], list[dict[str, Any]]],
    idle: Idle,
) -> None:
    ada, boris = await people("Ada", "Boris")
    start = datetime.now(UTC) - timedelta(seconds=1)
    async with ada.listening() as inbox:
        room, _ = await matched_room(ada, boris)
        match = await the_match_in(ada, room)
        await planned(nights, match["matchId"])
        await inbox.wait_for(1)
        lose_everything(theirs("dynamodb"), subscriber, match["matchId"])
        session = boto3.Session(
            aws_access_key_id="test", aws_secret_access_key="test", region_name=stack.region
        )
        place = Environment(
            STACK_NAME, stack.outputs, session, stack.emulator_url, tuple(stack.stacks.values())
        )
        end = datetime.now(UTC) + timedelta(seconds=1)

        await asyncio.to_thread(
            replay, place, ReplayRequest(start, end, rules=(f"{STACK}-Forward",))
        )

        assert len(await planned(nights, match["matchId"])) == 1
        await idle()
        assert len(inbox.received) == 1


def lose_everything(dynamodb: Any, subscriber: Mapping[str, str], match_id: str) -> None:  # noqa: ANN401
    """Lose a night, and what was remembered of events."""
    dynamodb.delete_item(TableName=subscriber["NightsTableName"], Key={"match_id": {"S": match_id}})
    seen = next(name for name in dynamodb.list_tables()["TableNames"] if "SeenEvents" in name)
    for item in dynamodb.scan(TableName=seen)["Items"]:
        dynamodb.delete_item(TableName=seen, Key={"id": item["id"]})


def test_an_account_without_permission_cannot_subscribe(stack: Stack) -> None:
    with pytest.raises(SubscriberError, match="not authorized to perform: events:PutRule"):
        deploy_subscriber(stack.emulator_url, stack.outputs["EventBusArn"], account=STRANGER)


@pytest.mark.parametrize("pattern", ["source: [aws.ec2]", "detail-type: [MatchFound]"])
def test_a_subscriber_can_match_our_sources_only(
    stack: Stack, subscriber: Mapping[str, str], tmp_path: Path, pattern: str
) -> None:
    assert subscriber
    text = (FOLDER / "template.yaml").read_text(encoding="utf-8")
    greedy = tmp_path / "template.yaml"
    own = "        source: [matinee.rooms]\n        detail-type: [MatchFound]\n      Targets:"
    assert own in text
    greedy.write_text(text.replace(own, f"        {pattern}\n      Targets:", 1), encoding="utf-8")

    with pytest.raises(SubscriberError, match="not authorized to perform: events:PutRule"):
        deploy_subscriber(stack.emulator_url, stack.outputs["EventBusArn"], template=greedy)
