"""The catalogue's tables as its template defines them, made wherever a client points.

Each table is called by its logical id.
"""

from typing import Any

from mypy_boto3_dynamodb import DynamoDBClient

from tools.templates import load_product

MEDIA, REFRESHES, OUTBOX = "MediaTable", "RefreshesTable", "CatalogOutboxTable"


def create_tables(client: DynamoDBClient) -> None:
    """Create the tables that the refresh writes to."""
    resources = load_product()["Resources"]
    for name in (MEDIA, REFRESHES, OUTBOX):
        properties = resources[name]["Properties"]
        optional: dict[str, Any] = {}
        if "GlobalSecondaryIndexes" in properties:
            optional["GlobalSecondaryIndexes"] = properties["GlobalSecondaryIndexes"]
        client.create_table(
            TableName=name,
            AttributeDefinitions=properties["AttributeDefinitions"],
            KeySchema=properties["KeySchema"],
            BillingMode=properties["BillingMode"],
            **optional,
        )


def everything(client: DynamoDBClient, table: str) -> list[dict[str, Any]]:
    """Answer all items of a table."""
    pages = client.get_paginator("scan").paginate(TableName=table)
    return [item for page in pages for item in page["Items"]]
