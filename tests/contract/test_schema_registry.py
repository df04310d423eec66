"""What the schema registry gets: our schemas in its own dialect, judging events as ours do."""

import copy
import json
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from jsonschema import Draft4Validator
from pydantic import Field

from matinee.events.contract import Contract
from tests.contract.breaking import faults, publishing, rewrite
from tools.contracts import delivered, registry
from tools.contracts.catalogue.entries import Entry, entries
from tools.contracts.documents import from_yaml
from tools.contracts.draft4 import NotConvertible, converted
from tools.contracts.project import Project, load_project
from tools.contracts.rules import rules_of
from tools.local.template import load_template

ENTRIES = entries(load_project())
EVERY_EVENT = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


def draft4(entry: Entry) -> Draft4Validator:
    schema = json.loads(registry.content(entry))
    Draft4Validator.check_schema(schema)
    return Draft4Validator(schema, format_checker=delivered.FORMATS)


def example(entry: Entry) -> dict[str, Any]:
    assert entry.example is not None
    return copy.deepcopy(entry.example)


def variations(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """An event without each of its fields, and with something else in each."""
    for part in ("metadata", "data"):
        for name, value in event["detail"][part].items():
            without = copy.deepcopy(event)
            del without["detail"][part][name]
            yield without
            for other in (None, True, -1, 10**9, "?", [], [value], {"a": 1}):
                changed = copy.deepcopy(event)
                changed["detail"][part][name] = other
                yield changed


@EVERY_EVENT
def test_an_example_is_valid_in_the_registry_s_dialect_too(entry: Entry) -> None:
    assert list(draft4(entry).iter_errors(example(entry))) == []


@EVERY_EVENT
def test_both_dialects_refuse_the_same_events(entry: Entry) -> None:
    in_draft_4 = draft4(entry)
    verdicts = [
        (in_draft_4.is_valid(event), not list(delivered.violations(entry.schema, event["detail"])))
        for event in variations(example(entry))
    ]

    assert all(theirs == ours for theirs, ours in verdicts)
    assert False in {ours for _, ours in verdicts}


@EVERY_EVENT
def test_another_event_is_none_of_this_type(entry: Entry) -> None:
    event = example(entry) | {"detail-type": "SomethingElse"}

    assert not draft4(entry).is_valid(event)


def test_a_replayed_event_is_one_of_its_type_still() -> None:
    assert draft4(ENTRIES[0]).is_valid(example(ENTRIES[0]) | {"replay-name": "again"})


@pytest.mark.parametrize(
    ("schema", "answer"),
    [
        ({"const": 3}, {"enum": [3]}),
        ({"exclusiveMinimum": 0}, {"minimum": 0, "exclusiveMinimum": True}),
        ({"exclusiveMaximum": 1.5}, {"maximum": 1.5, "exclusiveMaximum": True}),
        ({"type": "object", "required": []}, {"type": "object"}),
        ({"$id": "urn:x", "$schema": "y", "examples": [1]}, {}),
        (
            {"prefixItems": [{"const": "a"}, {"type": "integer"}]},
            {"items": [{"enum": ["a"]}, {"type": "integer"}]},
        ),
        (
            {"anyOf": [{"const": 1}, {"type": "object", "properties": {"a": {"const": 2}}}]},
            {"anyOf": [{"enum": [1]}, {"type": "object", "properties": {"a": {"enum": [2]}}}]},
        ),
        ({"additionalProperties": False}, {"additionalProperties": False}),
        (
            {"additionalProperties": {"const": 1}, "items": {"const": 2}},
            {"additionalProperties": {"enum": [1]}, "items": {"enum": [2]}},
        ),
    ],
)
def test_what_draft_4_says_in_another_way(schema: dict[str, Any], answer: dict[str, Any]) -> None:
    assert converted(schema) == answer


def test_a_field_that_is_named_like_a_keyword_stays_a_field() -> None:
    schema = {"properties": {"const": {"type": "string"}, "$id": {"const": "x"}}}

    assert converted(schema) == {
        "properties": {"const": {"type": "string"}, "$id": {"enum": ["x"]}}
    }


@pytest.mark.parametrize(
    "keyword", ["contains", "if", "propertyNames", "dependentRequired", "$ref"]
)
def test_what_draft_4_cannot_say_is_never_left_out_in_silence(keyword: str) -> None:
    with pytest.raises(NotConvertible, match="cannot be said"):
        converted({"properties": {"a": {keyword: {}}}})


def test_every_event_has_a_schema_in_the_registry_s_template(project: Project) -> None:
    template = from_yaml(project.registry.read_text())
    schemas = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::EventSchemas::Schema"
    ]

    assert {schema["SchemaName"] for schema in schemas} == {
        f"{contract.source}@{contract.event_type}" for _, contract in project.published()
    }
    assert {schema["Type"] for schema in schemas} == {"JSONSchemaDraft4"}


def test_the_stack_nests_it_with_the_parameters_that_it_has(project: Project) -> None:
    nested = load_template(project.registry)
    properties = project.template["Resources"]["SchemaRegistry"]["Properties"]

    assert project.root / properties["TemplateURL"] == project.registry
    assert properties["Parameters"].keys() == nested["Parameters"].keys()


def test_a_template_that_is_out_of_date_is_reported(copy: Project) -> None:
    class RoomClosed(Contract):
        """A room was closed."""

        source: ClassVar[str] = "matinee.rooms"
        room_id: str = Field(description="The room.")

    assert "registry.yaml: is not what the models say" in faults(
        registry.outdated, publishing(copy, RoomClosed)
    )
    rewrite(copy.registry, "JSONSchemaDraft4", "OpenApi3")
    assert "registry.yaml: is not what the models say" in faults(registry.outdated, copy)


def test_a_schema_that_is_too_long_for_the_registry_is_reported(copy: Project) -> None:
    class Tome(Contract):
        """Something was said at length."""

        source: ClassVar[str] = "matinee.rooms"
        room_id: str = Field(description="x" * registry.LONGEST)

    assert "cannot be written" in faults(registry.outdated, publishing(copy, Tome))


def test_the_archive_keeps_every_event_there_is(project: Project) -> None:
    (archive,) = [rule for rule in rules_of(project.template) if "EventArchive" in rule.place]

    assert all(archive.delivers(contract) for _, contract in project.published())
