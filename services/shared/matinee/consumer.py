"""Queue consumers: each event handled once, each failure alone, no message lost.

A message is an EventBridge event. What handling it may come to:
    returns                 done; the event_id is remembered and a repeat does nothing. A replay is
                            no repeat: each is handled once, beside the event as it first came
    raises                  passing fault: this message alone is retried by the queue, then its
                            redrive policy takes it to the dead-letter queue
    ContractViolation,
    Unprocessable           no retry can help: it goes to the dead-letter queue now, with the reason

A consumer on which something waits (a message that leads to the next one, say) has `Attempts`: what
must go on without a message goes on before its last attempt, or before it is put away.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matinee.contract import Contract, ContractViolation, Envelope, Registry
from matinee.observability import correlate, count, logger
from matinee.once import Once

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_sqs import SQSClient

FIRST_PAUSE = 10
LONGEST_PAUSE = 900
"""Seconds between attempts, where a consumer has `Attempts`."""


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


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often a message is tried, when it is tried again, and what goes on without it.

    `most` is the maxReceiveCount of the queue. `give_up` must be safe to repeat: the last attempt
    follows it, and may succeed.
    """

    queue_url: str
    most: int
    give_up: Callable[[Envelope[Contract]], None]
    sqs: SQSClient

    def is_last(self, record: SQSRecord) -> bool:
        """Tell whether a message that fails now is not shown again."""
        return int(record.attributes.approximate_receive_count) >= self.most

    def postpone(self, record: SQSRecord) -> None:
        """Show a failed message again after a pause that doubles, instead of the queue's own."""
        received = int(record.attributes.approximate_receive_count)
        self.sqs.change_message_visibility(
            QueueUrl=self.queue_url,
            ReceiptHandle=record.receipt_handle,
            VisibilityTimeout=min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (received - 1)),
        )


class Unprocessable(Exception):
    """An event that can never be handled, however often it is tried."""


class Consumer:
    """Reads events from a queue and hands each to one function, once.

    `memory` and `further_memories` (those of `handle` itself) learn of each invocation.
    """

    def __init__(
        self,
        *,
        contracts: Registry,
        handle: Callable[[Envelope[Contract]], None],
        memory: Once,
        dead_letters: DeadLetters,
        further_memories: Iterable[Once] = (),
        attempts: Attempts | None = None,
    ) -> None:
        self._contracts = contracts
        self._handle = handle
        self._once = memory
        self._dead_letters = dead_letters
        self._attempts = attempts
        self._memories = (memory, *further_memories)

    def __call__(self, event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
        """Handle a batch; answers the messages that the queue should show again."""
        # Here, not above: bootstraps import this module for API functions too, and their cold
        # starts would wait for it.
        from aws_lambda_powertools.utilities.batch import (  # noqa: PLC0415
            BatchProcessor,
            EventType,
            process_partial_response,
        )

        for memory in self._memories:
            memory.begin(context)
        return process_partial_response(
            event=event,
            record_handler=self._handle_record,
            processor=BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False),
            context=context,
        )

    def _handle_record(self, record: SQSRecord) -> None:
        try:
            message = _message(record.body)
            envelope = self._contracts.read(message.get("detail"))
        except ContractViolation as error:
            self._dead_letters.bury(record, str(error))
            return
        correlate(envelope.metadata.correlation_id)
        try:
            self._handle_or_bury(record, envelope, _occasion(message, envelope))
        except Exception:
            if self._attempts:
                self._attempts.postpone(record)
            raise

    def _handle_or_bury(
        self, record: SQSRecord, envelope: Envelope[Contract], occasion: str
    ) -> None:
        try:
            if self._attempts and self._attempts.is_last(record):
                self._attempts.give_up(envelope)
            self._handle_once(envelope, occasion)
        except (ContractViolation, Unprocessable) as error:
            if self._attempts:
                # What can never be handled need not be one that anything waits for.
                with suppress(ContractViolation, Unprocessable):
                    self._attempts.give_up(envelope)
            self._dead_letters.bury(record, str(error))

    def _handle_once(self, envelope: Envelope[Contract], occasion: str) -> None:
        metadata = envelope.metadata
        try:
            self._once(occasion, lambda: self._handle(envelope))
        except Unprocessable:
            raise
        except Exception:
            logger.exception(
                "event_failed",
                extra={"event_id": metadata.event_id, "event_type": metadata.event_type},
            )
            raise


def _message(body: str) -> dict[str, Any]:
    """Answer a message of the bus. Raises ContractViolation if it is none."""
    try:
        event = json.loads(body)
    except json.JSONDecodeError as error:
        message = "the message is not JSON"
        raise ContractViolation(message) from error
    return event if isinstance(event, dict) else {}


def _occasion(message: dict[str, Any], envelope: Envelope[Contract]) -> str:
    """Answer what is done once: to handle an event as it came, or as one replay tells it."""
    replay = message.get("replay-name")
    event_id = envelope.metadata.event_id
    return f"{event_id} {replay}" if replay else event_id
