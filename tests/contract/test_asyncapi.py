"""The AsyncAPI document is one, and says what the contracts say."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.contracts import delivered
from tools.contracts.project import Project
from tools.contracts.versions import current


@pytest.fixture(scope="module")
def document(project: Project) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(project.asyncapi.read_text())
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


def test_it_has_what_asyncapi_three_asks_for(document: dict[str, Any]) -> None:
    assert document["asyncapi"] == "3.0.0"
    assert document["info"].keys() >= {"title", "version"}
    for server in document["servers"].values():
        assert server.keys() >= {"host", "protocol"}
    for operation in document["operations"].values():
        assert operation["action"] == "send"


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


def test_every_message_shows_an_example_that_keeps_its_payload_s_schema(
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
