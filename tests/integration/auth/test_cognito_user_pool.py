"""The user pool over Cognito's API, as moto plays it."""

import pytest
from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

from auth.cognito import CognitoUserPool
from auth.errors import (
    AccountsUnavailable,
    EmailAlreadyRegistered,
    InvalidCredentials,
    InvalidVerificationCode,
    UserNotConfirmed,
    WeakPassword,
)
from auth.repository import DynamoProfiles
from auth.service import Accounts
from tests.integration.auth.pools import make_pool

ANN = "ann@example.com"
PASSWORD = "Popcorn4two"


def test_a_registered_account_is_unconfirmed_and_has_its_names(
    user_pool: CognitoUserPool, cognito: CognitoIdentityProviderClient
) -> None:
    account = user_pool.register(ANN, PASSWORD, "ann.frames")
    user = cognito.admin_get_user(UserPoolId=user_pool.pool_id, Username=account.user_id)
    attributes = {entry["Name"]: entry.get("Value") for entry in user["UserAttributes"]}
    assert user["UserStatus"] == "UNCONFIRMED"
    assert attributes["sub"] == account.user_id
    assert attributes["email"] == ANN
    assert attributes["preferred_username"] == "ann.frames"


def test_an_account_without_a_username_has_none(
    user_pool: CognitoUserPool, cognito: CognitoIdentityProviderClient
) -> None:
    account = user_pool.register(ANN, PASSWORD, None)
    user = cognito.admin_get_user(UserPoolId=user_pool.pool_id, Username=account.user_id)
    assert "preferred_username" not in {entry["Name"] for entry in user["UserAttributes"]}


def test_an_address_registers_once(user_pool: CognitoUserPool) -> None:
    user_pool.register(ANN, PASSWORD, None)
    with pytest.raises(EmailAlreadyRegistered):
        user_pool.register(ANN, "Another1password", None)


def test_the_pool_applies_its_policy_itself(user_pool: CognitoUserPool) -> None:
    with pytest.raises(WeakPassword):
        user_pool.register(ANN, "popcorn", None)


def test_an_unconfirmed_account_does_not_sign_in(user_pool: CognitoUserPool) -> None:
    user_pool.register(ANN, PASSWORD, None)
    with pytest.raises(UserNotConfirmed):
        user_pool.authenticate(ANN, PASSWORD)


@pytest.mark.parametrize("by", ["id", "address"])
def test_an_account_is_confirmed_by_id_or_address_and_again_without_harm(
    user_pool: CognitoUserPool, by: str
) -> None:
    account = user_pool.register(ANN, PASSWORD, None)
    for _ in range(2):
        user_pool.confirm(account.user_id if by == "id" else ANN)
    assert user_pool.authenticate(ANN, PASSWORD).account == account


def test_the_code_confirms_an_account(user_pool: CognitoUserPool) -> None:
    account = user_pool.register(ANN, PASSWORD, None)
    user_pool.verify(ANN, "123456")
    assert user_pool.authenticate(ANN, PASSWORD).account == account


def test_a_code_for_nobody_is_a_wrong_code(user_pool: CognitoUserPool) -> None:
    with pytest.raises(InvalidVerificationCode):
        user_pool.verify("nobody@example.com", "123456")


def test_tokens_name_the_groups_of_the_moment(user_pool: CognitoUserPool) -> None:
    account = user_pool.register(ANN, PASSWORD, None)
    user_pool.confirm(account.user_id)
    before = user_pool.authenticate(ANN, PASSWORD)
    for _ in range(2):
        user_pool.join("Users", account.user_id)
    after = user_pool.authenticate(ANN, PASSWORD)
    assert (before.groups, after.groups) == (frozenset(), frozenset({"Users"}))
    assert after.account == account
    assert len({after.access_token, after.id_token, after.refresh_token}) == 3


@pytest.mark.parametrize("email", [ANN, "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_address_are_not_told_apart(
    user_pool: CognitoUserPool, email: str
) -> None:
    user_pool.register(ANN, PASSWORD, None)
    user_pool.confirm(ANN)
    with pytest.raises(InvalidCredentials):
        user_pool.authenticate(email, "Wrong1password")


def test_a_group_that_is_not_there_is_our_fault(user_pool: CognitoUserPool) -> None:
    account = user_pool.register(ANN, PASSWORD, None)
    with pytest.raises(AccountsUnavailable):
        user_pool.join("Editors", account.user_id)


def test_a_client_with_a_secret_registers_verifies_and_signs_in(
    cognito: CognitoIdentityProviderClient,
) -> None:
    user_pool = make_pool(cognito, secret=True)
    assert user_pool.client_secret
    account = user_pool.register(ANN, PASSWORD, None)
    user_pool.verify(ANN, "123456")
    assert user_pool.authenticate(ANN, PASSWORD).account == account


def test_the_use_cases_work_over_the_real_adapters(
    user_pool: CognitoUserPool, profiles: DynamoProfiles
) -> None:
    accounts = Accounts(user_pool=user_pool, profiles=profiles, auto_confirm=True)
    account = accounts.register(ANN, PASSWORD, "ann")
    session = accounts.sign_in(ANN, PASSWORD)
    assert session.account == account
    assert session.groups == {"Users"}


def test_half_a_user_is_made_whole_over_the_real_adapters(
    user_pool: CognitoUserPool, profiles: DynamoProfiles
) -> None:
    user_pool.register(ANN, PASSWORD, None)
    accounts = Accounts(user_pool=user_pool, profiles=profiles, auto_confirm=True)
    assert accounts.sign_in(ANN, PASSWORD).groups == {"Users"}
