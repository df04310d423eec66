"""The files of contracts/events: one schema for each version of each event, and its example."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matinee.events.contract import Contract
from tools.contracts.project import Fault, Project

RELEASED = "released.json"
RETIRED = "retired.json"

_NAME = re.compile(r"^(?P<major>[1-9]\d*)\.(?P<minor>0|[1-9]\d*)\.json$")
_EXAMPLE = ".example.json"
_MAJOR = re.compile(r"^(?P<name>[A-Z][A-Za-z0-9]*?)(?:\.v(?P<major>[1-9]\d*))?$")


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version of a contract; orders as numbers do: 1.10 comes after 1.9."""

    major: int
    minor: int

    @classmethod
    def parse(cls, text: str) -> "Version":
        """Read `major.minor`."""
        major, minor = text.split(".")
        return cls(int(major), int(minor))

    def __str__(self) -> str:
        """Write `major.minor`."""
        return f"{self.major}.{self.minor}"


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """One version of one event."""

    service: str
    event_type: str
    version: Version
    path: Path

    @property
    def example(self) -> Path:
        """Where its example is."""
        return self.path.with_name(f"{self.version}{_EXAMPLE}")

    @property
    def event(self) -> tuple[str, str]:
        """Which event it is a version of."""
        return self.service, self.event_type

    def is_older_minor_of(self, other: "SchemaFile") -> bool:
        """Return whether readers of this version have to read events of the other."""
        same_major = (self.event, self.version.major) == (other.event, other.version.major)
        return same_major and self.version < other.version

    def read(self) -> dict[str, Any]:
        """Read the schema."""
        schema: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        return schema


def file_of(project: Project, service: str, contract: type[Contract]) -> SchemaFile:
    """Return the file of a model's present version, which may not be there yet."""
    version = Version.parse(contract.schema_version)
    path = project.events / service / contract.event_type / f"{version}.json"
    return SchemaFile(service, contract.event_type, version, path)


def stored(project: Project) -> list[SchemaFile]:
    """Return every schema that is there, by service, event and version."""
    found = []
    for path in project.events.glob("*/*/*.json"):
        if match := _NAME.match(path.name):
            version = Version(int(match["major"]), int(match["minor"]))
            found.append(SchemaFile(path.parts[-3], path.parts[-2], version, path))
    return sorted(found, key=lambda file: (file.service, file.event_type, file.version))


def current(project: Project) -> Mapping[Path, tuple[SchemaFile, type[Contract]]]:
    """Return the present version of every event that some service emits, by its path."""
    files = ((file_of(project, service, model), model) for service, model in project.published())
    return {file.path: (file, model) for file, model in files}


def misplaced(project: Project) -> Iterator[Fault]:
    """Find files that are neither a schema, nor its example, nor a list of releases."""
    schemas = {file.path for file in stored(project)}
    lists = {project.events / name for name in (RELEASED, RETIRED)}
    expected = schemas | lists | {file.example for file in stored(project)}
    for path in sorted(project.events.rglob("*")):
        if path.is_file() and path not in expected:
            yield Fault(
                project.shown(path),
                "belongs to no schema; they are named <service>/<Event>/<major.minor>.json "
                "and beside each <major.minor>.example.json",
            )


def misnumbered(project: Project) -> Iterator[Fault]:
    """Find events whose name does not say their major version: `VoteCast` is 1, `VoteCast.v2` 2."""
    for service, model in project.published():
        match = _MAJOR.match(model.event_type)
        place = f"{service}.events.published.{model.__name__}"
        if match is None:
            yield Fault(place, f"{model.event_type!r} is no event's name, such as VoteCast.v2")
            continue
        major = int(match["major"] or 1)
        if Version.parse(model.schema_version).major != major:
            yield Fault(
                place,
                f"{model.event_type} has version {model.schema_version}, but its name says "
                f"{major}.x: a breaking change is a new detail-type",
            )


def misattributed(project: Project) -> Iterator[Fault]:
    """Find events with another source than their service's, and names that two services give."""
    emitters: dict[str, str] = {}
    for service, model in project.published():
        place = f"{service}.events.published.{model.__name__}"
        if model.source != f"matinee.{service}":
            yield Fault(place, f"has the source {model.source}; its service is matinee.{service}")
        other = emitters.setdefault(model.event_type, service)
        if other != service:
            yield Fault(place, f"{other} emits an event of the name {model.event_type} already")
