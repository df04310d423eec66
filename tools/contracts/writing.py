"""Writing what is generated. What is released is not touched."""

from dataclasses import dataclass, field
from pathlib import Path

from tools.contracts import asyncapi, function_schemas, openapi, registry, table
from tools.contracts.compatibility import incompatible
from tools.contracts.paths import ROOT
from tools.contracts.project import Fault, Project
from tools.contracts.release import abandoned, drifted, is_released, tampered
from tools.contracts.schema import schema_of, text_of
from tools.contracts.versions import current, stored

GATE = (tampered, drifted, abandoned, incompatible)
"""What writing must not do away with: the promises of released schemas."""


@dataclass(slots=True)
class Outcome:
    """What came of writing."""

    written: list[Path] = field(default_factory=list)
    removed: list[Path] = field(default_factory=list)
    refused: list[Fault] = field(default_factory=list)


def write(project: Project) -> Outcome:
    """Write what is generated: schemas, the README's table, interface documents, the registry.

    Schemas that nobody released are taken away with their model. What is refused: a change of a
    released schema, and a new minor version that an old reader could not read.
    """
    outcome = Outcome()
    present = current(project)
    for file in stored(project):
        if file.path not in present and not is_released(project, file):
            file.path.unlink()  # Its example is hand-written: whoever wrote it moves it.
            outcome.removed.append(file.path)
    for path, (file, model) in present.items():
        if not is_released(project, file):
            _write(path, text_of(schema_of(file.service, model)), outcome)
    _write(project.readme, table.text(project), outcome)
    _write(project.asyncapi, asyncapi.text(project), outcome)
    _write(project.registry, registry.text(project), outcome)
    _write(project.root / openapi.DOCUMENT.relative_to(ROOT), openapi.text(), outcome)
    for name, text in function_schemas.texts().items():
        _write(project.root / function_schemas.FOLDER / name, text, outcome)
    for check in GATE:
        outcome.refused.extend(check(project))
    return outcome


def _write(path: Path, text: str, outcome: Outcome) -> None:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    outcome.written.append(path)
