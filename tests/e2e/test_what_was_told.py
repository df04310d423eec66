"""What passed over the bus while all the other tests ran: this file comes last.

Every event, captured from the bus and not from the code, keeps the contract that was released.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import MakePeople
from tests.e2e.record import recorded
from tests.e2e.test_events import matched_room, the_match_of
from tools.client import Stack
from tools.contracts import delivered
from tools.contracts.project import Project, load_project
from tools.contracts.release import released
from tools.contracts.versions import stored

_SO_FAR: list[dict[str, Any]] = []
"""The record is taken once: it is a queue."""


@pytest.fixture(scope="module")
def project() -> Project:
    return load_project()


@pytest.fixture
async def told(
    stack: Stack, people: MakePeople, wiretap: Callable[[], list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """Everything that was told, after one more evening of two people, one of whom leaves."""
    if not _SO_FAR:
        ada, boris = await people("Ada", "Boris")
        room, _ = await matched_room(ada, boris)
        await the_match_of(room, wiretap)
        _SO_FAR.extend(recorded(stack))
    return _SO_FAR


def test_the_record_holds_what_an_evening_is_made_of(told: list[dict[str, Any]]) -> None:
    assert {event["detail-type"] for event in told} >= {
        "UserRegistered",
        "UserConfirmed",
        "RoomCreated",
        "ParticipantJoined",
        "VoteCast",
        "MatchFound",
    }


def test_every_event_on_the_bus_keeps_its_released_schema(
    told: list[dict[str, Any]], project: Project
) -> None:
    frozen = released(project)
    schemas = {
        (f"matinee.{file.service}", file.event_type, str(file.version)): file.read()
        for file in stored(project)
        if file.path.relative_to(project.events).as_posix() in frozen
    }
    faults: list[str] = []
    for event in told:
        version = event["detail"]["metadata"]["schema_version"]
        schema = schemas.get((event["source"], event["detail-type"], version))
        if schema is None:
            faults.append(f"{event['source']} {event['detail-type']} {version} was never released")
            continue
        faults += [
            f"{event['detail-type']}: {v}" for v in delivered.violations(schema, event["detail"])
        ]

    assert sorted(set(faults)) == []


def test_every_event_on_the_bus_says_the_same_outside_and_inside(
    told: list[dict[str, Any]], project: Project
) -> None:
    for event in told:
        outside = delivered.read(event)
        metadata = project.known.read(event["detail"]).metadata
        assert outside.detail_type == metadata.event_type
        assert outside.source == metadata.source


def test_an_event_s_id_is_never_another_event_s(told: list[dict[str, Any]]) -> None:
    first: dict[str, str] = {}
    for event in told:
        text = json.dumps(event["detail"], sort_keys=True)
        event_id = event["detail"]["metadata"]["event_id"]
        assert first.setdefault(event_id, text) == text


def test_every_cause_that_an_event_names_was_told_too(told: list[dict[str, Any]]) -> None:
    ids = {event["detail"]["metadata"]["event_id"] for event in told}
    causes = {event["detail"]["metadata"].get("causation_id") for event in told} - {None}

    assert causes
    assert causes <= ids
