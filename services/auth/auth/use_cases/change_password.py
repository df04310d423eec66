"""How people who have forgotten their password get another one."""

from dataclasses import dataclass

from auth.adapters.dynamodb.rate_limiter import RESET, SEND_CODE, Guard
from auth.ports import UserPool
from auth.use_cases.sign_up import PASSING, Caller, require_strength
from matinee.observability import count, logger


@dataclass(frozen=True, slots=True)
class Passwords:
    """The use cases of a forgotten password."""

    user_pool: UserPool
    guard: Guard

    def forgot(self, email: str, caller: Caller) -> None:
        """Send a code, if the address has an account; nobody is told whether it has.

        Raises TooManyAttempts or AccountsUnavailable.
        """
        self.guard.admit(SEND_CODE, email, caller.source)
        self.user_pool.send_reset_code(email)
        count("PasswordResetRequested")

    def reset(self, email: str, code: str, password: str, caller: Caller) -> None:
        """Set a new password, and end the sessions that the old one began.

        Raises WeakPassword, InvalidResetCode, TooManyAttempts or AccountsUnavailable.
        """
        require_strength(password)
        self.guard.admit(RESET, email, caller.source)
        self.user_pool.reset_password(email, code, password)
        count("PasswordReset")
        self.guard.forgive(RESET, email, caller.source)
        try:
            self.user_pool.sign_out(email)
        except PASSING:
            logger.warning("sessions_not_ended")
            count("SessionsNotEnded")
