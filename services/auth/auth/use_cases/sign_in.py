"""Sign in by address or username, and complete the user where something is missing."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from auth.domain.account import Profile
from auth.domain.errors import TRANSIENT_ERRORS, AccountGone, InvalidCredentials
from auth.domain.rate_limits import SIGN_IN
from auth.domain.session import Session
from auth.domain.username import Username
from auth.ports import Caller, RateLimiter, SessionClient, Usernames, Users
from auth.use_cases.provision_user import UserProvisioning, report_incomplete
from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count
from matinee.principal import USERS


@dataclass(frozen=True, slots=True)
class Login:
    """The identifier that a user typed: an address or a username."""

    email: str | None = None
    username: Username | None = None

    @property
    def key(self) -> str:
        """The identifier by which attempts are counted. No username contains an @."""
        return self.email or (self.username.key if self.username else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """The use case of signing in. `unknown_id` returns an id that no user has."""

    user_pool: SessionClient
    users: Users
    usernames: Usernames
    provisioning: UserProvisioning
    rate_limiter: RateLimiter
    clock: Clock = utc_now
    unknown_id: Callable[[], object] = uuid4

    def sign_in(self, login: Login, password: str, caller: Caller) -> Session:
        """Sign a user in and complete them.

        Raises InvalidCredentials, UserNotConfirmed, PasswordResetRequired, FurtherStepRequired,
        TooManyAttempts or AccountsUnavailable. A profile that cannot be written now does not
        prevent the sign-in; a missing group does, because tokens without it open nothing.
        """
        self.rate_limiter.check(SIGN_IN, login.key, caller.source)
        user = login.email or self._user_id(login.username)
        session = self.user_pool.authenticate(user, password)
        self.rate_limiter.refund(SIGN_IN, login.key, caller.source)
        has_group = USERS in session.groups
        try:
            self._complete(session, caller.trace)
        except AccountGone:
            raise InvalidCredentials from None
        except TRANSIENT_ERRORS:
            if not has_group:
                raise
            report_incomplete(session.account)
        if not has_group:  # tokens name the groups of the moment when they were issued
            session = self.user_pool.authenticate(user, password)
        count("UserSignedIn")
        return session

    def _complete(self, session: Session, trace: Trace) -> None:
        """Record the sign-in and create what is missing: usually one write to one table."""
        profile = self.users.record_login(session.account, self.clock())
        self.provisioning.provision(session.user, trace, profile=profile, groups=session.groups)
        self._sync_username_claim(session, profile)

    def _sync_username_claim(self, session: Session, profile: Profile | None) -> None:
        """Set the username in the pool, for the next tokens, if these tokens do not carry it."""
        username = profile.username if profile else None
        if username and username.display != session.preferred_username:
            self.provisioning.membership.set_username(
                session.account.cognito_username, username.display
            )

    def _user_id(self, username: Username | None) -> str:
        """Return the owner of a username; for an unknown one an id that no user has."""
        if username is None:
            raise InvalidCredentials
        return self.usernames.find_owner(username) or str(self.unknown_id())
