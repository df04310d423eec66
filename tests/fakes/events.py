"""An event type that no service knows, to try the plumbing with."""

from typing import ClassVar

from pydantic import Field

from matinee.events.contract import Contract, Envelope, Registry
from matinee.events.envelope import Trace, create_envelope
from tests.fakes.clock import NOON


class TeaServed(Contract):
    """Somebody was served tea."""

    source: ClassVar[str] = "matinee.kitchen"

    guest: str
    cups: int = Field(ge=1)
    note: str | None = None


class CakeServed(Contract):
    """Somebody was served cake."""

    source: ClassVar[str] = "matinee.kitchen"

    guest: str


KITCHEN = Registry([TeaServed, CakeServed])


def tea(number: int = 1, *, note: str | None = None) -> Envelope[Contract]:
    """Return an event that keeps its contract."""
    return create_envelope(
        TeaServed(guest="ann", cups=number, note=note),
        event_id=f"event-{number:03}",
        occurred_at=NOON,
        trace=Trace("thread-1"),
        idempotency_key=f"tea:{number}",
    )
