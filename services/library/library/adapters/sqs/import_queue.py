"""The imports' queue in SQS: a message for each part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from botocore.exceptions import BotoCoreError, ClientError

from library.domain.errors import LibraryUnavailable
from library.domain.imports import Import
from library.events.published import ProcessImportPart
from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace, create_envelope, detail
from matinee.ids import new_id

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_DELAY_SECONDS = 900
"""SQS has no longer one."""


@dataclass(frozen=True, slots=True)
class SqsImportQueue:
    """`ImportQueue` in SQS. A message has the form that `matinee.events.consumer` reads."""

    url: str
    sqs: SQSClient
    now: Clock = utc_now
    new_id: Callable[[], str] = field(default=new_id)

    def send(
        self, of: Import, part: int, caused_by: str | None = None, delay_seconds: float = 0
    ) -> None:
        """Send a message; see the port.

        A message that is delivered twice sends its successor twice, with one id: the consumer
        takes the second for a repetition.
        """
        name = f"{caused_by}:{of.id}:{part}"
        envelope = create_envelope(
            ProcessImportPart(user_id=of.user_id, import_id=of.id, part=part),
            event_id=str(uuid5(NAMESPACE_URL, name)) if caused_by else self.new_id(),
            occurred_at=self.now(),
            trace=Trace(of.correlation_id, caused_by),
            idempotency_key=f"import-part:{of.id}:{part}",
        )
        try:
            self.sqs.send_message(
                QueueUrl=self.url,
                MessageBody=f'{{"detail":{detail(envelope)}}}',
                DelaySeconds=min(MAX_DELAY_SECONDS, max(0, round(delay_seconds))),
            )
        except (BotoCoreError, ClientError) as error:
            raise LibraryUnavailable from error
