"""The contracts of this checkout, and copies of them in which a test may break something."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
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

AGREED = "        detail: {data: {agreed: [true, {exists: false}]}}\n"
"""What the match detector's rule asks of a field that no first version has."""


@pytest.fixture(scope="session")
def project() -> Project:
    """Return the checkout as it is."""
    return load_project()


@pytest.fixture(scope="session")
def unreleased(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return all that is checked: no present version is released, and FIRST are 1.0."""
    root = tmp_path_factory.mktemp("unreleased")
    for folder in ("contracts", "events"):
        shutil.copytree(ROOT / folder, root / folder)
    for file in (*read_texts(), "pyproject.toml"):
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, root / file)
    rooms_template = root / "services/rooms/template.yaml"
    text = rooms_template.read_text(encoding="utf-8")
    assert AGREED in text
    rooms_template.write_text(text.replace(AGREED, ""), encoding="utf-8")
    copied = Project(root, project.declared)
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
    return copied


@pytest.fixture(scope="session")
def kept(unreleased: Project) -> Mapping[Path, tuple[int, bytes]]:
    """Return the copy's files: when each was written, and what is in it."""
    files = (path for path in unreleased.root.rglob("*") if path.is_file())
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


@pytest.fixture
def copy(unreleased: Project, kept: Mapping[Path, tuple[int, bytes]]) -> Iterator[Project]:
    """Return a copy in which a test may break something: it is mended afterwards.

    To copy 230 files for each test would take most of the time.
    """
    yield Project(unreleased.root, unreleased.declared)
    folders = {folder for path in kept for folder in path.parents}
    for path in sorted(unreleased.root.rglob("*"), reverse=True):
        if path not in kept and path not in folders:
            path.rmdir() if path.is_dir() else path.unlink()
    for path, (written, content) in kept.items():
        if not path.exists() or path.stat().st_mtime_ns != written:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            os.utime(path, ns=(written, written))
