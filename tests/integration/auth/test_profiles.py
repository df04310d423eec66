"""Profiles in DynamoDB."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber
from mypy_boto3_dynamodb import DynamoDBClient

from auth.domain import Account, Profile
from auth.errors import AccountsUnavailable
from auth.repository import DynamoProfiles

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
PROFILE = Profile(Account("5f0c7a2b", "ann@example.com"), NOON)


def test_a_profile_is_kept_under_the_users_id_with_the_originals_names(
    profiles: DynamoProfiles, dynamodb: DynamoDBClient
) -> None:
    assert profiles.create(PROFILE)
    assert dynamodb.scan(TableName=profiles.table)["Items"] == [
        {
            "sub": {"S": "5f0c7a2b"},
            "email": {"S": "ann@example.com"},
            "createdAt": {"S": "2026-01-31T12:00:00.000Z"},
        }
    ]


def test_a_second_profile_of_a_user_changes_nothing(
    profiles: DynamoProfiles, dynamodb: DynamoDBClient
) -> None:
    profiles.create(PROFILE)
    later = Profile(Account("5f0c7a2b", "other@example.com"), NOON + timedelta(days=1))
    assert not profiles.create(later)
    (item,) = dynamodb.scan(TableName=profiles.table)["Items"]
    assert item["email"] == {"S": "ann@example.com"}


def test_of_many_profiles_at_once_one_is_kept(profiles: DynamoProfiles) -> None:
    with ThreadPoolExecutor(8) as threads:
        created = list(threads.map(lambda _: profiles.create(PROFILE), range(16)))
    assert created.count(True) == 1


@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "InternalServerError", "AccessDenied"]
)
def test_a_table_that_refuses_is_unavailable(code: str) -> None:
    dynamodb = boto3.client("dynamodb", region_name="eu-west-1")
    with Stubber(dynamodb) as stub:
        stub.add_client_error("put_item", code)
        with pytest.raises(AccountsUnavailable):
            DynamoProfiles(dynamodb=dynamodb, table="UserProfiles").create(PROFILE)


def test_a_table_that_cannot_be_reached_is_unavailable(
    profiles: DynamoProfiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(**_: object) -> None:
        raise ConnectTimeoutError(endpoint_url="https://dynamodb.example")

    monkeypatch.setattr(profiles.dynamodb, "put_item", unreachable)
    with pytest.raises(AccountsUnavailable):
        profiles.create(PROFILE)
