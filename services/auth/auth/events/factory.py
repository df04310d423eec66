"""From what happened to an account to the event that tells it: the one place that knows both."""

from dataclasses import dataclass
from datetime import datetime

from auth.events.published import UserConfirmed, UserDeleted, UserRegistered
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace, create_envelope
from matinee.ids import NewId, new_id


@dataclass(frozen=True, slots=True)
class Announcer:
    """Makes the event of each change, within the thread that a request began."""

    new_id: NewId = new_id

    def registered(self, user_id: str, at: datetime, trace: Trace) -> Envelope[Contract]:
        """Tell that an account was opened."""
        return self._envelope(
            UserRegistered(user_id=user_id), at, trace, f"user-registered:{user_id}"
        )

    def confirmed(self, user_id: str, at: datetime, trace: Trace) -> Envelope[Contract]:
        """Tell that a user may sign in."""
        return self._envelope(
            UserConfirmed(user_id=user_id), at, trace, f"user-confirmed:{user_id}"
        )

    def deleted(self, user_id: str, at: datetime, trace: Trace) -> Envelope[Contract]:
        """Tell that an account is gone."""
        return self._envelope(UserDeleted(user_id=user_id), at, trace, f"user-deleted:{user_id}")

    def _envelope(
        self, data: Contract, occurred_at: datetime, trace: Trace, key: str
    ) -> Envelope[Contract]:
        return create_envelope(
            data,
            event_id=self.new_id(),
            occurred_at=occurred_at,
            trace=trace,
            idempotency_key=key,
        )
