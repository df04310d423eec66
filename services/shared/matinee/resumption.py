"""What one invocation cannot finish goes back into its own queue: there it survives everything."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matinee.contract import Contract, Envelope
from matinee.envelope import detail
from matinee.ids import NewId, new_id

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class QueueResumption:
    """The consumer's own queue. A message there is what the bus would have put into it."""

    queue_url: str
    sqs: SQSClient
    new_id: NewId = new_id

    def resume(self, event: Envelope[Contract]) -> None:
        """Have an event handled once more, as a new one that it has caused.

        The new id keeps the consumer, which remembers ids, from taking it for a repetition.
        """
        metadata = event.metadata.model_copy(
            update={"event_id": self.new_id(), "causation_id": event.metadata.event_id}
        )
        message = {
            "source": metadata.source,
            "detail-type": metadata.event_type,
            "detail": json.loads(detail(event.model_copy(update={"metadata": metadata}))),
        }
        self.sqs.send_message(QueueUrl=self.queue_url, MessageBody=json.dumps(message))
