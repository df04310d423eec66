"""Provision a user: create their profile, confirm them with a username, add them to the group.

These are three writes to two systems that share no transaction, so a process may end between any
two of them. Each is idempotent, and whoever comes next continues: the trigger, the route, and at
last the next sign-in.
"""

from dataclasses import dataclass

from auth.domain.account import Account, PoolUser, Profile
from auth.domain.errors import UsernameTaken, WriteConflict
from auth.domain.username import username_candidates
from auth.ports import EventFactory, Membership, Users
from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count, logger
from matinee.principal import USERS


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

        A guest lacks nothing: whatever the pool confirms of them, they stay a guest. Raises
        AccountGone, WriteConflict, TooManyAttempts or AccountsUnavailable; what was written before
        that stays.
        """
        if profile is None and not self.create_profile(user, trace):
            profile = self.users.find(user.account.user_id)
        if profile and profile.is_guest:
            return
        if profile is None or profile.confirmed_at is None:
            self._confirm(user, trace)
        if USERS not in groups:
            self.membership.add_to_group(USERS, user.account.cognito_username)

    def _confirm(self, user: PoolUser, trace: Trace) -> None:
        """Confirm a user with the first candidate that is available as a username."""
        now = self.clock()
        user_id = user.account.user_id
        for username in username_candidates(user.preferred_username, user.given_name):
            event = self.events.user_confirmed(user_id, now, trace)
            try:
                if self.users.confirm(user_id, username, now, event):
                    count("UserConfirmed")
            except UsernameTaken:
                continue
            return
        raise WriteConflict


def report_incomplete(account: Account | None) -> None:
    """Log that a user lacks something, which their next sign-in will create."""
    user_id = account.user_id if account else None
    logger.warning("user_left_incomplete", extra={"user_id": user_id})
    count("UserLeftIncomplete")
