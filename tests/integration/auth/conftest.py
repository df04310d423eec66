"""A user pool and a table of profiles as moto plays them."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws
from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
from mypy_boto3_dynamodb import DynamoDBClient

from auth.cognito import CognitoUserPool
from auth.repository import DynamoProfiles
from tests.integration.auth.pools import make_pool

REGION = "eu-west-1"
TABLE = "UserProfiles"


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
def dynamodb(aws: None) -> DynamoDBClient:  # noqa: ARG001 - as above
    return boto3.client("dynamodb", region_name=REGION)


@pytest.fixture
def user_pool(cognito: CognitoIdentityProviderClient) -> CognitoUserPool:
    return make_pool(cognito)


@pytest.fixture
def profiles(dynamodb: DynamoDBClient) -> DynamoProfiles:
    dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "sub", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "sub", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return DynamoProfiles(dynamodb=dynamodb, table=TABLE)
