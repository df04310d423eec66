"""What travels on the bus and through the queues of the running product."""

import json
import secrets
from collections.abc import Callable
from typing import Any

import pytest

from rooms.contracts import PUBLISHED
from tests.e2e.conftest import Idle, MakePeople, eventually
from tools.client import Person, Stack


async def matched_room(ada: Person, boris: Person) -> tuple[dict[str, Any], int]:
    room = await ada.create_room()
    await boris.join_room(room["code"])
    film = room["candidates"][0]["id"]
    await ada.vote(room["id"], film)
    await boris.vote(room["id"], film)
    return room, film


async def the_match_of(
    room: dict[str, Any], wiretap: Callable[[], list[dict[str, Any]]]
) -> dict[str, Any]:
    """Wait for the event that tells of a room's one match."""

    def found() -> list[dict[str, Any]]:
        return [
            event
            for event in wiretap()
            if event["detail-type"] == "MatchFound"
            and event["detail"]["data"].get("room_id") == room["id"]
        ]

    async def told() -> bool:
        return bool(found())

    assert await eventually(told)
    [event] = found()
    return event


async def test_every_change_is_published_once_with_one_correlation_id(
    people: MakePeople, wiretap: Callable[[], list[dict[str, Any]]], idle: Idle
) -> None:
    ada, boris = await people("Ada", "Boris")
    ada.http.headers["x-correlation-id"] = boris.http.headers["x-correlation-id"] = "evening-42"
    room, film = await matched_room(ada, boris)
    await ada.vote(room["id"], film)

    def mine() -> list[dict[str, Any]]:
        return [e for e in wiretap() if e["detail"]["data"].get("room_id") == room["id"]]

    async def all_told() -> bool:
        return len(mine()) >= 5

    assert await eventually(all_told)
    await idle()
    told = mine()
    assert sorted(event["detail-type"] for event in told) == [
        "MatchFound",
        "ParticipantJoined",
        "RoomCreated",
        "VoteCast",
        "VoteCast",
    ]
    for event in told:
        envelope = PUBLISHED.read(event["detail"])
        assert event["source"] == envelope.metadata.source == "matinee.rooms"
        assert envelope.metadata.correlation_id == "evening-42"
    by_id = {e["detail"]["metadata"]["event_id"]: e for e in told}
    [match] = [e for e in told if e["detail-type"] == "MatchFound"]
    cause = by_id[match["detail"]["metadata"]["causation_id"]]
    assert cause["detail-type"] == "VoteCast"


async def test_the_outbox_is_empty_after_publication(
    people: MakePeople, stack: Stack, aws: Callable[[str], Any]
) -> None:
    await matched_room(*await people("Ada", "Boris"))
    dynamodb = aws("dynamodb")

    async def empty() -> bool:
        left = dynamodb.scan(TableName=stack.outputs["RoomsOutboxTableName"], Select="COUNT")
        return bool(left["Count"] == 0)

    assert await eventually(empty)


async def test_the_sweep_publishes_what_the_stream_missed(
    people: MakePeople,
    stack: Stack,
    aws: Callable[[str], Any],
    wiretap: Callable[[], list[dict[str, Any]]],
) -> None:
    """A stream that lost its record: the item is there, old, and nobody was told."""
    ada, boris = await people("Ada", "Boris")
    room, film = await matched_room(ada, boris)

    event = await the_match_of(room, wiretap)
    event["detail"]["metadata"]["event_id"] = lost = f"lost-{secrets.token_hex(4)}"
    lambda_, dynamodb = aws("lambda"), aws("dynamodb")
    relay = stack.outputs["RoomsRelayFunctionName"]
    [mapping] = lambda_.list_event_source_mappings(FunctionName=relay)["EventSourceMappings"]
    lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        dynamodb.put_item(
            TableName=stack.outputs["RoomsOutboxTableName"],
            Item={
                "event_id": {"S": lost},
                "source": {"S": event["source"]},
                "detail_type": {"S": event["detail-type"]},
                "detail": {"S": json.dumps(event["detail"])},
                "occurred_at": {"S": "2026-01-01T00:00:00.000Z"},
            },
        )
        lambda_.invoke(FunctionName=relay, Payload=b'{"sweep": true}')
    finally:
        lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)

    async def swept() -> bool:
        return any(e["detail"]["metadata"]["event_id"] == lost for e in wiretap())

    assert await eventually(swept)
    left = dynamodb.get_item(
        TableName=stack.outputs["RoomsOutboxTableName"], Key={"event_id": {"S": lost}}
    )
    assert "Item" not in left
    assert film


async def test_a_repeated_match_event_notifies_nobody_again(
    people: MakePeople,
    stack: Stack,
    aws: Callable[[str], Any],
    wiretap: Callable[[], list[dict[str, Any]]],
    idle: Idle,
) -> None:
    ada, boris = await people("Ada", "Boris")
    async with ada.listening() as inbox:
        room, _ = await matched_room(ada, boris)
        await inbox.wait_for(1)

        event = await the_match_of(room, wiretap)
        sqs = aws("sqs")
        queue = sqs.get_queue_url(QueueName=stack.outputs["NotifierQueueName"])["QueueUrl"]
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(event))
        event["detail"]["metadata"]["event_id"] = f"again-{secrets.token_hex(4)}"
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(event))
        await idle()
    assert len(inbox.received) == 1


@pytest.mark.parametrize("consumer", ["MatchDetector", "Notifier"])
async def test_a_poison_message_goes_to_the_dlq_and_blocks_nobody(
    people: MakePeople, stack: Stack, aws: Callable[[str], Any], consumer: str
) -> None:
    ada, boris = await people("Ada", "Boris")
    sqs = aws("sqs")
    queue = sqs.get_queue_url(QueueName=stack.outputs[f"{consumer}QueueName"])["QueueUrl"]
    buried = sqs.get_queue_url(QueueName=stack.outputs[f"{consumer}DlqName"])["QueueUrl"]
    poison = f"poison {secrets.token_hex(4)}"
    sqs.send_message(QueueUrl=queue, MessageBody=poison)
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"detail": {"poison": poison}}))
    async with ada.listening() as inbox:
        await matched_room(ada, boris)
        await inbox.wait_for(1)
    reasons: list[str] = []

    async def both_are_there() -> bool:
        answer = sqs.receive_message(
            QueueUrl=buried,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=0,
            MessageAttributeNames=["All"],
        )
        for message in answer.get("Messages", []):
            if poison in message["Body"]:
                reasons.append(message["MessageAttributes"]["reason"]["StringValue"])
            sqs.delete_message(QueueUrl=buried, ReceiptHandle=message["ReceiptHandle"])
        return len(reasons) == 2

    assert await eventually(both_are_there)
    assert all(reasons)
