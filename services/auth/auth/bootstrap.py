"""The composition root: what the functions of this service are made of, made once per process."""

from functools import cache

import boto3
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from botocore.config import Config

from auth.adapters.cognito.user_pool import CognitoUserPool
from auth.adapters.dynamodb.attempt_counters import DynamoAttempts
from auth.adapters.dynamodb.hashed_keys import Pseudonyms
from auth.adapters.dynamodb.rate_limiter import Guard
from auth.adapters.dynamodb.users import DynamoDepartures, DynamoUsers, Tables
from auth.events.published import PUBLISHED
from auth.secret import SecretKey
from auth.settings import (
    AuthSettings,
    GuardSettings,
    OwnAccountSettings,
    PasswordSettings,
    PoolSettings,
    SessionSettings,
    TriggerSettings,
    UserTables,
)
from auth.use_cases.change_password import Passwords
from auth.use_cases.change_username import Naming
from auth.use_cases.delete_account import Deletion
from auth.use_cases.provision_user import Completion
from auth.use_cases.sign_out import Sessions
from auth.use_cases.sign_up import Accounts
from auth.use_cases.user_pool_triggers import Triggers
from matinee.events.relay import Relay, RelaySettings, build_relay
from matinee.settings import EdgeSettings

_CALLS = Config(
    connect_timeout=1, read_timeout=2.5, retries={"mode": "standard", "total_max_attempts": 2}
)
"""Seconds: at most 8 for a call, its pause included. The first call that fails ends a use case, so
that the functions answer for themselves within their 10 seconds."""

_POOL_CALLS = Config(connect_timeout=1, read_timeout=6, retries={"total_max_attempts": 1})
"""Seconds. The pool may wait five for a trigger of ours. And no call is repeated by itself: a
sign-up that was heard but not answered would meet its own account as somebody else's."""

_COUNTING = Config(connect_timeout=0.5, read_timeout=0.5, retries={"total_max_attempts": 1})
"""Seconds. Counting attempts is no reason to let anybody wait: without it the way in is open."""

_TRIGGERED = Config(connect_timeout=0.5, read_timeout=1.2, retries={"total_max_attempts": 1})
"""Seconds. The user pool waits for a trigger for five, then it asks again."""


@cache
def edge() -> EdgeSettings:
    """Return what every function behind the HTTP API reads of its environment."""
    return EdgeSettings.load()


@cache
def accounts() -> Accounts:
    """Return the use cases of who comes in."""
    settings = AuthSettings.load()
    user_pool = _user_pool(settings)
    users = DynamoUsers(_tables(settings), boto3.client("dynamodb", config=_CALLS))
    return Accounts(
        user_pool=user_pool,
        users=users,
        completion=Completion(users=users, membership=user_pool),
        guard=_guard(settings),
    )


@cache
def sessions() -> Sessions:
    """Return the use cases of who is in."""
    return Sessions(_user_pool(SessionSettings.load()))


@cache
def passwords() -> Passwords:
    """Return the use cases of a forgotten password."""
    settings = PasswordSettings.load()
    return Passwords(_user_pool(settings), _guard(settings))


@cache
def naming() -> Naming:
    """Return the use cases of usernames."""
    settings = OwnAccountSettings.load()
    return Naming(
        users=DynamoUsers(_tables(settings), boto3.client("dynamodb", config=_CALLS)),
        membership=CognitoUserPool(
            cognito=boto3.client("cognito-idp", config=_POOL_CALLS), pool_id=settings.user_pool_id
        ),
    )


@cache
def deletion() -> Deletion:
    """Return the use cases of who goes."""
    settings = OwnAccountSettings.load()
    return Deletion(
        departures=DynamoDepartures(_tables(settings), boto3.client("dynamodb", config=_CALLS)),
        exit=CognitoUserPool(
            cognito=boto3.client("cognito-idp", config=_POOL_CALLS), pool_id=settings.user_pool_id
        ),
    )


@cache
def triggers() -> Triggers:
    """Return what the user pool's triggers do."""
    settings = TriggerSettings.load()
    users = DynamoUsers(_tables(settings), boto3.client("dynamodb", config=_TRIGGERED))
    cognito = boto3.client("cognito-idp", config=_TRIGGERED)
    return Triggers(
        users=users,
        completion_in=lambda pool_id: Completion(
            users=users, membership=CognitoUserPool(cognito=cognito, pool_id=pool_id)
        ),
        auto_confirm=settings.auto_confirm,
    )


@cache
def relay() -> Relay:
    """Return the relay from the outbox to the bus."""
    return build_relay(PUBLISHED, RelaySettings.load())


def _user_pool(settings: PoolSettings) -> CognitoUserPool:
    secret = settings.user_pool_client_secret
    return CognitoUserPool(
        cognito=boto3.client("cognito-idp", config=_POOL_CALLS),
        pool_id=settings.user_pool_id,
        client_id=settings.user_pool_client_id,
        client_secret=secret.get_secret_value() if secret else None,
    )


def _guard(settings: GuardSettings) -> Guard:
    provider = SecretsProvider(boto3_client=boto3.client("secretsmanager", config=_COUNTING))
    return Guard(
        attempts=DynamoAttempts(
            settings.attempts_table, boto3.client("dynamodb", config=_COUNTING)
        ),
        pseudonyms=Pseudonyms(SecretKey(provider, settings.pseudonym_key)),
    )


def _tables(settings: UserTables) -> Tables:
    return Tables(
        profiles=settings.user_profiles_table,
        usernames=settings.usernames_table,
        outbox=settings.outbox_table,
    )
