"""Usernames: whether one is free, and taking one in place of another."""

from dataclasses import dataclass

from auth.domain.account import Account, Username
from auth.domain.errors import AccountGone, Contended
from auth.ports import Membership, Users
from auth.use_cases.sign_up import PASSING
from matinee.clock import Clock, utc_now
from matinee.observability import count, logger

_RACES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """The use cases of usernames."""

    users: Users
    membership: Membership
    clock: Clock = utc_now

    def is_free(self, username: Username) -> bool:
        """Return whether nobody has a username, as of now. Raises AccountsUnavailable."""
        return self.users.owner_of(username) is None

    def take(self, account: Account, username: Username) -> None:
        """Give a user a username; the one he had is free from the same moment on.

        Raises UsernameTaken, AccountGone, Contended, or AccountsUnavailable. The tokens of his next
        sign-in carry it.
        """
        self._rename(account, username)
        count("UsernameChanged")
        try:
            self.membership.name(account.known_as, username.written)
        except PASSING:  # the next sign-in does it
            logger.warning("username_not_told", extra={"user_id": account.user_id})

    def _rename(self, account: Account, username: Username) -> None:
        for _ in range(_RACES):
            profile = self.users.find(account.user_id)
            if profile is None:
                raise AccountGone
            if profile.username == username:
                return
            try:
                self.users.rename(profile, username, self.clock())
            except Contended:
                continue
            return
        raise Contended
