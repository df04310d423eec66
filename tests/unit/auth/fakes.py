"""The user pool, the tables and the counters in memory. A test may interrupt any write."""

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from auth.adapters.dynamodb.hashed_keys import KeyHasher
from auth.adapters.dynamodb.request_log import REPEATED_WITHIN
from auth.domain.account import (
    Account,
    AccountDeletion,
    PoolUser,
    Profile,
    Registration,
    SignUpResult,
)
from auth.domain.display_name import PublicProfile
from auth.domain.errors import (
    AccountGone,
    EmailAlreadyRegistered,
    InvalidCredentials,
    InvalidResetCode,
    InvalidVerificationCode,
    SessionExpired,
    UsernameTaken,
    UserNotConfirmed,
    WriteConflict,
)
from auth.domain.session import Session
from auth.domain.username import Username
from auth.events.factory import AuthEventFactory
from auth.ports import Caller
from auth.use_cases.change_password import ChangePassword
from auth.use_cases.change_username import ChangeUsername
from auth.use_cases.create_guest import CreateGuest
from auth.use_cases.delete_account import DeleteAccount
from auth.use_cases.edit_profile import EditProfile
from auth.use_cases.provision_user import UserProvisioning
from auth.use_cases.reconcile_accounts import ReconcileAccounts
from auth.use_cases.recover_request import RequestRecovery
from auth.use_cases.refresh_session import RefreshSession
from auth.use_cases.sign_in import SignIn
from auth.use_cases.sign_out import SignOut
from auth.use_cases.sign_up import SignUp
from auth.use_cases.upgrade_guest import UpgradeGuest
from auth.use_cases.user_pool_triggers import AutoConfirm, UserPoolTriggers
from matinee.clock import Clock
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace
from matinee.rate_limiter import CountingRateLimiter
from tests.fakes.attempts import FakeAttemptCounters

CODE = "123456"
RESET_CODE = "654321"
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
TRACE = Trace("correlation-1")
CALLER = Caller("203.0.113.7", TRACE)


class Crash(BaseException):
    """The process ends here: nothing can catch it."""


@dataclass
class WriteFaults:
    """Counts writes, and raises an error before or after one of them: by default a crash."""

    fail_at: int = 0
    after: bool = False
    error: BaseException = field(default_factory=Crash)
    writes: int = 0

    def before_write(self) -> None:
        self.writes += 1
        if self.writes == self.fail_at and not self.after:
            raise self.error

    def after_write(self) -> None:
        if self.writes == self.fail_at and self.after:
            raise self.error

    def restart(self, fail_at: int = 0, *, after: bool = False) -> None:
        self.writes, self.fail_at, self.after = 0, fail_at, after


@dataclass
class User:
    user_id: str
    email: str
    password: str
    username: str | None = None
    given_name: str | None = None
    federated_username: str | None = None
    confirmed: bool = False
    verified: bool = False
    pending_address: str | None = None
    enabled: bool = True
    reset_code: str | None = None
    created_at: datetime = NOON
    modified_at: datetime = NOON
    groups: set[str] = field(default_factory=set)
    refresh_tokens: set[str] = field(default_factory=set)
    access_tokens: set[str] = field(default_factory=set)


class FakeUserPool:
    """Behaves as Cognito does: a token names the groups at the time of its issue."""

    def __init__(
        self,
        faults: WriteFaults | None = None,
        *,
        auto_confirm: bool = False,
        clock: Clock = lambda: NOON,
    ) -> None:
        self.clock = clock
        self.users: dict[str, User] = {}
        self.faults = faults or WriteFaults()
        self.auto_confirm = auto_confirm
        self.sessions = 0
        self.codes_sent: list[str] = []
        self.traces: list[Trace | None] = []
        self.attempted: list[str] = []
        self._ids = itertools.count(1)

    def __contains__(self, email: str) -> bool:
        return email in self.users

    def __len__(self) -> int:
        return len(self.users)

    def register(
        self, email: str, password: str, username: str | None, trace: Trace | None = None
    ) -> SignUpResult:
        self.traces.append(trace)
        if email in self.users:
            raise EmailAlreadyRegistered
        self.faults.before_write()
        user = User(f"sub-{next(self._ids)}", email, password, username)
        user.created_at = user.modified_at = self.clock()
        user.confirmed = user.verified = self.auto_confirm
        self.users[email] = user
        self.faults.after_write()
        return SignUpResult(Account(user.user_id, email), user.confirmed)

    def create_guest(self, email: str, password: str) -> Account:
        self.faults.before_write()
        user = User(f"sub-{next(self._ids)}", email, password, confirmed=True)
        self.users[email] = user
        self.faults.after_write()
        return Account(user.user_id)

    def add_google_user(self, email: str, given_name: str | None = None) -> User:
        user = User(f"sub-{next(self._ids)}", email, "", given_name=given_name, confirmed=True)
        user.federated_username = f"Google_{len(self.users)}"
        self.users[f"google:{email}"] = user
        return user

    def verify(self, email: str, code: str, trace: Trace | None = None) -> None:
        self.traces.append(trace)
        if email not in self.users or code != CODE or self.users[email].confirmed:
            raise InvalidVerificationCode
        self.faults.before_write()
        self.users[email].confirmed = self.users[email].verified = True
        self.users[email].modified_at = self.clock()
        self.faults.after_write()

    def resend_code(self, email: str) -> None:
        if email in self.users and not self.users[email].confirmed:
            self.codes_sent.append(email)

    def find(self, user: str) -> Registration | None:
        for known in self._all_named(user):
            return Registration(
                self.member(known), known.confirmed, known.created_at, known.modified_at
            )
        return None

    def find_user(self, user: str) -> PoolUser:
        return self.member(self._named(user))

    def member(self, user: User) -> PoolUser:
        account = Account(user.user_id, user.email, user.federated_username)
        return PoolUser(account, user.username, user.given_name, user.verified)

    def authenticate(self, user: str, password: str) -> Session:
        self.attempted.append(user)
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
        self.faults.before_write()
        user.password, user.reset_code = password, None
        self.faults.after_write()

    def sign_out(self, user: str) -> None:
        for known in self._all_named(user):
            known.refresh_tokens.clear()

    def add_to_group(self, group: str, user: str) -> None:
        self.faults.before_write()
        self._named(user).groups.add(group)
        self.faults.after_write()

    def remove_from_group(self, group: str, user: str) -> None:
        self.faults.before_write()
        self._named(user).groups.discard(group)
        self.faults.after_write()

    def set_password(self, user: str, password: str) -> None:
        self.faults.before_write()
        self._named(user).password = password
        self.faults.after_write()

    def send_address_code(self, access_token: str, email: str) -> None:
        user = self._of_token(access_token)
        self._require_free(email, user)
        self.faults.before_write()
        user.pending_address = email
        self.codes_sent.append(email)
        self.faults.after_write()

    def verify_address(self, access_token: str, code: str) -> None:
        user = self._of_token(access_token)
        if user.pending_address is None or code != CODE:
            raise InvalidVerificationCode
        self._require_free(user.pending_address, user)
        self.faults.before_write()
        self._move(user, user.pending_address)
        user.pending_address = None
        self.faults.after_write()

    def set_address(self, user: str, email: str) -> None:
        known = self._named(user)
        self._require_free(email, known)
        self.faults.before_write()
        self._move(known, email)
        self.faults.after_write()

    def set_username(self, user: str, username: str) -> None:
        self._named(user).username = username

    def disable(self, user: str) -> None:
        self.faults.before_write()
        for known in self._all_named(user):
            known.enabled = False
            known.refresh_tokens.clear()
        self.faults.after_write()

    def delete(self, user: str) -> None:
        self.faults.before_write()
        gone = [known.user_id for known in self._all_named(user)]
        self.users = {key: one for key, one in self.users.items() if one.user_id not in gone}
        self.faults.after_write()

    def find_by_id(self, user_id: str) -> PoolUser | None:
        found = (self.member(known) for known in self.users.values() if known.user_id == user_id)
        return next(found, None)

    def _of_token(self, access_token: str) -> User:
        for user in self.users.values():
            if access_token in user.access_tokens and user.enabled:
                return user
        raise SessionExpired

    def _require_free(self, email: str, user: User) -> None:
        if self.users.get(email, user) is not user:
            raise EmailAlreadyRegistered

    def _move(self, user: User, email: str) -> None:
        del self.users[user.email]
        user.email, user.verified = email, True
        self.users[email] = user

    def _session(self, user: User) -> Session:
        self.sessions += 1
        user.access_tokens.add(f"access-{self.sessions}")
        user.refresh_tokens.add(f"refresh-{self.sessions}")
        return Session(
            account=Account(user.user_id, user.email, user.federated_username),
            groups=frozenset(user.groups),
            access_token=f"access-{self.sessions}",
            id_token=f"id-{self.sessions}",
            refresh_token=f"refresh-{self.sessions}",
            preferred_username=user.username,
            given_name=user.given_name,
            is_verified=user.verified,
        )

    def _all_named(self, user: str) -> list[User]:
        return [
            known
            for known in self.users.values()
            if user in (known.federated_username or known.user_id, known.email)
        ]

    def _named(self, user: str) -> User:
        return self._all_named(user)[0]


class InMemoryTables:
    """Profiles, usernames, deletions and the outbox: each write is one transaction."""

    def __init__(self, faults: WriteFaults | None = None) -> None:
        self.profiles: dict[str, Profile] = {}
        self.usernames: dict[str, str] = {}
        self.deletions: dict[str, AccountDeletion] = {}
        self.deleted: set[str] = set()
        self.outbox: list[Envelope[Contract]] = []
        self.faults = faults or WriteFaults()

    @property
    def published(self) -> list[tuple[str, str]]:
        """The types and user ids of the events, in order."""
        return [
            (event.metadata.event_type, str(event.data.model_dump()["user_id"]))
            for event in self.outbox
        ]

    def __contains__(self, user_id: str) -> bool:
        return user_id in self.profiles

    def find(self, user_id: str) -> Profile | None:
        self._require_not_deleted(user_id)
        return self.profiles.get(user_id)

    def everybody(self, start: str) -> Iterable[Profile]:
        ordered = sorted(self.profiles)
        later = [user_id for user_id in ordered if user_id > start]
        return [
            self.profiles[user_id]
            for user_id in [*later, *(one for one in ordered if one not in later)]
            if user_id not in self.deletions
        ]

    def set_public_profile(self, user_id: str, name: str | None, avatar: str | None) -> Profile:
        self._require_not_deleted(user_id)
        if user_id not in self.profiles:
            raise AccountGone
        profile = replace(self.profiles[user_id], display_name=name, avatar=avatar)
        self.profiles[user_id] = profile
        return profile

    def list_public(self, user_ids: Collection[str]) -> Iterable[PublicProfile]:
        for user_id in user_ids:
            profile = self.profiles.get(user_id)
            if profile and profile.public and user_id not in self.deletions:
                yield profile.public

    def record_login(self, account: Account, at: datetime) -> Profile | None:
        self._require_not_deleted(account.user_id)
        profile = self.profiles.get(account.user_id)
        if profile is None:
            return None
        self.faults.before_write()
        self.profiles[account.user_id] = replace(profile, last_login_at=at)
        self.faults.after_write()
        return self.profiles[account.user_id]

    def create(
        self,
        account: Account,
        at: datetime,
        event: Envelope[Contract],
        guest_name: str | None = None,
    ) -> bool:
        user_id = account.user_id
        if user_id in self.profiles or user_id in self.deletions or user_id in self.deleted:
            return False
        self.faults.before_write()
        self.profiles[user_id] = Profile(
            account, at, display_name=guest_name, is_guest=guest_name is not None
        )
        self.outbox.append(event)
        self.faults.after_write()
        return True

    def confirm(
        self,
        user_id: str,
        username: Username,
        at: datetime,
        *events: Envelope[Contract],
        email: str = "",
    ) -> bool:
        self._require_not_deleted(user_id)
        profile = self.profiles[user_id]
        if profile.confirmed_at:
            return False
        self._require_available(username, user_id)
        self.faults.before_write()
        self.usernames[username.key] = user_id
        self.profiles[user_id] = replace(
            profile,
            account=replace(profile.account, email=email or profile.account.email),
            username=username,
            confirmed_at=at,
            is_guest=False,
        )
        self.outbox.extend(events)
        self.faults.after_write()
        return True

    def find_owner(self, username: Username) -> str | None:
        return self.usernames.get(username.key)

    def change(self, profile: Profile, username: Username, at: datetime) -> None:  # noqa: ARG002
        user_id = profile.account.user_id
        self._require_not_deleted(user_id)
        self._require_available(username, user_id)
        current = self.profiles[user_id]
        if current.username != profile.username:
            raise WriteConflict
        self.faults.before_write()
        if current.username:
            del self.usernames[current.username.key]
        self.usernames[username.key] = user_id
        self.profiles[user_id] = replace(current, username=username)
        self.faults.after_write()

    def begin(
        self, account: Account, at: datetime, *, of_guest: bool = False
    ) -> AccountDeletion | None:
        if account.user_id in self.deleted:
            return None
        if of_guest and not self.profiles[account.user_id].is_guest:
            return None
        self.faults.before_write()
        profile = self.profiles.get(account.user_id)
        deletion = AccountDeletion(account, at, profile.username if profile else None)
        begun = self.deletions.setdefault(account.user_id, deletion)
        self.faults.after_write()
        return begun

    def erase(self, deletion: AccountDeletion, at: datetime, event: Envelope[Contract]) -> None:  # noqa: ARG002
        user_id = deletion.account.user_id
        if self.deletions[user_id].erased:
            return
        self.faults.before_write()
        self.profiles.pop(user_id, None)
        if deletion.username:
            self.usernames.pop(deletion.username.key, None)
        self.deletions[user_id] = replace(deletion, username=None, erased=True)
        self.outbox.append(event)
        self.faults.after_write()

    def finish(self, deletion: AccountDeletion, at: datetime) -> None:  # noqa: ARG002
        self.faults.before_write()
        self.deletions.pop(deletion.account.user_id, None)
        self.deleted.add(deletion.account.user_id)
        self.faults.after_write()

    def unfinished(self, before: datetime) -> Iterable[AccountDeletion]:
        return [one for one in self.deletions.values() if one.started_at < before]

    def _require_not_deleted(self, user_id: str) -> None:
        if user_id in self.deletions or user_id in self.deleted:
            raise AccountGone

    def _require_available(self, username: Username, user_id: str) -> None:
        if self.usernames.get(username.key, user_id) != user_id:
            raise UsernameTaken


class FakeRequestLog:
    """Requests that a test may make unknown."""

    def __init__(self, clock: Clock = lambda: NOON) -> None:
        self.begun: dict[tuple[str, ...], datetime] = {}
        self.clock = clock

    def __contains__(self, name: str) -> bool:
        return any(request[0] == name for request in self.begun)

    def begin(self, *request: str) -> datetime | None:
        earlier = self.begun.get(request)
        if earlier is not None and self.clock() - earlier <= REPEATED_WITHIN:
            return earlier
        self.begun[request] = self.clock()
        return None

    def forget(self, *request: str) -> None:
        self.begun.pop(request, None)


class AuthApp:
    """All use cases of the service with their fakes, at a time that a test sets."""

    def __init__(self, *, auto_confirm: bool = False, faults: WriteFaults | None = None) -> None:
        self.faults = faults or WriteFaults()
        self.pool = FakeUserPool(self.faults, auto_confirm=auto_confirm, clock=self._clock)
        self.tables = InMemoryTables(self.faults)
        self.counters = FakeAttemptCounters()
        self.now = NOON
        clock, events = self._clock, AuthEventFactory()
        self.provisioning = UserProvisioning(
            users=self.tables, membership=self.pool, events=events, clock=clock
        )
        self.requests = FakeRequestLog(clock)
        recovery = RequestRecovery(requests=self.requests, clock=clock)
        self.rate_limiter = CountingRateLimiter(self.counters, KeyHasher(lambda: "key"), clock)
        self.sign_up = SignUp(
            user_pool=self.pool,
            usernames=self.tables,
            provisioning=self.provisioning,
            rate_limiter=self.rate_limiter,
            recovery=recovery,
        )
        self.sign_in = SignIn(
            user_pool=self.pool,
            users=self.tables,
            usernames=self.tables,
            provisioning=self.provisioning,
            rate_limiter=self.rate_limiter,
            clock=clock,
        )
        self.create_guest = CreateGuest(
            pool=self.pool,
            membership=self.pool,
            sessions=self.pool,
            users=self.tables,
            events=events,
            clock=clock,
        )
        self.upgrade_guest = UpgradeGuest(
            pool=self.pool,
            users=self.tables,
            provisioning=self.provisioning,
            rate_limiter=self.rate_limiter,
            auto_confirm=auto_confirm,
        )
        self.refresh_session = RefreshSession(self.pool)
        self.sign_out = SignOut(self.pool)
        self.change_password = ChangePassword(
            passwords=self.pool,
            sessions=self.pool,
            rate_limiter=self.rate_limiter,
            recovery=recovery,
        )
        self.change_username = ChangeUsername(
            users=self.tables, usernames=self.tables, membership=self.pool, clock=clock
        )
        self.edit_profile = EditProfile(self.tables)
        self.delete_account = DeleteAccount(
            deletions=self.tables, directory=self.pool, events=events, clock=clock
        )
        self.reconcile_accounts = ReconcileAccounts(
            profiles=self.tables,
            directory=self.pool,
            delete_account=self.delete_account,
            clock=clock,
        )
        self.user_pool_triggers = UserPoolTriggers(
            users=self.tables, provisioning_in=lambda _: self.provisioning, clock=clock
        )
        self.auto_confirm = AutoConfirm(auto_confirm)

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
            and self.tables.published.count(("UserRegistered", user.user_id)) == 1
            and self.tables.published.count(("UserConfirmed", user.user_id)) == 1
        )


def signed_in_as(account: Account) -> Callable[[Mapping[str, Any]], Account]:
    """Return an `Identify` that needs no token, for the `build` of a handler in unit tests.

    No deployed function knows of it.
    """

    def identify(_: Mapping[str, Any]) -> Account:
        return account

    return identify
