"""A user pool and the tables as moto plays them."""

from collections.abc import Iterator
from threading import Lock

import boto3
import pytest
from moto import mock_aws
from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
from mypy_boto3_dynamodb import DynamoDBClient

from auth.attempts import DynamoAttempts
from auth.cognito import CognitoUserPool
from auth.repository import DynamoDepartures, DynamoUsers, Tables
from tests.integration.auth.pools import make_pool

REGION = "eu-west-1"
TABLES = Tables("UserProfiles", "Usernames", "AuthOutbox")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account in which nothing is left of the test before."""
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
    """The tables as the template has them."""
    dynamodb.create_table(
        TableName=TABLES.profiles,
        KeySchema=[{"AttributeName": "sub", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": "sub", "AttributeType": "S"},
            {"AttributeName": "departing", "AttributeType": "S"},
            {"AttributeName": "departingSince", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "departing",
                "KeySchema": [
                    {"AttributeName": "departing", "KeyType": "HASH"},
                    {"AttributeName": "departingSince", "KeyType": "RANGE"},
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
def departures(dynamodb: DynamoDBClient, tables: Tables) -> DynamoDepartures:
    return DynamoDepartures(tables, dynamodb)


@pytest.fixture
def attempts(dynamodb: DynamoDBClient) -> DynamoAttempts:
    dynamodb.create_table(
        TableName="AuthAttempts",
        KeySchema=[{"AttributeName": "attempt", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "attempt", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return DynamoAttempts("AuthAttempts", dynamodb)
