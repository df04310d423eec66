"""Continuation: what one invocation cannot finish goes back to its own queue."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import detail
from matinee.ids import NewId, new_id

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class ContinuationQueue:
    """The consumer's own queue. Its messages have the form that the bus gives them."""

    queue_url: str
    sqs: SQSClient
    new_id: NewId = new_id

    def requeue(self, event: Envelope[Contract], delay_seconds: int = 0) -> None:
        """Send an event to the queue again, as a new one that it caused.

        With its old id the consumer would take it for a repetition.
        """
        metadata = event.metadata.model_copy(
            update={"event_id": self.new_id(), "causation_id": event.metadata.event_id}
        )
        message = {
            "source": metadata.source,
            "detail-type": metadata.event_type,
            "detail": json.loads(detail(event.model_copy(update={"metadata": metadata}))),
        }
        self.sqs.send_message(
            QueueUrl=self.queue_url, MessageBody=json.dumps(message), DelaySeconds=delay_seconds
        )
