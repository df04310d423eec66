"""The processes in which the emulator runs functions, as the system sees them."""

from dataclasses import dataclass
from pathlib import Path

_PROCESSES = Path("/proc")
_KIBIBYTE = 1024


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that runs one function of one stack."""

    pid: int

    def peak_memory(self) -> int:
        """Return the peak of its memory in bytes; 0 when it has ended."""
        for line in _read(_PROCESSES / str(self.pid), "status").splitlines():
            name, _, size = line.partition(":")
            if name == "VmHWM":
                return int(size.split()[0]) * _KIBIBYTE
        return 0


def workers_of(function: str, emulator_url: str) -> list[Worker]:
    """Return the processes that run a function, by its logical id, of the product at a URL."""
    return [
        Worker(int(process.name))
        for process in _PROCESSES.iterdir()
        if process.name.isdigit()
        and any(f"-{function}-" in name for name in _open_files(process))
        and f"{emulator_url}\0" in _read(process, "environ")
    ]


def _open_files(process: Path) -> list[str]:
    """Return the names of a process's open files, among them the program that it runs."""
    try:
        return [str(link.readlink()) for link in (process / "fd").iterdir()]
    except OSError:
        return []


def _read(process: Path, part: str) -> str:
    """Read a file of a process below /proc; empty when it has ended, or is not ours."""
    try:
        return (process / part).read_bytes().decode(errors="replace")
    except OSError:
        return ""
