"""The event factory: the one place that maps a change of an account to its event."""

from dataclasses import dataclass
from datetime import datetime

from auth.events.published import GuestUpgraded, UserConfirmed, UserDeleted, UserRegistered
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace
from matinee.events.factory import EventFactory


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthEventFactory(EventFactory):
    """Creates the events of accounts."""

    def user_registered(
        self, user_id: str, at: datetime, trace: Trace, *, guest: bool = False
    ) -> Envelope[Contract]:
        """Create the event of a new account."""
        data = UserRegistered(user_id=user_id, guest=guest or None)
        return self.create(data, at, trace, f"user-registered:{user_id}")

    def user_confirmed(self, user_id: str, at: datetime, trace: Trace) -> Envelope[Contract]:
        """Create the event of a user who may sign in from now on."""
        return self.create(UserConfirmed(user_id=user_id), at, trace, f"user-confirmed:{user_id}")

    def guest_upgraded(self, user_id: str, at: datetime, trace: Trace) -> Envelope[Contract]:
        """Create the event of a guest who is a user from now on."""
        return self.create(GuestUpgraded(user_id=user_id), at, trace, f"guest-upgraded:{user_id}")

    def user_deleted(self, user_id: str, at: datetime, trace: Trace) -> Envelope[Contract]:
        """Create the event of a deleted account."""
        return self.create(UserDeleted(user_id=user_id), at, trace, f"user-deleted:{user_id}")
