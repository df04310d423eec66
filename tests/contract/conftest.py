"""The contracts of this checkout, and copies of them in which a test may break something."""

import shutil
from pathlib import Path

import pytest

from tools.contracts.paths import ROOT
from tools.contracts.project import Project, load_project
from tools.templates import read_texts


@pytest.fixture(scope="session")
def project() -> Project:
    """Return the checkout as it is."""
    return load_project()


@pytest.fixture
def copy(project: Project, tmp_path: Path) -> Project:
    """Return a copy of all that is checked; nothing in it is released."""
    for folder in ("contracts", "events"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for file in (*read_texts(), "pyproject.toml"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    (tmp_path / "contracts" / "events" / "released.json").unlink(missing_ok=True)
    return Project(tmp_path, project.declared)
