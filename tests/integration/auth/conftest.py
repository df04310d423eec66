"""A user pool and the tables in moto."""

from collections.abc import Iterator
from threading import Lock

import boto3
import pytest
from moto import mock_aws
from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
from mypy_boto3_dynamodb import DynamoDBClient

from auth.adapters.cognito.user_pool import CognitoUserPool
from auth.adapters.dynamodb.deletions import DynamoDeletionLog
from auth.adapters.dynamodb.items import Tables
from auth.adapters.dynamodb.users import DynamoUsers
from matinee.dynamodb.attempt_counters import DynamoAttemptCounters
from tests.integration.auth.pools import make_pool

REGION = "eu-west-1"
TABLES = Tables("UserProfiles", "Usernames", "AuthOutbox")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty AWS account."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        yield


@pytest.fixture
def cognito(aws: None) -> CognitoIdentityProviderClient:  # noqa: ARG001 - it must be there first
    return boto3.client("cognito-idp", region_name=REGION)


@pytest.fixture
def dynamodb(aws: None, monkeypatch: pytest.MonkeyPatch) -> DynamoDBClient:  # noqa: ARG001 - as above
    """A client whose calls are atomic, as DynamoDB's are; moto's own are not."""
    client = boto3.client("dynamodb", region_name=REGION)
    one_by_one, call = Lock(), client._make_api_call  # type: ignore[attr-defined]

    def atomic(*arguments: object) -> object:
        with one_by_one:
            return call(*arguments)

    monkeypatch.setattr(client, "_make_api_call", atomic)
    return client


@pytest.fixture
def user_pool(cognito: CognitoIdentityProviderClient) -> CognitoUserPool:
    return make_pool(cognito)


@pytest.fixture
def tables(dynamodb: DynamoDBClient) -> Tables:
    """The tables as in the template."""
    dynamodb.create_table(
        TableName=TABLES.profiles,
        KeySchema=[{"AttributeName": "sub", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": "sub", "AttributeType": "S"},
            {"AttributeName": "deleting", "AttributeType": "S"},
            {"AttributeName": "deletingSince", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "deleting",
                "KeySchema": [
                    {"AttributeName": "deleting", "KeyType": "HASH"},
                    {"AttributeName": "deletingSince", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for table, key in ((TABLES.usernames, "username"), (TABLES.outbox, "event_id")):
        dynamodb.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    return TABLES


@pytest.fixture
def users(dynamodb: DynamoDBClient, tables: Tables) -> DynamoUsers:
    return DynamoUsers(tables, dynamodb)


@pytest.fixture
def deletions(dynamodb: DynamoDBClient, tables: Tables) -> DynamoDeletionLog:
    return DynamoDeletionLog(tables, dynamodb)


@pytest.fixture
def counters(dynamodb: DynamoDBClient) -> DynamoAttemptCounters:
    dynamodb.create_table(
        TableName="AuthAttempts",
        KeySchema=[{"AttributeName": "attempt", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "attempt", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return DynamoAttemptCounters("AuthAttempts", dynamodb)
