"""The contracts of this checkout, and copies of them in which a test may break something."""

import json
import shutil
from pathlib import Path

import pytest

from tests.contract.breaking import publishing, reading
from tests.contract.first_version import FIRST
from tools.contracts.paths import ROOT
from tools.contracts.project import Project, load_project
from tools.contracts.release import released
from tools.contracts.versions import RELEASED, current
from tools.contracts.writing import write
from tools.templates import read_texts


@pytest.fixture(scope="session")
def project() -> Project:
    """Return the checkout as it is."""
    return load_project()


@pytest.fixture
def copy(project: Project, tmp_path: Path) -> Project:
    """Return a copy of all that is checked: no present version is released, and FIRST are 1.0."""
    for folder in ("contracts", "events"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for file in (*read_texts(), "pyproject.toml"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    copied = Project(tmp_path, project.declared)
    for function, first in FIRST.items():
        for newer in (copied.events / "rooms" / first.event_type).glob("1.[1-9]*.json"):
            newer.unlink()
        rooms = next(one for one in copied.declared if one.service == "rooms")
        copied = reading(publishing(copied, first), function, *rooms.read[function], first)
    present = {path.relative_to(copied.events).as_posix() for path in current(copied)}
    older = {
        key: digest
        for key, digest in released(copied).items()
        if key not in present and (copied.events / key).exists()
    }
    (copied.events / RELEASED).write_text(json.dumps(older))
    write(copied)
    return Project(tmp_path, copied.declared)  # Not the one that has read its templates.
