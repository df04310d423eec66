"""Child processes: watching their parent, logged to a file, ended by their own id."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tools.local.settings import CHECKOUT

MAX_LOG_BYTES = 20_000_000
_TAIL_LINES = 25
_POLL_SECONDS = 0.05


class ChildFailedError(Exception):
    """A child ended, or did not become ready; the message has the tail of its log."""


@dataclass(slots=True)
class Child:
    """A running child process, the leader of its own process group."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        """The child's process id, which is its process group's id too."""
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Whether the child still runs."""
        return self.process.poll() is None

    def tail(self, lines: int = _TAIL_LINES) -> str:
        """Return the last lines of the child's log."""
        return tail(self.log, lines)

    def rotate_log(self, most: int = MAX_LOG_BYTES) -> None:
        """Begin the log anew once it has more bytes, and keep what it held until then."""
        with suppress(OSError):
            if self.log.stat().st_size > most:
                shutil.copyfile(self.log, _previous(self.log))
                os.truncate(self.log, 0)

    def failure(self, what: str) -> ChildFailedError:
        """Describe what went wrong, with the end of the log."""
        return ChildFailedError(f"{what}\n--- the end of {self.log}:\n{self.tail()}")

    def wait_ready(self, ready: Callable[[], bool], timeout: float) -> None:
        """Wait until `ready()` holds. Raises ChildFailedError on exit or after `timeout` s."""
        deadline = time.monotonic() + timeout
        while not ready():
            if not self.alive:
                code = self.process.returncode
                raise self.failure(f"The {self.name} ended while it started (exit code {code}).")
            if time.monotonic() > deadline:
                raise self.failure(f"The {self.name} was not ready after {timeout:.0f} s.")
            time.sleep(_POLL_SECONDS)

    def stop(self, grace: float) -> bool:
        """Terminate the child, wait up to `grace` seconds, then kill its whole group.

        Returns whether it ended by itself.
        """
        if self.alive:
            with suppress(ProcessLookupError):
                self.process.terminate()
        willing = True
        try:
            self.process.wait(grace)
        except subprocess.TimeoutExpired:
            willing = False
        # Grandchildren (the emulator's workers) are members of the group, and may be left over.
        kill_group(self.pid)
        self.process.wait(5)
        return willing


def spawn(
    name: str, module: str, arguments: Sequence[str], environment: dict[str, str], logs: Path
) -> Child:
    """Start `python -m module` under the parent watchdog; its output goes to `logs`/`name`.log."""
    log = logs / f"{name.replace(' ', '-')}.log"
    if log.exists():
        log.replace(_previous(log))
    with log.open("ab") as output:  # to go on at the end, wherever that is after a rotation
        process = subprocess.Popen(  # noqa: S603 - our own modules, under our own Python
            [
                sys.executable,
                "-m",
                "tools.local.parent_watchdog",
                str(os.getpid()),
                module,
                *arguments,
            ],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Child(name, process, log)


def _previous(log: Path) -> Path:
    return log.with_suffix(".previous.log")


def kill_group(leader: int) -> None:
    """End every process of a group that one of our children leads, if any is left."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def tail(path: Path, lines: int) -> str:
    """Return the last lines of a text file; a note when there is nothing to read."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "(no log)"
    return "\n".join(text.splitlines()[-lines:]) or "(the log is empty)"


def is_alive(pid: int) -> bool:
    """Return whether a process with this id exists and has not ended yet."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with suppress(OSError):
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        return state.rsplit(")", 1)[1].split()[0] != "Z"
    return True


def is_watched_child(pid: int) -> bool:
    """Return whether the process is one of our children, not one that got its id later."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        listing = subprocess.run(  # noqa: S603 - a fixed command, the pid is a number
            ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, check=False
        )
        command = listing.stdout
    return b"tools.local.parent_watchdog" in command


def record(path: Path, children: Iterable[Child]) -> None:
    """Record the running children, so that a later start can find them."""
    path.write_text(json.dumps({child.name: child.pid for child in children}), encoding="utf-8")


def left_over(path: Path) -> dict[str, int]:
    """Return the recorded children that still run, by name."""
    try:
        recorded = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {
        str(name): pid
        for name, pid in dict(recorded).items()
        if isinstance(pid, int) and is_alive(pid) and is_watched_child(pid)
    }


def end_left_over(pids: Iterable[int], grace: float) -> None:
    """End children of a supervisor that is gone: they save what they hold, or are ended."""
    remaining = set(pids)
    deadline = time.monotonic() + grace
    for pid in remaining:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGTERM)
    while remaining and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        remaining = {pid for pid in remaining if is_alive(pid)}
    for pid in remaining:
        kill_group(pid)
