"""An account is gone: what the running product's rooms forget, and what stays for the others."""

import asyncio
import json
import secrets
from collections.abc import Callable
from typing import Any

import pytest

from rooms.domain.room import DELETED_USER
from tests.e2e.conftest import Idle, MakePeople, eventually
from tools.ops.client import Person, Refused, Stack

TABLES = ("Rooms", "Votes", "Matches", "UserMatches", "Visits", "RoomsOutbox", "RoomsIdempotency")

type Erase = Callable[[Person], None]
type Holding = Callable[[Person], list[str]]


def user_deleted(user_id: str) -> dict[str, Any]:
    return {
        "metadata": {
            "event_id": f"gone-{secrets.token_hex(8)}",
            "event_type": "UserDeleted",
            "schema_version": "1.0",
            "source": "matinee.auth",
            "occurred_at": "2026-01-31T12:00:00.000Z",
            "correlation_id": f"goodbye-{secrets.token_hex(4)}",
            "idempotency_key": f"user-deleted:{user_id}",
        },
        "data": {"user_id": user_id},
    }


@pytest.fixture
def erase(stack: Stack, aws: Callable[[str], Any]) -> Erase:
    """Publishes that a person's account is deleted, as auth does."""

    def tell(person: Person) -> None:
        entry = {
            "EventBusName": stack.outputs["EventBusName"],
            "Source": "matinee.auth",
            "DetailType": "UserDeleted",
            "Detail": json.dumps(user_deleted(person.user_id)),
        }
        assert aws("events").put_events(Entries=[entry])["FailedEntryCount"] == 0

    return tell


@pytest.fixture
def holding(stack: Stack, aws: Callable[[str], Any]) -> Holding:
    """Names every table of the rooms service with a person's id in it, once for each item."""
    dynamodb = aws("dynamodb")

    def look(person: Person) -> list[str]:
        return [
            table
            for table in TABLES
            for page in dynamodb.get_paginator("scan").paginate(
                TableName=stack.outputs[f"{table}TableName"], ConsistentRead=True
            )
            for item in page["Items"]
            if person.user_id in json.dumps(item)
        ]

    return look


async def gone(person: Person, holding: Holding) -> bool:
    """Return whether only the block is left that keeps a deleted user out."""

    async def only_the_mark() -> bool:
        return await asyncio.to_thread(holding, person) == ["Visits"]

    return await eventually(only_the_mark)


async def test_erasure_removes_votes_and_keeps_others_matches(
    people: MakePeople, erase: Erase, holding: Holding
) -> None:
    ada, boris, carmen = await people("Ada", "Boris", "Carmen")
    room = await ada.create_room()
    films = [movie["id"] for movie in room["candidates"]]
    await boris.join_room(room["code"])
    await carmen.join_room(room["code"])
    for person in (ada, boris, carmen):
        await person.vote(room["id"], films[0])
    await ada.vote(room["id"], films[1], yes=False)
    await boris.vote(room["id"], films[1])
    await carmen.vote(room["id"], films[1])
    left = await boris.create_room()
    await ada.join_room(left["code"])
    await ada.vote(left["id"], left["candidates"][3]["id"])
    await ada.leave_room(left["id"])
    alone = await ada.create_room()

    erase(ada)

    assert await gone(ada, holding)
    now = await boris.get_room(room["id"])
    assert now["participants"] == [boris.user_id, carmen.user_id]
    assert now["hostId"] == boris.user_id
    with pytest.raises(Refused) as refusal:
        await boris.join_room(alone["code"])
    assert refusal.value.type == "RoomExpired"

    async def both_matches() -> bool:
        return len(await boris.matches()) == 2

    assert await eventually(both_matches), "without her vote against it the rest agree"
    assert {match["movieId"]: match["matchedUsers"] for match in await boris.matches()} == {
        films[0]: [DELETED_USER, boris.user_id, carmen.user_id],
        films[1]: [boris.user_id, carmen.user_id],
    }
    for read in (ada.matches, ada.rooms):
        with pytest.raises(Refused) as refusal:
            await read()
        assert refusal.value.type == "AccountDeleted"


async def test_a_valid_token_does_not_restore_a_deleted_user(
    people: MakePeople, erase: Erase, holding: Holding
) -> None:
    ada, boris = await people("Ada", "Boris")
    room = await boris.create_room()
    await ada.join_room(room["code"])
    erase(ada)
    assert await gone(ada, holding)

    refusals = await asyncio.gather(
        ada.create_room(),
        ada.join_room(room["code"]),
        ada.vote(room["id"], room["candidates"][0]["id"]),
        ada.leave_room(room["id"]),
        return_exceptions=True,
    )

    types = [refusal.type if isinstance(refusal, Refused) else refusal for refusal in refusals]
    assert types == ["AccountDeleted"] * 4
    assert holding(ada) == ["Visits"]


async def test_erasure_during_voting_loses_no_match_of_the_others(
    people: MakePeople, erase: Erase, holding: Holding
) -> None:
    ada, boris, carmen = await people("Ada", "Boris", "Carmen")
    room = await ada.create_room()
    await boris.join_room(room["code"])
    await carmen.join_room(room["code"])
    films = [movie["id"] for movie in room["candidates"]][:20]

    async def swipe(person: Person) -> list[Refused]:
        refused = []
        for film in films:
            try:
                await person.vote(room["id"], film)
            except Refused as refusal:
                refused.append(refusal)
        return refused

    swiping = asyncio.gather(swipe(ada), swipe(boris), swipe(carmen))
    await asyncio.sleep(0.5)
    erase(ada)
    hers, *others = await swiping

    assert {refusal.type for refusal in hers} <= {"NotAParticipant", "AccountDeleted"}
    assert others == [[], []]
    assert await gone(ada, holding)

    async def all_found() -> bool:
        return {match["movieId"] for match in await boris.matches()} == set(films)

    assert await eventually(all_found)


async def test_a_late_notification_skips_a_deleted_user(
    people: MakePeople,
    stack: Stack,
    aws: Callable[[str], Any],
    erase: Erase,
    holding: Holding,
    idle: Idle,
) -> None:
    ada, boris = await people("Ada", "Boris")
    room = await ada.create_room()
    film = room["candidates"][0]["id"]
    await boris.join_room(room["code"])
    async with ada.listening() as inbox:
        await ada.vote(room["id"], film)
        await boris.vote(room["id"], film)
        await inbox.wait_for(1)
        erase(ada)
        assert await gone(ada, holding)
        sqs = aws("sqs")
        queue = sqs.get_queue_url(QueueName=stack.outputs["NotifierQueueName"])["QueueUrl"]
        late = user_deleted(ada.user_id)
        late["metadata"] |= {"event_type": "MatchFound", "source": "matinee.rooms"}
        late["data"] = {
            "match_id": f"late-{secrets.token_hex(8)}",
            "room_id": room["id"],
            "movie_id": film,
            "media_type": "movie",
            "title": "Told too late",
            "matched_users": [ada.user_id, f"gone-too-{secrets.token_hex(4)}"],
            "matched_at": "2026-01-31T12:00:00.000Z",
        }
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"detail": late}))

        await idle()
        assert len(inbox.received) == 1


async def test_a_poison_message_does_not_stop_erasures(
    people: MakePeople,
    stack: Stack,
    aws: Callable[[str], Any],
    erase: Erase,
    holding: Holding,
) -> None:
    [ada] = await people("Ada")
    await ada.create_room()
    sqs = aws("sqs")
    queue, buried = (
        sqs.get_queue_url(QueueName=stack.outputs[f"RoomsErasure{name}Name"])["QueueUrl"]
        for name in ("Queue", "Dlq")
    )
    poison = f"poison {secrets.token_hex(4)}"
    nobody = user_deleted("somebody")
    nobody["data"] = {"email": poison}
    sqs.send_message(QueueUrl=queue, MessageBody=poison)
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"detail": nobody}))

    erase(ada)

    assert await gone(ada, holding)
    reasons: list[str] = []

    async def both_are_there() -> bool:
        answer = sqs.receive_message(
            QueueUrl=buried, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        for message in answer.get("Messages", []):
            if poison in message["Body"]:
                reasons.append(message["MessageAttributes"]["reason"]["StringValue"])
            sqs.delete_message(QueueUrl=buried, ReceiptHandle=message["ReceiptHandle"])
        return len(reasons) == 2

    assert await eventually(both_are_there)
    assert not [reason for reason in reasons if poison in reason]
