"""One supervisor for one state folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


class AlreadyRunningError(Exception):
    """Another supervisor uses this state folder; `pid` is its process, when known."""

    def __init__(self, pid: int | None, home: Path) -> None:
        self.pid = pid
        who = f"pid {pid}" if pid else "its pid is not known"
        super().__init__(
            f"A Matinee stack already runs from {home} ({who}).\n"
            "Stop it with Ctrl-C in its terminal, or with: make stop\n"
            "For a second stack beside it: "
            "python -m tools.local run --ports free --state-dir DIR"
        )


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the lock at `path` for as long as the block runs. Raises AlreadyRunningError.

    The system frees the lock when its holder ends, however it ends.
    """
    lock = FileLock(path, mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise AlreadyRunningError(holder(path), path.parent) from error
    try:
        path.write_text(str(os.getpid()), encoding="ascii")
        yield
    finally:
        path.write_text("", encoding="ascii")
        lock.release()


def holder(path: Path) -> int | None:
    """Return the pid of the supervisor that holds the lock now, or None."""
    if not path.exists():
        return None
    try:
        with FileLock(path, timeout=0):
            return None
    except Timeout:
        text = path.read_text(encoding="ascii", errors="replace").strip()
        return int(text) if text.isdecimal() else None
