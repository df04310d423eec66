"""A guest becomes a user of the same account, wherever a process ends on the way."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from auth import bootstrap
from auth.domain.account import Profile
from auth.domain.errors import (
    AccountGone,
    EmailAlreadyRegistered,
    GuestIsUser,
    InvalidVerificationCode,
    WeakPassword,
)
from auth.domain.guest import GUEST_TTL
from auth.domain.rate_limits import SEND_CODE, VERIFY
from auth.domain.session import Session
from auth.handlers import upgrade_guest
from auth.ports import SignedInGuest
from auth.use_cases.sign_in import Login
from matinee.errors import TooManyAttempts
from tests.fakes.aws import FakeLambdaContext
from tests.unit.auth.fakes import CALLER, CODE, NOON, TRACE, AuthApp, Crash
from tests.unit.auth.test_auth_bootstrap import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[3]
CONTEXT = cast("LambdaContext", FakeLambdaContext())
CLEO = "cleo@example.com"
PASSWORD = "Popcorn4two"

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")


class Guest:
    """A guest of a product that sends codes, unless it confirms at once."""

    def __init__(self, app: AuthApp) -> None:
        self.app = app
        self.session = app.create_guest("Cleo", TRACE)
        self.user_id = self.session.account.user_id
        self.token = SignedInGuest(self.session.account, self.session.access_token)

    def begin(self, email: str = CLEO, password: str = PASSWORD) -> bool:
        return self.app.upgrade_guest.begin(self.token, email, password, CALLER)

    def verify(self, code: str = CODE) -> str:
        return self.app.upgrade_guest.verify(self.token, code, CALLER)

    def upgrade(self) -> None:
        self.begin()
        self.verify()

    def sign_in(self) -> Session:
        return self.app.sign_in.sign_in(Login(email=CLEO), PASSWORD, CALLER)

    @property
    def profile(self) -> Profile:
        return self.app.profile(self.user_id)

    @property
    def groups(self) -> set[str]:
        return next(it.groups for it in self.app.pool.users.values() if it.user_id == self.user_id)

    @property
    def told(self) -> list[str]:
        return [kind for kind, user_id in self.app.tables.published if user_id == self.user_id]

    def require_user(self) -> None:
        """Fail unless they are a user like any other, and it was told once."""
        assert (self.profile.is_guest, self.groups) == (False, {"Users"})
        assert self.profile.username is not None
        assert sorted(self.told) == ["GuestUpgraded", "UserConfirmed", "UserRegistered"]


@pytest.fixture
def app() -> AuthApp:
    return AuthApp()


@pytest.fixture
def guest(app: AuthApp) -> Guest:
    return Guest(app)


def test_a_verified_address_makes_a_user_of_the_same_account(guest: Guest) -> None:
    assert not guest.begin()
    assert guest.groups == {"Guests"}

    assert guest.verify() == CLEO

    guest.require_user()
    assert guest.profile.account.email == CLEO
    assert guest.profile.display_name == "Cleo"
    assert str(guest.profile.username and guest.profile.username.display).startswith("Cleo_")
    session = guest.sign_in()
    assert session.account.user_id == guest.user_id
    assert session.groups == {"Users"}


def test_the_guest_s_refresh_token_brings_the_tokens_of_a_user(guest: Guest) -> None:
    guest.upgrade()

    assert guest.app.refresh_session.refresh(guest.session.refresh_token).groups == {"Users"}


def test_a_user_who_was_a_guest_is_not_deleted_after_seven_days(guest: Guest) -> None:
    guest.upgrade()
    guest.app.now = NOON + GUEST_TTL + timedelta(days=1)

    guest.app.reconcile_accounts.run(TRACE)

    guest.require_user()


def test_where_no_mail_is_sent_the_guest_is_a_user_at_once() -> None:
    guest = Guest(AuthApp(auto_confirm=True))

    assert guest.begin()

    guest.require_user()
    assert guest.app.pool.codes_sent == []


def test_until_the_code_comes_back_nothing_has_changed(guest: Guest) -> None:
    guest.begin()
    with pytest.raises(InvalidVerificationCode):
        guest.verify("000000")

    assert guest.profile.is_guest
    assert guest.told == ["UserRegistered"]
    guest.app.sign_up.register(CLEO, "Popcorn4three", None, CALLER)


def test_an_address_that_somebody_took_meanwhile_stays_theirs(guest: Guest) -> None:
    guest.begin()
    theirs = guest.app.sign_up.register(CLEO, "Popcorn4three", None, CALLER)

    with pytest.raises(EmailAlreadyRegistered):
        guest.verify()

    assert guest.app.pool.users[CLEO].user_id == theirs.user_id
    assert guest.profile.is_guest


def test_an_address_with_an_account_is_refused_as_at_a_sign_up(guest: Guest) -> None:
    guest.app.sign_up.register(CLEO, PASSWORD, None, CALLER)

    with pytest.raises(EmailAlreadyRegistered):
        guest.begin()

    assert guest.app.pool.codes_sent == []


def test_a_weak_password_is_refused_before_anything_is_sent(guest: Guest) -> None:
    with pytest.raises(WeakPassword):
        guest.begin(password="popcorn")

    assert guest.app.pool.codes_sent == []


def test_a_guest_s_old_token_sets_no_password_of_a_user(guest: Guest) -> None:
    guest.upgrade()

    with pytest.raises(GuestIsUser):
        guest.begin("mallory@example.com", "Popcorn4evil")

    assert guest.sign_in().account.user_id == guest.user_id


def test_the_same_code_again_changes_nothing(guest: Guest) -> None:
    guest.upgrade()

    assert guest.verify() == CLEO

    guest.require_user()


def test_codes_are_limited_by_address_and_their_guesses_by_guest(guest: Guest) -> None:
    for _ in range(SEND_CODE.per_identifier):
        guest.begin()
    with pytest.raises(TooManyAttempts):
        guest.begin()
    for _ in range(VERIFY.per_identifier):
        with pytest.raises(InvalidVerificationCode):
            guest.verify("000000")
    with pytest.raises(TooManyAttempts):
        guest.verify()


def _crashing(write: int, *, after: bool) -> Guest | None:
    """Return a guest whose upgrade ended at a write; None when it has fewer."""
    guest = Guest(AuthApp())
    guest.app.faults.restart(write, after=after)
    try:
        guest.upgrade()
    except Crash:
        guest.app.faults.restart()
        return guest
    return None


WRITES = next(number for number in count(1) if _crashing(number, after=False) is None) - 1
CRASHES = [(write, after) for write in range(1, WRITES + 1) for after in (False, True)]


def test_an_upgrade_is_six_writes() -> None:
    assert WRITES == 6


@pytest.mark.parametrize(("write", "after"), CRASHES)
def test_the_same_requests_again_finish_what_a_crash_left(write: int, *, after: bool) -> None:
    guest = _crashing(write, after=after)
    assert guest is not None

    try:
        if not guest.begin():
            guest.verify()
    except GuestIsUser:
        guest.verify()

    guest.require_user()


@pytest.mark.parametrize(("write", "after"), CRASHES)
def test_after_a_crash_a_guest_is_one_or_becomes_a_user_by_signing_in(
    write: int, *, after: bool
) -> None:
    guest = _crashing(write, after=after)
    assert guest is not None
    is_verified = CLEO in guest.app.pool
    guest.app.now = NOON + GUEST_TTL + timedelta(days=1)

    guest.app.reconcile_accounts.run(TRACE)

    if is_verified:
        assert guest.sign_in().account.user_id == guest.user_id
        guest.require_user()
    else:
        assert guest.user_id not in guest.app.tables
        assert guest.told == ["UserRegistered", "UserDeleted"]


def test_the_pool_s_trigger_finishes_an_upgrade_too() -> None:
    guest = _crashing(4, after=False)
    assert guest is not None

    user = guest.app.pool.find_user(guest.user_id)
    guest.app.user_pool_triggers.post_authentication("pool", user, TRACE)

    guest.require_user()


def test_who_is_upgraded_while_their_time_ends_is_spared(
    guest: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest.app.now = NOON + GUEST_TTL + timedelta(hours=1)
    find = guest.app.pool.find_by_id

    def then_upgraded(user_id: str) -> object:
        found = find(user_id)
        guest.upgrade()
        return found

    monkeypatch.setattr(guest.app.pool, "find_by_id", then_upgraded)

    guest.app.reconcile_accounts.run(TRACE)

    guest.require_user()


def test_who_is_deleted_on_the_way_is_told_so(guest: Guest) -> None:
    guest.begin()
    guest.app.tables.begin(guest.session.account, NOON)

    with pytest.raises(AccountGone):
        guest.verify()

    assert guest.told == ["UserRegistered"]


SAMPLE = ROOT / "events" / "auth" / "UpgradeGuestFunction.http.begin.json"


@pytest.fixture
def send(monkeypatch: pytest.MonkeyPatch, guest: Guest) -> Iterator[Callable[..., tuple[int, Any]]]:
    """Sends a body with a guest's token, and whatever the gateway says of it."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(bootstrap, "upgrade_guest", lambda: guest.app.upgrade_guest)
    bootstrap.edge.cache_clear()

    def sent(body: object, scheme: str = "Bearer ", **claims: str | None) -> tuple[int, Any]:
        event = json.loads(SAMPLE.read_text()) | {"body": json.dumps(body)}
        event["headers"]["authorization"] = f"{scheme}{guest.session.access_token}"
        said = event["requestContext"]["authorizer"]["jwt"]["claims"]
        said |= {"sub": guest.user_id, "username": guest.user_id} | claims
        upgrade_guest.handler.cache_clear()
        answer = upgrade_guest.handler(event, CONTEXT)
        return answer["statusCode"], json.loads(answer["body"])

    yield sent
    upgrade_guest.handler.cache_clear()
    bootstrap.edge.cache_clear()


@pytest.mark.parametrize("scheme", ["Bearer ", ""])
def test_a_guest_upgrades_by_their_own_token(
    guest: Guest, send: Callable[..., tuple[int, Any]], scheme: str
) -> None:
    begun = send({"email": "Cleo@Example.com", "password": PASSWORD}, scheme)
    done = send({"code": "123 456"}, scheme)

    assert begun == (
        200,
        {"message": "A code is on its way to the address", "email": CLEO, "upgraded": False},
    )
    assert done == (200, {"message": "Your account is ready", "email": CLEO, "upgraded": True})
    guest.require_user()


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"cognito:groups": "[Users]"}, 403),
        ({"cognito:groups": "[]"}, 403),
        ({"cognito:groups": None}, 403),
        ({"token_use": "id"}, 401),
        ({"sub": ""}, 401),
    ],
)
def test_nobody_else_upgrades(
    guest: Guest, send: Callable[..., tuple[int, Any]], claims: dict[str, str], status: int
) -> None:
    assert send({"email": CLEO, "password": PASSWORD}, **claims)[0] == status
    assert guest.app.pool.codes_sent == []
