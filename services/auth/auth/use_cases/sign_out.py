"""How people stay in and go out: new tokens for a refresh token, and the end of all sessions."""

from dataclasses import dataclass

from auth.domain.account import Account, Session
from auth.ports import UserPool
from matinee.observability import count


@dataclass(frozen=True, slots=True)
class Sessions:
    """The use cases of who is in."""

    user_pool: UserPool

    def refresh(self, refresh_token: str) -> Session:
        """Return new tokens.

        Raises SessionExpired, PasswordResetRequired, TooManyAttempts or AccountsUnavailable.
        """
        session = self.user_pool.refresh(refresh_token)
        count("SessionRefreshed")
        return session

    def sign_out(self, account: Account) -> None:
        """End every session of a user, on all his devices. Doing it again changes nothing.

        Access tokens stay good where they are verified without asking the pool: up to an hour.
        Raises TooManyAttempts or AccountsUnavailable.
        """
        self.user_pool.sign_out(account.known_as)
        count("UserSignedOut")
