"""Refresh a session: new tokens for a refresh token."""

from dataclasses import dataclass

from auth.domain.session import Session
from auth.ports import SessionClient
from matinee.observability import count


@dataclass(frozen=True, slots=True)
class RefreshSession:
    """The use case of new tokens."""

    user_pool: SessionClient

    def refresh(self, refresh_token: str) -> Session:
        """Return new tokens.

        Raises SessionExpired, PasswordResetRequired, TooManyAttempts or AccountsUnavailable.
        """
        session = self.user_pool.refresh(refresh_token)
        count("SessionRefreshed")
        return session
