"""The refresh's work queue in SQS: a message for each page to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from catalog.domain import PageTask
from catalog.domain.errors import QueueUnavailable
from catalog.events.factory import refresh_page
from matinee.events.envelope import Trace, detail

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class SqsWorkQueue:
    """`WorkQueue` in SQS. A message has the form that `matinee.events.consumer` reads."""

    url: str
    sqs: SQSClient

    def send(self, tasks: Sequence[PageTask], trace: Trace) -> None:
        """Send the messages one by one; see the port. Safe to repeat: a done page is not read."""
        for task in tasks:
            body = f'{{"detail":{detail(refresh_page(task, trace))}}}'
            try:
                self.sqs.send_message(QueueUrl=self.url, MessageBody=body)
            except (BotoCoreError, ClientError) as error:
                raise QueueUnavailable from error
