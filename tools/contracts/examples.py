"""The examples beside the schemas: hand-written events, true to schema and model."""

import json
from collections.abc import Iterable, Iterator

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from pydantic import ValidationError

from matinee.events.contract import ContractViolation
from tools.contracts import delivered
from tools.contracts.project import Fault, Project
from tools.contracts.versions import SchemaFile, stored


def untrue(project: Project) -> Iterator[Fault]:
    """Find schemas without an example, and examples that do not keep their contract."""
    files = stored(project)
    for file in files:
        place = project.shown(file.example)
        if not file.example.exists():
            yield Fault(place, "is missing: every version of every event has an example")
            continue
        older = [other for other in files if other.is_older_minor_of(file)]
        for reason in _reasons(project, file, older):
            yield Fault(place, reason)


def invalid_schemas(project: Project) -> Iterator[Fault]:
    """Find files that are no JSON Schema at all."""
    for file in stored(project):
        try:
            Draft202012Validator.check_schema(file.read())
        except (SchemaError, json.JSONDecodeError) as error:
            yield Fault(project.shown(file.path), f"is no JSON Schema: {error.args[0]}")


def _reasons(project: Project, file: SchemaFile, older: Iterable[SchemaFile]) -> Iterator[str]:
    try:
        event = delivered.read(json.loads(file.example.read_text(encoding="utf-8")))
    except json.JSONDecodeError as error:
        yield f"is not JSON: {error}"
        return
    except ValidationError as error:
        yield f"is no EventBridge event: {delivered.problems(error)}"
        return
    yield from delivered.violations(file.read(), event.detail)
    for other in older:
        for violation in delivered.violations(other.read(), event.detail):
            yield f"cannot be read by {other.version}: {violation}"
    if file.event_type not in {model.event_type for model in project.known}:
        return  # Nobody emits it any more; its schema and example stay for who kept old events.
    try:
        envelope = project.known.read(event.detail)
    except ContractViolation as error:
        yield f"does not fit its model: {error}"
        return
    if envelope.metadata.schema_version != str(file.version):
        yield f"says that it is version {envelope.metadata.schema_version}"
    yield from delivered.contradictions(event, envelope)
