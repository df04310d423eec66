"""Change a forgotten password: send a code, and set a new password by it."""

from dataclasses import dataclass

from auth.domain.errors import (
    TRANSIENT_ERRORS,
    InvalidCredentials,
    InvalidResetCode,
    UserNotConfirmed,
)
from auth.domain.password import require_strong_password
from auth.domain.rate_limits import RESET, SEND_CODE
from auth.ports import Caller, PasswordClient, RateLimiter, SessionClient
from auth.use_cases.recover_request import RequestRecovery
from matinee.observability import count, logger


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword:
    """The use cases of a forgotten password."""

    passwords: PasswordClient
    sessions: SessionClient
    rate_limiter: RateLimiter
    recovery: RequestRecovery

    def send_code(self, email: str, caller: Caller) -> None:
        """Send a code if the address has an account; the caller does not learn whether it has.

        Raises TooManyAttempts or AccountsUnavailable.
        """
        self.rate_limiter.check(SEND_CODE, email, caller.source)
        self.passwords.send_reset_code(email)
        count("PasswordResetRequested")

    def reset(self, email: str, code: str, password: str, caller: Caller) -> None:
        """Set a new password and end the sessions that began with the old one.

        Raises WeakPassword, InvalidResetCode, TooManyAttempts or AccountsUnavailable.
        """
        require_strong_password(password)
        self.rate_limiter.check(RESET, email, caller.source)
        self.recovery.carry_out(
            ("reset", email, code, password),
            lambda: self._reset(email, code, password),
            lambda _: self._is_reset(email, password),
            (InvalidResetCode,),
        )
        count("PasswordReset")
        self.rate_limiter.refund(RESET, email, caller.source)
        try:
            self.sessions.sign_out(email)
        except TRANSIENT_ERRORS:
            logger.warning("sessions_not_ended")
            count("SessionsNotEnded")

    def _reset(self, email: str, code: str, password: str) -> bool:
        self.passwords.reset_password(email, code, password)
        return True

    def _is_reset(self, email: str, password: str) -> bool | None:
        try:
            self.sessions.authenticate(email, password)
        except (InvalidCredentials, UserNotConfirmed):
            return None
        return True
