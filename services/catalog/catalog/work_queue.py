"""The refresh's work queue in SQS: a message for each page to be read."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING

from catalog.domain import PageOfRun
from catalog.errors import QueueUnavailable
from catalog.events import refresh_page
from matinee.envelope import Trace, detail

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MOST_MESSAGES = 10
"""SQS's limit for a batch."""

ATTEMPTS = 5
FIRST_PAUSE = 0.1
"""Seconds; doubled each time."""


@dataclass(frozen=True, slots=True)
class SqsWorkQueue:
    """`WorkQueue` in SQS. A message has the form that `matinee.consumer` reads."""

    url: str
    sqs: SQSClient
    pause: Callable[[float], None] = time.sleep

    def send(self, pages: Sequence[PageOfRun], trace: Trace) -> None:
        """Send until SQS has taken every message; raises QueueUnavailable when it goes on refusing.

        Who repeats the call repeats messages; a page that is done is not read again.
        """
        for batch in batched(pages, MOST_MESSAGES, strict=False):
            self._send({str(number): _body(page, trace) for number, page in enumerate(batch)})

    def _send(self, bodies: dict[str, str]) -> None:
        for attempt in range(ATTEMPTS):
            if attempt:
                self.pause(FIRST_PAUSE * 2 ** (attempt - 1))
            answer = self.sqs.send_message_batch(
                QueueUrl=self.url,
                Entries=[{"Id": id_, "MessageBody": body} for id_, body in bodies.items()],
            )
            failed = {entry["Id"] for entry in answer.get("Failed", [])}
            bodies = {id_: body for id_, body in bodies.items() if id_ in failed}
            if not bodies:
                return
        raise QueueUnavailable


def _body(page: PageOfRun, trace: Trace) -> str:
    return f'{{"detail":{detail(refresh_page(page, trace))}}}'
