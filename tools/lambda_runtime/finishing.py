"""The last step of a build: out with what no function needs, in with compiled modules.

Where functions run, code cannot be written: without compiled modules each cold start would compile
every module anew, which takes longer than all the rest of it (python -m bench cold). They are
checked against nothing (PEP 552, unchecked hash-based), and are the same whenever they are made of
the same sources, so that an unchanged build is not deployed again.
"""

import compileall
import py_compile
import shutil
from pathlib import Path

_NEVER_NEEDED = ("tests", "test")


class NotCompiled(Exception):
    """A module in the build is no Python."""


def finish(folder: Path) -> None:
    """Finish a build in place; finishing it again changes nothing. Raises NotCompiled."""
    parts = [part for part in sorted(folder.iterdir()) if part.is_dir()]
    for part in parts:
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
