"""The processor time that a running product has used, by its processes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = 1024
_PARTS = {
    "tools.local.emulator_process": "emulator",
    "tools.appsync": "GraphQL endpoint",
    "tools.tmdb": "TMDB stand-in",
    "fork_server.py": "fork server",
}
SUPERVISOR = "supervisor"
CLIENT = "this client"


@dataclass(frozen=True, slots=True)
class _Process:
    pid: int
    parent: int
    seconds: float
    command: str


class Processes:
    """A product's processes, found from its emulator's port; what ends is counted as last seen.

    Where there is no /proc, none is found.
    """

    def __init__(self, emulator_url: str) -> None:
        self._port = f"--port {urlsplit(emulator_url).port} "
        self._names: dict[int, str] = {}
        self._seconds: dict[int, float] = {}

    def seconds(self) -> Mapping[str, float]:
        """Return the processor seconds, user and system, of each part since it began."""
        for process in self._of_product():
            if process.pid not in self._names or process.seconds < self._seconds[process.pid]:
                self._names[process.pid] = _name(process)
            self._seconds[process.pid] = process.seconds
        used: dict[str, float] = {CLIENT: time.process_time()}
        for pid, name in self._names.items():
            used[name] = used.get(name, 0) + self._seconds[pid]
        return used

    def memory(self) -> int:
        """Return the product's memory in bytes; what processes share is counted once (PSS)."""
        return sum(_proportional(process.pid) for process in self._of_product())

    def _of_product(self) -> Iterator[_Process]:
        found = {process.pid: process for process in _all()}
        emulators = {
            process.pid: process.parent
            for process in found.values()
            if "tools.local.emulator_process" in process.command and self._port in process.command
        }
        # It may just be about to start a process, which then still looks like itself.
        root = next(iter(set(emulators.values()) - emulators.keys()), None)
        for process in found.values():
            ancestor: _Process | None = process
            while ancestor and ancestor.pid != root:
                ancestor = found.get(ancestor.parent)
            if ancestor:
                yield process


def difference(after: Mapping[str, float], before: Mapping[str, float]) -> dict[str, float]:
    """Return what was used in between, the most first."""
    used = {name: seconds - before.get(name, 0) for name, seconds in after.items()}
    return dict(sorted(used.items(), key=lambda each: -each[1]))


def _all() -> Iterator[_Process]:
    for folder in _PROC.iterdir() if _PROC.is_dir() else ():
        if not folder.name.isdigit():
            continue
        try:
            stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
            command = (
                (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            )
        except OSError:  # ended meanwhile
            continue
        fields = stat.rpartition(")")[2].split()
        seconds = (int(fields[11]) + int(fields[12])) / _TICKS
        pid, parent = int(folder.name), int(fields[1])
        yield _Process(pid, parent, seconds, command.replace("\0", " "))


def _name(process: _Process) -> str:
    part = next((name for word, name in _PARTS.items() if word in process.command), SUPERVISOR)
    return (_function(process.pid) or part) if part == "fork server" else part


def _function(pid: int) -> str | None:
    """Return the logical id of the function that a forked process runs: it keeps its file open."""
    try:
        files = [str(link.readlink()) for link in (_PROC / str(pid) / "fd").iterdir()]
    except OSError:
        return None
    parts = [part for name in files for part in name.replace("/", "-").split("-")]
    return next((part for part in parts if part.endswith("Function")), None)


def _proportional(pid: int) -> int:
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * _PAGE for line in lines if line.startswith("Pss:"))
