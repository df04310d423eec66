"""What is checked: a checkout's files and the contracts that its services declare."""

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from graphql import GraphQLSchema

from matinee.events.contract import Contract, Registry
from tools.contracts.graphql_schema import read_schema
from tools.contracts.paths import ROOT, make_importable
from tools.local.template import Template, load_template
from tools.templates import Product, Route, routes_of

COMMANDS = "COMMANDS"
"""The name of the registry of what a service sends to its own work queues."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not agree. `place` is a file or what stands in one."""

    place: str
    reason: str

    def __str__(self) -> str:
        """Return it in one line."""
        return f"{self.place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Declared:
    """What one service declares.

    `published` are the events it emits, `read` what its consumers read, by their functions.
    `commands` are what it sends to its own work queues, past the bus, and `workers` the functions
    behind those.
    """

    service: str
    published: Registry
    read: Mapping[str, Registry]
    commands: Registry = field(default_factory=lambda: Registry([]))
    workers: frozenset[str] = frozenset()

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
        commands = names.get(COMMANDS, empty)
        consumers = names.get("CONSUMERS", {})
        workers = frozenset(name for name, read in consumers.items() if set(read) <= set(commands))
        return cls(
            service,
            names.get("PUBLISHED", empty),
            {name: Registry(read) for name, read in consumers.items() if name not in workers},
            commands,
            workers,
        )

    def readable(self, name: str) -> Registry | None:
        """Return what a consumer reads by its name; None where there is no such."""
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
    def product(self) -> Product:
        """All stacks, as the root template wires them."""
        return Product.read(self.root)

    @cached_property
    def template(self) -> Template:
        """All stacks as one template, loops expanded."""
        return self.product.template

    @cached_property
    def routes(self) -> tuple[Route, ...]:
        """The routes of the REST API."""
        return tuple(routes_of(self.template))

    @cached_property
    def subscriber_template(self) -> Template:
        """The template of the example subscriber."""
        return load_template(self.root / "contracts" / "subscriber" / "template.yaml")

    @cached_property
    def graphql(self) -> GraphQLSchema:
        """The schema of the GraphQL API."""
        return read_schema(self.root / "contracts" / "graphql" / "schema.graphql")

    def published(self) -> Iterator[tuple[str, type[Contract]]]:
        """Yield every event that some service publishes, with the service's name."""
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
    folders = sorted((root / "services").glob("*/*/events"))
    declared = (
        Declared.in_folder(folder.parent.name, folder)
        for folder in folders
        if folder.parents[1].name != "shared"
    )
    return Project(root, tuple(declared))
