"""What this checkout promises holds: schemas, models, examples, and what is really emitted."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from matinee.errors import MatineeError
from matinee.events.contract import Contract, ContractViolation
from matinee.events.envelope import detail
from rooms.events.published import PUBLISHED
from tests.fakes.rooms_app import TRACE, RoomsApp
from tools.contracts import delivered
from tools.contracts.checks import CONTRACTS, SURROUNDINGS, Check
from tools.contracts.delivered import FORMATS
from tools.contracts.project import Project, load_project
from tools.contracts.release import released
from tools.contracts.schema import schema_of, text_of
from tools.contracts.versions import file_of, stored

SCHEMAS = stored(load_project())
KNOWN = load_project().known
EVERY_SCHEMA = pytest.mark.parametrize(
    "file", SCHEMAS, ids=lambda file: f"{file.event_type} {file.version}"
)
PEOPLE = ("ann", "ben", "cleo")


@pytest.mark.parametrize("check", [*CONTRACTS, *SURROUNDINGS], ids=lambda check: check.__name__)
def test_nothing_disagrees(check: Check, project: Project) -> None:
    assert [str(fault) for fault in check(project)] == []


def test_every_event_of_the_design_has_a_contract() -> None:
    assert {contract.event_type for contract in KNOWN} >= {
        "UserRegistered",
        "UserConfirmed",
        "UserDeleted",
        "RoomCreated",
        "ParticipantJoined",
        "ParticipantLeft",
        "VoteCast",
        "MatchFound",
        "TitlesCached",
        "AvailabilityChanged",
        "ListRefreshed",
    }


def test_every_released_schema_is_one_that_is_there(project: Project) -> None:
    there = {file.path.relative_to(project.events).as_posix() for file in stored(project)}

    assert released(project).keys() <= there


@pytest.mark.parametrize("contract", list(PUBLISHED), ids=lambda contract: contract.event_type)
def test_every_event_and_every_field_says_what_it_means(contract: type[Contract]) -> None:
    schema = schema_of("rooms", contract)

    undescribed = [
        name
        for name, field in schema["properties"]["data"]["properties"].items()
        if not field.get("description")
    ]
    assert schema["description"].endswith(".")
    assert undescribed == []


@pytest.mark.parametrize("contract", list(PUBLISHED), ids=lambda contract: contract.event_type)
def test_a_schema_is_bound_to_its_event_its_source_and_its_major(
    contract: type[Contract], project: Project
) -> None:
    metadata = file_of(project, "rooms", contract).read()["properties"]["metadata"]["properties"]

    assert metadata["event_type"]["const"] == contract.event_type
    assert metadata["source"]["const"] == contract.source
    assert metadata["schema_version"]["pattern"] == r"^1\.\d+$"


@EVERY_SCHEMA
@pytest.mark.parametrize(
    ("version", "readable"),
    [("1.0", True), ("1.17", True), ("2.0", False), ("10.1", False), ("1", False), ("1.x", False)],
)
def test_readers_accept_every_minor_and_no_other_major(
    file: Any,  # noqa: ANN401
    version: str,
    readable: bool,  # noqa: FBT001 - a case of the table
) -> None:
    detail = json.loads(file.example.read_text())["detail"]
    detail["metadata"]["schema_version"] = version

    assert (not list(delivered.violations(file.read(), detail))) is readable
    with nullcontext() if readable else pytest.raises(ContractViolation):
        assert KNOWN.read(detail).metadata.schema_version == version


@EVERY_SCHEMA
def test_an_example_fits_every_older_minor_of_its_contract(file: Any) -> None:  # noqa: ANN401
    detail = json.loads(file.example.read_text())["detail"]
    promised = [other for other in SCHEMAS if other == file or other.is_older_minor_of(file)]

    for other in promised:
        assert list(delivered.violations(other.read(), detail)) == []


@EVERY_SCHEMA
def test_a_schema_stands_alone_and_has_an_identifier_of_its_own(file: Any) -> None:  # noqa: ANN401
    schema = file.read()

    assert "$ref" not in json.dumps(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:matinee:event:{file.service}:{file.event_type}:{file.version}"


@EVERY_SCHEMA
def test_a_reader_with_this_schema_survives_additions(file: Any) -> None:  # noqa: ANN401
    event = json.loads(file.example.read_text())
    event["detail"]["later"] = {"any": "thing"}
    event["detail"]["metadata"]["later"] = 1
    event["detail"]["data"]["later"] = None

    assert list(delivered.violations(file.read(), event["detail"])) == []
    assert KNOWN.read(event["detail"]).metadata.event_type == file.event_type


@EVERY_SCHEMA
def test_each_required_field_is_required_by_the_schema(
    file: Any,  # noqa: ANN401
) -> None:
    schema = file.read()
    for part in ("metadata", "data"):
        for name in schema["properties"][part]["required"]:
            event = json.loads(file.example.read_text())
            del event["detail"][part][name]
            assert list(delivered.violations(schema, event["detail"])), f"{part}.{name}"


@EVERY_SCHEMA
def test_an_absent_field_is_absent_and_never_null(file: Any) -> None:  # noqa: ANN401
    schema = file.read()
    for part in ("metadata", "data"):
        optional = schema["properties"][part]["properties"].keys() - set(
            schema["properties"][part]["required"]
        )
        for name in optional:
            event = json.loads(file.example.read_text())
            event["detail"][part][name] = None
            assert list(delivered.violations(schema, event["detail"])), f"{part}.{name}"


def test_a_time_without_an_offset_is_no_time() -> None:
    schema = {"type": "string", "format": "date-time"}

    assert list(delivered.violations(schema, "2025-11-21T19:30:00"))
    assert list(delivered.violations(schema, "yesterday"))
    assert not list(delivered.violations(schema, "2025-11-21T19:30:00Z"))


@given(
    moves=st.lists(
        st.tuples(
            st.sampled_from(["join", "leave", "vote"]),
            st.sampled_from(PEOPLE),
            st.integers(0, 2),
            st.booleans(),
        ),
        max_size=15,
    )
)
def test_whatever_people_do_every_event_of_it_keeps_its_schema(
    moves: list[tuple[str, str, int, bool]],
) -> None:
    validators = {
        file.event_type: Draft202012Validator(file.read(), format_checker=FORMATS)
        for file in SCHEMAS
    }
    app = RoomsApp()
    room = app.room("ann", "ben")
    films = [movie.id for movie in app.use_cases.rooms.list_candidates(room, "thread-1")]
    for move, person, film, yes in moves:
        try:
            match move:
                case "join":
                    app.use_cases.join_room(person, room.code, TRACE)
                case "leave":
                    app.use_cases.leave_room(person, room.id, TRACE)
                case _:
                    app.use_cases.cast_vote(person, room.id, films[film], TRACE, yes=yes)
        except MatineeError:
            continue
    app.deliver()

    told = [json.loads(detail(event)) for event in app.tables.outbox]
    assert {event["metadata"]["event_type"] for event in told} >= {
        "RoomCreated",
        "ParticipantJoined",
    }
    for event in told:
        validators[event["metadata"]["event_type"]].validate(event)


def test_a_match_is_published_as_its_schema_says(project: Project) -> None:
    app = RoomsApp()
    room = app.room("ann", "ben")
    app.vote(room, app.use_cases.rooms.list_candidates(room, "thread-1")[0].id, "ann", "ben")
    app.deliver()

    told = [json.loads(detail(event)) for event in app.tables.outbox]
    match = next(event for event in told if event["metadata"]["event_type"] == "MatchFound")
    schema = next(file for file in stored(project) if file.event_type == "MatchFound").read()
    assert list(delivered.violations(schema, match)) == []
    assert match["metadata"]["causation_id"] in {event["metadata"]["event_id"] for event in told}


def test_the_files_are_written_the_same_way_every_time(project: Project) -> None:
    for service, contract in project.published():
        assert text_of(schema_of(service, contract)) == text_of(schema_of(service, contract))


def test_the_readme_names_files_that_are_there(project: Project) -> None:
    folder = project.root / "contracts"
    readme = (folder / "README.md").read_text()

    for name in ("asyncapi.yaml", "graphql/schema.graphql", "http/openapi.yaml", "subscriber/"):
        assert name in readme
        assert Path(folder / name).exists()
