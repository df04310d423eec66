"""The user pool's triggers in the emulator: when they are called, and with what."""

import importlib
import json
from types import SimpleNamespace
from typing import Any

import pytest

from auth.api.trigger_schemas import pool_user
from tools.local.patches.user_pool import Triggers

SUB = "5f0c2a1e-7d34-4b8a-9c61-2e8d40b7f3a9"
ANN = "ann@example.com"
CLIENT = "client"
OK: tuple[int, dict[str, str], bytes] = (200, {}, b"{}")


class Pool:
    """A user pool of the emulator with one user, and the calls of its functions."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.user: dict[str, Any] = {
            "Username": SUB,
            "UserStatus": "UNCONFIRMED",
            "Attributes": [
                {"Name": "sub", "Value": SUB},
                {"Name": "email", "Value": ANN},
                {"Name": "preferred_username", "Value": "ann"},
            ],
        }
        self.called: list[dict[str, Any]] = []
        self.answer: dict[str, Any] = {}
        pool = {
            "Id": "eu-west-1_Matinee",
            "LambdaConfig": {"PostConfirmation": "arn:pc", "PostAuthentication": "arn:pa"},
        }
        cognito = importlib.import_module("ministack.services.cognito")
        monkeypatch.setattr(cognito, "_resolve_pool", lambda _: (pool, None))
        monkeypatch.setattr(cognito, "_pool_for_client", lambda _: (pool, pool["Id"]))
        monkeypatch.setattr(
            cognito, "_resolve_user", lambda _, name: (self.user if name == ANN else None, None)
        )
        monkeypatch.setattr(cognito, "_user_pool_for_access_token", lambda _: (self.user, pool))
        lambdas = importlib.import_module("ministack.services.lambda_svc")
        monkeypatch.setattr(lambdas, "_get_func_record_for_ref", lambda arn: (arn, {}, ""))
        monkeypatch.setattr(lambdas, "_execution_record_for_config", lambda record, _: record)
        monkeypatch.setattr(lambdas, "_execute_function_with_config_scope", self._execute)
        self.triggers = Triggers(cognito)

    @property
    def sources(self) -> list[str]:
        """The sources of the triggers that were called."""
        return [event["triggerSource"] for event in self.called]

    def confirm(self, _: object) -> tuple[int, dict[str, str], bytes]:
        self.user["UserStatus"] = "CONFIRMED"
        return OK

    def _execute(self, _: object, event: dict[str, Any]) -> dict[str, Any]:
        self.called.append(event)
        return self.answer


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Pool:
    return Pool(monkeypatch)


REQUEST = {"ClientId": CLIENT, "Username": ANN, "ConfirmationCode": "123456"}
TOKENS = json.dumps({"AuthenticationResult": {"AccessToken": "token"}}).encode()


def test_a_confirmation_calls_its_trigger_once(pool: Pool) -> None:
    confirm = pool.triggers.after_a_confirmation(pool.confirm)
    for _ in range(2):
        assert confirm(REQUEST) == OK
    assert pool.sources == ["PostConfirmation_ConfirmSignUp"]
    assert pool_user(pool.called[0]).preferred_username == "ann"
    assert pool.called[0]["callerContext"]["clientId"] == CLIENT


def test_a_code_verifies_the_address(pool: Pool) -> None:
    pool.triggers.after_a_confirmation(pool.confirm)(REQUEST)
    assert {"Name": "email_verified", "Value": "true"} in pool.user["Attributes"]
    assert pool.called[0]["request"]["userAttributes"]["email_verified"] == "true"


def test_an_unconfirmed_sign_up_calls_no_trigger(pool: Pool) -> None:
    assert pool.triggers.after_a_confirmation(lambda _: OK)({"ClientId": CLIENT, "Username": ANN})
    assert pool.called == []


def test_a_new_password_calls_the_trigger_of_its_own_source(pool: Pool) -> None:
    pool.triggers.after_a_new_password(pool.confirm)(REQUEST)
    assert pool.sources == ["PostConfirmation_ConfirmForgotPassword"]


@pytest.mark.parametrize("request_", [{"AuthFlow": "USER_PASSWORD_AUTH"}, {"ChallengeName": "x"}])
def test_a_sign_in_calls_its_trigger(pool: Pool, request_: dict[str, str]) -> None:
    response: tuple[int, dict[str, str], bytes] = (200, {}, TOKENS)
    sign_in = pool.triggers.after_a_sign_in(lambda _: response)
    assert sign_in({**request_, "ClientMetadata": {"app": "tv"}}) == response
    assert pool.sources == ["PostAuthentication_Authentication"]
    assert pool.called[0]["request"]["newDeviceUsed"] is False
    assert ("clientMetadata" in pool.called[0]["request"]) is ("AuthFlow" not in request_)


@pytest.mark.parametrize(
    ("request_", "response"),
    [
        ({"AuthFlow": "REFRESH_TOKEN_AUTH"}, (200, {}, TOKENS)),
        ({"AuthFlow": "USER_SRP_AUTH"}, (200, {}, b'{"ChallengeName": "PASSWORD_VERIFIER"}')),
        ({"AuthFlow": "USER_PASSWORD_AUTH"}, (400, {}, b'{"__type": "NotAuthorizedException"}')),
    ],
    ids=["a refresh", "a challenge", "a refusal"],
)
def test_what_is_no_sign_in_calls_no_trigger(
    pool: Pool, request_: dict[str, str], response: tuple[int, dict[str, str], bytes]
) -> None:
    assert pool.triggers.after_a_sign_in(lambda _: response)(request_) == response
    assert pool.called == []


def test_a_failing_trigger_fails_the_call_after_the_change(pool: Pool) -> None:
    pool.answer = {"error": True, "body": {"errorMessage": "This account has been deleted"}}
    status, _, body = pool.triggers.after_a_confirmation(pool.confirm)(REQUEST)
    assert (status, json.loads(body)["__type"]) == (400, "UserLambdaValidationException")
    assert "This account has been deleted" in json.loads(body)["message"]
    assert pool.user["UserStatus"] == "CONFIRMED"


def test_a_pool_without_triggers_is_left_as_it_is(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    cognito = importlib.import_module("ministack.services.cognito")
    monkeypatch.setattr(cognito, "_pool_for_client", lambda _: ({"Id": "p"}, "p"))
    assert pool.triggers.after_a_confirmation(pool.confirm)(REQUEST) == OK
    assert pool.called == []


def test_the_pinned_emulator_has_what_is_changed() -> None:
    cognito = importlib.import_module("ministack.services.cognito")
    names = SimpleNamespace(**vars(cognito))
    for name in (
        "_sign_up",
        "_confirm_sign_up",
        "_admin_confirm_sign_up",
        "_confirm_forgot_password",
        "_initiate_auth",
        "_admin_initiate_auth",
        "_respond_to_auth_challenge",
        "_admin_respond_to_auth_challenge",
        "_admin_user_global_sign_out",
        "_delete_user",
    ):
        assert callable(getattr(names, name))
    assert callable(importlib.import_module("ministack.services.ses")._record_send)
