"""The last step of a build: out with what no function needs, in with compiled modules.

Where functions run, code cannot be written: without compiled modules each cold start would compile
every module anew, which takes longer than all the rest of it (python -m bench cold). They are
checked against nothing (PEP 552, unchecked hash-based), and are the same whenever they are made of
the same sources, so that an unchanged build is not deployed again.
"""

import importlib.util
import py_compile
import shutil
from collections.abc import Iterator
from pathlib import Path

_NEVER_NEEDED = ("tests", "test")


class NotCompiled(Exception):
    """A module in the build is no Python."""


def finish(folder: Path) -> None:
    """Finish a build in place; finishing it again changes nothing. Raises NotCompiled."""
    compiled: dict[tuple[Path, bytes], Path] = {}
    for part in _parts(folder):
        for path in sorted(part.rglob("*")):
            if path.is_dir() and path.name in _NEVER_NEEDED:
                shutil.rmtree(path)
        for source in sorted(part.rglob("*.py")):
            name = source.relative_to(part)
            target = Path(importlib.util.cache_from_source(str(source)))
            # The same package is in each service's layer: it is compiled once.
            twin = compiled.setdefault((name, source.read_bytes()), target)
            if twin != target:
                target.parent.mkdir(exist_ok=True)
                shutil.copyfile(twin, target)
            else:
                _compile(source, target, name)


def _compile(source: Path, target: Path, name: Path) -> None:
    try:
        py_compile.compile(
            str(source),
            str(target),
            dfile=str(name),
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
    except py_compile.PyCompileError as error:
        message = f"{source}: {error}"
        raise NotCompiled(message) from error


def _parts(folder: Path) -> Iterator[Path]:
    """Yield the folders of functions and layers, those of each application among them."""
    for part in sorted(path for path in folder.iterdir() if path.is_dir()):
        if (part / "template.yaml").is_file():
            yield from _parts(part)
        else:
            yield part
