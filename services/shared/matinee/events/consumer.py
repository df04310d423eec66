"""Queue consumers: each event handled once, each failure alone, no message lost.

A message is an EventBridge event. The outcomes of handling it:
    returns                 done; the event_id is stored and a repetition does nothing. A replay is
                            no repetition: an event is handled once as published and once a replay
    raises                  transient fault: this message alone is tried again, within seconds and
                            then ever later, and the queue's redrive policy moves it to the
                            dead-letter queue after the last attempt
    ContractViolation,
    Unprocessable           no retry can help: it goes to the dead-letter queue at once, with the
                            reason

Each of them is a line of the log with the event's id, type and correlation id (ADR 123).

A consumer whose messages lead to further ones has `Attempts`: whatever depends on a message
continues before its last attempt, or before it goes to the dead-letter queue.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from matinee.events.contract import Contract, ContractViolation, Envelope, Registry
from matinee.events.idempotency import IdempotencyGuard
from matinee.observability import correlate, count, logger
from matinee.settings import Settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_sqs import SQSClient

INITIAL_BACKOFF_SECONDS = 2
BACKOFF_FACTOR = 5
MAX_BACKOFF_SECONDS = 900
"""Between attempts: 2, 10 and 50 seconds, four minutes, and then a quarter of an hour each."""


@dataclass(frozen=True, slots=True)
class DeadLetterQueue:
    """The dead-letter queue of one consumer, for messages that can never be handled."""

    queue_url: str
    sqs: SQSClient

    def send(self, record: SQSRecord, reason: str) -> None:
        """Send a copy of a message, with the reason as an attribute and in the log."""
        logger.error("message_rejected", extra={"message_id": record.message_id, "reason": reason})
        count("MessagesRejected")
        self.sqs.send_message(
            QueueUrl=self.queue_url,
            MessageBody=record.body,
            MessageAttributes={"reason": {"DataType": "String", "StringValue": reason[:1024]}},
        )


@dataclass(frozen=True, slots=True)
class Backoff:
    """When a failed message is tried again: its queue alone would show it after its timeout.

    That is six times as long as the function may take, minutes, and most faults last seconds.
    """

    queue_url: str
    sqs: SQSClient
    initial_seconds: int = INITIAL_BACKOFF_SECONDS
    factor: int = BACKOFF_FACTOR

    def postpone(self, record: SQSRecord) -> None:
        """Make a failed message visible again after a pause that grows with each attempt."""
        received = int(record.attributes.approximate_receive_count)
        pause = self.initial_seconds * self.factor ** (received - 1)
        self.sqs.change_message_visibility(
            QueueUrl=self.queue_url,
            ReceiptHandle=record.receipt_handle,
            VisibilityTimeout=min(MAX_BACKOFF_SECONDS, pause),
        )


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often a message is tried, and what continues without it.

    `limit` is the maxReceiveCount of the queue. `give_up` must be safe to repeat: the last attempt
    follows it, and may succeed.
    """

    limit: int
    give_up: Callable[[Envelope[Contract]], None]

    def is_last(self, record: SQSRecord) -> bool:
        """Return whether this is the last attempt at a message."""
        return int(record.attributes.approximate_receive_count) >= self.limit


class ConsumerSettings(Settings):
    """The environment of a queue's consumer; `queue_url` is that queue's."""

    idempotency_table: str
    queue_url: str
    dead_letter_url: str


class Unprocessable(Exception):
    """An event that can never be handled, however often it is tried."""


class Consumer:
    """Reads events from a queue and passes each to one function, once.

    `guard` and `further_guards` (those that `handle` uses itself) are told of each invocation.
    """

    def __init__(
        self,
        *,
        contracts: Registry,
        handle: Callable[[Envelope[Contract]], None],
        guard: IdempotencyGuard,
        dead_letters: DeadLetterQueue,
        backoff: Backoff,
        further_guards: Iterable[IdempotencyGuard] = (),
        attempts: Attempts | None = None,
    ) -> None:
        self._contracts = contracts
        self._handle = handle
        self._guard = guard
        self._dead_letters = dead_letters
        self._backoff = backoff
        self._attempts = attempts
        self._guards = (guard, *further_guards)

    def __call__(self, event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
        """Handle a batch; return the messages that the queue should deliver again."""
        # Here, not above: bootstraps import this module for API functions too, and their cold
        # starts would wait for it.
        from aws_lambda_powertools.utilities.batch import (  # noqa: PLC0415
            BatchProcessor,
            EventType,
            process_partial_response,
        )

        for guard in self._guards:
            guard.begin(context)
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
            self._dead_letters.send(record, str(error))
            return
        correlate(envelope.metadata.correlation_id)
        try:
            self._handle_or_reject(record, envelope, _idempotency_key(message, envelope))
        except Exception:
            self._postpone(record)
            raise

    def _postpone(self, record: SQSRecord) -> None:
        """Have a message tried again soon; else its queue shows it after the queue's timeout."""
        try:
            self._backoff.postpone(record)
        except (ClientError, BotoCoreError):
            logger.warning("message_not_postponed", exc_info=True)

    def _handle_or_reject(self, record: SQSRecord, envelope: Envelope[Contract], key: str) -> None:
        try:
            if self._attempts and self._attempts.is_last(record):
                self._attempts.give_up(envelope)
            self._handle_once(envelope, key)
        except (ContractViolation, Unprocessable) as error:
            if self._attempts:
                # Nothing need depend on a message that can never be handled.
                with suppress(ContractViolation, Unprocessable):
                    self._attempts.give_up(envelope)
            self._dead_letters.send(record, str(error))

    def _handle_once(self, envelope: Envelope[Contract], key: str) -> None:
        event = {
            "event_id": envelope.metadata.event_id,
            "event_type": envelope.metadata.event_type,
        }
        outcome = "repeated"
        began = perf_counter()

        def handle() -> None:
            nonlocal outcome
            self._handle(envelope)
            outcome = "handled"

        try:
            self._guard(key, handle)
        except Unprocessable:
            raise
        except Exception:
            logger.exception("event_failed", extra=event)
            raise
        took = round((perf_counter() - began) * 1000)
        logger.info("event_handled", extra=event | {"outcome": outcome, "duration_ms": took})


def build_consumer(
    name: str,
    contracts: Iterable[type[Contract]],
    handle: Callable[[Envelope[Contract]], None],
    settings: ConsumerSettings,
    *,
    further_guards: Iterable[IdempotencyGuard] = (),
    attempts: Attempts | None = None,
    backoff: Backoff | None = None,
) -> Consumer:
    """Build a consumer of these contracts whose events are handled once under `name`."""
    sqs = boto3.client("sqs")
    return Consumer(
        contracts=Registry(contracts),
        handle=handle,
        guard=IdempotencyGuard(settings.idempotency_table, name),
        dead_letters=DeadLetterQueue(settings.dead_letter_url, sqs),
        backoff=backoff or Backoff(settings.queue_url, sqs),
        further_guards=further_guards,
        attempts=attempts,
    )


def _message(body: str) -> dict[str, Any]:
    """Parse a message of the bus; raise ContractViolation if it is none."""
    try:
        event = json.loads(body)
    except json.JSONDecodeError as error:
        message = "the message is not JSON"
        raise ContractViolation(message) from error
    return event if isinstance(event, dict) else {}


def _idempotency_key(message: dict[str, Any], envelope: Envelope[Contract]) -> str:
    """Return the key of handling an event once as published, and once in each replay."""
    replay = message.get("replay-name")
    event_id = envelope.metadata.event_id
    return f"{event_id} {replay}" if replay else event_id
