"""The functions of rooms, connected as the template connects them, in this process.

Moto provides the tables, the bus and the queues; what Lambda's event sources do (pass a stream or a
queue to a function) is done here, step by step, so that a test can check in between.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import boto3
import httpx
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from rooms import bootstrap
from rooms.adapters.lambda_.catalog_client import LambdaCatalogClient
from rooms.handlers import api, match_detector, notifier, push_sender, relay
from tests.fakes.appsync import call, service_role, signed_in
from tests.fakes.aws import FakeLambdaContext, sqs_record, stream_record
from tests.fakes.rooms import films
from tests.integration.rooms.tables import (
    ATTEMPTS,
    DEVICES,
    IDEMPOTENCY,
    TABLES,
    create_tables,
)
from tools import vapid

BUS = "events"
GRAPHQL_URL = "https://api.example.com/graphql"
CONTEXT = cast("LambdaContext", FakeLambdaContext())


@dataclass
class Subscriptions:
    """What the subscribers of AppSync receive; `refuse` makes the API refuse a user's."""

    received: list[dict[str, Any]] = field(default_factory=list)
    refuse: Callable[[str], bool] = lambda _: False

    def publish(self, request: httpx.Request) -> httpx.Response:
        """Play AppSync: resolve the mutation for an IAM caller and fan it out."""
        asked = json.loads(request.content)
        arguments = asked["variables"]
        field_ = re.findall(r"\w+", asked["query"].partition("{")[2])[0]
        if self.refuse(arguments["input"]["userId"]):
            return httpx.Response(503)
        event = call(
            field_,
            arguments,
            identity=service_role(),
            headers=dict(request.headers),
        )
        answer = api.handler(event, CONTEXT)
        if "error" in answer:
            return httpx.Response(200, json={"errors": [{"errorType": answer["error"]["type"]}]})
        self.received.append(answer["data"])
        return httpx.Response(200, json={"data": {field_: answer["data"]}})

    def of(self, user_id: str) -> list[dict[str, Any]]:
        """Return what one user's subscriptions received."""
        return [event for event in self.received if event["userId"] == user_id]


class Product:
    """Everything from the GraphQL API to the publisher."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.dynamodb = boto3.client("dynamodb")
        self.sqs = boto3.client("sqs")
        self.events = boto3.client("events")
        self.subscriptions = Subscriptions()
        create_tables(self.dynamodb)
        self.events.create_event_bus(Name=BUS)
        self.queues = {
            name: self.sqs.create_queue(QueueName=name)["QueueUrl"]
            for name in (
                *("detector", "detector-dead", "notifier", "notifier-dead"),
                *("push", "push-dead", "relay-dead"),
            )
        }
        self.vapid = vapid.generate()
        self._rule("detector", ["VoteCast", "ParticipantJoined", "ParticipantLeft"])
        self._rule("notifier", ["MatchFound", "CrewInvited"])
        self._rule("push", ["MatchFound", "CrewInvited"])
        http = httpx.Client(transport=httpx.MockTransport(self.subscriptions.publish))
        monkeypatch.setattr("httpx.Client", lambda **_: http)
        candidates = films(3)
        monkeypatch.setattr(LambdaCatalogClient, "discover", lambda *_: candidates)
        self._environment(monkeypatch)

    def ask(
        self, user: str, field_: str, arguments: dict[str, Any], **headers: str
    ) -> dict[str, Any]:
        """Send one field of a user's request to the API."""
        event = call(field_, arguments, identity=signed_in(user), headers=headers)
        return cast("dict[str, Any]", api.handler(event, CONTEXT))

    def room(self, *users: str) -> str:
        """Create a room, let the others join, and return its id."""
        host, *others = users
        room = self.ask(host, "createRoom", {"input": {"mediaType": "MOVIE"}})["data"]
        for user in others:
            self.ask(user, "joinRoom", {"input": {"roomCode": room["code"]}})
        return str(room["id"])

    def vote(self, room_id: str, user: str, movie_id: int = 101, *, yes: bool = True) -> None:
        """Vote."""
        vote = {"roomId": room_id, "movieId": movie_id, "vote": yes}
        assert "data" in self.ask(user, "vote", {"input": vote}, **{"x-correlation-id": user})

    def relay(self) -> None:
        """Show the outbox's new items to the relay, as its stream does."""
        items = self.dynamodb.scan(TableName=TABLES.outbox)["Items"]
        relay.handler(
            {"Records": [stream_record(cast("dict[str, Any]", i)) for i in items]}, CONTEXT
        )

    def receive(self, queue: str) -> list[str]:
        """Receive and delete all messages of a queue."""
        bodies = []
        while got := self.sqs.receive_message(
            QueueUrl=self.queues[queue], MaxNumberOfMessages=10
        ).get("Messages"):
            for message in got:
                bodies.append(message["Body"])
                self.sqs.delete_message(
                    QueueUrl=self.queues[queue], ReceiptHandle=message["ReceiptHandle"]
                )
        return bodies

    def consume(self, queue: str, *, times: int = 1) -> list[str]:
        """Pass a queue's messages to its function so many times; return those that failed.

        They return to the queue.
        """
        function = {"detector": match_detector, "notifier": notifier, "push": push_sender}[queue]
        bodies = self.receive(queue)
        failed: list[str] = []
        for _ in range(times if bodies else 0):
            records = [sqs_record(body, str(n)) for n, body in enumerate(bodies)]
            answer = function.handler({"Records": records}, CONTEXT)
            failed = [bodies[int(one["itemIdentifier"])] for one in answer["batchItemFailures"]]
        for body in failed:
            self.sqs.send_message(QueueUrl=self.queues[queue], MessageBody=body)
        return failed

    def run(self, *, times: int = 1) -> None:
        """Run all steps from votes to matches to notifications."""
        self.relay()
        self.consume("detector", times=times)
        self.relay()
        self.consume("notifier", times=times)
        self.consume("push", times=times)

    def _rule(self, queue: str, types: list[str]) -> None:
        pattern = {"source": ["matinee.rooms"], "detail-type": types}
        self.events.put_rule(Name=queue, EventBusName=BUS, EventPattern=json.dumps(pattern))
        arn = self.sqs.get_queue_attributes(
            QueueUrl=self.queues[queue], AttributeNames=["QueueArn"]
        )["Attributes"]["QueueArn"]
        self.events.put_targets(Rule=queue, EventBusName=BUS, Targets=[{"Id": "q", "Arn": arn}])

    def _secret(self, value: object) -> str:
        secrets = boto3.client("secretsmanager")
        return secrets.create_secret(Name="vapid", SecretString=json.dumps(value))["ARN"]

    def _environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in {
            "ROOMS_TABLE": TABLES.rooms,
            "VOTES_TABLE": TABLES.votes,
            "MATCHES_TABLE": TABLES.matches,
            "USER_MATCHES_TABLE": TABLES.user_matches,
            "VISITS_TABLE": TABLES.visits,
            "OUTBOX_TABLE": TABLES.outbox,
            "FEEDS_TABLE": TABLES.feeds,
            "CREWS_TABLE": TABLES.crews,
            "IDEMPOTENCY_TABLE": IDEMPOTENCY,
            "DISCOVER_FUNCTION": "discover",
            "NAMES_FUNCTION": "names",
            "GROUP_DECK_FUNCTION": "group-deck",
            "CARDS_FUNCTION": "cards",
            "OWN_SCORES_FUNCTION": "own-scores",
            "ATTEMPTS_TABLE": ATTEMPTS,
            "EVENT_BUS": BUS,
            "GRAPHQL_URL": GRAPHQL_URL,
            "DEVICES_TABLE": DEVICES,
            "VAPID_PUBLIC_KEY": self.vapid.public,
            "VAPID_SECRET_ARN": self._secret({"private_key": self.vapid.private}),
            "PUSH_CONTACT": "https://example.com",
            "PUSH_TO_PRIVATE_ADDRESSES": "true",
        }.items():
            monkeypatch.setenv(name, value)
        made = (
            (bootstrap.use_cases, "relay"),
            (bootstrap.relay, "relay"),
            (bootstrap.match_detector, "detector"),
            (bootstrap.notifier, "notifier"),
            (bootstrap.push_sender, "push"),
        )
        for make, reader in made:
            monkeypatch.setenv("DEAD_LETTER_URL", self.queues[f"{reader}-dead"])
            monkeypatch.setenv("QUEUE_URL", self.queues.get(reader, ""))
            make.cache_clear()
            make()
