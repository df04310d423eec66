"""Sign up: register an account, verify its address, and send the verification code again.

Registering and verifying write to two systems that share no transaction. Once the pool knows a
user, a later failure is not reported to the client: the user's next sign-in completes them
(`auth.use_cases.provision_user`).
"""

from dataclasses import dataclass

from auth.domain.account import Account, PoolUser
from auth.domain.errors import (
    TRANSIENT_ERRORS,
    AccountGone,
    AddressRefused,
    InvalidVerificationCode,
    UsernameTaken,
)
from auth.domain.password import require_strong_password
from auth.domain.rate_limits import SEND_CODE, VERIFY
from auth.domain.username import Username
from auth.ports import Caller, RateLimiter, SignUpClient, SignUpRefused, Usernames
from auth.use_cases.provision_user import UserProvisioning, report_incomplete
from matinee.observability import count


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """The use cases of a new account."""

    user_pool: SignUpClient
    usernames: Usernames
    provisioning: UserProvisioning
    rate_limiter: RateLimiter

    def register(self, email: str, password: str, username: str | None, caller: Caller) -> Account:
        """Create an account.

        Raises EmailAlreadyRegistered, UsernameTaken, WeakPassword, AddressRefused, CodeNotSent,
        TooManyAttempts or AccountsUnavailable; nothing once the pool knows the user.
        """
        require_strong_password(password)
        self._require_available(username)
        try:
            result = self.user_pool.register(email, password, username)
        except SignUpRefused:
            self._require_available(username)
            raise AddressRefused from None
        count("UserRegistered")
        user = PoolUser(result.account, preferred_username=username)
        try:
            if result.confirmed:
                self.provisioning.provision(user, caller.trace)
            else:
                self.provisioning.create_profile(user, caller.trace)
        except TRANSIENT_ERRORS:
            report_incomplete(result.account)
        return result.account

    def verify(self, email: str, code: str, caller: Caller) -> None:
        """Confirm an account by the code that was sent to its address.

        Raises InvalidVerificationCode, VerificationCodeExpired, EmailAlreadyRegistered,
        TooManyAttempts or AccountsUnavailable.
        """
        self.rate_limiter.check(VERIFY, email, caller.source)
        self.user_pool.verify(email, code)
        count("UserVerified")
        self.rate_limiter.refund(VERIFY, email, caller.source)
        try:
            self.provisioning.provision(self.user_pool.find_user(email), caller.trace)
        except AccountGone:
            raise InvalidVerificationCode from None
        except TRANSIENT_ERRORS:
            report_incomplete(None)

    def resend_code(self, email: str, caller: Caller) -> None:
        """Send a new code if the address waits for one; the caller does not learn whether it does.

        Raises TooManyAttempts or AccountsUnavailable.
        """
        self.rate_limiter.check(SEND_CODE, email, caller.source)
        self.user_pool.resend_code(email)
        count("CodeRequested")

    def _require_available(self, username: str | None) -> None:
        if username and self.usernames.find_owner(Username(username)):
            raise UsernameTaken
