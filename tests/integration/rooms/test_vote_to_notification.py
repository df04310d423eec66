"""The whole way in one process: API, outbox, relay, bus, queues, detector, notifier, publisher."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from rooms.adapters.dynamodb.devices import DynamoDeviceRepository
from tests.fakes.devices import device_of
from tests.integration.rooms.functions import Product
from tests.integration.rooms.tables import DEVICES, IDEMPOTENCY, TABLES
from tools.push_service import push_server

POISON = {
    "not json": "the message is not JSON",
    '{"detail": {"metadata": {"event_type": "VoteCast"}}}': "Field required",
    '{"detail": {"metadata": {"event_type": "PizzaOrdered"}}}': "no contract is known",
}


@pytest.fixture
def product(monkeypatch: pytest.MonkeyPatch) -> Iterator[Product]:
    with mock_aws():
        yield Product(monkeypatch)


def test_everybody_is_notified_once(product: Product) -> None:
    room = product.room("ann", "bob")
    product.vote(room, "ann")
    product.vote(room, "bob")

    product.run()

    [event] = product.subscriptions.of("ann")
    assert (event["roomId"], event["movieId"], event["movieTitle"]) == (room, 101, "Film 1")
    assert event["matchedUsers"] == ["ann", "bob"]
    assert len(product.subscriptions.of("bob")) == 1
    for user in ("ann", "bob"):
        [mine] = product.ask(user, "getMyMatches", {})["data"]
        assert mine["matchId"] == event["matchId"]


def test_queues_and_outbox_are_empty_in_the_end(product: Product) -> None:
    room = product.room("ann", "bob")
    product.vote(room, "ann")
    product.vote(room, "bob")

    product.run()

    assert product.dynamodb.scan(TableName=TABLES.outbox)["Items"] == []
    for queue in product.queues:
        assert product.receive(queue) == []


def test_three_deliveries_of_every_event_notify_once(product: Product) -> None:
    room = product.room("ann", "bob", "cid")
    for user in ("ann", "bob", "cid"):
        product.vote(room, user)

    product.run(times=3)
    product.run(times=3)

    assert [len(product.subscriptions.of(user)) for user in ("ann", "bob", "cid")] == [1, 1, 1]
    assert len(product.dynamodb.scan(TableName=TABLES.matches)["Items"]) == 1


def test_a_leaver_completes_a_match_without_being_notified(product: Product) -> None:
    room = product.room("ann", "bob", "cid")
    product.vote(room, "ann")
    product.vote(room, "bob")
    product.ask("cid", "leaveRoom", {"roomId": room})

    product.run()

    assert len(product.subscriptions.of("ann")) == len(product.subscriptions.of("bob")) == 1
    assert product.subscriptions.of("cid") == []


def test_a_failed_notification_is_retried_for_this_user_alone(
    product: Product,
) -> None:
    room = product.room("ann", "bob")
    product.vote(room, "ann")
    product.vote(room, "bob")
    product.subscriptions.refuse = lambda user: user == "ann"
    product.run()
    assert (len(product.subscriptions.of("ann")), len(product.subscriptions.of("bob"))) == (0, 1)

    product.subscriptions.refuse = lambda _: False
    assert product.consume("notifier") == []

    assert (len(product.subscriptions.of("ann")), len(product.subscriptions.of("bob"))) == (1, 1)


def test_the_trace_leads_from_the_vote_to_the_match(product: Product) -> None:
    room = product.room("ann", "bob")
    product.vote(room, "ann")
    product.run()
    product.vote(room, "bob")
    product.relay()
    product.consume("detector")
    product.relay()

    [body] = product.receive("notifier")
    metadata = json.loads(body)["detail"]["metadata"]
    assert metadata["correlation_id"] == "bob"
    assert metadata["causation_id"]


@pytest.mark.parametrize(("body", "reason"), POISON.items())
@pytest.mark.parametrize("queue", ["detector", "notifier"])
def test_a_poison_message_goes_to_the_dlq_alone(
    product: Product, queue: str, body: str, reason: str
) -> None:
    room = product.room("ann", "bob")
    product.vote(room, "ann")
    product.vote(room, "bob")
    if queue == "notifier":
        product.relay()
        product.consume("detector")
    product.relay()
    product.sqs.send_message(QueueUrl=product.queues[queue], MessageBody=body)

    assert product.consume(queue) == []

    got = product.sqs.receive_message(
        QueueUrl=product.queues[f"{queue}-dead"], MessageAttributeNames=["All"]
    )
    [dead] = got["Messages"]
    assert dead["Body"] == body
    if queue == "detector" or "VoteCast" not in body:
        assert reason in dead["MessageAttributes"]["reason"]["StringValue"]
    product.run()
    assert len(product.subscriptions.of("ann")) == 1


def test_a_broken_event_in_the_outbox_does_not_stop_others(product: Product) -> None:
    room = product.room("ann", "bob")
    product.relay()
    product.vote(room, "ann")
    [item] = product.dynamodb.scan(TableName=TABLES.outbox)["Items"]
    broken: Any = item | {"event_id": {"S": "broken"}, "detail": {"S": "{}"}}
    product.dynamodb.put_item(TableName=TABLES.outbox, Item=broken)
    product.vote(room, "bob")

    product.run()

    assert len(product.subscriptions.of("ann")) == 1
    [left] = product.dynamodb.scan(TableName=TABLES.outbox)["Items"]
    assert left["event_id"] == {"S": "broken"}
    assert len(product.receive("relay-dead")) == 1


def test_idempotency_keys_are_stored_as_completed(product: Product) -> None:
    room = product.room("ann", "bob")
    product.vote(room, "ann")
    product.vote(room, "bob")

    product.run()

    items = product.dynamodb.scan(TableName=IDEMPOTENCY)["Items"]
    kinds = sorted(item["id"]["S"].split("#")[0] for item in items)
    assert {item["status"]["S"] for item in items} == {"COMPLETED"}
    assert kinds == ["match-detector"] * 3 + ["notification"] * 2 + ["notifier", "push"]


def test_a_sleeping_phone_gets_the_match_once_whatever_is_delivered_again(
    product: Product,
) -> None:
    with push_server() as server:
        phone, tablet = (
            server.subscribe(product.vapid.public),
            server.subscribe(product.vapid.public, 503),
        )
        devices = DynamoDeviceRepository(DEVICES, TABLES.visits, product.dynamodb)
        for device, browser in (("phone", phone), ("tablet", tablet)):
            devices.save(device_of(browser, device=device), None)
        room = product.room("ann", "bob")
        product.vote(room, "ann")
        product.vote(room, "bob")

        product.run(times=3)
        product.run(times=3)

        payload = phone.received.get_nowait()
        assert (payload["kind"], payload["roomId"], payload["movieId"]) == ("MATCH", room, 101)
        assert tablet.received.get_nowait() == payload
        assert (phone.requests, tablet.requests) == (1, 2)
        [mine] = product.ask("ann", "getMyMatches", {})["data"]
        assert mine["matchId"] == payload["id"]


def test_whoever_a_crew_invites_is_told_once_on_every_way(product: Product) -> None:
    with push_server() as server:
        phone = server.subscribe(product.vapid.public)
        devices = DynamoDeviceRepository(DEVICES, TABLES.visits, product.dynamodb)
        devices.save(device_of(phone, user="bob"), None)
        made_of = {"roomId": product.room("ann", "bob", "cid"), "name": "Fridays"}
        crew = product.ask("ann", "createCrew", made_of)["data"]
        start = {"crewId": crew["id"], "idempotencyKey": "tonight"}
        room = product.ask("ann", "startRoom", start)["data"]

        product.run(times=2)
        assert product.ask("ann", "startRoom", start)["data"]["id"] == room["id"]
        product.run()

        pushed = phone.received.get_nowait()
        assert (pushed["kind"], pushed["roomId"]) == ("INVITATION", room["id"])
        assert pushed["body"].startswith("Fridays ")
        assert phone.requests == 1
    [told] = product.subscriptions.of("bob")
    [mine] = product.ask("bob", "getMyInvitations", {})["data"]
    assert told == {"userId": "bob", **mine}
    assert len(product.subscriptions.of("cid")) == 1
    assert product.subscriptions.of("ann") == []
    joined = product.ask("bob", "joinRoom", {"code": mine["code"]})["data"]
    assert joined["participants"] == ["ann", "bob"]
