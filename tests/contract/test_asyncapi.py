"""The AsyncAPI document is one, and says what the contracts say."""

import copy
import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from tools.contracts import delivered
from tools.contracts.documents import from_yaml
from tools.contracts.project import Project
from tools.contracts.versions import current


@pytest.fixture(scope="module")
def document(project: Project) -> dict[str, Any]:
    loaded: dict[str, Any] = from_yaml(project.asyncapi.read_text())
    return loaded


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for part in node:
            yield from references(part)


def resolve(document: dict[str, Any], folder: Path, reference: str) -> Any:  # noqa: ANN401
    if not reference.startswith("#/"):
        return json.loads((folder / reference).read_text())
    node: Any = document
    for name in reference.removeprefix("#/").split("/"):
        node = node[name]
    return node


@pytest.fixture(scope="module")
def specification() -> Draft7Validator:
    """Return AsyncAPI's own schema of its documents (asyncapi-3.0.0.schema.md says whence)."""
    text = gzip.decompress(Path(__file__).with_name("asyncapi-3.0.0.schema.json.gz").read_bytes())
    return Draft7Validator(json.loads(text))


def test_the_document_is_valid_asyncapi_3(
    document: dict[str, Any], specification: Draft7Validator
) -> None:
    assert document["asyncapi"] == "3.0.0"
    assert [error.message for error in specification.iter_errors(document)] == []


@pytest.mark.parametrize(
    "break_it",
    [
        lambda document: document.pop("info"),
        lambda document: document["servers"]["bus"].pop("host"),
        lambda document: document["operations"]["rooms.VoteCast"].update(action="shout"),
        lambda document: document["operations"]["rooms.VoteCast"].pop("channel"),
        lambda document: document["channels"]["rooms"].update(subscribe={}),
        lambda document: document["components"]["messages"]["rooms.VoteCast"].update(payload=3),
    ],
)
def test_a_document_that_is_none_would_be_found_out(
    document: dict[str, Any],
    specification: Draft7Validator,
    break_it: Callable[[dict[str, Any]], object],
) -> None:
    broken = copy.deepcopy(document)

    break_it(broken)

    assert not specification.is_valid(broken)


def test_who_receives_is_who_the_template_s_rules_deliver_to(document: dict[str, Any]) -> None:
    received = {
        name: {reference["$ref"].rpartition("/")[2] for reference in operation["messages"]}
        for name, operation in document["operations"].items()
        if operation["action"] == "receive"
    }

    assert received["MatchDetectorFunction.rooms"] == {
        "VoteCast",
        "ParticipantJoined",
        "ParticipantLeft",
        "RoomClosed",
    }
    assert received["NotifierFunction.rooms"] == {"MatchFound", "RoomDecided", "CrewInvited"}
    assert received["EraserFunction.auth"] == {"UserDeleted"}


def test_all_that_it_refers_to_is_there(document: dict[str, Any], project: Project) -> None:
    found = list(references(document))

    assert found
    for reference in found:
        assert resolve(document, project.asyncapi.parent, reference)


def test_every_event_has_a_message_a_channel_and_an_operation(
    document: dict[str, Any], project: Project
) -> None:
    for service, contract in project.published():
        name = contract.event_type
        message = document["channels"][service]["messages"][name]
        assert message == {"$ref": f"#/components/messages/{service}.{name}"}
        operation = document["operations"][f"{service}.{name}"]
        assert operation["messages"] == [{"$ref": f"#/channels/{service}/messages/{name}"}]


def test_every_message_s_example_fits_its_payload_schema(
    document: dict[str, Any], project: Project
) -> None:
    for file, _ in current(project).values():
        message = document["components"]["messages"][f"{file.service}.{file.event_type}"]
        schema = message["payload"]["schema"]
        schema["properties"]["detail"] = resolve(
            document, project.asyncapi.parent, schema["properties"]["detail"]["$ref"]
        )
        (example,) = message["examples"]
        assert list(delivered.violations(schema, example["payload"])) == []


def test_the_correlation_id_is_where_it_says(document: dict[str, Any]) -> None:
    for message in document["components"]["messages"].values():
        node = message["examples"][0]["payload"]
        for name in message["correlationId"]["location"].partition("#/")[2].split("/"):
            node = node[name]
        assert isinstance(node, str)
