"""The functions, from the gateway's request to its response, with fakes."""

import importlib
import io
import json
import logging
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from auth import bootstrap
from auth.api.schemas import VERSION
from auth.domain.account import Account
from auth.domain.errors import (
    AccountsUnavailable,
    CodeNotSent,
    FurtherStepRequired,
    PasswordResetRequired,
    VerificationCodeExpired,
)
from auth.domain.username import Username
from auth.handlers import account, pre_sign_up, session, usernames
from auth.settings import AuthSettings, PoolSettings, PreSignUpSettings
from matinee.errors import InvalidInput, MatineeError, TooManyAttempts
from matinee.http.api import HttpHandler
from matinee.observability import logger
from tests.unit.auth.fakes import CALLER, CODE, RESET_CODE, AuthApp, signed_in_as

ROOT = Path(__file__).resolve().parents[3]
EVENTS = ROOT / "events" / "auth"
ORIGIN = "http://localhost:3000"
ANN = "ann@example.com"
PASSWORD = "Popcorn4two"
SUB = "5f0c2a1e-7d34-4b8a-9c61-2e8d40b7f3a9"
ENVIRONMENT = {
    "STAGE": "local",
    "ALLOWED_ORIGINS": f"{ORIGIN}, https://app.example",
    "USER_POOL_ID": "eu-west-1_Matinee",
    "USER_POOL_CLIENT_ID": "2jd6lk0q4r8h3mv7c9pz1n5xat",
    "USER_PROFILES_TABLE": "UserProfiles",
    "USERNAMES_TABLE": "Usernames",
    "OUTBOX_TABLE": "AuthOutbox",
    "ATTEMPTS_TABLE": "AuthAttempts",
    "PSEUDONYM_KEY": "PseudonymKey",
    "POWERTOOLS_SERVICE_NAME": "auth",
}
MODULES: dict[str, ModuleType] = {
    function: importlib.import_module(f"auth.handlers.{name}")
    for function, name in {
        "SignupFunction": "signup",
        "SigninFunction": "signin",
        "SessionFunction": "session",
        "PasswordFunction": "password",
        "UsernamesFunction": "usernames",
        "ProfileFunction": "profile",
        "AccountFunction": "account",
        "UpgradeGuestFunction": "upgrade_guest",
        "StatusFunction": "status",
        "PreSignUpFunction": "pre_sign_up",
        "InboundFederationFunction": "inbound_federation",
        "PostConfirmationFunction": "post_confirmation",
        "PostAuthenticationFunction": "post_authentication",
    }.items()
}
USE_CASES = (
    "sign_up",
    "sign_in",
    "refresh_session",
    "sign_out",
    "change_password",
    "change_username",
    "edit_profile",
    "delete_account",
    "upgrade_guest",
    "user_pool_triggers",
)
REQUESTS = sorted(file.stem for file in EVENTS.glob("*.http.*.json"))


class Context(LambdaContext):
    function_name = "Function"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:eu-west-1:000000000000:function:Function"
    aws_request_id = "UZk2ljpfDoEEMRw="


class Api(AuthApp):
    """All functions of the service, with their fakes."""

    def serve(self, sample: str, body: object = None, **headers: str) -> dict[str, Any]:
        """Serve a sample event, with another body if one is given."""
        event = json.loads((EVENTS / f"{sample}.json").read_text())
        event["headers"] |= {"x-correlation-id": "a-test"} | headers
        if body is not None:
            event["body"] = json.dumps(body)
        answer = self.invoke(sample.partition(".")[0], event)
        return {**answer, "json": json.loads(answer["body"])}

    def invoke(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = MODULES[function].handler(event, Context())
        return answer

    def trigger(self, sample: str) -> dict[str, Any]:
        event = json.loads((EVENTS / f"{sample}.json").read_text())
        return self.invoke(sample.partition(".")[0], event)

    def signup(self, **body: object) -> dict[str, Any]:
        return self.serve("SignupFunction.http.register", body)

    def signin(self, **body: object) -> dict[str, Any]:
        return self.serve("SigninFunction.http.valid", body)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    api = Api(auto_confirm=True)
    for name in USE_CASES:
        monkeypatch.setattr(bootstrap, name, lambda name=name: getattr(api, name))
    for name in ("post_confirmation", "post_authentication"):
        module = importlib.import_module(f"auth.handlers.{name}")
        monkeypatch.setattr(module, "user_pool_triggers", lambda: api.user_pool_triggers)
    monkeypatch.setattr(pre_sign_up, "auto_confirm", lambda: api.auto_confirm)
    caches: list[Any] = [
        bootstrap.edge,
        *(module.handler for module in MODULES.values() if isinstance(module.handler, HttpHandler)),
    ]
    for cached in caches:
        cached.cache_clear()
    yield api
    for cached in caches:
        cached.cache_clear()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log of the test, from DEBUG on."""
    stream = io.StringIO()
    usual = logger.registered_handler.setStream(stream)  # type: ignore[attr-defined]
    level = logger.log_level
    logger.setLevel(logging.DEBUG)
    yield stream
    logger.setLevel(level)
    logger.registered_handler.setStream(usual)  # type: ignore[attr-defined]


# ── signing up ────────────────────────────────────────────────────────────────────────────────────


def test_registering_returns_the_user_id(api: Api) -> None:
    answer = api.serve("SignupFunction.http.register")
    assert answer["statusCode"] == 200
    assert answer["json"] == {"message": "User registered successfully", "userSub": "sub-1"}
    assert api.pool.users["ann@example.com"].username == "ann.frames"
    assert "sub-1" in api.tables


def test_verifying_returns_the_address(api: Api) -> None:
    api.pool.auto_confirm = False
    api.pool.register("ann@example.com", "Popcorn4two", None)
    answer = api.serve("SignupFunction.http.verify")
    assert answer["statusCode"] == 200
    assert answer["json"] == {
        "message": "Email verified successfully",
        "email": "ann@example.com",
    }
    assert api.pool.users["ann@example.com"].confirmed


def test_addresses_are_compared_without_case(api: Api) -> None:
    api.signup(email="Ann@Example.com", password="Popcorn4two")
    assert "ann@example.com" in api.pool
    again = api.signup(email="ANN@example.COM", password="Another1password")
    assert (again["statusCode"], again["json"]["code"]) == (409, "EmailAlreadyRegistered")
    assert again["json"]["error"] == "Email is already registered"
    assert api.signin(email=" ann@EXAMPLE.com", password="Popcorn4two")["statusCode"] == 200


def test_names_a_malformed_address(api: Api) -> None:
    answer = api.serve("SignupFunction.http.bad-email")
    assert (answer["statusCode"], answer["json"]["code"]) == (400, "InvalidInput")
    assert answer["json"]["fields"] == {"email": "must be an email address, like name@example.com"}
    assert len(api.pool) == 0


def test_refuses_a_weak_password_with_the_policy(api: Api) -> None:
    answer = api.signup(email="ann@example.com", password="popcorn")
    assert (answer["statusCode"], answer["json"]["code"]) == (400, "WeakPassword")
    assert "at least 8 characters" in answer["json"]["error"]
    assert answer["json"]["fields"]["password"].startswith("needs at least 8 characters")


def test_names_unknown_fields(api: Api) -> None:
    answer = api.signup(
        email="ann@example.com", password="Popcorn4two", userId="victim", admin=True
    )
    assert answer["statusCode"] == 400
    assert set(answer["json"]["fields"]) == {"userId", "admin"}
    assert len(api.pool) == 0


def test_refuses_a_code_together_with_a_password(api: Api) -> None:
    answer = api.signup(email="ann@example.com", password="Popcorn4two", code=CODE)
    assert set(answer["json"]["fields"]) == {"password"}


@pytest.mark.parametrize("code", ["", "  ", "12_34", "x" * 65, "é", 123456, None, ["123456"]])
def test_names_a_malformed_code(api: Api, code: object) -> None:
    answer = api.signup(email="ann@example.com", code=code)
    assert answer["statusCode"] == 400
    assert set(answer["json"]["fields"]) == {"code"}


@pytest.mark.parametrize(
    "code", [" 123 456 ", "123456\n", "123\u00a0456", "\u200b123456\ufeff", "\uff11\uff12\uff13456"]
)
def test_takes_a_code_as_people_paste_it(api: Api, code: str) -> None:
    api.pool.auto_confirm = False
    api.signup(email=ANN, password=PASSWORD)
    assert api.signup(email=ANN, code=code)["statusCode"] == 200
    api.serve("PasswordFunction.http.forgot", {"email": ANN})
    body = {
        "email": ANN,
        "code": f" {RESET_CODE[:3]} {RESET_CODE[3:]}",
        "password": "Popcorn4three",
    }
    assert api.serve("PasswordFunction.http.reset", body)["statusCode"] == 200


COMPOSED, DECOMPOSED = "Pop\u00e9corn4two", "Pope\u0301corn4two"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (COMPOSED, DECOMPOSED),
        (DECOMPOSED, COMPOSED),
        ("Popcorn 4two", "Popcorn\u00a04two"),
        ("Popcorn\u30004two", "Popcorn 4two"),
    ],
)
def test_a_password_is_the_same_in_every_form(api: Api, first: str, second: str) -> None:
    api.signup(email=ANN, username="ann.frames", password=first)
    assert api.signin(email=ANN, password=second)["statusCode"] == 200
    assert api.signin(username="ann.frames", password=second)["statusCode"] == 200
    api.serve("PasswordFunction.http.forgot", {"email": ANN})
    new = {"email": ANN, "code": RESET_CODE, "password": f"New{second}"}
    assert api.serve("PasswordFunction.http.reset", new)["statusCode"] == 200
    assert api.signin(email=ANN, password=f"New{first}")["statusCode"] == 200


@pytest.mark.parametrize("password", ["popcorn4two", "POPCORN4TWO", "\uff30opcorn4two"])
def test_case_and_width_of_a_password_count(api: Api, password: str) -> None:
    api.signup(email=ANN, password=PASSWORD)
    assert api.signin(email=ANN, password=password)["statusCode"] == 401


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Popcorn4two ", "needs no space at its beginning or end"),
        ("\u00a0Popcorn4two", "needs no space at its beginning or end"),
        ("popcorn4two", "needs an upper-case letter"),
        ("Popcorntwo", "needs a digit"),
        ("Pop4", "needs at least 8 characters"),
    ],
)
@pytest.mark.parametrize("route", ["signup", "reset"])
def test_a_refused_password_has_its_true_reason(
    api: Api, password: str, reason: str, route: str
) -> None:
    body = {"email": ANN, "password": password}
    answer = (
        api.signup(**body)
        if route == "signup"
        else api.serve("PasswordFunction.http.reset", body | {"code": RESET_CODE})
    )
    assert (answer["statusCode"], answer["json"]["code"]) == (400, "WeakPassword")
    assert answer["json"]["error"] == f"The password {reason}"
    assert answer["json"]["fields"] == {"password": reason}


@pytest.mark.parametrize("username", ["an", "ann lee", "x" * 21, 7])
def test_names_a_malformed_username(api: Api, username: object) -> None:
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
def test_reports_the_pools_refusal_of_a_code(
    api: Api,
    monkeypatch: pytest.MonkeyPatch,
    error: MatineeError,
    expected: int,
    message: str,
) -> None:
    monkeypatch.setattr(api.pool, "verify", _raising(error))
    answer = api.serve("SignupFunction.http.verify")
    assert (answer["statusCode"], answer["json"]["error"]) == (expected, message)


def test_too_many_attempts_return_retry_after(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.pool, "register", _raising(TooManyAttempts(retry_after=60)))
    answer = api.serve("SignupFunction.http.register")
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (429, "60")


def test_reports_a_code_that_could_not_be_sent(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.pool, "register", _raising(CodeNotSent()))
    answer = api.serve("SignupFunction.http.register")
    assert (answer["statusCode"], answer["json"]["code"]) == (503, "CodeNotSent")


# ── signing in ────────────────────────────────────────────────────────────────────────────────────


def test_signing_in_returns_three_tokens_and_the_address(api: Api) -> None:
    api.serve("SignupFunction.http.register")
    answer = api.serve("SigninFunction.http.valid")
    assert answer["statusCode"] == 200
    assert answer["json"] == {
        "AccessToken": "access-1",
        "IdToken": "id-1",
        "RefreshToken": "refresh-1",
        "ExpiresIn": 3600,
        "email": "ann@example.com",
    }


def test_tokens_must_not_be_stored(api: Api) -> None:
    api.serve("SignupFunction.http.register")
    assert api.serve("SigninFunction.http.valid")["headers"]["Cache-Control"] == "no-store"


def test_names_a_missing_password(api: Api) -> None:
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
def test_names_each_invalid_field(api: Api, body: dict[str, object], fields: set[str]) -> None:
    answer = api.signin(**body)
    assert (answer["statusCode"], answer["json"]["code"]) == (400, "InvalidInput")
    assert set(answer["json"]["fields"]) == fields


def test_unknown_address_and_wrong_password_look_the_same(api: Api) -> None:
    api.serve("SignupFunction.http.register")
    wrong = api.signin(email="ann@example.com", password="Wrong1password")
    unknown = api.signin(email="bob@example.com", password="Wrong1password")
    assert wrong["statusCode"] == 401
    assert wrong["json"]["error"] == "Invalid email or password"
    assert wrong == unknown


def test_reports_an_unconfirmed_account(api: Api) -> None:
    api.pool.auto_confirm = False
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
def test_reports_the_pools_refusal_of_a_sign_in(
    api: Api, monkeypatch: pytest.MonkeyPatch, error: MatineeError, expected: int
) -> None:
    monkeypatch.setattr(api.pool, "authenticate", _raising(error))
    answer = api.serve("SigninFunction.http.valid")
    assert (answer["statusCode"], answer["json"]["code"]) == (expected, type(error).__name__)


def test_signs_in_by_username(api: Api) -> None:
    api.serve("SignupFunction.http.register")
    answer = api.serve("SigninFunction.http.by-username")
    assert (answer["statusCode"], answer["json"]["email"]) == (200, ANN)


def test_unknown_username_and_wrong_password_look_the_same(api: Api) -> None:
    api.serve("SignupFunction.http.register")
    wrong = api.signin(email=ANN, password="Wrong1password")
    unknown = api.signin(username="nobody", password="Wrong1password")
    assert wrong == unknown


def test_too_many_wrong_passwords_return_retry_after(api: Api) -> None:
    for _ in range(10):
        api.signin(email="bob@example.com", password="Wrong1password")
    answer = api.signin(email="bob@example.com", password="Wrong1password")
    assert (answer["statusCode"], answer["json"]["code"]) == (429, "TooManyAttempts")
    assert answer["headers"]["Retry-After"] == "900"
    assert answer["json"]["error"] == "Too many attempts. Please try again later."


# ── sessions ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("spelling", ["RefreshToken", "refreshToken", "refresh_token"])
def test_refreshing_returns_the_field_names_of_signing_in(api: Api, spelling: str) -> None:
    api.serve("SignupFunction.http.register")
    token = api.serve("SigninFunction.http.valid")["json"]["RefreshToken"]
    answer = api.serve("SessionFunction.http.refresh", {spelling: token})
    assert answer["json"] == {
        "AccessToken": "access-2",
        "IdToken": "id-2",
        "RefreshToken": token,
        "ExpiresIn": 3600,
        "email": ANN,
    }
    assert answer["headers"]["Cache-Control"] == "no-store"


def test_an_invalid_refresh_token_is_an_expired_session(api: Api) -> None:
    answer = api.serve("SessionFunction.http.refresh")
    assert (answer["statusCode"], answer["json"]["code"]) == (401, "SessionExpired")


def test_signing_out_ends_the_sessions(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    api.serve("SignupFunction.http.register")
    token = api.serve("SigninFunction.http.valid")["json"]["RefreshToken"]
    built = session.build(signed_in_as(Account("sub-1")))
    monkeypatch.setattr(session, "handler", HttpHandler(lambda: built))
    assert api.serve("SessionFunction.http.signout")["json"] == {"message": "Signed out"}
    monkeypatch.undo()
    assert token not in api.pool.users[ANN].refresh_tokens


# ── a forgotten password ──────────────────────────────────────────────────────────────────────────


def test_a_reset_code_request_reveals_no_account(api: Api) -> None:
    api.serve("SignupFunction.http.register")
    known = api.serve("PasswordFunction.http.forgot", {"email": ANN})
    unknown = api.serve("PasswordFunction.http.forgot", {"email": "bob@example.com"})
    assert known == unknown
    assert known["statusCode"] == 200
    assert api.pool.codes_sent == [ANN]


def test_a_verification_code_request_reveals_no_account(api: Api) -> None:
    api.pool.auto_confirm = False
    api.serve("SignupFunction.http.register")
    waiting = api.serve("SignupFunction.http.resend-code", {"email": ANN})
    unknown = api.serve("SignupFunction.http.resend-code", {"email": "bob@example.com"})
    assert waiting == unknown
    assert waiting["statusCode"] == 200
    assert api.pool.codes_sent == [ANN]


def test_signs_in_with_a_new_password(api: Api) -> None:
    api.serve("SignupFunction.http.register")
    api.serve("PasswordFunction.http.forgot")
    body = {"email": ANN, "code": RESET_CODE, "password": "Popcorn4three"}
    answer = api.serve("PasswordFunction.http.reset", body)
    assert answer["json"] == {"message": "Password changed successfully"}
    assert api.signin(email=ANN, password="Popcorn4three")["statusCode"] == 200


@pytest.mark.parametrize("email", [ANN, "bob@example.com"])
def test_wrong_reset_code_and_unknown_address_look_the_same(api: Api, email: str) -> None:
    api.serve("SignupFunction.http.register")
    body = {"email": email, "code": "000000", "password": "Popcorn4three"}
    answer = api.serve("PasswordFunction.http.reset", body)
    assert (answer["statusCode"], answer["json"]["code"]) == (400, "InvalidResetCode")


# ── usernames ─────────────────────────────────────────────────────────────────────────────────────


def test_a_username_is_available_until_it_is_taken(api: Api) -> None:
    assert api.serve("UsernamesFunction.http.check")["json"] == {"available": True}
    api.serve("SignupFunction.http.register")
    assert api.serve("UsernamesFunction.http.check")["json"] == {"available": False}


@pytest.mark.parametrize("path", ["Am%C3%A9lie", "Amélie", "AM%c3%89LIE"])
def test_a_username_in_a_path_may_be_encoded(api: Api, path: str) -> None:
    api.tables.usernames[Username("amélie").key] = "sub-9"
    event = json.loads((EVENTS / "UsernamesFunction.http.check.json").read_text())
    event["rawPath"] = event["requestContext"]["http"]["path"] = f"/auth/usernames/{path}"
    event["pathParameters"]["username"] = path
    answer = api.invoke("UsernamesFunction", event)
    assert json.loads(answer["body"]) == {"available": False}


@pytest.mark.parametrize(
    "typed", ["a\nb", "a/b", "?x#", "%", "%zz%0a", "..", "\x00\x00\x00", "a" * 3000]
)
def test_any_text_in_the_path_gets_a_response(api: Api, typed: str) -> None:
    event = json.loads((EVENTS / "UsernamesFunction.http.check.json").read_text())
    event["rawPath"] = event["requestContext"]["http"]["path"] = f"/auth/usernames/{typed}"
    event["pathParameters"]["username"] = typed
    answer = api.invoke("UsernamesFunction", event)
    assert json.loads(answer["body"])["code"] == "InvalidInput"


def test_checking_a_malformed_username_names_it(api: Api) -> None:
    answer = api.serve("UsernamesFunction.http.check-too-short")
    assert (answer["statusCode"], set(answer["json"]["fields"])) == (400, {"username"})


def test_the_signed_in_user_takes_a_username(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = api.sign_up.register(ANN, PASSWORD, "ann", CALLER)
    bob = api.sign_up.register("bob@example.com", PASSWORD, "bob", CALLER)
    built = usernames.build(signed_in_as(ann))
    monkeypatch.setattr(usernames, "handler", HttpHandler(lambda: built))
    answer = api.serve("UsernamesFunction.http.take", {"username": "frames"})
    assert (answer["statusCode"], answer["json"]) == (200, {"success": True})
    refused = api.serve("UsernamesFunction.http.take", {"username": "Bob"})
    assert (refused["statusCode"], refused["json"]["code"]) == (409, "UsernameTaken")
    monkeypatch.undo()
    assert api.tables.usernames == {"frames": ann.user_id, "bob": bob.user_id}


# ── deleting an account ───────────────────────────────────────────────────────────────────────────


def test_the_signed_in_user_deletes_their_account(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = api.sign_up.register(ANN, PASSWORD, "ann", CALLER)
    built = account.build(signed_in_as(ann))
    monkeypatch.setattr(account, "handler", HttpHandler(lambda: built))
    answer = api.serve("AccountFunction.http.delete", **{"x-correlation-id": "goodbye"})
    assert answer["json"] == {"message": "Account deleted"}
    assert len(api.pool) == 0
    assert api.tables.outbox[-1].metadata.correlation_id == "goodbye"


def test_reports_an_unfinished_deletion(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = api.sign_up.register(ANN, PASSWORD, "ann", CALLER)
    built = account.build(signed_in_as(ann))
    monkeypatch.setattr(account, "handler", HttpHandler(lambda: built))
    monkeypatch.setattr(api.pool, "disable", _raising(AccountsUnavailable()))
    answer = api.serve("AccountFunction.http.delete")
    assert (answer["statusCode"], answer["json"]["code"]) == (503, "DeletionUnfinished")


def test_the_sweep_returns_how_many_are_unfinished(api: Api) -> None:
    assert api.invoke("AccountFunction", {"sweep": True}) == {"unfinished": 0}


# ── the user pool's triggers ──────────────────────────────────────────────────────────────────────


def test_pre_sign_up_confirms_where_no_mail_is_sent(api: Api) -> None:
    answer = api.trigger("PreSignUpFunction.cognito.sign-up")
    assert answer["response"] == {
        "autoConfirmUser": True,
        "autoVerifyEmail": True,
        "autoVerifyPhone": False,
    }


def test_pre_sign_up_leaves_google_users_to_the_pool(api: Api) -> None:
    answer = api.trigger("PreSignUpFunction.cognito.google")
    assert set(answer["response"].values()) == {False}


def test_pre_sign_up_refuses_nobody(api: Api) -> None:
    api.tables.usernames["ann.frames"] = "sub-9"
    for sample in ("odd-names", "sign-up"):
        answer = api.trigger(f"PreSignUpFunction.cognito.{sample}")
        assert answer["response"]["autoConfirmUser"]


def federated(api: Api, sample: str) -> dict[str, str]:
    answer = api.trigger(f"InboundFederationFunction.cognito.{sample}")
    mapped: dict[str, str] = answer["response"]["userAttributesToMap"]
    return mapped


def test_an_address_that_google_vouches_for_is_mapped_as_it_is(api: Api) -> None:
    assert federated(api, "verified") == {}


def test_an_address_that_google_does_not_vouch_for_is_kept_from_the_pool(api: Api) -> None:
    assert federated(api, "unverified") == {"sub": "108234567890123456789", "given_name": "Ann"}


@pytest.mark.parametrize("verified", [True, "true", "True", False, "false", None, "", 1])
def test_only_googles_own_word_verifies_an_address(api: Api, verified: object) -> None:
    event = json.loads((EVENTS / "InboundFederationFunction.cognito.verified.json").read_text())
    event["request"]["attributes"] = {
        "idToken": {"sub": "108", "email": ANN, "email_verified": verified}
    }
    mapped = api.invoke("InboundFederationFunction", event)["response"]["userAttributesToMap"]
    assert mapped == ({} if str(verified).lower() == "true" else {"sub": "108"})


def test_a_federation_without_a_user_is_refused(api: Api, log: io.StringIO) -> None:
    with pytest.raises(InvalidInput) as refusal:
        federated(api, "nobody")
    assert "ann@example.com" not in str(refusal.value) + log.getvalue()


def test_post_confirmation_returns_its_event_unchanged(api: Api) -> None:
    api.pool.register(ANN, PASSWORD, "ann.frames")
    api.pool.users[ANN].user_id = SUB
    sample = "PostConfirmationFunction.cognito.confirmed"
    assert api.trigger(sample) == json.loads((EVENTS / f"{sample}.json").read_text())
    assert api.is_complete(ANN)


def test_a_trigger_continues_the_trace_of_the_route(api: Api) -> None:
    api.pool.register(ANN, PASSWORD, "ann.frames")
    api.pool.users[ANN].user_id = SUB
    event = json.loads((EVENTS / "PostConfirmationFunction.cognito.confirmed.json").read_text())
    event["request"]["clientMetadata"] = {"x-correlation-id": "visit-1"}
    api.invoke("PostConfirmationFunction", event)
    assert {event.metadata.correlation_id for event in api.tables.outbox} == {"visit-1"}


def test_post_authentication_returns_its_event_unchanged(api: Api) -> None:
    api.pool.register(ANN, PASSWORD, "ann.frames")
    api.pool.users[ANN].user_id = SUB
    sample = "PostAuthenticationFunction.cognito.authenticated"
    assert api.trigger(sample) == json.loads((EVENTS / f"{sample}.json").read_text())
    assert api.is_complete(ANN)
    assert api.profile(SUB).last_login_at == api.now


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


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION


# ── all functions ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("sample", REQUESTS)
def test_an_allowed_origin_may_read_every_response(api: Api, sample: str) -> None:
    for origin in (ORIGIN, "https://app.example"):
        headers = api.serve(sample, origin=origin)["headers"]
        assert headers["Access-Control-Allow-Origin"] == origin
    foreign = api.serve(sample, origin="https://elsewhere.example")["headers"]
    assert "Access-Control-Allow-Origin" not in foreign


@pytest.mark.parametrize("function", sorted(MODULES))
def test_a_warmup_event_calls_nothing(function: str) -> None:
    assert MODULES[function].handler({"warmup": True}, Context()) == {"warmed": True}


def test_logs_no_password_token_code_or_address(api: Api, log: io.StringIO) -> None:
    # Given every request, successful and refused
    for sample in REQUESTS:
        api.serve(sample, authorization="Bearer secret-token")
        api.serve(sample)
    for sample in ("PostConfirmationFunction.cognito.google", "PreSignUpFunction.cognito.sign-up"):
        with suppress(MatineeError, IndexError):  # a user that the pool does not have
            api.trigger(sample)
    api.signin(email="ann@example.com", password="Wrong1password")
    api.signin(email="ann@example.com", password={"hidden": "Popcorn4two"})
    api.signin(username="ann.frames", password="Wrong1password")
    api.signup(email="ann@example.com", code="654321")
    # Then there is a log, without any of the secrets
    assert '"status":401' in log.getvalue()
    for secret in (
        "ann", "Popcorn4two", "Wrong1password", "123456", "654321", "secret-token",
        "access-1", "id-1", "refresh-1", "a.refresh.token", "Popcorn4three", "203.0.113",
    ):  # fmt: skip
        assert secret not in log.getvalue()


def test_logs_an_unexpected_error_without_the_request(
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
def test_auto_confirm_is_read_from_the_environment(value: str, *, confirmed: bool) -> None:
    assert PreSignUpSettings.load(ENVIRONMENT | {"AUTO_CONFIRM": value}).auto_confirm is confirmed


def test_auto_confirm_is_off_by_default() -> None:
    assert PreSignUpSettings.load(ENVIRONMENT).auto_confirm is False


def test_an_empty_client_secret_is_none() -> None:
    settings = PoolSettings.load(ENVIRONMENT | {"USER_POOL_CLIENT_SECRET": ""})
    assert settings.user_pool_client_secret is None


def test_the_repr_of_settings_hides_the_client_secret() -> None:
    settings = PoolSettings.load(ENVIRONMENT | {"USER_POOL_CLIENT_SECRET": "hush"})
    assert settings.user_pool_client_secret is not None
    assert "hush" not in repr(settings)


def _raising(error: Exception) -> Callable[..., Any]:
    def method(*_: object) -> None:
        raise error

    return method
