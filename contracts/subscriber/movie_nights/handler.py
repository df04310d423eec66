"""Plans a night for every match: once, however often the event arrives.

Powertools stores the event's id, so a repeat does nothing; and a night's key is its match's id, so
a repeat that comes after the event's id has expired changes nothing. A message that can never be
read goes to the dead-letter queue at once, with the reason.
"""

import os
from collections.abc import Callable
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from movie_nights.match import Match, Unreadable

logger = Logger(utc=True)
tracer = Tracer(auto_patch=False)

IDEMPOTENCY_TTL_SECONDS = 15 * 24 * 60 * 60
"""Seconds: longer than a message can wait in a dead-letter queue before it is redriven."""


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch of messages; return those that the queue shall deliver again."""
    _config().register_lambda_context(context)
    return process_partial_response(
        event=event,
        record_handler=_handle,
        processor=BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False),
        context=context,
    )


def _handle(record: SQSRecord) -> None:
    try:
        match = Match.read(record.body)
    except Unreadable as error:
        _send_to_dlq(record, str(error))
        return
    logger.set_correlation_id(match.correlation_id)
    _planner()(event_id=match.event_id, match=match)


def _send_to_dlq(record: SQSRecord, reason: str) -> None:
    """Send a message to the dead-letter queue: five more attempts would not help."""
    logger.error("message_rejected", extra={"message_id": record.message_id, "reason": reason})
    boto3.client("sqs").send_message(
        QueueUrl=os.environ["DEAD_LETTER_URL"],
        MessageBody=record.body,
        MessageAttributes={"reason": {"DataType": "String", "StringValue": reason[:1024]}},
    )


@cache
def _config() -> IdempotencyConfig:
    return IdempotencyConfig(expires_after_seconds=IDEMPOTENCY_TTL_SECONDS)


@cache
def _planner() -> Callable[..., None]:
    """Create, at the first message and not at import, the idempotent planner."""
    table = boto3.resource("dynamodb").Table(os.environ["NIGHTS_TABLE"])

    @idempotent_function(  # type: ignore[untyped-decorator]
        data_keyword_argument="event_id",
        persistence_store=DynamoDBPersistenceLayer(os.environ["SEEN_EVENTS_TABLE"]),
        config=_config(),
    )
    def plan(event_id: str, match: Match) -> None:
        night: dict[str, Any] = {
            "match_id": match.match_id,
            "title": match.title,
            "guests": list(match.guests),
            "agreed_at": match.agreed_at,
        }
        if match.poster_path:
            night["poster_path"] = match.poster_path
        try:
            table.put_item(Item=night, ConditionExpression="attribute_not_exists(match_id)")
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
        logger.info("night_planned", extra={"match_id": match.match_id, "event_id": event_id})

    return plan  # type: ignore[no-any-return]
