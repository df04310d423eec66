"""Change a username, and check whether one is available."""

from dataclasses import dataclass

from auth.domain.account import Account
from auth.domain.errors import TRANSIENT_ERRORS, AccountGone, WriteConflict
from auth.domain.username import Username
from auth.ports import Membership, Usernames, Users
from matinee.clock import Clock, utc_now
from matinee.observability import count, logger
from matinee.retry import Backoff, OptimisticRetry

_RETRY = OptimisticRetry(
    conflict=WriteConflict, exhausted=WriteConflict, backoff=Backoff(attempts=3, initial=0)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeUsername:
    """The use cases of usernames."""

    users: Users
    usernames: Usernames
    membership: Membership
    clock: Clock = utc_now

    def is_available(self, username: Username) -> bool:
        """Return whether a username belongs to nobody now. Raises AccountsUnavailable."""
        return self.usernames.find_owner(username) is None

    def change(self, account: Account, username: Username) -> None:
        """Give a user a username; their former one is available from the same moment on.

        Raises UsernameTaken, AccountGone, WriteConflict, or AccountsUnavailable. The tokens of the
        next sign-in carry it.
        """
        _RETRY(lambda: self._change(account, username))
        count("UsernameChanged")
        try:
            self.membership.set_username(account.cognito_username, username.display)
        except TRANSIENT_ERRORS:  # the next sign-in sets it
            logger.warning("username_claim_not_synced", extra={"user_id": account.user_id})

    def _change(self, account: Account, username: Username) -> None:
        profile = self.users.find(account.user_id)
        if profile is None:
            raise AccountGone
        if profile.username != username:
            self.usernames.change(profile, username, self.clock())
