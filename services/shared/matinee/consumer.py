"""Queue consumers: each event handled once, each failure alone, no message lost.

A message is an EventBridge event. What handling it may come to:
    returns                 done; the event_id is remembered and a repeat does nothing
    raises                  passing fault: this message alone is retried by the queue, then its
                            redrive policy takes it to the dead-letter queue
    ContractViolation       no retry can help: it goes to the dead-letter queue now, with the reason
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import (
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer
from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.contract import Contract, ContractViolation, Envelope, Registry
from matinee.observability import correlate, count, logger

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

REMEMBERED_FOR = 24 * 60 * 60
"""Seconds for which a handled event is known; conditional writes make later repeats harmless."""


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """The dead-letter queue of one consumer, for what can never be handled."""

    queue_url: str
    sqs: SQSClient

    def bury(self, record: SQSRecord, reason: str) -> None:
        """Move a message here, with the reason beside it and in the log."""
        logger.error("message_rejected", extra={"message_id": record.message_id, "reason": reason})
        count("MessagesRejected")
        self.sqs.send_message(
            QueueUrl=self.queue_url,
            MessageBody=record.body,
            MessageAttributes={"reason": {"DataType": "String", "StringValue": reason[:1024]}},
        )


class Consumer:
    """Reads events from a queue and hands each to one function.

    `name` tells this consumer's memory of handled events from that of its neighbours.
    """

    def __init__(
        self,
        *,
        name: str,
        contracts: Registry,
        handle: Callable[[Envelope[Contract]], None],
        memory: BasePersistenceLayer,
        dead_letters: DeadLetters,
    ) -> None:
        self._contracts = contracts
        self._dead_letters = dead_letters
        self._config = IdempotencyConfig(
            event_key_jmespath="[consumer, event_id]",
            raise_on_no_idempotency_key=True,
            expires_after_seconds=REMEMBERED_FOR,
        )
        self._name = name

        @idempotent_function(  # type: ignore[untyped-decorator]
            data_keyword_argument="identity",
            persistence_store=memory,
            config=self._config,
            key_prefix=name,
        )
        def once(identity: dict[str, str], envelope: Envelope[Contract]) -> None:  # noqa: ARG001 - the key is read by the decorator
            handle(envelope)

        self._once = once

    def __call__(self, event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
        """Handle a batch; answers the messages that the queue should show again."""
        self._config.register_lambda_context(context)
        return process_partial_response(
            event=event,
            record_handler=self._handle_record,
            processor=BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False),
            context=context,
        )

    def _handle_record(self, record: SQSRecord) -> None:
        try:
            envelope = self._contracts.read(_detail(record.body))
        except ContractViolation as error:
            self._dead_letters.bury(record, str(error))
            return
        correlate(envelope.metadata.correlation_id)
        identity = {"consumer": self._name, "event_id": envelope.metadata.event_id}
        try:
            self._once(identity=identity, envelope=envelope)
        except Exception:
            logger.exception(
                "event_failed",
                extra={
                    "event_id": envelope.metadata.event_id,
                    "event_type": envelope.metadata.event_type,
                },
            )
            raise


def _detail(body: str) -> object:
    try:
        event = json.loads(body)
    except json.JSONDecodeError as error:
        message = "the message is not JSON"
        raise ContractViolation(message) from error
    return event.get("detail") if isinstance(event, dict) else None
