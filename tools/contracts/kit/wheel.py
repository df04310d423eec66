"""Puts the kit together and builds its wheel, without the network."""

import shutil
import subprocess
import sys
import tempfile
import tomllib
from itertools import groupby
from pathlib import Path

from tools.contracts.catalogue.entries import entries
from tools.contracts.kit.models import catalogue, module
from tools.contracts.project import Project

PACKAGE = "matinee_events"


class BuildFailed(Exception):
    """The wheel could not be built; the message is what the builder said."""


def assemble(project: Project, folder: Path) -> Path:
    """Make the kit's source tree in a folder: what is written by hand, and the models."""
    tree = folder / "kit"
    left_out = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")
    shutil.copytree(project.root / "contracts" / "python", tree, ignore=left_out)
    (tree / "VERSION").write_text(version(project), encoding="utf-8")
    package = tree / "src" / PACKAGE
    told = entries(project)
    for service, events in groupby(told, key=lambda entry: entry.service):
        (package / f"{service}.py").write_text(module(service, list(events)), encoding="utf-8")
    (package / "catalogue.py").write_text(catalogue(told), encoding="utf-8")
    for entry in told:
        place = package / "schemas" / entry.service / entry.name
        place.mkdir(parents=True)
        for path in (entry.file.path, entry.file.example):
            if path.exists():
                shutil.copy(path, place / path.name)
    return tree


def build(project: Project, target: Path) -> Path:
    """Build the wheel into a folder; answers its path. Raises BuildFailed."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        tree = assemble(project, Path(folder))
        options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
        done = subprocess.run(  # noqa: S603 - our own arguments
            [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(target), str(tree)],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise BuildFailed(done.stderr)
    return next(target.glob(f"{PACKAGE}-{version(project)}-*.whl"))


def version(project: Project) -> str:
    """Answer the product's version, which is the kit's."""
    text = (project.root / "pyproject.toml").read_text(encoding="utf-8")
    found: str = tomllib.loads(text)["project"]["version"]
    return found
