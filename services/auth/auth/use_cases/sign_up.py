"""How people come in: register, verify, sign in.

Registering and confirming write to two systems that share no transaction. Once the pool knows a
user nothing of what follows is told as a failure: `auth.use_cases.provision_user` mends it, at the latest when he
signs in, which is the one thing that everybody does next.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from auth.adapters.dynamodb.rate_limiter import SEND_CODE, SIGN_IN, VERIFY, Guard
from auth.domain.account import USERS, Account, Profile, Session, Username, password_weaknesses
from auth.domain.errors import (
    AccountGone,
    AddressRefused,
    InvalidCredentials,
    InvalidVerificationCode,
    UsernameTaken,
    WeakPassword,
)
from auth.ports import Member, SignUpRefused, UserPool, Users
from auth.use_cases.provision_user import Completion
from matinee.clock import Clock, utc_now
from matinee.errors import RateLimited, Unavailable
from matinee.events.envelope import Trace
from matinee.observability import count, logger

PASSING = (RateLimited, Unavailable)


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request comes from: its IP address, and the thread that it begins."""

    source: str
    trace: Trace


@dataclass(frozen=True, slots=True)
class Login:
    """What somebody typed to say who he is: an address or a username."""

    email: str | None = None
    username: Username | None = None

    @property
    def key(self) -> str:
        """What his attempts are counted by. No username has an @."""
        return self.email or (self.username.key if self.username else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The use cases of who comes in. `nobody` answers an id that no user has."""

    user_pool: UserPool
    users: Users
    completion: Completion
    guard: Guard
    clock: Clock = utc_now
    nobody: Callable[[], object] = uuid4

    def register(self, email: str, password: str, username: str | None, caller: Caller) -> Account:
        """Open an account.

        Raises EmailAlreadyRegistered, UsernameTaken, WeakPassword, AddressRefused, CodeNotSent,
        TooManyAttempts or AccountsUnavailable. Once the pool knows the user nothing more is raised.
        """
        require_strength(password)
        self._require_free(username)
        try:
            opening = self.user_pool.register(email, password, username)
        except SignUpRefused:
            self._require_free(username)
            raise AddressRefused from None
        count("UserRegistered")
        member = Member(opening.account, preferred_username=username)
        try:
            if opening.confirmed:
                self.completion.complete(member, caller.trace)
            else:
                self.completion.open(member, caller.trace)
        except PASSING:
            left_incomplete(opening.account)
        return opening.account

    def verify(self, email: str, code: str, caller: Caller) -> None:
        """Confirm an account by the code that was sent to its address.

        Raises InvalidVerificationCode, VerificationCodeExpired, EmailAlreadyRegistered,
        TooManyAttempts or AccountsUnavailable.
        """
        self.guard.admit(VERIFY, email, caller.source)
        self.user_pool.verify(email, code)
        count("UserVerified")
        self.guard.forgive(VERIFY, email, caller.source)
        try:
            self.completion.complete(self.user_pool.find(email), caller.trace)
        except AccountGone:
            raise InvalidVerificationCode from None
        except PASSING:
            left_incomplete(None)

    def send_code(self, email: str, caller: Caller) -> None:
        """Send a new code to whoever waits for one; nobody is told whether anybody does.

        Raises TooManyAttempts or AccountsUnavailable.
        """
        self.guard.admit(SEND_CODE, email, caller.source)
        self.user_pool.send_code(email)
        count("CodeRequested")

    def sign_in(self, login: Login, password: str, caller: Caller) -> Session:
        """Sign a user in and complete him.

        Raises InvalidCredentials, UserNotConfirmed, PasswordResetRequired, FurtherStepRequired,
        TooManyAttempts or AccountsUnavailable. A profile that cannot be written now keeps nobody
        out; a missing group does, since nothing would let him in with tokens that do not name it.
        """
        self.guard.admit(SIGN_IN, login.key, caller.source)
        user = login.email or self._user_called(login.username)
        session = self.user_pool.authenticate(user, password)
        self.guard.forgive(SIGN_IN, login.key, caller.source)
        may_enter = USERS in session.groups
        try:
            self._welcome(session, caller.trace)
        except AccountGone:
            raise InvalidCredentials from None
        except PASSING:
            if not may_enter:
                raise
            left_incomplete(session.account)
        if not may_enter:
            session = self.user_pool.authenticate(user, password)
        count("UserSignedIn")
        return session

    def _welcome(self, session: Session, trace: Trace) -> None:
        """Note the sign-in, and make what is missing: usually one write to one table."""
        profile = self.users.greet(session.account, self.clock())
        member = Member(session.account, session.preferred_username, session.given_name)
        self.completion.complete(member, trace, profile=profile, groups=session.groups)
        self._tell_name(session, profile)

    def _tell_name(self, session: Session, profile: Profile | None) -> None:
        """Let the next tokens carry the username, if these do not."""
        username = profile.username if profile else None
        if username and username.written != session.preferred_username:
            self.completion.membership.name(session.account.known_as, username.written)

    def _user_called(self, username: Username | None) -> str:
        """Return whom a username means: for an unknown one an id that nobody has."""
        if username is None:
            raise InvalidCredentials
        return self.users.owner_of(username) or str(self.nobody())

    def _require_free(self, username: str | None) -> None:
        if username and self.users.owner_of(Username(username)):
            raise UsernameTaken


def require_strength(password: str) -> None:
    """Raise WeakPassword, naming the rules that a password breaks, before the pool is asked."""
    weaknesses = password_weaknesses(password)
    if weaknesses:
        raise WeakPassword(fields={"password": f"needs {', '.join(weaknesses)}"})


def left_incomplete(account: Account | None) -> None:
    """Note that a user lacks something, which his next sign-in makes."""
    logger.warning("user_left_incomplete", extra={"user_id": account.user_id if account else None})
    count("UserLeftIncomplete")
