"""Create a guest: a user of the pool without an address, and tokens for them.

    1  a user in the pool, with a password that nobody learns, in no group
    2  the profile with the guest's name, and UserRegistered: by it the guest is found and deleted
    3  the group Guests, which opens what is for guests and nothing else
    4  a sign-in: the tokens are all that the guest gets

A process may end after any of them. Before the second a user is left that nobody can sign in as;
after it the guest is deleted like any other, at the end of their time.
"""

from collections.abc import Callable
from dataclasses import dataclass

from auth.domain.errors import AccountsUnavailable
from auth.domain.guest import new_guest_address, new_guest_password
from auth.domain.session import Session
from auth.ports import EventFactory, GuestPool, Membership, SessionClient, Users
from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count
from matinee.principal import GUESTS


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateGuest:
    """The use case of another service that lets somebody in without an account."""

    pool: GuestPool
    membership: Membership
    sessions: SessionClient
    users: Users
    events: EventFactory
    clock: Clock = utc_now
    new_address: Callable[[], str] = new_guest_address
    new_password: Callable[[], str] = new_guest_password

    def __call__(self, name: str, trace: Trace) -> Session:
        """Create a guest and return their session.

        Raises TooManyAttempts, WriteConflict or AccountsUnavailable.
        """
        password, now = self.new_password(), self.clock()
        account = self.pool.create_guest(self.new_address(), password)
        event = self.events.user_registered(account.user_id, now, trace, guest=True)
        self.users.create(account, now, event, guest_name=name)
        self.membership.add_to_group(GUESTS, account.cognito_username)
        session = self._sign_in(account.user_id, password)
        count("GuestsCreated")
        return session

    def _sign_in(self, user_id: str, password: str) -> Session:
        """Sign the guest in, and once more if the pool's trigger starts too slowly to answer."""
        try:
            return self.sessions.authenticate(user_id, password)
        except AccountsUnavailable:
            return self.sessions.authenticate(user_id, password)
