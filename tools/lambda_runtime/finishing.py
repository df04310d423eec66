"""The last step of a build: out with what no function needs, in with compiled modules.

Where functions run, code cannot be written: without compiled modules each cold start would compile
every module anew, which takes longer than all the rest of it (python -m bench cold). They are
checked against nothing (PEP 552, unchecked hash-based), and are the same whenever they are made of
the same sources, so that an unchanged build is not deployed again.
"""

import compileall
import py_compile
import shutil
from collections.abc import Iterator
from pathlib import Path

_NEVER_NEEDED = ("tests", "test")


class NotCompiled(Exception):
    """A module in the build is no Python."""


def finish(folder: Path) -> None:
    """Finish a build in place; finishing it again changes nothing. Raises NotCompiled."""
    for part in _parts(folder):
        for path in sorted(part.rglob("*")):
            if path.is_dir() and path.name in _NEVER_NEEDED:
                shutil.rmtree(path)
        made = compileall.compile_dir(
            part,
            quiet=1,
            force=True,
            stripdir=str(part),
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            workers=1,
        )
        if not made:
            message = f"{part}: see above"
            raise NotCompiled(message)


def _parts(folder: Path) -> Iterator[Path]:
    """Yield the folders of functions and layers, those of each application among them."""
    for part in sorted(path for path in folder.iterdir() if path.is_dir()):
        if (part / "template.yaml").is_file():
            yield from _parts(part)
        else:
            yield part
