"""The user pool over Cognito's API, in moto."""

import pytest
from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

from auth.adapters.cognito.user_pool import CognitoUserPool
from auth.adapters.dynamodb.deletions import DynamoDeletionLog
from auth.adapters.dynamodb.hashed_keys import KeyHasher
from auth.adapters.dynamodb.usernames import DynamoUsernames
from auth.adapters.dynamodb.users import DynamoUsers
from auth.domain.account import PoolUser
from auth.domain.errors import (
    AccountsUnavailable,
    EmailAlreadyRegistered,
    InvalidCredentials,
    InvalidVerificationCode,
    SessionExpired,
    UserNotConfirmed,
    WeakPassword,
)
from auth.domain.username import Username
from auth.events.factory import AuthEventFactory
from auth.use_cases.create_guest import CreateGuest
from auth.use_cases.delete_account import DeleteAccount
from auth.use_cases.provision_user import UserProvisioning
from auth.use_cases.recover_request import RequestRecovery
from auth.use_cases.sign_in import Login, SignIn
from auth.use_cases.sign_up import SignUp
from matinee.rate_limiter import CountingRateLimiter
from tests.fakes.attempts import FakeAttemptCounters
from tests.integration.auth.pools import make_pool
from tests.unit.auth.fakes import CALLER, TRACE, FakeRequestLog

ANN = "ann@example.com"
PASSWORD = "Popcorn4two"


def test_a_new_account_is_unconfirmed_and_has_its_names(
    user_pool: CognitoUserPool, cognito: CognitoIdentityProviderClient
) -> None:
    account = user_pool.register(ANN, PASSWORD, "ann.frames").account
    user = cognito.admin_get_user(UserPoolId=user_pool.pool_id, Username=account.user_id)
    attributes = {entry["Name"]: entry.get("Value") for entry in user["UserAttributes"]}
    assert user["UserStatus"] == "UNCONFIRMED"
    assert attributes["sub"] == account.user_id
    assert attributes["email"] == ANN
    assert attributes["preferred_username"] == "ann.frames"


def test_an_account_without_a_username_has_none(
    user_pool: CognitoUserPool, cognito: CognitoIdentityProviderClient
) -> None:
    account = user_pool.register(ANN, PASSWORD, None).account
    user = cognito.admin_get_user(UserPoolId=user_pool.pool_id, Username=account.user_id)
    assert "preferred_username" not in {entry["Name"] for entry in user["UserAttributes"]}


def test_an_address_registers_once(user_pool: CognitoUserPool) -> None:
    user_pool.register(ANN, PASSWORD, None)
    with pytest.raises(EmailAlreadyRegistered):
        user_pool.register(ANN, "Another1password", None)


def test_the_pool_applies_its_own_password_policy(user_pool: CognitoUserPool) -> None:
    with pytest.raises(WeakPassword):
        user_pool.register(ANN, "popcorn", None)


def test_an_unconfirmed_account_cannot_sign_in(user_pool: CognitoUserPool) -> None:
    user_pool.register(ANN, PASSWORD, None)
    with pytest.raises(UserNotConfirmed):
        user_pool.authenticate(ANN, PASSWORD)


@pytest.mark.parametrize("by", ["id", "address"])
def test_signs_in_by_id_or_address(user_pool: CognitoUserPool, by: str) -> None:
    account = user_pool.register(ANN, PASSWORD, None).account
    confirm(user_pool, ANN)
    session = user_pool.authenticate(account.user_id if by == "id" else ANN, PASSWORD)
    assert session.account.user_id == account.user_id


@pytest.mark.parametrize("by", ["id", "address"])
def test_finds_an_account_with_its_names(user_pool: CognitoUserPool, by: str) -> None:
    account = user_pool.register(ANN, PASSWORD, "ann.frames").account
    found = user_pool.find(account.user_id if by == "id" else ANN)
    assert found is not None
    assert found.user == PoolUser(account, preferred_username="ann.frames")
    assert not found.confirmed
    confirm(user_pool, ANN)
    confirmed = user_pool.find(ANN)
    assert confirmed is not None
    assert confirmed.confirmed
    assert found.created_at == confirmed.created_at <= confirmed.modified_at


def test_finds_no_unknown_account(user_pool: CognitoUserPool) -> None:
    assert user_pool.find(ANN) is None


def test_the_code_confirms_an_account(user_pool: CognitoUserPool) -> None:
    account = user_pool.register(ANN, PASSWORD, None).account
    user_pool.verify(ANN, "123456")
    assert user_pool.authenticate(ANN, PASSWORD).account == account


def test_a_code_for_an_unknown_address_is_invalid(user_pool: CognitoUserPool) -> None:
    with pytest.raises(InvalidVerificationCode):
        user_pool.verify("nobody@example.com", "123456")


def test_tokens_name_the_groups_at_the_time_of_issue(user_pool: CognitoUserPool) -> None:
    account = user_pool.register(ANN, PASSWORD, None).account
    confirm(user_pool, account.user_id)
    before = user_pool.authenticate(ANN, PASSWORD)
    for _ in range(2):
        user_pool.add_to_group("Users", account.user_id)
    after = user_pool.authenticate(ANN, PASSWORD)
    assert (before.groups, after.groups) == (frozenset(), frozenset({"Users"}))
    assert after.account == account
    assert len({after.access_token, after.id_token, after.refresh_token}) == 3


@pytest.mark.parametrize("email", [ANN, "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_address_get_one_error(
    user_pool: CognitoUserPool, email: str
) -> None:
    user_pool.register(ANN, PASSWORD, None)
    confirm(user_pool, ANN)
    with pytest.raises(InvalidCredentials):
        user_pool.authenticate(email, "Wrong1password")


def test_a_missing_group_is_unavailable(user_pool: CognitoUserPool) -> None:
    account = user_pool.register(ANN, PASSWORD, None).account
    with pytest.raises(AccountsUnavailable):
        user_pool.add_to_group("Editors", account.user_id)


def test_a_client_with_a_secret_signs_up_and_in(
    cognito: CognitoIdentityProviderClient,
) -> None:
    user_pool = make_pool(cognito, secret=True)
    assert user_pool.client_secret
    account = user_pool.register(ANN, PASSWORD, None).account
    user_pool.verify(ANN, "123456")
    assert user_pool.authenticate(ANN, PASSWORD).account == account


def test_refreshes_until_sign_out_which_is_idempotent(
    user_pool: CognitoUserPool,
) -> None:
    account = user_pool.register(ANN, PASSWORD, None).account
    confirm(user_pool, ANN)
    session = user_pool.authenticate(ANN, PASSWORD)
    refreshed = user_pool.refresh(session.refresh_token)
    assert refreshed.account == account
    assert refreshed.refresh_token == session.refresh_token
    for _ in range(2):  # that moto forgets no token by it is seen to on the running product
        user_pool.sign_out(account.user_id)


def test_a_malformed_refresh_token_is_an_expired_session(user_pool: CognitoUserPool) -> None:
    with pytest.raises(SessionExpired):
        user_pool.refresh("nonsense")


def test_sets_the_username_for_the_next_tokens(user_pool: CognitoUserPool) -> None:
    account = user_pool.register(ANN, PASSWORD, None).account
    user_pool.set_username(account.user_id, "Frames")
    found = user_pool.find(ANN)
    assert found is not None
    assert found.user.preferred_username == "Frames"


def test_code_requests_reveal_no_account(user_pool: CognitoUserPool) -> None:
    user_pool.register(ANN, PASSWORD, None)
    for email in (ANN, "nobody@example.com"):
        user_pool.send_reset_code(email)


def test_sets_a_new_password_by_its_code(
    user_pool: CognitoUserPool, cognito: CognitoIdentityProviderClient
) -> None:
    user_pool.register(ANN, PASSWORD, None)
    confirm(user_pool, ANN)
    # moto reveals the code in the delivery details only
    answer = cognito.forgot_password(ClientId=user_pool.client_id, Username=ANN)
    code = answer["ResponseMetadata"]["HTTPHeaders"]["x-moto-forgot-password-confirmation-code"]
    user_pool.reset_password(ANN, code, "Popcorn4three")
    user_pool.authenticate(ANN, "Popcorn4three")


def test_a_disabled_user_cannot_sign_in_and_can_be_deleted(
    user_pool: CognitoUserPool,
) -> None:
    account = user_pool.register(ANN, PASSWORD, None).account
    confirm(user_pool, ANN)
    for _ in range(2):
        user_pool.disable(account.user_id)
    with pytest.raises(InvalidCredentials):
        user_pool.authenticate(ANN, PASSWORD)
    for _ in range(2):
        user_pool.delete(account.user_id)
    user_pool.disable(account.user_id)
    assert user_pool.register(ANN, PASSWORD, None).account.user_id != account.user_id


def test_has_a_user_until_they_are_deleted(user_pool: CognitoUserPool) -> None:
    account = user_pool.register(ANN, PASSWORD, None).account
    assert user_pool.find_by_id(account.user_id)
    user_pool.delete(account.user_id)
    assert user_pool.find_by_id(account.user_id) is None


def sign_up_and_in(user_pool: CognitoUserPool, users: DynamoUsers) -> tuple[SignUp, SignIn]:
    usernames = DynamoUsernames(users.tables, users.client)
    provisioning = UserProvisioning(users=users, membership=user_pool, events=AuthEventFactory())
    rate_limiter = CountingRateLimiter(FakeAttemptCounters(), KeyHasher(lambda: "key"))
    return (
        SignUp(
            user_pool=user_pool,
            usernames=usernames,
            provisioning=provisioning,
            rate_limiter=rate_limiter,
            recovery=RequestRecovery(requests=FakeRequestLog()),
        ),
        SignIn(
            user_pool=user_pool,
            users=users,
            usernames=usernames,
            provisioning=provisioning,
            rate_limiter=rate_limiter,
        ),
    )


def test_the_use_cases_work_with_the_real_adapters(
    user_pool: CognitoUserPool, users: DynamoUsers, deletions: DynamoDeletionLog
) -> None:
    sign_up, sign_in = sign_up_and_in(user_pool, users)
    # Given a user who registers, verifies and signs in by the requested username
    account = sign_up.register(ANN, PASSWORD, "Ann.Frames", CALLER)
    sign_up.verify(ANN, "123456", CALLER)
    session = sign_in.sign_in(Login(username=Username("ANN.frames")), PASSWORD, CALLER)
    assert session.account.user_id == account.user_id
    assert session.groups == {"Users"}
    # When they delete their account
    DeleteAccount(deletions=deletions, directory=user_pool, events=AuthEventFactory()).delete(
        account, TRACE
    )
    # Then they may register again
    again = sign_up.register(ANN, PASSWORD, "ann.frames", CALLER)
    assert again.user_id != account.user_id


def test_completes_a_user_with_the_real_adapters(
    user_pool: CognitoUserPool, users: DynamoUsers
) -> None:
    user_pool.register(ANN, PASSWORD, None)
    confirm(user_pool, ANN)
    _, sign_in = sign_up_and_in(user_pool, users)
    assert sign_in.sign_in(Login(email=ANN), PASSWORD, CALLER).groups == {"Users"}


def test_a_guest_gets_tokens_of_their_group_with_the_real_adapters(
    user_pool: CognitoUserPool, users: DynamoUsers
) -> None:
    create = CreateGuest(
        pool=user_pool,
        membership=user_pool,
        sessions=user_pool,
        users=users,
        events=AuthEventFactory(),
    )

    session = create("Cleo", TRACE)

    profile = users.find(session.account.user_id)
    assert profile is not None
    assert (profile.display_name, profile.is_guest, profile.username) == ("Cleo", True, None)
    assert session.groups == {"Guests"}
    assert user_pool.refresh(session.refresh_token).account.user_id == session.account.user_id


def confirm(user_pool: CognitoUserPool, user: str) -> None:
    user_pool.cognito.admin_confirm_sign_up(UserPoolId=user_pool.pool_id, Username=user)
