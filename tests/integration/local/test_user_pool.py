"""The emulator's user pool as the local product has it, by Cognito's own API."""

from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

from auth.adapters.cognito.user_pool import CognitoUserPool
from auth.domain.errors import (
    AccountGone,
    EmailAlreadyRegistered,
    InvalidVerificationCode,
    SessionExpired,
    VerificationCodeExpired,
)
from auth.domain.guest import new_guest_address, new_guest_password
from auth.domain.session import Session
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


@pytest.fixture
def guest(user_pool: CognitoUserPool) -> Session:
    password = new_guest_password()
    account = user_pool.create_guest(new_guest_address(), password)
    return user_pool.authenticate(account.user_id, password)


def address_of(user_pool: CognitoUserPool, session: Session) -> tuple[str, bool]:
    user = user_pool.find_by_id(session.account.user_id)
    assert user is not None
    return user.account.email, user.has_verified_address


def test_a_new_address_waits_for_its_code(
    user_pool: CognitoUserPool, guest: Session, latest_code: Callable[[], str]
) -> None:
    before = address_of(user_pool, guest)
    user_pool.send_address_code(guest.access_token, ANN)
    assert address_of(user_pool, guest) == before
    with pytest.raises(InvalidVerificationCode):
        user_pool.verify_address(guest.access_token, "no-code")

    user_pool.verify_address(guest.access_token, latest_code())

    assert address_of(user_pool, guest) == (ANN, True)
    user_pool.set_password(guest.account.user_id, PASSWORD)
    assert user_pool.authenticate(ANN, PASSWORD).user.has_verified_address
    with pytest.raises(VerificationCodeExpired):
        user_pool.verify_address(guest.access_token, latest_code())


def test_an_address_that_is_another_s_is_refused_when_asked_for_and_when_verified(
    user_pool: CognitoUserPool, guest: Session, latest_code: Callable[[], str]
) -> None:
    user_pool.send_address_code(guest.access_token, ANN)
    code = latest_code()
    user_pool.register(ANN, PASSWORD, None)

    with pytest.raises(EmailAlreadyRegistered):
        user_pool.send_address_code(guest.access_token, ANN)
    with pytest.raises(EmailAlreadyRegistered):
        user_pool.verify_address(guest.access_token, code)

    assert user_pool.find(ANN) is not None
    assert not address_of(user_pool, guest)[1]


def test_the_group_of_a_refreshed_token_is_the_one_of_now(
    user_pool: CognitoUserPool, guest: Session
) -> None:
    name = guest.account.user_id
    user_pool.add_to_group("Guests", name)
    assert user_pool.refresh(guest.refresh_token).groups == {"Guests"}

    user_pool.add_to_group("Users", name)
    for _ in range(2):
        user_pool.remove_from_group("Guests", name)

    assert user_pool.refresh(guest.refresh_token).groups == {"Users"}


def test_a_token_of_a_user_who_is_gone_changes_no_address(
    user_pool: CognitoUserPool, guest: Session
) -> None:
    user_pool.delete(guest.account.user_id)

    for change in (user_pool.send_address_code, user_pool.verify_address):
        with pytest.raises((SessionExpired, AccountGone)):
            change(guest.access_token, ANN)
