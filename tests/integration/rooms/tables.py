"""The service's tables as its template defines them, made wherever a client points.

Keys, indexes and streams are read from the template, so that no test passes on tables that the
product does not have. Each table is called by its logical id.
"""

from typing import Any

from mypy_boto3_dynamodb import DynamoDBClient

from rooms.adapters.dynamodb.tables import Tables
from tools.templates import load_product

TABLES = Tables(
    rooms="RoomsTable",
    votes="VotesTable",
    matches="MatchesTable",
    user_matches="UserMatchesTable",
    visits="VisitsTable",
    outbox="RoomsOutboxTable",
    feeds="FeedsTable",
    crews="CrewsTable",
)
IDEMPOTENCY = "RoomsIdempotencyTable"
ATTEMPTS = "RoomsAttemptsTable"
DEVICES = "DevicesTable"
NAMES = (
    TABLES.rooms,
    TABLES.votes,
    TABLES.matches,
    TABLES.user_matches,
    TABLES.visits,
    TABLES.outbox,
    TABLES.feeds,
    TABLES.crews,
    IDEMPOTENCY,
    ATTEMPTS,
    DEVICES,
)


def table_definitions() -> dict[str, dict[str, Any]]:
    """Return the properties of each table of rooms, by logical id."""
    template = load_product()
    return {name: template["Resources"][name]["Properties"] for name in NAMES}


def create_tables(client: DynamoDBClient) -> None:
    """Create the service's tables."""
    for name, properties in table_definitions().items():
        stream = properties.get("StreamSpecification")
        optional: dict[str, Any] = {}
        if "GlobalSecondaryIndexes" in properties:
            optional["GlobalSecondaryIndexes"] = properties["GlobalSecondaryIndexes"]
        if stream:
            optional["StreamSpecification"] = {"StreamEnabled": True, **stream}
        client.create_table(
            TableName=name,
            AttributeDefinitions=properties["AttributeDefinitions"],
            KeySchema=properties["KeySchema"],
            BillingMode=properties["BillingMode"],
            **optional,
        )


def delete_tables(client: DynamoDBClient) -> None:
    """Delete the service's tables."""
    for name in NAMES:
        client.delete_table(TableName=name)
