"""From a fact to the event that tells it: identity, time and cause are put around the data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from matinee.contract import Contract, Envelope, EventMetadata
from matinee.ids import new_id

CORRELATION_HEADER = "x-correlation-id"

_USABLE = re.compile(r"[A-Za-z0-9._:-]{1,128}")
"""What every log, header and query language takes as it is."""


@dataclass(frozen=True, slots=True)
class Trace:
    """The thread that leads from the first request through every event that it causes."""

    correlation_id: str
    causation_id: str | None = None

    @classmethod
    def begun_by(cls, headers: Mapping[str, str] | None) -> Self:
        """Begin a thread: with the id that the client has given, or else with a new one."""
        given = str((headers or {}).get(CORRELATION_HEADER) or "")
        return cls(given if _USABLE.fullmatch(given) else new_id())

    @classmethod
    def after(cls, envelope: Envelope[Contract]) -> Self:
        """Continue the thread of an event: what happens now was caused by it."""
        return cls(envelope.metadata.correlation_id, envelope.metadata.event_id)

    @classmethod
    def within(cls, command: Envelope[Contract]) -> Self:
        """Continue the thread of a service's own command: its id means nothing to anybody else."""
        return cls(command.metadata.correlation_id, command.metadata.causation_id)


def seal(
    data: Contract, *, event_id: str, occurred_at: datetime, trace: Trace, idempotency_key: str
) -> Envelope[Contract]:
    """Put the envelope around an event's data.

    `idempotency_key` names the change itself: two events about one change share it.
    """
    return Envelope[Contract].model_construct(
        metadata=EventMetadata(
            event_id=event_id,
            event_type=data.event_type,
            schema_version=data.schema_version,
            source=data.source,
            occurred_at=occurred_at.astimezone(UTC),
            correlation_id=trace.correlation_id,
            causation_id=trace.causation_id,
            idempotency_key=idempotency_key,
        ),
        data=data,
    )


def detail(envelope: Envelope[Contract]) -> str:
    """Write an envelope as the `detail` of PutEvents: JSON, absent fields left out.

    The parts are written one by one: written whole, the data would lose every field that its
    base class does not have.
    """
    metadata = envelope.metadata.model_dump_json(exclude_none=True)
    return f'{{"metadata":{metadata},"data":{envelope.data.model_dump_json(exclude_none=True)}}}'
