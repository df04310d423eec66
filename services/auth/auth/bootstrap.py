"""The composition root: the use cases of the functions, created once per process."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import boto3
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from botocore.config import Config

from matinee.settings import EdgeSettings

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient

    from auth.adapters.cognito.user_pool import CognitoUserPool
    from auth.adapters.dynamodb.hashed_keys import KeyHasher
    from auth.adapters.dynamodb.items import Tables
    from auth.adapters.dynamodb.users import DynamoUsers
    from auth.settings import PoolSettings, RateLimitSettings, UserTables
    from auth.use_cases.change_password import ChangePassword
    from auth.use_cases.change_username import ChangeUsername
    from auth.use_cases.create_guest import CreateGuest
    from auth.use_cases.delete_account import DeleteAccount
    from auth.use_cases.edit_profile import EditProfile
    from auth.use_cases.export_account import ExportAccount
    from auth.use_cases.filter_federated_address import FilterFederatedAddress
    from auth.use_cases.list_names import ListNames
    from auth.use_cases.provision_user import UserProvisioning
    from auth.use_cases.reconcile_accounts import ReconcileAccounts
    from auth.use_cases.recover_request import RequestRecovery
    from auth.use_cases.refresh_session import RefreshSession
    from auth.use_cases.sign_in import SignIn
    from auth.use_cases.sign_out import SignOut
    from auth.use_cases.sign_up import SignUp
    from auth.use_cases.upgrade_guest import UpgradeGuest
    from auth.use_cases.user_pool_triggers import AutoConfirm, UserPoolTriggers
    from matinee.events.relay import Relay
    from matinee.rate_limiter import CountingRateLimiter

_TABLE_CALLS = Config(
    connect_timeout=1, read_timeout=2.5, retries={"mode": "standard", "total_max_attempts": 2}
)
"""Seconds: at most 8 for a call, its pause included. The first call that fails ends a use case, so
the functions respond by themselves within their 10 seconds."""

_POOL_CALLS = Config(connect_timeout=1, read_timeout=6, retries={"total_max_attempts": 1})
"""Seconds. The pool may wait 5 for one of our triggers. No call is repeated automatically: it would
meet its own result (`auth.use_cases.recover_request`)."""

_SIGN_UP_CALLS = _POOL_CALLS.merge(Config(read_timeout=12))
"""Seconds. At a sign-up the pool may wait for two triggers, one after the other."""

_TRIGGER_CALLS = Config(connect_timeout=0.5, read_timeout=1.2, retries={"total_max_attempts": 1})
"""Seconds. The user pool waits 5 for a trigger, then it calls again."""


@cache
def edge() -> EdgeSettings:
    """Return the settings of every function behind the HTTP API."""
    return EdgeSettings.load()


@cache
def sign_up() -> SignUp:
    """Return the use cases of a new account."""
    from auth.adapters.dynamodb.usernames import DynamoUsernames
    from auth.adapters.dynamodb.users import DynamoUsers
    from auth.settings import AuthSettings
    from auth.use_cases.sign_up import SignUp

    settings = AuthSettings.load()
    tables, client = _tables(settings), _dynamodb()
    user_pool = replace(
        _user_pool(settings), registering=boto3.client("cognito-idp", config=_SIGN_UP_CALLS)
    )
    return SignUp(
        user_pool=user_pool,
        usernames=DynamoUsernames(tables, client),
        provisioning=_provisioning(DynamoUsers(tables, client), user_pool),
        rate_limiter=_rate_limiter(settings),
        recovery=_recovery(settings),
    )


@cache
def sign_in() -> SignIn:
    """Return the use case of signing in."""
    from auth.adapters.dynamodb.usernames import DynamoUsernames
    from auth.adapters.dynamodb.users import DynamoUsers
    from auth.settings import AuthSettings
    from auth.use_cases.sign_in import SignIn

    settings = AuthSettings.load()
    user_pool, tables, client = _user_pool(settings), _tables(settings), _dynamodb()
    users = DynamoUsers(tables, client)
    return SignIn(
        user_pool=user_pool,
        users=users,
        usernames=DynamoUsernames(tables, client),
        provisioning=_provisioning(users, user_pool),
        rate_limiter=_rate_limiter(settings),
    )


@cache
def refresh_session() -> RefreshSession:
    """Return the use case of new tokens."""
    from auth.settings import SessionSettings
    from auth.use_cases.refresh_session import RefreshSession

    return RefreshSession(_user_pool(SessionSettings.load()))


@cache
def sign_out() -> SignOut:
    """Return the use case of signing out."""
    from auth.settings import SessionSettings
    from auth.use_cases.sign_out import SignOut

    return SignOut(_user_pool(SessionSettings.load()))


@cache
def change_password() -> ChangePassword:
    """Return the use cases of a forgotten password."""
    from auth.settings import PasswordSettings
    from auth.use_cases.change_password import ChangePassword

    settings = PasswordSettings.load()
    user_pool = _user_pool(settings)
    return ChangePassword(
        passwords=user_pool,
        sessions=user_pool,
        rate_limiter=_rate_limiter(settings),
        recovery=_recovery(settings),
    )


@cache
def change_username() -> ChangeUsername:
    """Return the use cases of usernames."""
    from auth.adapters.cognito.user_pool import CognitoUserPool
    from auth.adapters.dynamodb.usernames import DynamoUsernames
    from auth.adapters.dynamodb.users import DynamoUsers
    from auth.settings import OwnAccountSettings
    from auth.use_cases.change_username import ChangeUsername

    settings = OwnAccountSettings.load()
    tables, client = _tables(settings), _dynamodb()
    return ChangeUsername(
        users=DynamoUsers(tables, client),
        usernames=DynamoUsernames(tables, client),
        membership=CognitoUserPool(cognito=_cognito(), pool_id=settings.user_pool_id),
    )


@cache
def edit_profile() -> EditProfile:
    """Return the use cases of one's own profile."""
    from auth.adapters.dynamodb.users import DynamoUsers
    from auth.settings import UserTables
    from auth.use_cases.edit_profile import EditProfile

    return EditProfile(DynamoUsers(_tables(UserTables.load()), _dynamodb()))


@cache
def list_names() -> ListNames:
    """Return the use case of users' names."""
    from auth.adapters.dynamodb.public_profiles import DynamoPublicProfiles
    from auth.settings import UserTables
    from auth.use_cases.list_names import ListNames

    return ListNames(DynamoPublicProfiles(_tables(UserTables.load()), _dynamodb()))


@cache
def create_guest() -> CreateGuest:
    """Return the use case of a new guest."""
    from auth.adapters.dynamodb.users import DynamoUsers
    from auth.events.factory import AuthEventFactory
    from auth.settings import GuestSettings
    from auth.use_cases.create_guest import CreateGuest

    settings = GuestSettings.load()
    user_pool = _user_pool(settings)
    return CreateGuest(
        pool=user_pool,
        membership=user_pool,
        sessions=user_pool,
        users=DynamoUsers(_tables(settings), _dynamodb()),
        events=AuthEventFactory(),
    )


@cache
def upgrade_guest() -> UpgradeGuest:
    """Return the use cases of a guest who becomes a user."""
    from auth.adapters.dynamodb.users import DynamoUsers
    from auth.settings import UpgradeSettings
    from auth.use_cases.upgrade_guest import UpgradeGuest

    settings = UpgradeSettings.load()
    user_pool, users = _user_pool(settings), DynamoUsers(_tables(settings), _dynamodb())
    return UpgradeGuest(
        pool=user_pool,
        users=users,
        provisioning=_provisioning(users, user_pool),
        rate_limiter=_rate_limiter(settings),
        auto_confirm=settings.auto_confirm,
    )


@cache
def delete_account() -> DeleteAccount:
    """Return the use cases of deleting an account."""
    from auth.adapters.cognito.user_pool import CognitoUserPool
    from auth.adapters.dynamodb.deletions import DynamoDeletionLog
    from auth.events.factory import AuthEventFactory
    from auth.settings import OwnAccountSettings
    from auth.use_cases.delete_account import DeleteAccount

    settings = OwnAccountSettings.load()
    return DeleteAccount(
        deletions=DynamoDeletionLog(_tables(settings), _dynamodb()),
        directory=CognitoUserPool(cognito=_cognito(), pool_id=settings.user_pool_id),
        events=AuthEventFactory(),
    )


@cache
def export_account() -> ExportAccount:
    """Return the use case of exporting an account."""
    from auth.adapters.dynamodb.items import Tables
    from auth.adapters.dynamodb.users import DynamoUsers
    from auth.settings import ExportSettings
    from auth.use_cases.export_account import ExportAccount

    tables = Tables(ExportSettings.load().user_profiles_table, usernames="", outbox="")
    return ExportAccount(DynamoUsers(tables, _dynamodb()))


@cache
def reconcile_accounts() -> ReconcileAccounts:
    """Return the use case of reconciling accounts with the user pool."""
    from auth.adapters.cognito.user_pool import CognitoUserPool
    from auth.adapters.dynamodb.profiles import DynamoProfiles
    from auth.settings import OwnAccountSettings
    from auth.use_cases.reconcile_accounts import ReconcileAccounts

    settings = OwnAccountSettings.load()
    return ReconcileAccounts(
        profiles=DynamoProfiles(_tables(settings), _dynamodb()),
        directory=CognitoUserPool(cognito=_cognito(), pool_id=settings.user_pool_id),
        delete_account=delete_account(),
    )


@cache
def auto_confirm() -> AutoConfirm:
    """Return the use case of the user pool's trigger before a sign-up."""
    from auth.settings import PreSignUpSettings
    from auth.use_cases.user_pool_triggers import AutoConfirm

    return AutoConfirm(PreSignUpSettings.load().auto_confirm)


@cache
def filter_federated_address() -> FilterFederatedAddress:
    """Return the use case of the user pool's trigger before a federated sign-in."""
    from auth.use_cases.filter_federated_address import FilterFederatedAddress

    return FilterFederatedAddress()


@cache
def user_pool_triggers() -> UserPoolTriggers:
    """Return the use cases of the user pool's later triggers."""
    from auth.adapters.cognito.user_pool import CognitoUserPool
    from auth.adapters.dynamodb.users import DynamoUsers
    from auth.settings import UserTables
    from auth.use_cases.user_pool_triggers import UserPoolTriggers

    tables, client = _tables(UserTables.load()), boto3.client("dynamodb", config=_TRIGGER_CALLS)
    users = DynamoUsers(tables, client)
    cognito = boto3.client("cognito-idp", config=_TRIGGER_CALLS)
    return UserPoolTriggers(
        users=users,
        provisioning_in=lambda pool_id: _provisioning(
            users, CognitoUserPool(cognito=cognito, pool_id=pool_id)
        ),
    )


@cache
def relay() -> Relay:
    """Return the relay from the outbox to the bus."""
    from auth.events.published import PUBLISHED
    from matinee.events.relay import RelaySettings, build_relay

    return build_relay(PUBLISHED, RelaySettings.load())


@cache
def _cognito() -> CognitoIdentityProviderClient:
    return boto3.client("cognito-idp", config=_POOL_CALLS)


@cache
def _dynamodb() -> DynamoDBClient:
    return boto3.client("dynamodb", config=_TABLE_CALLS)


def _user_pool(settings: PoolSettings) -> CognitoUserPool:
    from auth.adapters.cognito.user_pool import CognitoUserPool

    secret = settings.user_pool_client_secret
    return CognitoUserPool(
        cognito=_cognito(),
        pool_id=settings.user_pool_id,
        client_id=settings.user_pool_client_id,
        client_secret=secret.get_secret_value() if secret else None,
    )


def _provisioning(users: DynamoUsers, user_pool: CognitoUserPool) -> UserProvisioning:
    from auth.events.factory import AuthEventFactory
    from auth.use_cases.provision_user import UserProvisioning

    return UserProvisioning(users=users, membership=user_pool, events=AuthEventFactory())


def _rate_limiter(settings: RateLimitSettings) -> CountingRateLimiter:
    from matinee.dynamodb.attempt_counters import DynamoAttemptCounters
    from matinee.rate_limiter import CountingRateLimiter

    return CountingRateLimiter(
        counters=DynamoAttemptCounters(settings.attempts_table, _counter_client()),
        hasher=_hasher(settings.pseudonym_key),
    )


def _recovery(settings: RateLimitSettings) -> RequestRecovery:
    from auth.adapters.dynamodb.request_log import DynamoRequestLog
    from auth.use_cases.recover_request import RequestRecovery

    return RequestRecovery(
        requests=DynamoRequestLog(
            settings.attempts_table, _counter_client(), _hasher(settings.pseudonym_key)
        )
    )


@cache
def _counter_client() -> DynamoDBClient:
    from matinee.dynamodb.attempt_counters import COUNTER_CALLS

    return boto3.client("dynamodb", config=COUNTER_CALLS)


@cache
def _hasher(pseudonym_key: str) -> KeyHasher:
    from auth.adapters.dynamodb.hashed_keys import KeyHasher, SecretHashKey
    from matinee.dynamodb.attempt_counters import COUNTER_CALLS
    from matinee.secrets import Secret

    provider = SecretsProvider(boto3_client=boto3.client("secretsmanager", config=COUNTER_CALLS))
    return KeyHasher(SecretHashKey(Secret(provider, pseudonym_key)))


def _tables(settings: UserTables) -> Tables:
    from auth.adapters.dynamodb.items import Tables

    return Tables(
        profiles=settings.user_profiles_table,
        usernames=settings.usernames_table,
        outbox=settings.outbox_table,
    )
