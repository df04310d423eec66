"""How people come in: register, verify, sign in.

A user is complete who is in the group "Users" and has a profile. Registering does three or four
writes to two systems that share no transaction, so it may be cut short between any two of them.
Each write changes nothing when repeated, registering survives the failure of all but the first,
and signing in does whatever is missing: it is the one thing that everybody does next.
"""

from dataclasses import dataclass

from auth.domain import USERS, Account, Profile, Session, password_weaknesses
from auth.errors import UserNotConfirmed, WeakPassword
from auth.ports import Profiles, UserPool
from matinee.clock import Clock, utc_now
from matinee.errors import RateLimited, Unavailable
from matinee.observability import count, logger

_PASSING = (RateLimited, Unavailable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The use cases of accounts.

    With `auto_confirm` nobody needs a code: for development, where no mail is sent.
    """

    user_pool: UserPool
    profiles: Profiles
    auto_confirm: bool = False
    clock: Clock = utc_now

    def register(self, email: str, password: str, username: str | None = None) -> Account:
        """Open an account.

        Raises EmailAlreadyRegistered, WeakPassword, AddressRefused, CodeNotSent, TooManyAttempts
        or AccountsUnavailable. Once the pool knows the user nothing more is raised.
        """
        weaknesses = password_weaknesses(password)
        if weaknesses:
            raise WeakPassword(fields={"password": f"needs {', '.join(weaknesses)}"})
        account = self.user_pool.register(email, password, username)
        count("UserRegistered")
        try:
            if self.auto_confirm:
                self.user_pool.confirm(account.user_id)
            self.complete_user(account)
        except _PASSING:
            self._left_incomplete(account)
        return account

    def verify(self, email: str, code: str) -> None:
        """Confirm an account by the code that was sent to its address.

        Raises InvalidVerificationCode, VerificationCodeExpired, EmailAlreadyRegistered,
        TooManyAttempts or AccountsUnavailable.
        """
        self.user_pool.verify(email, code)
        count("UserVerified")

    def sign_in(self, email: str, password: str) -> Session:
        """Sign a user in and complete him.

        Raises InvalidCredentials, UserNotConfirmed, PasswordResetRequired, FurtherStepRequired,
        TooManyAttempts or AccountsUnavailable. A profile that cannot be written now keeps nobody
        out; a missing group does, since nothing would let him in with tokens that do not name it.
        """
        session = self._authenticate(email, password)
        may_enter = USERS in session.groups
        try:
            self.complete_user(session.account, session.groups)
        except _PASSING:
            if not may_enter:
                raise
            self._left_incomplete(session.account)
        if not may_enter:
            session = self.user_pool.authenticate(email, password)
        count("UserSignedIn")
        return session

    def complete_user(self, account: Account, groups: frozenset[str] = frozenset()) -> None:
        """Make whatever a user lacks; he is known to be in `groups`.

        Raises TooManyAttempts or AccountsUnavailable; what was done before that stays.
        """
        if self.profiles.create(Profile(account, self.clock())):
            count("ProfileCreated")
        if USERS not in groups:
            self.user_pool.join(USERS, account.user_id)

    def _authenticate(self, email: str, password: str) -> Session:
        try:
            return self.user_pool.authenticate(email, password)
        except UserNotConfirmed:
            if not self.auto_confirm:
                raise
            self.user_pool.confirm(email)
            return self.user_pool.authenticate(email, password)

    @staticmethod
    def _left_incomplete(account: Account) -> None:
        logger.warning("user_left_incomplete", extra={"user_id": account.user_id})
        count("UserLeftIncomplete")
