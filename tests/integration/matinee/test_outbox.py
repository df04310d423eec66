"""The outbox item: an event is stored once under its id, and never replaced."""

import boto3
import pytest
from moto import mock_aws

from matinee.dynamodb.transactions import ConditionFailed, transact_write
from matinee.events.envelope import Trace
from matinee.events.outbox import OutboxItem, put_event
from matinee.media import MediaType
from rooms.domain.match import Match
from rooms.events.factory import RoomEventFactory
from tests.fakes.clock import NOON, identifier
from tests.integration.rooms.tables import TABLES, create_tables


def test_an_event_does_not_replace_one_that_has_its_id() -> None:
    events = RoomEventFactory(now=lambda: NOON, new_id=lambda: identifier(1))
    matches = [
        Match(identifier(2), identifier(3), film, MediaType.MOVIE, "Film", None, ("a", "b"), NOON)
        for film in (101, 102)
    ]
    first, second = (
        put_event(TABLES.outbox, events.match_found(match, Trace("thread-1"))) for match in matches
    )
    with mock_aws():
        client = boto3.client("dynamodb")
        create_tables(client)
        transact_write(client, [first])

        with pytest.raises(ConditionFailed):
            transact_write(client, [second])

        (item,) = client.scan(TableName=TABLES.outbox)["Items"]
    assert OutboxItem.read(item).detail == first["Put"]["Item"]["detail"]["S"]
