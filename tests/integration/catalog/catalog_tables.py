"""The catalogue's tables as template.yaml defines them, made wherever a client points.

Each table is called by its logical id.
"""

from pathlib import Path
from typing import Any

from mypy_boto3_dynamodb import DynamoDBClient

from tools.local.template import load_template

TEMPLATE = Path(__file__).parents[3] / "template.yaml"
MEDIA, REFRESHES, OUTBOX = "MediaTable", "RefreshesTable", "CatalogOutboxTable"


def create_tables(client: DynamoDBClient) -> None:
    """Create the tables that the refresh writes to."""
    resources = load_template(TEMPLATE)["Resources"]
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
    """Return all items of a table."""
    pages = client.get_paginator("scan").paginate(TableName=table)
    return [item for page in pages for item in page["Items"]]
