"""Sign up: register an account, verify its address, and send the verification code again.

Registering and verifying write to two systems that share no transaction. Once the pool knows a
user, a later failure is not reported to the client: the user's next sign-in completes them
(`auth.use_cases.provision_user`).
"""

from dataclasses import dataclass
from datetime import datetime

from auth.domain.account import Account, PoolUser, SignUpResult
from auth.domain.errors import (
    TRANSIENT_ERRORS,
    AccountGone,
    EmailAlreadyRegistered,
    InvalidVerificationCode,
    UsernameTaken,
    VerificationCodeExpired,
)
from auth.domain.password import require_strong_password
from auth.domain.rate_limits import SEND_CODE, SIGN_UP, VERIFY
from auth.domain.username import Username
from auth.ports import Caller, RateLimiter, SignUpClient, Usernames
from auth.use_cases.provision_user import UserProvisioning, report_incomplete
from auth.use_cases.recover_request import RequestRecovery
from matinee.observability import count


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """The use cases of a new account."""

    user_pool: SignUpClient
    usernames: Usernames
    provisioning: UserProvisioning
    rate_limiter: RateLimiter
    recovery: RequestRecovery

    def register(self, email: str, password: str, username: str | None, caller: Caller) -> Account:
        """Create an account; the same request again within minutes returns the same account.

        Raises EmailAlreadyRegistered, UsernameTaken, WeakPassword, AddressRefused, CodeNotSent,
        TooManyAttempts or AccountsUnavailable; nothing once the pool knows the user.
        """
        require_strong_password(password)
        result = self.recovery.carry_out(
            ("signup", email, password),
            lambda: self._register(email, password, username, caller),
            lambda since: self._registered_since(email, since),
            (EmailAlreadyRegistered, UsernameTaken),
        )
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
        self.recovery.carry_out(
            ("verify", email, code),
            lambda: self._verify(email, code, caller),
            lambda since: self._verified_since(email, since),
            (InvalidVerificationCode, VerificationCodeExpired),
        )
        count("UserVerified")
        self.rate_limiter.refund(VERIFY, email, caller.source)
        try:
            if registration := self.user_pool.find(email):
                self.provisioning.provision(registration.user, caller.trace)
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

    def _register(
        self, email: str, password: str, username: str | None, caller: Caller
    ) -> SignUpResult:
        try:
            self._require_available(username)
            return self.user_pool.register(email, password, username, caller.trace)
        except (EmailAlreadyRegistered, UsernameTaken):
            self.rate_limiter.check(SIGN_UP, email, caller.source)
            raise

    def _verify(self, email: str, code: str, caller: Caller) -> bool:
        self.user_pool.verify(email, code, caller.trace)
        return True

    def _verified_since(self, email: str, since: datetime) -> bool | None:
        found = self.user_pool.find(email)
        return (found is not None and found.confirmed and found.modified_at >= since) or None

    def _registered_since(self, email: str, since: datetime) -> SignUpResult | None:
        found = self.user_pool.find(email)
        if found is None or found.created_at < since:
            return None
        return SignUpResult(found.user.account, found.confirmed)

    def _require_available(self, username: str | None) -> None:
        if username and self.usernames.find_owner(Username(username)):
            raise UsernameTaken
