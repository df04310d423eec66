"""The stores of the recommender, in moto."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient

from tests.fakes.clock import FakeClock
from tests.integration.recommender.stores import create_bucket, create_tables


@pytest.fixture
def dynamodb() -> Iterator[DynamoDBClient]:
    """Moto's empty tables, and an empty bucket beside them."""
    with mock_aws():
        client = boto3.client("dynamodb")
        create_tables(client)
        create_bucket()
        yield client


@pytest.fixture
def now() -> FakeClock:
    """The clock."""
    return FakeClock()
