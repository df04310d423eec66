"""The service's tables and bucket as its template defines them, each called by its logical id."""

from typing import Any

import boto3
from mypy_boto3_dynamodb import DynamoDBClient

from tools.templates import load_product

TASTES = "RecommenderTastesTable"
TITLES = "RecommenderTitlesTable"
TRAINING = "RecommenderTrainingTable"
OUTBOX = "RecommenderOutboxTable"
IDEMPOTENCY = "RecommenderIdempotencyTable"
TABLES = (TASTES, TITLES, TRAINING, OUTBOX, IDEMPOTENCY)
BUCKET = "model-bucket"


def create_tables(client: DynamoDBClient) -> None:
    """Create the service's tables."""
    resources = load_product()["Resources"]
    for name in TABLES:
        properties = resources[name]["Properties"]
        optional: dict[str, Any] = {}
        if "GlobalSecondaryIndexes" in properties:
            optional["GlobalSecondaryIndexes"] = properties["GlobalSecondaryIndexes"]
        if stream := properties.get("StreamSpecification"):
            optional["StreamSpecification"] = {"StreamEnabled": True, **stream}
        client.create_table(
            TableName=name,
            AttributeDefinitions=properties["AttributeDefinitions"],
            KeySchema=properties["KeySchema"],
            BillingMode=properties["BillingMode"],
            **optional,
        )


def create_bucket() -> None:
    """Create the bucket of models, versioned as the template has it."""
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
