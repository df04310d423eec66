"""What an operator does with the bus, on the running product: look, replay, redrive."""

import asyncio
import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from tests.e2e.conftest import Idle, MakePeople, eventually
from tests.e2e.test_events import matched_room, the_match_of
from tools.local.settings import STACK_NAME
from tools.ops.bus_policy import policy_faults
from tools.ops.client import Person, Stack
from tools.ops.events.environment import Environment
from tools.ops.events.live import EventFilter, lines
from tools.ops.events.redrive import redrive
from tools.ops.events.replay import ReplayRequest, replay


@pytest.fixture
def place(stack: Stack) -> Environment:
    session = boto3.Session(
        aws_access_key_id="test", aws_secret_access_key="test", region_name=stack.region
    )
    return Environment(
        STACK_NAME, stack.outputs, session, stack.emulator_url, tuple(stack.stacks.values())
    )


def since(start: datetime) -> ReplayRequest:
    """Return a replay of everything from a moment to now; the archive knows whole seconds."""
    return ReplayRequest(start - timedelta(seconds=1), datetime.now(UTC) + timedelta(seconds=1))


async def test_a_replay_reaches_consumers_but_notifies_nobody(
    people: MakePeople, place: Environment, wiretap: Callable[[], list[dict[str, Any]]], idle: Idle
) -> None:
    ada, boris = await people("Ada", "Boris")
    start = datetime.now(UTC)
    async with ada.listening() as inbox:
        room, _ = await matched_room(ada, boris)
        await inbox.wait_for(1)
        original = await the_match_of(room, wiretap)
        before = await ada.matches()

        name = await asyncio.to_thread(replay, place, since(start))
        again = [event for event in wiretap() if event.get("replay-name") == name]
        await idle()

        assert len(inbox.received) == 1
    assert await ada.matches() == before
    told = [event for event in again if event["detail"]["data"].get("room_id") == room["id"]]
    assert sorted(event["detail-type"] for event in told) == [
        "MatchFound",
        "ParticipantJoined",
        "RoomCreated",
        "VoteCast",
        "VoteCast",
    ]
    assert original["detail"] in [event["detail"] for event in told]


async def test_a_replay_can_target_one_consumer(
    people: MakePeople, place: Environment, wiretap: Callable[[], list[dict[str, Any]]], idle: Idle
) -> None:
    start = datetime.now(UTC)
    room, _ = await matched_room(*await people("Ada", "Boris"))
    await the_match_of(room, wiretap)
    end = since(start)

    name = await asyncio.to_thread(
        replay, place, ReplayRequest(end.start, end.end, rules=("MatchDetectorRule",))
    )

    await idle()
    assert [event for event in wiretap() if event.get("replay-name") == name] == []


async def test_a_replay_restores_a_lost_projection(
    people: MakePeople, stack: Stack, place: Environment, aws: Callable[[str], Any]
) -> None:
    dynamodb, table = aws("dynamodb"), stack.outputs["RecommenderTastesTableName"]
    [ada] = await people("Ada")
    film = secrets.randbelow(10**6) + 60_000_000
    start = datetime.now(UTC)

    def entries() -> list[dict[str, Any]]:
        pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        items: list[dict[str, Any]] = [item for page in pages for item in page["Items"]]
        return [item for item in items if str(film) in item["entry"]["S"]]

    async def projected() -> bool:
        return len(await asyncio.to_thread(entries)) == 1

    answer = await ada.http.post(
        f"{stack.rest_url}/user/favourites",
        json={"mediaId": film, "mediaType": "movie", "title": "Found again"},
        headers={"Authorization": f"Bearer {ada.token}"},
    )
    answer.raise_for_status()
    assert await eventually(projected)
    [before] = entries()
    key = {name: before[name] for name in ("userId", "entry")}
    dynamodb.delete_item(TableName=table, Key=key)
    end = since(start)

    wanted = ReplayRequest(end.start, end.end, rules=("TasteProjectorRule",))
    await asyncio.to_thread(replay, place, wanted)

    assert await eventually(projected)
    assert entries() == [before]


async def test_a_redriven_message_is_handled(
    people: MakePeople,
    stack: Stack,
    place: Environment,
    aws: Callable[[str], Any],
    wiretap: Callable[[], list[dict[str, Any]]],
    idle: Idle,
) -> None:
    sqs, lambda_ = aws("sqs"), aws("lambda")
    queue = sqs.get_queue_url(QueueName=stack.outputs["NotifierQueueName"])["QueueUrl"]
    dead_letters = sqs.get_queue_url(QueueName=stack.outputs["NotifierDlqName"])["QueueUrl"]
    notifier = stack.outputs["NotifierFunctionName"]
    [mapping] = lambda_.list_event_source_mappings(FunctionName=notifier)["EventSourceMappings"]
    ada, boris = await people("Ada", "Boris")
    async with ada.listening() as inbox:
        lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        try:
            room, _ = await matched_room(ada, boris)
            match = await the_match_of(room, wiretap)
            await give_up_on(match["detail"]["metadata"]["event_id"], sqs, queue, dead_letters)
        finally:
            lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
        await idle()
        assert inbox.received == []

        done = await asyncio.to_thread(redrive, place, "NotifierDlq")

        assert done == "1 messages were moved from NotifierDlq to NotifierQueue"
        await inbox.wait_for(1)
        await idle()
        assert [message["matchId"] for _, message in inbox.received] == [
            match["detail"]["data"]["match_id"]
        ]


async def give_up_on(event_id: str, sqs: Any, queue: str, dead_letters: str) -> None:  # noqa: ANN401
    """Do what a queue does after its last attempt: put a message into the dead-letter queue."""

    async def put_away() -> bool:
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            if event_id in message["Body"]:
                sqs.send_message(QueueUrl=dead_letters, MessageBody=message["Body"])
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                return True
        return False

    assert await eventually(put_away)


async def test_a_redriven_rejected_event_is_published(
    people: MakePeople,
    stack: Stack,
    place: Environment,
    aws: Callable[[str], Any],
    wiretap: Callable[[], list[dict[str, Any]]],
) -> None:
    """The item is sound by now, but a former version of the relay has refused it."""
    room, _ = await matched_room(*await people("Ada", "Boris"))
    event = await the_match_of(room, wiretap)
    event["detail"]["metadata"]["event_id"] = mended = f"mended-{secrets.token_hex(4)}"
    item = {
        "event_id": mended,
        "source": event["source"],
        "detail_type": event["detail-type"],
        "detail": json.dumps(event["detail"]),
        "occurred_at": "2026-01-01T00:00:00.000Z",
        "rejected_because": "a mistake of ours",
    }
    lambda_, sqs = aws("lambda"), aws("sqs")
    relay = stack.outputs["RoomsRelayFunctionName"]
    [mapping] = lambda_.list_event_source_mappings(FunctionName=relay)["EventSourceMappings"]
    lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        aws("dynamodb").put_item(
            TableName=stack.outputs["RoomsOutboxTableName"],
            Item={name: {"S": value} for name, value in item.items()},
        )
        url = sqs.get_queue_url(QueueName=stack.outputs["RoomsRelayDlqName"])["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"event_id": mended}))

        done = await asyncio.to_thread(redrive, place, "RoomsRelayDlq")

        assert done.startswith("1 events")

        async def told() -> bool:
            return any(e["detail"]["metadata"]["event_id"] == mended for e in wiretap())

        assert await eventually(told)
    finally:
        lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


async def test_a_correlation_id_traces_a_vote_to_its_notification(
    people: MakePeople, place: Environment, aws: Callable[[str], Any]
) -> None:
    ada, boris = await people("Ada", "Boris")
    evening = f"evening-{secrets.token_hex(4)}"
    for person in (ada, boris):
        person.http.headers["x-correlation-id"] = evening
    seen: list[str] = []

    def look() -> None:
        """Look until the notification has passed, or for so long."""
        for line in lines(place, EventFilter(correlation_id=evening, seconds=180)):
            seen.append(line)
            text = "".join(seen)
            if "field=publishUserMatch" in text and "MatchFound" in text:
                return

    def rules() -> set[str]:
        found = aws("events").list_rules(EventBusName=place.bus)["Rules"]
        return {rule["Name"] for rule in found if targets(rule["Name"])}

    def targets(rule: str) -> list[Any]:
        found: list[Any] = aws("events").list_targets_by_rule(Rule=rule, EventBusName=place.bus)[
            "Targets"
        ]
        return found

    before = rules()
    looking = asyncio.create_task(asyncio.to_thread(look))

    async def is_listening() -> bool:
        return bool(await asyncio.to_thread(rules) - before)

    assert await eventually(is_listening)

    await swipe(ada, boris)
    await looking

    text = "\n".join(seen)
    # On the bus: a consumer's log names the event that it has handled, too.
    steps = ("RoomCreated", "ParticipantJoined", "VoteCast", "MatchFound")
    order = [text.index(f"[bold]{step}") for step in steps]
    assert order == sorted(order)
    assert "field=vote" in text
    assert "field=publishUserMatch" in text
    assert "because of" in text


async def swipe(ada: Person, boris: Person) -> None:
    async with ada.listening() as inbox:
        await matched_room(ada, boris)
        await inbox.wait_for(1)


def test_a_lost_statement_of_the_bus_is_found(
    place: Environment, aws: Callable[[str], Any]
) -> None:
    events = aws("events")
    policy = events.describe_event_bus(Name=place.bus)["Policy"]
    lost = f"{STACK_NAME}-rooms-only-publisher"
    assert list(policy_faults(place)) == []

    events.remove_permission(EventBusName=place.bus, StatementId=lost)
    try:
        [fault] = policy_faults(place)
    finally:
        events.put_permission(EventBusName=place.bus, Policy=policy)

    assert fault.startswith(f"{lost} is missing")
    assert list(policy_faults(place)) == []


async def test_live_events_leave_no_rule_or_queue_behind(
    place: Environment, aws: Callable[[str], Any]
) -> None:
    def rules() -> set[str]:
        return {rule["Name"] for rule in aws("events").list_rules(EventBusName=place.bus)["Rules"]}

    before = rules()
    await asyncio.to_thread(lambda: list(lines(place, EventFilter(seconds=1))))

    assert rules() == before
    assert not [url for url in aws("sqs").list_queues().get("QueueUrls", []) if "-live-" in url]
