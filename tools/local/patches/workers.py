"""How a process comes to be that runs a function.

Where a laptop differs from a region:
- The emulator starts a Python for each, and all import the same libraries for most of a second.
  Here they are forked from one process that has imported them.
- It unpacks code and layers for each, hundreds of files, and Python compiles them anew. Here what
  has the same content is unpacked once, and the compiled modules are shared.
"""

import hashlib
import importlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tools.local.fork_server import ForkServer
from tools.local.patches.wrap import wrap

_SHARED = "matinee-code"


def apply(_port: int) -> None:
    """Change how the emulator starts programs and unpacks code."""
    server = ForkServer()
    runtime = importlib.import_module("ministack.core.lambda_runtime")
    # Modules of its own, to be changed for it alone.
    processes, zips = (SimpleNamespace(**vars(module)) for module in (subprocess, zipfile))
    wrap(processes, "Popen", lambda start: forking(start, server))
    wrap(zips, "ZipFile", lambda _: SharedZip)
    vars(runtime).update(subprocess=processes, zipfile=zips)


def forking(start: Callable[..., Any], server: ForkServer) -> Callable[..., Any]:
    """Fork what would be started as `python FILE`; start everything else as before."""

    def forked(command: Sequence[str], *, cwd: str, env: Mapping[str, str], **named: Any) -> Any:  # noqa: ANN401
        match command:
            case [sys.executable, program]:
                return server.spawn(program, cwd, env)
        return start(command, cwd=cwd, env=env, **named)

    return forked


class SharedZip(zipfile.ZipFile):
    """A zip file whose content is unpacked once, and linked to wherever it is wanted."""

    def extractall(self, path: Any = None, *_: Any) -> None:  # noqa: ANN401 - as in the base class
        """Make the empty folder `path` a link to the unpacked content."""
        folder = Path(path)
        shared = Path(tempfile.gettempdir(), _SHARED)
        shared.mkdir(exist_ok=True)
        content = shared / hashlib.sha256(Path(str(self.filename)).read_bytes()).hexdigest()
        if not content.exists():
            draft = Path(tempfile.mkdtemp(dir=shared))
            super().extractall(draft)
            with suppress(OSError):  # another thread was faster
                draft.rename(content)
            shutil.rmtree(draft, ignore_errors=True)
        folder.rmdir()
        folder.symlink_to(content)
