"""The functions, from the gateway's request to its answer, over fakes."""

import io
import json
import logging
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from auth import VERSION, bootstrap
from auth.errors import (
    AccountsUnavailable,
    CodeNotSent,
    FurtherStepRequired,
    PasswordResetRequired,
    TooManyAttempts,
    VerificationCodeExpired,
)
from auth.handlers import signin, signup, status
from auth.service import Accounts
from auth.settings import AuthSettings
from matinee.errors import MatineeError
from matinee.observability import logger
from tests.unit.auth.fakes import CODE, FakeProfiles, FakeUserPool

# Powertools warns when a function counted nothing.
pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")

ROOT = Path(__file__).resolve().parents[3]
EVENTS = ROOT / "events" / "auth"
ORIGIN = "http://localhost:3000"
ENVIRONMENT = {
    "STAGE": "local",
    "ALLOWED_ORIGINS": f"{ORIGIN}, https://app.example",
    "USER_POOL_ID": "eu-west-1_Matinee",
    "USER_POOL_CLIENT_ID": "2jd6lk0q4r8h3mv7c9pz1n5xat",
    "USER_PROFILES_TABLE": "UserProfiles",
    "AUTO_CONFIRM": "true",
    "POWERTOOLS_SERVICE_NAME": "auth",
}
HANDLERS: dict[str, Callable[..., Any]] = {
    "SignupFunction": signup.handler,
    "SigninFunction": signin.handler,
    "StatusFunction": status.handler,
}


class Context(LambdaContext):
    function_name = "Function"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:eu-west-1:000000000000:function:Function"
    aws_request_id = "UZk2ljpfDoEEMRw="


class Api:
    """The three functions behind one door, with the fakes that they work on."""

    def __init__(self) -> None:
        self.pool = FakeUserPool()
        self.profiles = FakeProfiles()
        self.accounts = Accounts(user_pool=self.pool, profiles=self.profiles, auto_confirm=True)

    def serve(self, sample: str, body: object = None, **headers: str) -> dict[str, Any]:
        """Serve a sample event, with another body if one is given."""
        event = json.loads((EVENTS / f"{sample}.json").read_text())
        event["headers"] |= headers
        if body is not None:
            event["body"] = json.dumps(body)
        answer = HANDLERS[sample.partition(".")[0]](event, Context())
        return {**answer, "json": json.loads(answer["body"])}

    def signup(self, **body: object) -> dict[str, Any]:
        return self.serve("SignupFunction.http.register", body)

    def signin(self, **body: object) -> dict[str, Any]:
        return self.serve("SigninFunction.http.valid", body)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    api = Api()
    monkeypatch.setattr(bootstrap, "accounts", lambda: api.accounts)
    caches = (bootstrap.settings, signup._api, signin._api, status._api)
    for cached in caches:
        cached.cache_clear()
    yield api
    for cached in caches:
        cached.cache_clear()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is written to the log during the test, everything included."""
    stream = io.StringIO()
    usual = logger.registered_handler.setStream(stream)  # type: ignore[attr-defined]
    level = logger.log_level
    logger.setLevel(logging.DEBUG)
    yield stream
    logger.setLevel(level)
    logger.registered_handler.setStream(usual)  # type: ignore[attr-defined]


# ── signing up ────────────────────────────────────────────────────────────────────────────────────


def test_registering_answers_the_users_id(api: Api) -> None:
    answer = api.serve("SignupFunction.http.register")
    assert answer["statusCode"] == 200
    assert answer["json"] == {"message": "User registered successfully", "userSub": "sub-1"}
    assert api.pool.users["ann@example.com"].username == "ann.frames"
    assert "sub-1" in api.profiles


def test_verifying_answers_the_address(api: Api) -> None:
    api.pool.register("ann@example.com", "Popcorn4two", None)
    answer = api.serve("SignupFunction.http.verify")
    assert answer["statusCode"] == 200
    assert answer["json"] == {
        "message": "Email verified successfully",
        "email": "ann@example.com",
    }
    assert api.pool.users["ann@example.com"].confirmed


def test_an_address_is_the_same_in_any_case(api: Api) -> None:
    api.signup(email="Ann@Example.com", password="Popcorn4two")
    assert "ann@example.com" in api.pool
    again = api.signup(email="ANN@example.COM", password="Popcorn4two")
    assert (again["statusCode"], again["json"]["code"]) == (409, "EmailAlreadyRegistered")
    assert again["json"]["error"] == "Email is already registered"
    assert api.signin(email=" ann@EXAMPLE.com", password="Popcorn4two")["statusCode"] == 200


def test_a_malformed_address_is_named(api: Api) -> None:
    answer = api.serve("SignupFunction.http.bad-email")
    assert (answer["statusCode"], answer["json"]["code"]) == (400, "InvalidInput")
    assert answer["json"]["fields"] == {"email": "must be an email address, like name@example.com"}
    assert len(api.pool) == 0


def test_a_weak_password_is_refused_with_the_policy(api: Api) -> None:
    answer = api.signup(email="ann@example.com", password="popcorn")
    assert (answer["statusCode"], answer["json"]["code"]) == (400, "WeakPassword")
    assert "at least 8 characters" in answer["json"]["error"]
    assert answer["json"]["fields"]["password"].startswith("needs at least 8 characters")


def test_unknown_fields_are_refused_by_name(api: Api) -> None:
    answer = api.signup(
        email="ann@example.com", password="Popcorn4two", userId="victim", admin=True
    )
    assert answer["statusCode"] == 400
    assert set(answer["json"]["fields"]) == {"userId", "admin"}
    assert len(api.pool) == 0


def test_a_code_and_a_password_at_once_are_neither_mode(api: Api) -> None:
    answer = api.signup(email="ann@example.com", password="Popcorn4two", code=CODE)
    assert set(answer["json"]["fields"]) == {"password"}


@pytest.mark.parametrize("code", ["", "12 34", "x" * 65, "é", 123456, None, ["123456"]])
def test_what_can_be_no_code_is_named(api: Api, code: object) -> None:
    answer = api.signup(email="ann@example.com", code=code)
    assert answer["statusCode"] == 400
    assert set(answer["json"]["fields"]) == {"code"}


@pytest.mark.parametrize("username", ["an", "ann lee", "x" * 21, 7])
def test_what_can_be_no_username_is_named(api: Api, username: object) -> None:
    answer = api.signup(email="ann@example.com", password="Popcorn4two", username=username)
    assert set(answer["json"]["fields"]) == {"username"}


def test_a_username_may_be_null(api: Api) -> None:
    answer = api.signup(email="ann@example.com", password="Popcorn4two", username=None)
    assert answer["statusCode"] == 200


@pytest.mark.parametrize(
    ("error", "expected", "message"),
    [
        (
            VerificationCodeExpired(),
            400,
            "Verification code has expired. Please request a new one.",
        ),
        (TooManyAttempts(retry_after=60), 429, "Too many attempts. Please try again later."),
        (AccountsUnavailable(), 503, "Accounts cannot be reached right now. Please try again."),
    ],
)
def test_what_the_pool_refuses_at_verifying_is_told(
    api: Api,
    monkeypatch: pytest.MonkeyPatch,
    error: MatineeError,
    expected: int,
    message: str,
) -> None:
    monkeypatch.setattr(api.pool, "verify", _raising(error))
    answer = api.serve("SignupFunction.http.verify")
    assert (answer["statusCode"], answer["json"]["error"]) == (expected, message)


def test_too_many_attempts_say_when_to_come_back(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.pool, "register", _raising(TooManyAttempts(retry_after=60)))
    answer = api.serve("SignupFunction.http.register")
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (429, "60")


def test_an_account_whose_code_was_not_sent_is_told_so(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.pool, "register", _raising(CodeNotSent()))
    answer = api.serve("SignupFunction.http.register")
    assert (answer["statusCode"], answer["json"]["code"]) == (503, "CodeNotSent")


# ── signing in ────────────────────────────────────────────────────────────────────────────────────


def test_signing_in_answers_three_tokens_and_the_address(api: Api) -> None:
    api.serve("SignupFunction.http.register")
    answer = api.serve("SigninFunction.http.valid")
    assert answer["statusCode"] == 200
    assert answer["json"] == {
        "AccessToken": "access-1",
        "IdToken": "id-1",
        "RefreshToken": "refresh-1",
        "email": "ann@example.com",
    }


def test_tokens_are_kept_in_no_cache(api: Api) -> None:
    api.serve("SignupFunction.http.register")
    assert api.serve("SigninFunction.http.valid")["headers"]["Cache-Control"] == "no-store"


def test_a_missing_password_is_named(api: Api) -> None:
    answer = api.serve("SigninFunction.http.missing-password")
    assert answer["statusCode"] == 400
    assert answer["json"]["fields"] == {"password": "Field required"}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"email", "password"}),
        ({"email": "ann@example.com", "password": ""}, {"password"}),
        ({"email": "ann@example.com", "password": "x" * 257}, {"password"}),
        ({"email": "ann@example.com", "password": None}, {"password"}),
        ({"email": "ann@example.com", "password": 7}, {"password"}),
        ({"email": "ann@example.com", "password": "\ud800Aa345678"}, {"password"}),
        ({"email": "", "password": "Popcorn4two"}, {"email"}),
        ({"email": ["ann@example.com"], "password": "Popcorn4two"}, {"email"}),
        ({"email": "ann@example.com", "password": "Popcorn4two", "remember": True}, {"remember"}),
    ],
)
def test_each_unusable_field_is_named(api: Api, body: dict[str, object], fields: set[str]) -> None:
    answer = api.signin(**body)
    assert (answer["statusCode"], answer["json"]["code"]) == (400, "InvalidInput")
    assert set(answer["json"]["fields"]) == fields


def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(api: Api) -> None:
    api.serve("SignupFunction.http.register")
    wrong = api.signin(email="ann@example.com", password="Wrong1password")
    unknown = api.signin(email="bob@example.com", password="Wrong1password")
    assert wrong["statusCode"] == 401
    assert wrong["json"]["error"] == "Invalid email or password"
    assert wrong == unknown


def test_an_unconfirmed_account_is_told_so(api: Api) -> None:
    api.accounts = Accounts(user_pool=api.pool, profiles=api.profiles)
    api.pool.register("ann@example.com", "Popcorn4two", None)
    answer = api.serve("SigninFunction.http.valid")
    assert (answer["statusCode"], answer["json"]["error"]) == (403, "User account not confirmed")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (PasswordResetRequired(), 403),
        (FurtherStepRequired(challenge="NEW_PASSWORD_REQUIRED"), 403),
        (TooManyAttempts(retry_after=5), 429),
        (AccountsUnavailable(), 503),
    ],
)
def test_what_the_pool_refuses_at_signing_in_is_told(
    api: Api, monkeypatch: pytest.MonkeyPatch, error: MatineeError, expected: int
) -> None:
    monkeypatch.setattr(api.pool, "authenticate", _raising(error))
    answer = api.serve("SigninFunction.http.valid")
    assert (answer["statusCode"], answer["json"]["code"]) == (expected, type(error).__name__)


# ── status ────────────────────────────────────────────────────────────────────────────────────────


def test_the_status_names_service_stage_and_version(api: Api) -> None:
    answer = api.serve("StatusFunction.http.get")
    assert answer["statusCode"] == 200
    assert answer["json"] == {
        "status": "ok",
        "service": "auth",
        "stage": "local",
        "version": VERSION,
    }


def test_the_version_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION


# ── all of them ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("sample", sorted(file.stem for file in EVENTS.glob("*.json")))
def test_an_allowed_origin_may_read_the_answer_to_every_sample(api: Api, sample: str) -> None:
    for origin in (ORIGIN, "https://app.example"):
        headers = api.serve(sample, origin=origin)["headers"]
        assert headers["Access-Control-Allow-Origin"] == origin
    foreign = api.serve(sample, origin="https://elsewhere.example")["headers"]
    assert "Access-Control-Allow-Origin" not in foreign


@pytest.mark.parametrize("function", sorted(HANDLERS))
def test_a_warming_event_asks_nothing(function: str) -> None:
    assert HANDLERS[function]({"warmup": True}, Context()) == {"warmed": True}


def test_no_password_token_code_or_address_is_logged(api: Api, log: io.StringIO) -> None:
    # Given every way in, gone right and wrong
    for sample in sorted(file.stem for file in EVENTS.glob("*.json")):
        api.serve(sample, authorization="Bearer secret-token")
        api.serve(sample)
    api.signin(email="ann@example.com", password="Wrong1password")
    api.signin(email="ann@example.com", password={"hidden": "Popcorn4two"})
    api.signup(email="ann@example.com", code="654321")
    # Then the log speaks, and says none of it
    assert '"status":401' in log.getvalue()
    for secret in (
        "ann", "Popcorn4two", "Wrong1password", "123456", "654321", "secret-token",
        "access-1", "id-1", "refresh-1",
    ):  # fmt: skip
        assert secret not in log.getvalue()


def test_what_nobody_expected_is_logged_without_the_request(
    api: Api, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    monkeypatch.setattr(api.pool, "authenticate", _raising(RuntimeError("a defect")))
    assert api.serve("SigninFunction.http.valid")["statusCode"] == 500
    assert "a defect" in log.getvalue()
    assert "Popcorn4two" not in log.getvalue()
    assert "ann@example.com" not in log.getvalue()


# ── the environment ───────────────────────────────────────────────────────────────────────────────


def test_origins_are_separated_by_commas() -> None:
    settings = AuthSettings.load(ENVIRONMENT)
    assert settings.allowed_origins == (ORIGIN, "https://app.example")


@pytest.mark.parametrize(("value", "confirmed"), [("true", True), ("false", False)])
def test_accounts_are_confirmed_by_themselves_where_it_says_so(
    value: str, *, confirmed: bool
) -> None:
    assert AuthSettings.load(ENVIRONMENT | {"AUTO_CONFIRM": value}).auto_confirm is confirmed


def test_accounts_are_not_confirmed_by_themselves_where_nothing_is_said() -> None:
    environment = {name: value for name, value in ENVIRONMENT.items() if name != "AUTO_CONFIRM"}
    assert AuthSettings.load(environment).auto_confirm is False


def test_an_empty_client_secret_is_none() -> None:
    settings = AuthSettings.load(ENVIRONMENT | {"USER_POOL_CLIENT_SECRET": ""})
    assert settings.user_pool_client_secret is None


def test_a_client_secret_does_not_show_when_printed() -> None:
    settings = AuthSettings.load(ENVIRONMENT | {"USER_POOL_CLIENT_SECRET": "hush"})
    assert settings.user_pool_client_secret is not None
    assert "hush" not in repr(settings)


def _raising(error: Exception) -> Callable[..., Any]:
    def method(*_: object) -> None:
        raise error

    return method
