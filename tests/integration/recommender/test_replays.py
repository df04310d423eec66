"""A replay repairs a projection that has lost data, even while event ids are known."""

import json
from collections.abc import Iterator
from typing import Any, cast

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from mypy_boto3_dynamodb import DynamoDBClient

from matinee.dynamodb.items import from_item
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace, create_envelope, detail
from matinee.media import MediaType
from recommender import bootstrap
from recommender.events.consumed import FavouriteAdded, UserDeleted
from recommender.handlers import eraser, taste_projector
from tests.fakes.aws import FakeLambdaContext, sqs_record
from tests.fakes.clock import NOON
from tests.integration.recommender.stores import IDEMPOTENCY, TASTES, TRAINING

LIKED = FavouriteAdded(user_id="ann", media_type=MediaType.MOVIE, media_id=550, added_at=NOON)
DELETED = UserDeleted(user_id="ann")


@pytest.fixture(autouse=True)
def functions(dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # noqa: ARG001 - it is there
    queue = boto3.client("sqs").create_queue(QueueName="dead")["QueueUrl"]
    for name, value in {
        "STAGE": "local",
        "TASTES_TABLE": TASTES,
        "TRAINING_TABLE": TRAINING,
        "IDEMPOTENCY_TABLE": IDEMPOTENCY,
        "QUEUE_URL": queue,
        "DEAD_LETTER_URL": queue,
    }.items():
        monkeypatch.setenv(name, value)
    made = (bootstrap.taste_projector, bootstrap.eraser)
    for each in made:
        each.cache_clear()
    yield
    for each in made:
        each.cache_clear()


def deliver(function: Any, data: Contract, **more: str) -> None:  # noqa: ANN401 - a handler's module
    """Deliver an event, the same at each call except for a replay's attributes."""
    envelope: Envelope[Contract] = create_envelope(
        data,
        event_id=f"the-{data.event_type}",
        occurred_at=NOON,
        trace=Trace("test"),
        idempotency_key="test",
    )
    body = json.dumps({"detail": json.loads(detail(envelope)), **more})
    answer = function.handler(
        {"Records": [sqs_record(body, "1")]}, cast("LambdaContext", FakeLambdaContext())
    )
    assert answer == {"batchItemFailures": []}


def stored(client: DynamoDBClient) -> list[dict[str, Any]]:
    return [from_item(item) for item in client.scan(TableName=TASTES)["Items"]]


def lose(client: DynamoDBClient) -> None:
    for item in stored(client):
        key = {name: {"S": item[name]} for name in ("userId", "entry")}
        client.delete_item(TableName=TASTES, Key=key)


def test_a_replay_restores_a_lost_favourite(dynamodb: DynamoDBClient) -> None:
    deliver(taste_projector, LIKED)
    before = stored(dynamodb)
    lose(dynamodb)

    deliver(taste_projector, LIKED)
    assert stored(dynamodb) == []

    deliver(taste_projector, LIKED, **{"replay-name": "after-the-loss"})
    assert before
    assert stored(dynamodb) == before


def test_a_replay_erases_a_restored_user_again(dynamodb: DynamoDBClient) -> None:
    deliver(taste_projector, LIKED)
    [restored] = dynamodb.scan(TableName=TASTES)["Items"]
    deliver(eraser, DELETED)
    lose(dynamodb)
    dynamodb.put_item(TableName=TASTES, Item=restored)

    deliver(eraser, DELETED, **{"replay-name": "after-the-restore"})

    assert [item["entry"] for item in stored(dynamodb)] == ["blocked"]


def test_a_replay_restores_nothing_of_a_deleted_user(
    dynamodb: DynamoDBClient,
) -> None:
    deliver(taste_projector, LIKED)
    deliver(eraser, DELETED)

    deliver(taste_projector, LIKED, **{"replay-name": "everything-of-the-week"})

    assert [item["entry"] for item in stored(dynamodb)] == ["blocked"]
