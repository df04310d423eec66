"""The events that wait in an outbox."""

import json

from mypy_boto3_dynamodb import DynamoDBClient

from matinee.events.contract import Contract, Envelope
from matinee.events.outbox import OutboxItem
from rooms.events.published import PUBLISHED
from tests.integration.rooms.tables import TABLES


def events_in(client: DynamoDBClient) -> list[Envelope[Contract]]:
    """Return the outbox's events, each as its contract, in the order of their ids."""
    pages = client.get_paginator("scan").paginate(TableName=TABLES.outbox, ConsistentRead=True)
    items = [OutboxItem.read(item) for page in pages for item in page["Items"]]
    items.sort(key=lambda item: item.event_id)
    return [PUBLISHED.read(json.loads(item.detail)) for item in items]
