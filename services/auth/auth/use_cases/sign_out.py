"""Sign out: end every session of a user, on all their devices."""

from dataclasses import dataclass

from auth.domain.account import Account
from auth.ports import SessionClient
from matinee.observability import count


@dataclass(frozen=True, slots=True)
class SignOut:
    """The use case of signing out."""

    user_pool: SessionClient

    def sign_out(self, account: Account) -> None:
        """Revoke all tokens of a user. Idempotent. Raises TooManyAttempts or AccountsUnavailable.

        Where access tokens are verified without the pool they stay valid for up to an hour.
        """
        self.user_pool.sign_out(account.cognito_username)
        count("UserSignedOut")
