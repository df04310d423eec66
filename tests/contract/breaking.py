"""Ways to break a copy of the contracts, and what the checker says of it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from matinee.events.contract import Contract, Registry
from tools.contracts.checks import Check
from tools.contracts.project import Declared, Project


def faults(check: Check, project: Project) -> str:
    """Return what a check finds, a line for each fault."""
    return "\n".join(str(fault) for fault in check(project))


def rewrite(path: Path, old: str, new: str) -> None:
    """Replace a text that must be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} no longer has {old!r}: break it in another place"
    path.write_text(text.replace(old, new), encoding="utf-8")


def rewrite_json(path: Path, change: Callable[[Any], object]) -> None:
    """Change a JSON file in place."""
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def publishing(project: Project, *models: type[Contract]) -> Project:
    """Return a project whose rooms service emits these models, in place of its own of that type."""
    rooms = _rooms(project)
    return declaring(project, replace(rooms, published=Registry([*rooms.published, *models])))


def reading(project: Project, name: str, *models: type[Contract]) -> Project:
    """Return a project in whose rooms service one registry of readers has these models."""
    rooms = _rooms(project)
    return declaring(project, replace(rooms, read={**rooms.read, name: Registry(models)}))


def declaring(project: Project, rooms: Declared) -> Project:
    """Return a project with another declaration of its rooms service."""
    others = [declared for declared in project.declared if declared.service != "rooms"]
    return Project(project.root, (*others, rooms))


def _rooms(project: Project) -> Declared:
    return next(declared for declared in project.declared if declared.service == "rooms")
