"""The composition root: what the functions of this service are made of, made once per process."""

from functools import cache

import boto3
from botocore.config import Config

from auth.cognito import CognitoUserPool
from auth.repository import DynamoProfiles
from auth.service import Accounts
from auth.settings import AuthSettings

_CALLS = Config(
    connect_timeout=1, read_timeout=2.5, retries={"mode": "standard", "total_max_attempts": 2}
)
"""Seconds: at most 8 for a call, its pause included. The first call that fails ends a use case, so
that the functions answer for themselves within their 10 seconds."""


@cache
def settings() -> AuthSettings:
    """Answer the environment, read once."""
    return AuthSettings.load()


@cache
def accounts() -> Accounts:
    """Answer the use cases, over Cognito and DynamoDB."""
    environment = settings()
    secret = environment.user_pool_client_secret
    return Accounts(
        user_pool=CognitoUserPool(
            cognito=boto3.client("cognito-idp", config=_CALLS),
            pool_id=environment.user_pool_id,
            client_id=environment.user_pool_client_id,
            client_secret=secret.get_secret_value() if secret else None,
        ),
        profiles=DynamoProfiles(
            dynamodb=boto3.client("dynamodb", config=_CALLS),
            table=environment.user_profiles_table,
        ),
        auto_confirm=environment.auto_confirm,
    )
