"""What a write is conditional on: of a state that has changed since it was read nothing is written.

Whether two requests meet at the right instant is chance. Here the change comes between the read and
the write of every kind of write, on moto's tables, and each table is compared as a whole.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from matinee.retry import WriteConflict
from rooms.adapters.dynamodb.history import DynamoRoomHistory
from rooms.domain.anonymization import anonymize_match
from rooms.domain.errors import AccountDeleted
from rooms.domain.match import match_of
from rooms.domain.room import Room
from rooms.domain.tally import Tally
from rooms.ports import CodeTaken
from tests.fakes.clock import FakeClock
from tests.integration.rooms.conftest import dynamodb_store
from tests.integration.rooms.tables import NAMES, TABLES
from tests.integration.rooms.test_port_contracts import FILM, Scenario

REFUSED = (WriteConflict, CodeTaken, AccountDeleted)


@dataclass(frozen=True, slots=True)
class Read:
    """What a request has read: a room of two with a tally on which Ann has voted yes."""

    room: Room
    tally: Tally


type Step = Callable[[Scenario, Read], object]


def block(user: str) -> Step:
    def step(scenario: Scenario, _: Read) -> None:
        history = DynamoRoomHistory(TABLES.visits, scenario.store.rooms.client)  # type: ignore[attr-defined]
        history.block(user, scenario.store.now() + timedelta(days=2))

    return step


def anonymized(scenario: Scenario, read: Read) -> None:
    """Record a match, let it be anonymized for Ann, and write for Bob what was read before."""
    agreed = scenario.vote(read.room, "bob", tally=read.tally)
    match = match_of(agreed)
    assert match is not None
    scenario.record(match)
    before = scenario.store.matches.get(read.room.id, FILM)
    scenario.store.matches.anonymize("ann", anonymize_match(match, "ann"), before=before)


def joins(user: str) -> Step:
    return lambda scenario, read: scenario.join(read.room, user)


def leaves(user: str) -> Step:
    return lambda scenario, read: scenario.leave(read.room, user)


def votes(user: str, *, yes: bool = True) -> Step:
    return lambda scenario, read: scenario.vote(read.room, user, yes=yes, tally=read.tally)


def reconciles(scenario: Scenario, read: Read) -> None:
    scenario.reconcile(read.room, read.tally)


def expires(scenario: Scenario, _: Read) -> None:
    scenario.store.now.advance(hours=24)


def opens(scenario: Scenario, read: Read) -> None:
    scenario.room("dee", code=read.room.code)


def opens_elsewhere(scenario: Scenario, _: Read) -> None:
    scenario.room("dee", code="ZZZ999")


def nothing(_: Scenario, __: Read) -> None:
    pass


def anonymizes(scenario: Scenario, read: Read) -> None:
    old = scenario.match("ann", "bob", room_id=read.room.id)
    scenario.store.matches.anonymize("bob", anonymize_match(old, "bob"), before=old)


@pytest.mark.parametrize(
    ("meanwhile", "write"),
    [
        pytest.param(joins("cid"), votes("bob"), id="a vote, when somebody has joined"),
        pytest.param(leaves("ann"), votes("bob"), id="a vote, when somebody has left"),
        pytest.param(leaves("bob"), votes("bob"), id="a vote, when the voter has left"),
        pytest.param(votes("ann", yes=False), votes("bob"), id="a vote, when another has voted"),
        pytest.param(expires, votes("bob"), id="a vote, when the room has expired"),
        pytest.param(joins("cid"), joins("dee"), id="a join, when somebody has joined"),
        pytest.param(leaves("ann"), joins("dee"), id="a join, when somebody has left"),
        pytest.param(expires, joins("dee"), id="a join, when the room has expired"),
        pytest.param(block("dee"), joins("dee"), id="a join, when the account is deleted"),
        pytest.param(joins("cid"), leaves("bob"), id="a leave, when somebody has joined"),
        pytest.param(leaves("bob"), leaves("ann"), id="a leave, when somebody has left"),
        pytest.param(expires, leaves("bob"), id="a leave, when the room has expired"),
        pytest.param(leaves("bob"), reconciles, id="a reconciliation, when somebody has left"),
        pytest.param(votes("bob"), reconciles, id="a reconciliation, when somebody has voted"),
        pytest.param(nothing, opens, id="a room, when its code is taken"),
        pytest.param(block("dee"), opens_elsewhere, id="a room, when the account is deleted"),
        pytest.param(anonymized, anonymizes, id="a match's users, when another was erased"),
    ],
)
def test_of_an_older_state_nothing_is_written(
    moto_dynamodb: DynamoDBClient, meanwhile: Step, write: Step
) -> None:
    scenario = Scenario(dynamodb_store(moto_dynamodb, FakeClock()))
    room = scenario.join(scenario.room(), "bob")
    read = Read(room, scenario.vote(room, "ann"))
    meanwhile(scenario, read)
    before = stored(moto_dynamodb)

    with pytest.raises(REFUSED):
        write(scenario, read)

    assert stored(moto_dynamodb) == before


def stored(client: DynamoDBClient) -> dict[str, list[Any]]:
    """Return every item of every table."""
    return {name: sorted(client.scan(TableName=name)["Items"], key=repr) for name in NAMES}
