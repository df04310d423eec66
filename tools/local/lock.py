"""One supervisor for one state folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunningError(Exception):
    """Another supervisor uses this state folder; `pid` is its process, when known."""

    def __init__(self, pid: int | None, home: Path) -> None:
        self.pid = pid
        who = f"pid {pid}" if pid else "its pid is not known"
        super().__init__(
            f"A Matinee stack already runs from {home} ({who}).\n"
            "Stop it with Ctrl-C in its terminal, or with: python -m tools.local stop\n"
            "For a second stack beside it: "
            "python -m tools.local run --ports free --state-dir DIR"
        )


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the lock at `path` for as long as the block runs. Raises AlreadyRunningError.

    The system frees the lock when its holder ends, however it ends.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunningError(holder(path), path.parent) from error
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
        os.truncate(descriptor, 0)
    finally:
        os.close(descriptor)


def holder(path: Path) -> int | None:
    """Return the pid of the supervisor that holds the lock now, or None."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        text = path.read_text(encoding="ascii", errors="replace").strip()
        return int(text) if text.isdecimal() else None
    finally:
        os.close(descriptor)
    return None
