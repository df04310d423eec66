"""A user pool, the tables and the counters in memory. Each write is a step to stop at."""

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from auth.adapters.dynamodb.hashed_keys import Pseudonyms
from auth.adapters.dynamodb.rate_limiter import Guard
from auth.domain.account import Account, Departure, Profile, Session, Username
from auth.domain.errors import (
    AccountGone,
    Contended,
    EmailAlreadyRegistered,
    InvalidCredentials,
    InvalidResetCode,
    InvalidVerificationCode,
    SessionExpired,
    UsernameTaken,
    UserNotConfirmed,
)
from auth.ports import Member, Opening
from auth.use_cases.change_password import Passwords
from auth.use_cases.change_username import Naming
from auth.use_cases.delete_account import Deletion
from auth.use_cases.provision_user import Completion
from auth.use_cases.sign_out import Sessions
from auth.use_cases.sign_up import Accounts, Caller
from auth.use_cases.user_pool_triggers import Triggers
from matinee.errors import Unavailable
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace

CODE = "123456"
RESET_CODE = "654321"
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
TRACE = Trace("correlation-1")
CALLER = Caller("203.0.113.7", TRACE)


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

    def begin_again(self, stop_at: int = 0, *, after: bool = False) -> None:
        self.taken, self.stop_at, self.after = 0, stop_at, after


@dataclass
class User:
    user_id: str
    email: str
    password: str
    username: str | None = None
    given_name: str | None = None
    pool_name: str | None = None
    confirmed: bool = False
    enabled: bool = True
    reset_code: str | None = None
    groups: set[str] = field(default_factory=set)
    refresh_tokens: set[str] = field(default_factory=set)


class FakeUserPool:
    """Behaves as Cognito does: a token names the groups of the moment when it was made."""

    def __init__(self, steps: Steps | None = None, *, auto_confirm: bool = False) -> None:
        self.users: dict[str, User] = {}
        self.steps = steps or Steps()
        self.auto_confirm = auto_confirm
        self.sessions = 0
        self.codes_sent: list[str] = []
        self.asked: list[str] = []
        self._ids = itertools.count(1)

    def __contains__(self, email: str) -> bool:
        return email in self.users

    def __len__(self) -> int:
        return len(self.users)

    def register(self, email: str, password: str, username: str | None) -> Opening:
        if email in self.users:
            raise EmailAlreadyRegistered
        self.steps.before_write()
        user = User(f"sub-{next(self._ids)}", email, password, username)
        user.confirmed = self.auto_confirm
        self.users[email] = user
        self.steps.after_write()
        return Opening(Account(user.user_id, email), user.confirmed)

    def arrive_from_google(self, email: str, given_name: str | None = None) -> User:
        user = User(f"sub-{next(self._ids)}", email, "", given_name=given_name, confirmed=True)
        user.pool_name = f"Google_{len(self.users)}"
        self.users[f"google:{email}"] = user
        return user

    def verify(self, email: str, code: str) -> None:
        if email not in self.users or code != CODE:
            raise InvalidVerificationCode
        self.steps.before_write()
        self.users[email].confirmed = True
        self.steps.after_write()

    def send_code(self, email: str) -> None:
        if email in self.users and not self.users[email].confirmed:
            self.codes_sent.append(email)

    def find(self, user: str) -> Member:
        return self.member(self._named(user))

    def member(self, user: User) -> Member:
        account = Account(user.user_id, user.email, user.pool_name)
        return Member(account, user.username, user.given_name)

    def authenticate(self, user: str, password: str) -> Session:
        self.asked.append(user)
        known = next((one for one in self.users.values() if user in (one.email, one.user_id)), None)
        if known is None or known.password != password or not known.enabled:
            raise InvalidCredentials
        if not known.confirmed:
            raise UserNotConfirmed
        return self._session(known)

    def refresh(self, refresh_token: str) -> Session:
        for user in self.users.values():
            if refresh_token in user.refresh_tokens and user.enabled:
                return replace(self._session(user), refresh_token=refresh_token)
        raise SessionExpired

    def send_reset_code(self, email: str) -> None:
        if email in self.users and self.users[email].confirmed:
            self.users[email].reset_code = RESET_CODE
            self.codes_sent.append(email)

    def reset_password(self, email: str, code: str, password: str) -> None:
        user = self.users.get(email)
        if user is None or user.reset_code != code:
            raise InvalidResetCode
        user.password, user.reset_code = password, None

    def sign_out(self, user: str) -> None:
        for known in self._all_named(user):
            known.refresh_tokens.clear()

    def join(self, group: str, user: str) -> None:
        self.steps.before_write()
        self._named(user).groups.add(group)
        self.steps.after_write()

    def name(self, user: str, username: str) -> None:
        self._named(user).username = username

    def bar(self, user: str) -> None:
        self.steps.before_write()
        for known in self._all_named(user):
            known.enabled = False
            known.refresh_tokens.clear()
        self.steps.after_write()

    def remove(self, user: str) -> None:
        self.steps.before_write()
        gone = [known.user_id for known in self._all_named(user)]
        self.users = {key: one for key, one in self.users.items() if one.user_id not in gone}
        self.steps.after_write()

    def _session(self, user: User) -> Session:
        self.sessions += 1
        user.refresh_tokens.add(f"refresh-{self.sessions}")
        return Session(
            account=Account(user.user_id, user.email, user.pool_name),
            groups=frozenset(user.groups),
            access_token=f"access-{self.sessions}",
            id_token=f"id-{self.sessions}",
            refresh_token=f"refresh-{self.sessions}",
            preferred_username=user.username,
            given_name=user.given_name,
        )

    def _all_named(self, user: str) -> list[User]:
        return [
            known
            for known in self.users.values()
            if user in (known.pool_name or known.user_id, known.email)
        ]

    def _named(self, user: str) -> User:
        return self._all_named(user)[0]


class FakeTables:
    """Profiles, usernames, departures and the outbox: each write is one commit."""

    def __init__(self, steps: Steps | None = None) -> None:
        self.profiles: dict[str, Profile] = {}
        self.usernames: dict[str, str] = {}
        self.departures: dict[str, Departure] = {}
        self.left: set[str] = set()
        self.outbox: list[Envelope[Contract]] = []
        self.steps = steps or Steps()

    @property
    def told(self) -> list[tuple[str, str]]:
        """The events, in order: what and of whom."""
        return [
            (event.metadata.event_type, str(event.data.model_dump()["user_id"]))
            for event in self.outbox
        ]

    def __contains__(self, user_id: str) -> bool:
        return user_id in self.profiles

    def find(self, user_id: str) -> Profile | None:
        self._require_stays(user_id)
        return self.profiles.get(user_id)

    def greet(self, account: Account, at: datetime) -> Profile | None:
        self._require_stays(account.user_id)
        profile = self.profiles.get(account.user_id)
        if profile is None:
            return None
        self.steps.before_write()
        self.profiles[account.user_id] = replace(profile, last_login_at=at)
        self.steps.after_write()
        return self.profiles[account.user_id]

    def open(self, account: Account, at: datetime, event: Envelope[Contract]) -> bool:
        user_id = account.user_id
        if user_id in self.profiles or user_id in self.departures or user_id in self.left:
            return False
        self.steps.before_write()
        self.profiles[user_id] = Profile(account, at)
        self.outbox.append(event)
        self.steps.after_write()
        return True

    def confirm(
        self, user_id: str, username: Username, at: datetime, event: Envelope[Contract]
    ) -> bool:
        self._require_stays(user_id)
        profile = self.profiles[user_id]
        if profile.confirmed_at:
            return False
        self._require_free(username, user_id)
        self.steps.before_write()
        self.usernames[username.key] = user_id
        self.profiles[user_id] = replace(profile, username=username, confirmed_at=at)
        self.outbox.append(event)
        self.steps.after_write()
        return True

    def owner_of(self, username: Username) -> str | None:
        return self.usernames.get(username.key)

    def rename(self, profile: Profile, username: Username, at: datetime) -> None:  # noqa: ARG002
        user_id = profile.account.user_id
        self._require_stays(user_id)
        self._require_free(username, user_id)
        current = self.profiles[user_id]
        if current.username != profile.username:
            raise Contended
        self.steps.before_write()
        if current.username:
            del self.usernames[current.username.key]
        self.usernames[username.key] = user_id
        self.profiles[user_id] = replace(current, username=username)
        self.steps.after_write()

    def begin(self, account: Account, at: datetime) -> Departure | None:
        if account.user_id in self.left:
            return None
        self.steps.before_write()
        profile = self.profiles.get(account.user_id)
        departure = Departure(account, at, profile.username if profile else None)
        begun = self.departures.setdefault(account.user_id, departure)
        self.steps.after_write()
        return begun

    def erase(self, departure: Departure, at: datetime, event: Envelope[Contract]) -> None:  # noqa: ARG002
        user_id = departure.account.user_id
        if self.departures[user_id].erased:
            return
        self.steps.before_write()
        self.profiles.pop(user_id, None)
        if departure.username:
            self.usernames.pop(departure.username.key, None)
        self.departures[user_id] = replace(departure, username=None, erased=True)
        self.outbox.append(event)
        self.steps.after_write()

    def finish(self, departure: Departure, at: datetime) -> None:  # noqa: ARG002
        self.steps.before_write()
        self.departures.pop(departure.account.user_id, None)
        self.left.add(departure.account.user_id)
        self.steps.after_write()

    def unfinished(self, before: datetime) -> Iterable[Departure]:
        return [one for one in self.departures.values() if one.since < before]

    def _require_stays(self, user_id: str) -> None:
        if user_id in self.departures or user_id in self.left:
            raise AccountGone

    def _require_free(self, username: Username, user_id: str) -> None:
        if self.usernames.get(username.key, user_id) != user_id:
            raise UsernameTaken


class FakeAttempts:
    """Counters that may be out of order."""

    def __init__(self) -> None:
        self.taken: dict[str, int] = {}
        self.broken = False

    def take(self, key: str, limit: int, window: timedelta, now: datetime) -> timedelta | None:
        self._require_order()
        key, wait = self._windowed(key, window, now)
        if self.taken.get(key, 0) >= limit:
            return wait
        self.taken[key] = self.taken.get(key, 0) + 1
        return None

    def give_back(self, key: str, window: timedelta, now: datetime) -> None:
        self._require_order()
        self.taken[self._windowed(key, window, now)[0]] -= 1

    def _windowed(self, key: str, window: timedelta, now: datetime) -> tuple[str, timedelta]:
        past = now.timestamp() % window.total_seconds()
        return f"{key}#{now.timestamp() - past}", window - timedelta(seconds=past)

    def _require_order(self) -> None:
        if self.broken:
            raise Unavailable


class World:
    """All use cases of accounts over their fakes, at a time that a test sets."""

    def __init__(self, *, auto_confirm: bool = False, steps: Steps | None = None) -> None:
        self.steps = steps or Steps()
        self.pool = FakeUserPool(self.steps, auto_confirm=auto_confirm)
        self.tables = FakeTables(self.steps)
        self.attempts = FakeAttempts()
        self.now = NOON
        clock = self._clock
        self.completion = Completion(users=self.tables, membership=self.pool, clock=clock)
        self.guard = Guard(self.attempts, Pseudonyms(lambda: "key"), clock)
        self.accounts = Accounts(
            user_pool=self.pool,
            users=self.tables,
            completion=self.completion,
            guard=self.guard,
            clock=clock,
        )
        self.sessions = Sessions(self.pool)
        self.passwords = Passwords(self.pool, self.guard)
        self.naming = Naming(users=self.tables, membership=self.pool, clock=clock)
        self.deletion = Deletion(departures=self.tables, exit=self.pool, clock=clock)
        self.triggers = Triggers(
            users=self.tables,
            completion_in=lambda _: self.completion,
            auto_confirm=auto_confirm,
            clock=clock,
        )

    def _clock(self) -> datetime:
        return self.now

    def profile(self, user_id: str) -> Profile:
        return self.tables.profiles[user_id]

    def is_complete(self, email: str) -> bool:
        user = self.pool.users[email]
        profile = self.tables.profiles.get(user.user_id)
        return (
            user.confirmed
            and user.groups == {"Users"}
            and profile is not None
            and profile.confirmed_at is not None
            and profile.username is not None
            and self.tables.usernames[profile.username.key] == user.user_id
            and self.tables.told.count(("UserRegistered", user.user_id)) == 1
            and self.tables.told.count(("UserConfirmed", user.user_id)) == 1
        )


def signed_in_as(account: Account) -> Callable[[Mapping[str, Any]], Account]:
    """The offline bypass: takes nobody's token. It is handed to a handler's `build` in unit tests;
    no function that is deployed knows of it.
    """

    def identify(_: Mapping[str, Any]) -> Account:
        return account

    return identify
