"""How a user becomes complete, by whatever way he came.

A user is complete who has a profile, is confirmed with a username of his own, and is in the group
"Users". These are three writes to two systems that share no transaction, so the way may end between
any two of them. Each changes nothing when repeated; whoever comes next goes on where it ended: the
trigger, the route, and at last the next sign-in.
"""

from dataclasses import dataclass, field

from auth.domain.account import USERS, Profile, proposals
from auth.domain.errors import Contended, UsernameTaken
from auth.events.factory import Announcer
from auth.ports import Member, Membership, Users
from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """Makes whatever a user lacks."""

    users: Users
    membership: Membership
    announce: Announcer = field(default_factory=Announcer)
    clock: Clock = utc_now

    def open(self, member: Member, trace: Trace) -> None:
        """Keep a profile of a new account. Raises AccountsUnavailable or Contended."""
        now = self.clock()
        user_id = member.account.user_id
        if self.users.open(member.account, now, self.announce.registered(user_id, now, trace)):
            count("ProfileCreated")

    def complete(
        self,
        member: Member,
        trace: Trace,
        *,
        profile: Profile | None = None,
        groups: frozenset[str] = frozenset(),
    ) -> None:
        """Complete a confirmed user of whom `profile` and `groups` are known.

        Raises AccountGone, Contended, TooManyAttempts or AccountsUnavailable; what was done before
        that stays.
        """
        if profile is None:
            self.open(member, trace)
        if profile is None or profile.confirmed_at is None:
            self._confirm(member, trace)
        if USERS not in groups:
            self.membership.join(USERS, member.account.known_as)

    def _confirm(self, member: Member, trace: Trace) -> None:
        """Reserve the first proposal that is free, with which the user is confirmed."""
        now = self.clock()
        user_id = member.account.user_id
        for username in proposals(member.preferred_username, member.given_name):
            event = self.announce.confirmed(user_id, now, trace)
            try:
                if self.users.confirm(user_id, username, now, event):
                    count("UserConfirmed")
            except UsernameTaken:
                continue
            return
        raise Contended
