"""Provision a user: create their profile, confirm them with a username, add them to the group.

Whoever was a guest has a profile, and leaves the group of guests as the last step.

These are three or four writes to two systems that share no transaction, so a process may end
between any two of them. Each is idempotent, and whoever comes next continues: the trigger, the
route, and at last the next sign-in.
"""

from dataclasses import dataclass

from auth.domain.account import Account, PoolUser, Profile
from auth.domain.errors import UsernameTaken, WriteConflict
from auth.domain.username import username_candidates
from auth.ports import EventFactory, Membership, Users
from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count, logger
from matinee.principal import GUESTS, USERS


@dataclass(frozen=True, slots=True, kw_only=True)
class UserProvisioning:
    """Creates whatever a user lacks."""

    users: Users
    membership: Membership
    events: EventFactory
    clock: Clock = utc_now

    def create_profile(self, user: PoolUser, trace: Trace) -> bool:
        """Create the profile of a new account, unless it has one; return whether it had none.

        Raises AccountsUnavailable or WriteConflict.
        """
        now = self.clock()
        event = self.events.user_registered(user.account.user_id, now, trace)
        created = self.users.create(user.account, now, event)
        if created:
            count("ProfileCreated")
        return created

    def provision(
        self,
        user: PoolUser,
        trace: Trace,
        *,
        profile: Profile | None = None,
        groups: frozenset[str] = frozenset(),
    ) -> None:
        """Create what a confirmed user lacks, given the profile and groups that they have.

        A guest without a verified address lacks nothing. With one they become a user: that is what
        a user is, whichever way they came by it. Raises AccountGone, WriteConflict, TooManyAttempts
        or AccountsUnavailable; what was written before that stays.
        """
        if profile is None and not self.create_profile(user, trace):
            profile = self.users.find(user.account.user_id)
        guest = profile if profile and profile.is_guest else None
        if guest and not user.has_verified_address:
            return
        if profile is None or profile.confirmed_at is None:
            self._confirm(user, guest, trace)
        name = user.account.cognito_username
        if USERS not in groups:
            self.membership.add_to_group(USERS, name)
        if guest or GUESTS in groups:
            self.membership.remove_from_group(GUESTS, name)

    def _confirm(self, user: PoolUser, guest: Profile | None, trace: Trace) -> None:
        """Confirm a user with the first candidate that is available as a username.

        Who has been a `guest` gets one made of the name that the others know.
        """
        now = self.clock()
        user_id = user.account.user_id
        stem = guest.display_name if guest else user.given_name
        email = user.account.email if guest else ""
        for username in username_candidates(user.preferred_username, stem):
            events = [self.events.user_confirmed(user_id, now, trace)]
            if guest:
                events.append(self.events.guest_upgraded(user_id, now, trace))
            try:
                if self.users.confirm(user_id, username, now, *events, email=email):
                    count("UserConfirmed")
                    if guest:
                        count("GuestUpgraded")
            except UsernameTaken:
                continue
            return
        raise WriteConflict


def report_incomplete(account: Account | None) -> None:
    """Log that a user lacks something, which their next sign-in will create."""
    user_id = account.user_id if account else None
    logger.warning("user_left_incomplete", extra={"user_id": user_id})
    count("UserLeftIncomplete")
