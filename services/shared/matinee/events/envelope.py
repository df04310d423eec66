"""Envelopes: the metadata around an event's data, and the trace that connects events."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from matinee.events.contract import Contract, Envelope, EventMetadata
from matinee.ids import new_id

CORRELATION_HEADER = "x-correlation-id"

_USABLE = re.compile(r"[A-Za-z0-9._:-]{1,128}")
"""Safe in every log, header and query language without escaping."""


@dataclass(frozen=True, slots=True)
class Trace:
    """The correlation from the first request through every event that it causes."""

    correlation_id: str
    causation_id: str | None = None

    @classmethod
    def from_headers(cls, headers: Mapping[str, str] | None) -> Self:
        """Return the trace of a request: with the client's correlation id, or a new one."""
        given = str((headers or {}).get(CORRELATION_HEADER) or "")
        return cls(given if _USABLE.fullmatch(given) else new_id())

    @classmethod
    def caused_by(cls, envelope: Envelope[Contract]) -> Self:
        """Return the trace of what an event causes."""
        return cls(envelope.metadata.correlation_id, envelope.metadata.event_id)

    @classmethod
    def child(cls, command: Envelope[Contract]) -> Self:
        """Return the trace of a service's own command, whose id nobody outside knows."""
        return cls(command.metadata.correlation_id, command.metadata.causation_id)


def create_envelope(
    data: Contract, *, event_id: str, occurred_at: datetime, trace: Trace, idempotency_key: str
) -> Envelope[Contract]:
    """Create the envelope of an event's data.

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
    """Return an envelope as the `detail` of PutEvents: JSON without absent fields.

    The parts are serialized one by one: as a whole, the data would lose every field that its base
    class does not have.
    """
    metadata = envelope.metadata.model_dump_json(exclude_none=True)
    return f'{{"metadata":{metadata},"data":{envelope.data.model_dump_json(exclude_none=True)}}}'
