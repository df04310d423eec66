"""A user pool and a table of profiles in memory. Each write is a step, at which a test may stop."""

from dataclasses import dataclass, field

from auth.domain import Account, Profile, Session
from auth.errors import (
    EmailAlreadyRegistered,
    InvalidCredentials,
    InvalidVerificationCode,
    UserNotConfirmed,
)

CODE = "123456"


class Crash(BaseException):
    """The process ends here: nothing can catch it."""


@dataclass
class Steps:
    """Counts writes, and ends the process or fails at one of them."""

    stop_at: int = 0
    after: bool = False
    with_: BaseException = field(default_factory=Crash)
    taken: int = 0

    def before_write(self) -> None:
        self.taken += 1
        if self.taken == self.stop_at and not self.after:
            raise self.with_

    def after_write(self) -> None:
        if self.taken == self.stop_at and self.after:
            raise self.with_


@dataclass
class User:
    user_id: str
    password: str
    username: str | None = None
    confirmed: bool = False
    groups: set[str] = field(default_factory=set)


class FakeUserPool:
    """Behaves as Cognito does: a token names the groups of the moment when it was made."""

    def __init__(self, steps: Steps | None = None) -> None:
        self.users: dict[str, User] = {}
        self.steps = steps or Steps()
        self.sessions = 0

    def __contains__(self, email: str) -> bool:
        return email in self.users

    def __len__(self) -> int:
        return len(self.users)

    def register(self, email: str, password: str, username: str | None) -> Account:
        if email in self.users:
            raise EmailAlreadyRegistered
        self.steps.before_write()
        self.users[email] = User(f"sub-{len(self.users) + 1}", password, username)
        self.steps.after_write()
        return Account(self.users[email].user_id, email)

    def verify(self, email: str, code: str) -> None:
        if email not in self.users or code != CODE:
            raise InvalidVerificationCode
        self.users[email].confirmed = True

    def confirm(self, user: str) -> None:
        self.steps.before_write()
        self._named(user).confirmed = True
        self.steps.after_write()

    def join(self, group: str, user_id: str) -> None:
        self.steps.before_write()
        self._named(user_id).groups.add(group)
        self.steps.after_write()

    def authenticate(self, email: str, password: str) -> Session:
        user = self.users.get(email)
        if user is None or user.password != password:
            raise InvalidCredentials
        if not user.confirmed:
            raise UserNotConfirmed
        self.sessions += 1
        return Session(
            account=Account(user.user_id, email),
            groups=frozenset(user.groups),
            access_token=f"access-{self.sessions}",
            id_token=f"id-{self.sessions}",
            refresh_token=f"refresh-{self.sessions}",
        )

    def _named(self, user: str) -> User:
        return next(known for email, known in self.users.items() if user in (email, known.user_id))


class FakeProfiles:
    """Keeps the first profile of each user."""

    def __init__(self, steps: Steps | None = None) -> None:
        self.profiles: dict[str, Profile] = {}
        self.steps = steps or Steps()

    def __contains__(self, user_id: str) -> bool:
        return user_id in self.profiles

    def __len__(self) -> int:
        return len(self.profiles)

    def create(self, profile: Profile) -> bool:
        self.steps.before_write()
        created = self.profiles.setdefault(profile.account.user_id, profile) is profile
        self.steps.after_write()
        return created
