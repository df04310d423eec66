"""What is checked: a checkout's files and the contracts that its services declare."""

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import ModuleType

from graphql import GraphQLSchema

from matinee.events.contract import Contract, Registry
from tools.contracts.graphql_schema import read_schema
from tools.contracts.paths import ROOT, make_importable
from tools.local.template import Template, load_template

COMMANDS = "COMMANDS"
"""The name of the registry of what a service sends to its own work queues."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not agree. `place` is a file or what stands in one."""

    place: str
    reason: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Declared:
    """What one service declares.

    `published` are the events it emits, `read` what its consumers read, by their functions.
    `commands` are what it sends to its own work queues, past the bus.
    """

    service: str
    published: Registry
    read: Mapping[str, Registry]
    commands: Registry = field(default_factory=lambda: Registry([]))

    @classmethod
    def by(cls, service: str, module: ModuleType) -> "Declared":
        """Return the registries of a service's module; PUBLISHED and COMMANDS are what it sends."""
        registries = {
            name: value for name, value in vars(module).items() if isinstance(value, Registry)
        }
        published = registries.pop("PUBLISHED", Registry([]))
        commands = registries.pop(COMMANDS, Registry([]))
        return cls(service, published, registries, commands)

    @classmethod
    def in_folder(cls, service: str, folder: Path) -> "Declared":
        """Return what a service's folder `events` declares: PUBLISHED, COMMANDS and CONSUMERS."""
        modules = [
            importlib.import_module(f"{service}.events.{name}")
            for name in ("published", "consumed")
            if (folder / f"{name}.py").exists()
        ]
        names = {name: value for module in modules for name, value in vars(module).items()}
        empty = Registry([])
        return cls(
            service,
            names.get("PUBLISHED", empty),
            {name: Registry(read) for name, read in names.get("CONSUMERS", {}).items()},
            names.get(COMMANDS, empty),
        )

    def readable(self, name: str) -> Registry | None:
        """Answer what a consumer of this service reads by a registry's name; None for no such."""
        return self.commands if name == COMMANDS else self.read.get(name)


@dataclass(frozen=True)
class Project:
    """A checkout: its files below `root`, its services' declarations.

    A test gives another root, or other declarations, and so a project with a fault in it.
    """

    root: Path
    declared: tuple[Declared, ...]

    @property
    def events(self) -> Path:
        """The folder of the schemas and their examples."""
        return self.root / "contracts" / "events"

    @property
    def samples(self) -> Path:
        """The folder of the inputs for `sam local invoke`."""
        return self.root / "events"

    @property
    def asyncapi(self) -> Path:
        """The AsyncAPI document."""
        return self.root / "contracts" / "asyncapi.yaml"

    @property
    def registry(self) -> Path:
        """The template of the schema registry."""
        return self.root / "contracts" / "registry.yaml"

    @property
    def readme(self) -> Path:
        """What subscribers read first."""
        return self.root / "contracts" / "README.md"

    @cached_property
    def template(self) -> Template:
        """The stack's template, short forms written out."""
        return load_template(self.root / "template.yaml")

    @cached_property
    def subscriber_template(self) -> Template:
        """The template of the example subscriber."""
        return load_template(self.root / "contracts" / "subscriber" / "template.yaml")

    @cached_property
    def graphql(self) -> GraphQLSchema:
        """The schema of the GraphQL API."""
        return read_schema(self.root / "contracts" / "graphql" / "schema.graphql")

    def published(self) -> Iterator[tuple[str, type[Contract]]]:
        """Walk through every event that some service emits, with the service's name."""
        for declared in self.declared:
            for contract in declared.published:
                yield declared.service, contract

    @cached_property
    def known(self) -> Registry:
        """Every event that some service emits."""
        return Registry([contract for _, contract in self.published()])

    def shown(self, path: Path) -> str:
        """Name a file as a person would: from the root of the checkout."""
        return path.relative_to(self.root).as_posix()


def load_project(root: Path = ROOT) -> Project:
    """Read what a checkout's services declare."""
    make_importable(root)
    places = sorted(
        place
        for pattern in ("contracts.py", "events/__init__.py")
        for place in (root / "services").glob(f"*/*/{pattern}")
        if "shared" not in place.parts
    )
    declared = (
        Declared.in_folder(place.parents[1].name, place.parent)
        if place.parent.name == "events"
        else Declared.by(
            place.parent.name, importlib.import_module(f"{place.parent.name}.contracts")
        )
        for place in places
    )
    return Project(root, tuple(declared))
