"""The base of a service's event factory: the one place that maps a change to its event."""

from dataclasses import dataclass
from datetime import datetime

from matinee.clock import Clock, utc_now
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace, create_envelope
from matinee.ids import NewId, new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFactory:
    """Creates events with an id and a time of their own. A service adds a method for each event."""

    now: Clock = utc_now
    new_id: NewId = new_id

    def create(
        self, data: Contract, occurred_at: datetime, trace: Trace, idempotency_key: str
    ) -> Envelope[Contract]:
        """Create the event of a change that `idempotency_key` names."""
        return create_envelope(
            data,
            event_id=self.new_id(),
            occurred_at=occurred_at,
            trace=trace,
            idempotency_key=idempotency_key,
        )
