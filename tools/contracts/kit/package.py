"""Assembles the kit's source tree; `uv build` makes the wheel of it, without the network."""

import shutil
import subprocess
import sys
import tomllib
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.contracts.catalogue.entries import entries
from tools.contracts.kit.models import catalogue, module
from tools.contracts.project import Project

PACKAGE = "matinee_events"
UV = Path(sys.executable).with_name("uv")


def assemble(project: Project, folder: Path) -> Path:
    """Write the kit's source tree into a folder: what is written by hand, and the models."""
    tree = folder / "kit"
    left_out = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")
    shutil.copytree(project.root / "contracts" / "python", tree, ignore=left_out)
    (tree / "VERSION").write_text(version(project), encoding="utf-8")
    package = tree / "src" / PACKAGE
    published = entries(project)
    for service, events in groupby(published, key=lambda entry: entry.service):
        (package / f"{service}.py").write_text(module(service, list(events)), encoding="utf-8")
    (package / "catalogue.py").write_text(catalogue(published), encoding="utf-8")
    for entry in published:
        place = package / "schemas" / entry.service / entry.name
        place.mkdir(parents=True)
        for path in (entry.file.path, entry.file.example):
            if path.exists():
                shutil.copy(path, place / path.name)
    return tree


def build(project: Project, target: Path) -> Path:
    """Build the wheel into a folder and return its path. Raises CalledProcessError."""
    with TemporaryDirectory() as folder:
        tree = assemble(project, Path(folder))
        options = ["--wheel", "--quiet", "--offline", "--no-build-isolation"]
        places = ["--python", sys.executable, "--out-dir", str(target), str(tree)]
        subprocess.run([UV, "build", *options, *places], check=True)  # noqa: S603 - our own
    return next(target.glob(f"{PACKAGE}-{version(project)}-*.whl"))


def version(project: Project) -> str:
    """Return the product's version, which is the kit's."""
    text = (project.root / "pyproject.toml").read_text(encoding="utf-8")
    found: str = tomllib.loads(text)["project"]["version"]
    return found
