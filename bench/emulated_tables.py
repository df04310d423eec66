"""The tables of all stacks in an emulator of their own, for as long as a benchmark runs."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.ledger import Index, Item, Shape
from tools.local.emulator import Aws, start_emulator, wait_until_ready
from tools.local.ports import free_ports
from tools.local.settings import CHECKOUT, Folders, StackSettings, child_environment
from tools.local.template import Template
from tools.templates import load_product

TABLE = "AWS::DynamoDB::Table"
TEMPLATE = CHECKOUT / "template.yaml"
_STOP_SECONDS = 30.0
_INDEXES = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
_TAKEN = ("AttributeDefinitions", "KeySchema", *_INDEXES, "BillingMode")


@dataclass(frozen=True, slots=True)
class EmulatedTables:
    """Empty tables. They are named like their resources in the template.

    `environment` is what a process needs to reach them with clients of its own.
    """

    shapes: Mapping[str, Shape]
    environment: Mapping[str, str]
    aws: Aws

    def peek(self, table: str, key: Item) -> Item | None:
        """Return an item, read with a client that nobody listens to."""
        answer = self.aws.dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)
        return answer.get("Item")


@contextmanager
def emulated_tables() -> Iterator[EmulatedTables]:
    """Start an emulator on a free port, make the template's tables, and clear all of it away."""
    with tempfile.TemporaryDirectory(prefix="matinee-bench-") as home:
        folders = Folders(Path(home))
        folders.create()
        settings = StackSettings(folders=folders, ports=free_ports(), template=TEMPLATE)
        base = child_environment(folders, os.environ)
        emulator = start_emulator(settings, base)
        try:
            wait_until_ready(emulator, settings)
            aws = Aws(settings.emulator_url)
            template = load_product()
            for name, properties in _tables(template).items():
                taken = {part: properties[part] for part in _TAKEN if part in properties}
                aws.dynamodb.create_table(TableName=name, **taken)
            reach = {name: base[name] for name in base if name.startswith("AWS_")}
            reach |= {name: base[name] for name in ("NO_PROXY", "no_proxy")}
            yield EmulatedTables(
                shapes(template), reach | {"AWS_ENDPOINT_URL": settings.emulator_url}, aws
            )
        finally:
            emulator.stop(_STOP_SECONDS)


def shapes(template: Template) -> Mapping[str, Shape]:
    """Return the shape of each table of a template, by logical id."""
    return {name: _shape(properties) for name, properties in _tables(template).items()}


def _tables(template: Template) -> Mapping[str, Mapping[str, Any]]:
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == TABLE
    }


def _shape(properties: Mapping[str, Any]) -> Shape:
    keys = _names(properties["KeySchema"])
    indexes = [index for kind in _INDEXES for index in properties.get(kind, ())]
    return Shape(keys, tuple(_index(keys, index) for index in indexes))


def _index(table_keys: tuple[str, ...], properties: Mapping[str, Any]) -> Index:
    keys = _names(properties["KeySchema"])
    projection = properties["Projection"]
    if projection["ProjectionType"] == "ALL":
        return Index(keys)
    included = projection.get("NonKeyAttributes", ())
    return Index(keys, frozenset({*keys, *table_keys, *included}))


def _names(schema: list[Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(part["AttributeName"] for part in schema)
