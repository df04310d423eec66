"""The emulator's user pool as the local product has it, by Cognito's own API."""

from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

from auth.adapters.cognito.user_pool import CognitoUserPool
from auth.domain.errors import InvalidVerificationCode, SessionExpired
from tests.fakes.emulator import running_emulator
from tests.integration.auth.pools import make_pool
from tools.local.mailbox import read_mails

ANN = "ann@example.com"
PASSWORD = "Popcorn4two"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("emulator")


@pytest.fixture(scope="module")
def cognito(folder: Path) -> Iterator[CognitoIdentityProviderClient]:
    with running_emulator(folder, patched=True) as url:
        yield boto3.client(
            "cognito-idp",
            region_name="eu-west-1",
            endpoint_url=url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )


@pytest.fixture
def user_pool(cognito: CognitoIdentityProviderClient) -> CognitoUserPool:
    return make_pool(cognito)


@pytest.fixture
def latest_code(folder: Path) -> Callable[[], str]:
    """Returns the code of the last mail."""
    return lambda: read_mails(folder / "state", ANN)[-1].code or ""


@pytest.fixture
def ann(user_pool: CognitoUserPool, latest_code: Callable[[], str]) -> str:
    user_pool.register(ANN, PASSWORD, None)
    user_pool.verify(ANN, latest_code())
    return ANN


def test_a_disabled_user_cannot_be_signed_out(
    user_pool: CognitoUserPool, cognito: CognitoIdentityProviderClient, ann: str
) -> None:
    cognito.admin_disable_user(UserPoolId=user_pool.pool_id, Username=ann)
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        cognito.admin_user_global_sign_out(UserPoolId=user_pool.pool_id, Username=ann)


def test_disables_a_user_as_often_as_asked(user_pool: CognitoUserPool, ann: str) -> None:
    for _ in range(2):
        user_pool.disable(ann)


def test_each_mail_brings_a_code_of_its_own(
    user_pool: CognitoUserPool, latest_code: Callable[[], str]
) -> None:
    user_pool.register(ANN, PASSWORD, None)
    first = latest_code()
    user_pool.resend_code(ANN)
    second = latest_code()
    if first != second:
        with pytest.raises(InvalidVerificationCode):
            user_pool.verify(ANN, first)
    user_pool.verify(ANN, second)
    user_pool.send_reset_code(ANN)
    user_pool.reset_password(ANN, latest_code(), "Popcorn4three")
    user_pool.authenticate(ANN, "Popcorn4three")


def test_a_client_with_a_secret_refreshes_its_tokens(
    cognito: CognitoIdentityProviderClient, latest_code: Callable[[], str]
) -> None:
    user_pool = make_pool(cognito, secret=True)
    user_pool.register(ANN, PASSWORD, None)
    user_pool.verify(ANN, latest_code())
    session = user_pool.authenticate(ANN, PASSWORD)
    assert user_pool.refresh(session.refresh_token).account == session.account
    with pytest.raises(SessionExpired):
        user_pool.refresh("a.refresh.token")
