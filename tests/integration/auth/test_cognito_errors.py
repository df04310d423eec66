"""Cognito's errors by their codes, the rare ones too: our errors, and what is logged."""

import base64
import hashlib
import hmac
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.httpsession import URLLib3Session
from botocore.stub import Stubber
from jose import jwt
from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

from auth.adapters.cognito.user_pool import CognitoUserPool
from auth.domain.account import Account, SignUpResult
from auth.domain.errors import (
    AccountsUnavailable,
    AddressRefused,
    CodeNotSent,
    EmailAlreadyRegistered,
    FurtherStepRequired,
    InvalidCredentials,
    InvalidResetCode,
    InvalidVerificationCode,
    PasswordResetRequired,
    SessionExpired,
    UserNotConfirmed,
    VerificationCodeExpired,
    WeakPassword,
)
from matinee.errors import Forbidden, MatineeError, TooManyAttempts
from matinee.events.envelope import Trace
from matinee.observability import logger

ANN = "ann@example.com"
PASSWORD = "Popcorn4two"
CLIENT = "2jd6lk0q4r8h3mv7c9pz1n5xat"
SECRET = "hush" * 8
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
URL = "https://cognito.example"
QUOTES_EVERYTHING = f"Value at 'username' failed: {ANN}, {PASSWORD}, 123456"

CALLS: dict[str, Callable[[CognitoUserPool], object]] = {
    "sign_up": lambda pool: pool.register(ANN, PASSWORD, None),
    "confirm_sign_up": lambda pool: pool.verify(ANN, "123456"),
    "resend_confirmation_code": lambda pool: pool.resend_code(ANN),
    "admin_get_user": lambda pool: pool.find(ANN),
    "admin_add_user_to_group": lambda pool: pool.add_to_group("Users", "5f0c7a2b"),
    "admin_update_user_attributes": lambda pool: pool.set_username("5f0c7a2b", "ann"),
    "admin_user_global_sign_out": lambda pool: pool.sign_out("5f0c7a2b"),
    "admin_disable_user": lambda pool: pool.disable("5f0c7a2b"),
    "admin_delete_user": lambda pool: pool.delete("5f0c7a2b"),
    "initiate_auth": lambda pool: pool.authenticate(ANN, PASSWORD),
    "forgot_password": lambda pool: pool.send_reset_code(ANN),
    "confirm_forgot_password": lambda pool: pool.reset_password(ANN, "123456", PASSWORD),
}
QUIET = {"resend_confirmation_code", "forgot_password"}
"""They do not reveal what happens for one user."""

REFUSALS: list[tuple[str, str, type[MatineeError]]] = [
    ("sign_up", "UsernameExistsException", EmailAlreadyRegistered),
    ("sign_up", "AliasExistsException", EmailAlreadyRegistered),
    ("sign_up", "InvalidPasswordException", WeakPassword),
    ("sign_up", "InvalidParameterException", AddressRefused),
    ("sign_up", "CodeDeliveryFailureException", CodeNotSent),
    ("sign_up", "NotAuthorizedException", AccountsUnavailable),
    ("confirm_sign_up", "CodeMismatchException", InvalidVerificationCode),
    ("confirm_sign_up", "ExpiredCodeException", VerificationCodeExpired),
    ("confirm_sign_up", "UserNotFoundException", InvalidVerificationCode),
    ("confirm_sign_up", "NotAuthorizedException", InvalidVerificationCode),
    ("confirm_sign_up", "InvalidParameterException", InvalidVerificationCode),
    ("confirm_sign_up", "AliasExistsException", EmailAlreadyRegistered),
    ("confirm_sign_up", "TooManyFailedAttemptsException", TooManyAttempts),
    ("initiate_auth", "NotAuthorizedException", InvalidCredentials),
    ("initiate_auth", "UserNotFoundException", InvalidCredentials),
    ("initiate_auth", "UserNotConfirmedException", UserNotConfirmed),
    ("initiate_auth", "PasswordResetRequiredException", PasswordResetRequired),
    ("initiate_auth", "InvalidParameterException", AccountsUnavailable),
    ("initiate_auth", "UserLambdaValidationException", InvalidCredentials),
    ("confirm_forgot_password", "CodeMismatchException", InvalidResetCode),
    ("confirm_forgot_password", "ExpiredCodeException", InvalidResetCode),
    ("confirm_forgot_password", "UserNotFoundException", InvalidResetCode),
    ("confirm_forgot_password", "NotAuthorizedException", InvalidResetCode),
    ("confirm_forgot_password", "UserNotConfirmedException", InvalidResetCode),
    ("confirm_forgot_password", "InvalidParameterException", InvalidResetCode),
    ("confirm_forgot_password", "InvalidPasswordException", WeakPassword),
    ("confirm_forgot_password", "PasswordHistoryPolicyViolationException", WeakPassword),
    ("confirm_forgot_password", "TooManyFailedAttemptsException", TooManyAttempts),
    ("admin_get_user", "InvalidParameterException", AccountsUnavailable),
    ("admin_update_user_attributes", "InvalidParameterException", AccountsUnavailable),
    ("admin_user_global_sign_out", "InvalidParameterException", AccountsUnavailable),
    ("admin_disable_user", "InvalidParameterException", AccountsUnavailable),
    ("admin_delete_user", "InvalidParameterException", AccountsUnavailable),
    ("admin_add_user_to_group", "UserNotFoundException", AccountsUnavailable),
    # Of every operation one that all share, and of one operation all of these:
    *((operation, "TooManyRequestsException", TooManyAttempts) for operation in CALLS),
    ("sign_up", "LimitExceededException", TooManyAttempts),
    ("sign_up", "ThrottlingException", TooManyAttempts),
    ("sign_up", "ForbiddenException", Forbidden),
    ("sign_up", "InternalErrorException", AccountsUnavailable),
]
REFRESH_REFUSALS: list[tuple[str, type[MatineeError]]] = [
    ("NotAuthorizedException", SessionExpired),
    ("UserNotFoundException", SessionExpired),
    ("InvalidParameterException", SessionExpired),
    ("RefreshTokenReuseException", SessionExpired),
    ("UserNotConfirmedException", SessionExpired),
    ("UserLambdaValidationException", SessionExpired),
    ("PasswordResetRequiredException", PasswordResetRequired),
    ("TooManyRequestsException", TooManyAttempts),
    ("ForbiddenException", Forbidden),
    ("ResourceNotFoundException", AccountsUnavailable),
    ("InternalErrorException", AccountsUnavailable),
]


@pytest.fixture
def cognito() -> CognitoIdentityProviderClient:
    return boto3.client(
        "cognito-idp",
        region_name="eu-west-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


@pytest.fixture
def stub(cognito: CognitoIdentityProviderClient) -> Iterator[Stubber]:
    with Stubber(cognito) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def user_pool(cognito: CognitoIdentityProviderClient) -> CognitoUserPool:
    return CognitoUserPool(cognito=cognito, pool_id="eu-west-1_Matinee", client_id=CLIENT)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    usual = logger.registered_handler.setStream(stream)  # type: ignore[attr-defined]
    yield stream
    logger.registered_handler.setStream(usual)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("operation", "code", "expected"), REFUSALS)
def test_translates_each_error_code_without_its_message(
    *,
    stub: Stubber,
    user_pool: CognitoUserPool,
    log: io.StringIO,
    operation: str,
    code: str,
    expected: type[MatineeError],
) -> None:
    if operation == "admin_disable_user":
        stub.add_response("admin_user_global_sign_out", {})
    stub.add_client_error(operation, code, QUOTES_EVERYTHING)
    with pytest.raises(MatineeError) as refusal:
        CALLS[operation](user_pool)
    assert type(refusal.value) is expected
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__
    for secret in (ANN, PASSWORD, "123456"):
        assert secret not in log.getvalue()
        assert secret not in refusal.value.message
    assert (code in log.getvalue()) == (expected in (AccountsUnavailable, TooManyAttempts))


@pytest.mark.parametrize(
    ("code", "seconds"),
    [
        ("TooManyRequestsException", 5),
        ("ThrottlingException", 5),
        ("LimitExceededException", 60),
        ("TooManyFailedAttemptsException", 300),
    ],
)
def test_each_limit_has_its_retry_after(
    stub: Stubber, user_pool: CognitoUserPool, code: str, seconds: int
) -> None:
    stub.add_client_error("confirm_sign_up", code)
    with pytest.raises(TooManyAttempts) as refusal:
        user_pool.verify(ANN, "123456")
    assert refusal.value.retry_after == seconds
    assert refusal.value.message == "Too many attempts. Please try again later."


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        *((operation, EndpointConnectionError(endpoint_url=URL)) for operation in sorted(CALLS)),
        ("sign_up", ReadTimeoutError(endpoint_url=URL)),
        ("sign_up", ConnectionClosedError(endpoint_url=URL)),
        ("sign_up", NoCredentialsError()),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_an_unreachable_pool_is_unavailable(
    user_pool: CognitoUserPool,
    monkeypatch: pytest.MonkeyPatch,
    log: io.StringIO,
    operation: str,
    error: Exception,
) -> None:
    def unreachable(**_: object) -> None:
        raise error

    monkeypatch.setattr(user_pool.cognito, operation, unreachable)
    with pytest.raises(AccountsUnavailable):
        CALLS[operation](user_pool)
    assert type(error).__name__ in log.getvalue()


CHANGES = ["sign_up", "confirm_sign_up", "confirm_forgot_password"]
"""The calls that a trigger follows, and that cannot be repeated."""


@pytest.mark.parametrize("operation", CHANGES)
@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (ReadTimeoutError(endpoint_url=URL), True),
        (ConnectionClosedError(endpoint_url=URL), True),
        (ConnectTimeoutError(endpoint_url=URL), False),
        (EndpointConnectionError(endpoint_url=URL), False),
        (NoCredentialsError(), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_says_whether_a_call_may_have_been_carried_out(
    user_pool: CognitoUserPool,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    error: Exception,
    *,
    lost: bool,
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(user_pool.cognito, operation, fail)
    with pytest.raises(AccountsUnavailable) as failure:
        CALLS[operation](user_pool)
    assert failure.value.response_lost is lost


@pytest.mark.parametrize("operation", CHANGES)
@pytest.mark.parametrize(
    ("code", "lost"),
    [
        ("UserLambdaValidationException", True),
        ("UnexpectedLambdaException", True),
        ("InvalidLambdaResponseException", True),
        ("InternalErrorException", True),
        ("ResourceNotFoundException", False),
    ],
)
def test_a_failing_trigger_leaves_open_what_was_done(
    *, stub: Stubber, user_pool: CognitoUserPool, operation: str, code: str, lost: bool
) -> None:
    stub.add_client_error(operation, code, QUOTES_EVERYTHING)
    with pytest.raises(AccountsUnavailable) as failure:
        CALLS[operation](user_pool)
    assert failure.value.response_lost is lost
    assert failure.value.__suppress_context__


@pytest.mark.parametrize("operation", sorted(QUIET))
@pytest.mark.parametrize(
    "code",
    [
        "UserNotFoundException",
        "NotAuthorizedException",
        "InvalidParameterException",
        "LimitExceededException",
        "CodeDeliveryFailureException",
    ],
)
def test_a_code_request_hides_whether_an_account_exists(
    *, stub: Stubber, user_pool: CognitoUserPool, log: io.StringIO, operation: str, code: str
) -> None:
    stub.add_client_error(operation, code, QUOTES_EVERYTHING)
    CALLS[operation](user_pool)
    assert ANN not in log.getvalue()


@pytest.mark.parametrize(
    "operation", ["admin_user_global_sign_out", "admin_disable_user", "admin_delete_user"]
)
def test_deleting_an_unknown_user_succeeds(
    stub: Stubber, user_pool: CognitoUserPool, operation: str
) -> None:
    if operation == "admin_disable_user":  # the sessions are ended first
        stub.add_client_error("admin_user_global_sign_out", "UserNotFoundException")
    stub.add_client_error(operation, "UserNotFoundException")
    CALLS[operation](user_pool)


@pytest.mark.parametrize("refused", ["admin_user_global_sign_out", "admin_disable_user", "both"])
def test_disabling_a_disabled_user_succeeds(
    stub: Stubber, user_pool: CognitoUserPool, refused: str
) -> None:
    for operation in ("admin_user_global_sign_out", "admin_disable_user"):
        if refused in (operation, "both"):
            stub.add_client_error(operation, "NotAuthorizedException", "User is disabled.")
        else:
            stub.add_response(operation, {})
    user_pool.disable("5f0c7a2b")


@pytest.mark.parametrize(("code", "expected"), REFRESH_REFUSALS)
def test_translates_each_refusal_of_a_refresh_token(
    stub: Stubber, user_pool: CognitoUserPool, code: str, expected: type[MatineeError]
) -> None:
    stub.add_client_error("initiate_auth", code, "Refresh Token has expired")
    with pytest.raises(expected):
        user_pool.refresh("a.refresh.token")


def test_keeps_the_refresh_token_unless_it_is_rotated(
    stub: Stubber, user_pool: CognitoUserPool
) -> None:
    answer = tokens(email=ANN)
    del answer["AuthenticationResult"]["RefreshToken"]
    answer["AuthenticationResult"]["ExpiresIn"] = 900
    stub.add_response(
        "initiate_auth",
        answer,
        {
            "ClientId": CLIENT,
            "AuthFlow": "REFRESH_TOKEN_AUTH",
            "AuthParameters": {"REFRESH_TOKEN": "a.refresh.token"},
        },
    )
    session = user_pool.refresh("a.refresh.token")
    assert (session.refresh_token, session.expires_in) == ("a.refresh.token", 900)


def test_returns_a_rotated_refresh_token(stub: Stubber, user_pool: CognitoUserPool) -> None:
    stub.add_response("initiate_auth", tokens(email=ANN))
    assert user_pool.refresh("an.older.token").refresh_token == "refresh"


def test_a_challenge_on_refresh_is_an_expired_session(
    stub: Stubber, user_pool: CognitoUserPool
) -> None:
    stub.add_response("initiate_auth", {"ChallengeName": "SMS_MFA", "Session": "x" * 20})
    with pytest.raises(SessionExpired):
        user_pool.refresh("a.refresh.token")


def test_passes_the_trace_on_to_the_triggers(stub: Stubber, user_pool: CognitoUserPool) -> None:
    metadata = {"x-correlation-id": "visit-1"}
    request = {"ClientId": CLIENT, "Username": ANN, "ClientMetadata": metadata}
    attributes = [{"Name": "email", "Value": ANN}]
    stub.add_response(
        "sign_up",
        {"UserConfirmed": True, "UserSub": "5f0c7a2b"},
        {**request, "Password": PASSWORD, "UserAttributes": attributes},
    )
    stub.add_response("confirm_sign_up", {}, {**request, "ConfirmationCode": "123456"})
    user_pool.register(ANN, PASSWORD, None, Trace("visit-1"))
    user_pool.verify(ANN, "123456", Trace("visit-1"))


@pytest.mark.parametrize("confirmed", [False, True])
def test_returns_whether_a_new_account_is_confirmed(
    stub: Stubber, user_pool: CognitoUserPool, *, confirmed: bool
) -> None:
    stub.add_response("sign_up", {"UserConfirmed": confirmed, "UserSub": "5f0c7a2b"})
    assert user_pool.register(ANN, PASSWORD, None) == SignUpResult(
        Account("5f0c7a2b", ANN), confirmed
    )


def test_finds_a_google_user_with_the_pools_own_name(
    stub: Stubber, user_pool: CognitoUserPool
) -> None:
    stub.add_response(
        "admin_get_user",
        {
            "Username": "Google_108",
            "UserStatus": "EXTERNAL_PROVIDER",
            "UserCreateDate": NOON,
            "UserLastModifiedDate": NOON,
            "UserAttributes": [
                {"Name": "sub", "Value": "5f0c7a2b"},
                {"Name": "email", "Value": ANN},
                {"Name": "given_name", "Value": "Ann"},
            ],
        },
    )
    registration = user_pool.find(ANN)
    assert registration is not None
    found = registration.user
    assert found.account.cognito_username == "Google_108"
    assert (found.account.user_id, found.given_name) == ("5f0c7a2b", "Ann")
    assert "Google_108" not in repr(found)


@pytest.mark.parametrize("challenge", ["NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA"])
def test_names_a_challenge_instead_of_tokens(
    stub: Stubber, user_pool: CognitoUserPool, challenge: str
) -> None:
    stub.add_response("initiate_auth", {"ChallengeName": challenge, "Session": "x" * 20})
    with pytest.raises(FurtherStepRequired) as refusal:
        user_pool.authenticate(ANN, PASSWORD)
    assert refusal.value.info == {"challenge": challenge}


def tokens(**claims: object) -> dict[str, Any]:
    id_token = jwt.encode({"sub": "5f0c7a2b", **claims}, "any", algorithm="HS256")
    return {
        "AuthenticationResult": {
            "AccessToken": "access",
            "IdToken": id_token,
            "RefreshToken": "refresh",
        }
    }


def test_parses_the_session_from_the_id_token(stub: Stubber, user_pool: CognitoUserPool) -> None:
    stub.add_response(
        "initiate_auth",
        tokens(email="ann@new.example", **{"cognito:groups": ["Users", "Editors"]}),
        {
            "ClientId": CLIENT,
            "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": ANN, "PASSWORD": PASSWORD},
        },
    )
    session = user_pool.authenticate(ANN, PASSWORD)
    assert session.account.user_id == "5f0c7a2b"
    assert session.account.email == "ann@new.example"
    assert session.groups == {"Users", "Editors"}
    assert (session.access_token, session.refresh_token) == ("access", "refresh")


def test_keeps_the_address_that_signed_in_without_a_claim(
    stub: Stubber, user_pool: CognitoUserPool
) -> None:
    stub.add_response("initiate_auth", tokens())
    session = user_pool.authenticate(ANN, PASSWORD)
    assert (session.account.email, session.groups) == (ANN, frozenset())


def test_a_client_with_a_secret_sends_its_hash_in_each_call(
    stub: Stubber, cognito: CognitoIdentityProviderClient
) -> None:
    # Given the SecretHash as Cognito's documentation defines it
    digest = hmac.new(SECRET.encode(), f"{ANN}{CLIENT}".encode(), hashlib.sha256).digest()
    secret_hash = base64.b64encode(digest).decode()
    user_pool = CognitoUserPool(
        cognito=cognito, pool_id="eu-west-1_Matinee", client_id=CLIENT, client_secret=SECRET
    )
    # When each call is made, then it carries the SecretHash
    stub.add_response(
        "sign_up",
        {"UserConfirmed": False, "UserSub": "5f0c7a2b"},
        {
            "ClientId": CLIENT,
            "Username": ANN,
            "Password": PASSWORD,
            "UserAttributes": [{"Name": "email", "Value": ANN}],
            "SecretHash": secret_hash,
        },
    )
    stub.add_response(
        "confirm_sign_up",
        {},
        {
            "ClientId": CLIENT,
            "Username": ANN,
            "ConfirmationCode": "123456",
            "SecretHash": secret_hash,
        },
    )
    stub.add_response(
        "initiate_auth",
        tokens(),
        {
            "ClientId": CLIENT,
            "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": ANN, "PASSWORD": PASSWORD, "SECRET_HASH": secret_hash},
        },
    )
    for operation in ("resend_confirmation_code", "forgot_password"):
        stub.add_response(
            operation, {}, {"ClientId": CLIENT, "Username": ANN, "SecretHash": secret_hash}
        )
    stub.add_response(
        "confirm_forgot_password",
        {},
        {
            "ClientId": CLIENT,
            "Username": ANN,
            "ConfirmationCode": "123456",
            "Password": PASSWORD,
            "SecretHash": secret_hash,
        },
    )
    user_pool.register(ANN, PASSWORD, None)
    user_pool.verify(ANN, "123456")
    user_pool.authenticate(ANN, PASSWORD)
    user_pool.resend_code(ANN)
    user_pool.send_reset_code(ANN)
    user_pool.reset_password(ANN, "123456", PASSWORD)
    assert SECRET not in repr(user_pool)


# ── new tokens for a client with a secret ─────────────────────────────────────────────────────────


class Server:
    """What Cognito answers to one request, and the request that it got."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.status, self.body = 200, json.dumps(tokens(email=ANN)).encode()
        self.error: Exception | None = None
        self.asked: list[Any] = []
        monkeypatch.setattr(URLLib3Session, "send", lambda _, request: self.send(request))

    def send(self, request: AWSPreparedRequest) -> SimpleNamespace:
        self.asked.append(request)
        if self.error:
            raise self.error
        return SimpleNamespace(status_code=self.status, content=self.body)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    return Server(monkeypatch)


@pytest.fixture
def secret_pool(cognito: CognitoIdentityProviderClient) -> CognitoUserPool:
    return CognitoUserPool(
        cognito=cognito, pool_id="eu-west-1_Matinee", client_id=CLIENT, client_secret=SECRET
    )


def test_a_client_with_a_secret_gets_new_tokens_by_it(
    server: Server, secret_pool: CognitoUserPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a boto3 that is too old for the operation
    monkeypatch.setattr(secret_pool.cognito, "get_tokens_from_refresh_token", None)
    assert secret_pool.refresh("a.refresh.token").account.email == ANN
    [request] = server.asked
    assert request.url == "https://cognito-idp.eu-west-1.amazonaws.com/"
    assert request.headers["X-Amz-Target"].endswith(".GetTokensFromRefreshToken")
    assert "Authorization" not in request.headers
    assert json.loads(request.body) == {
        "RefreshToken": "a.refresh.token",
        "ClientId": CLIENT,
        "ClientSecret": SECRET,
    }


@pytest.mark.parametrize("name", ["{}", "com.amazonaws.cognito#{}"])
@pytest.mark.parametrize(("code", "expected"), REFRESH_REFUSALS)
def test_translates_each_refusal_to_a_client_with_a_secret(
    *,
    server: Server,
    secret_pool: CognitoUserPool,
    name: str,
    code: str,
    expected: type[MatineeError],
) -> None:
    server.status = 400
    server.body = json.dumps({"__type": name.format(code), "message": QUOTES_EVERYTHING}).encode()
    with pytest.raises(expected):
        secret_pool.refresh("a.refresh.token")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}"])
def test_an_answer_that_is_not_cognitos_is_unavailable(
    server: Server, secret_pool: CognitoUserPool, body: bytes
) -> None:
    server.status, server.body = 502, body
    with pytest.raises(AccountsUnavailable):
        secret_pool.refresh("a.refresh.token")


def test_no_answer_to_a_client_with_a_secret_is_unavailable(
    server: Server, secret_pool: CognitoUserPool
) -> None:
    server.error = ReadTimeoutError(endpoint_url=URL)
    with pytest.raises(AccountsUnavailable):
        secret_pool.refresh("a.refresh.token")
