"""The service's tables as template.yaml defines them, made wherever a client points.

Keys, indexes and streams are read from the template, so that no test passes on tables that the
product does not have. Each table is called by its logical id.
"""

from pathlib import Path
from typing import Any

import yaml
from mypy_boto3_dynamodb import DynamoDBClient

from rooms.adapters.dynamodb.tables import Tables

TEMPLATE = Path(__file__).parents[3] / "template.yaml"
TABLES = Tables(
    rooms="RoomsTable",
    votes="VotesTable",
    matches="MatchesTable",
    user_matches="UserMatchesTable",
    visits="VisitsTable",
    outbox="RoomsOutboxTable",
)
IDEMPOTENCY = "RoomsIdempotencyTable"
NAMES = (
    TABLES.rooms,
    TABLES.votes,
    TABLES.matches,
    TABLES.user_matches,
    TABLES.visits,
    TABLES.outbox,
    IDEMPOTENCY,
)


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms as nothing in particular: keys have none."""


_Loader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)


def table_definitions() -> dict[str, dict[str, Any]]:
    """Return the properties of each table of rooms, by logical id."""
    template = yaml.load(TEMPLATE.read_text(), _Loader)  # noqa: S506 - a SafeLoader
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
