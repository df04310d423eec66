"""The ports of the local stack: which ones, whether they are free, and who holds them."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import Field, asdict, dataclass, fields, replace
from pathlib import Path

HOST = "127.0.0.1"
_LISTENING = "0A"


class PortTakenError(Exception):
    """A port that the stack needs is in use; the message says which, by whom, and what to do."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of the parts, all on 127.0.0.1."""

    emulator: int = 4566
    graphql: int = 4567
    tmdb: int = 4568
    graphql_tls: int = 4569


def chosen_ports(environ: Mapping[str, str]) -> Ports:
    """Return the default ports, each overridable by MATINEE_<PART>_PORT. Raises ValueError."""
    chosen = {}
    for part in fields(Ports):
        variable = _variable(part)
        given = environ.get(variable, "").strip()
        if not given:
            continue
        if not given.isdecimal() or not 0 < int(given) < 2**16:
            raise ValueError(f"{variable}={given} is not a port: give a number from 1 to 65535")
        chosen[part.name] = int(given)
    return Ports(**chosen)


def _variable(part: "Field[int]") -> str:
    return f"MATINEE_{part.name.upper()}_PORT"


def free_ports(remembered: Path | None = None) -> Ports:
    """Return ports that are free now: those that a file remembers as long as they are free.

    The file remembers them for the next time.
    """
    with ExitStack() as held:
        ports = Ports(**{part.name: unused_port(held) for part in fields(Ports)})
    if remembered:
        ports = replace(ports, **_still_free(remembered))
        remembered.write_text(json.dumps(asdict(ports)), encoding="ascii")
    return ports


def unused_port(held: ExitStack) -> int:
    """Return a port that the system gives to nobody else while it is held."""
    probe = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
    probe.bind((HOST, 0))
    return int(probe.getsockname()[1])


def _still_free(remembered: Path) -> dict[str, int]:
    """Return the remembered ports, by part, that a server could listen on now."""
    try:
        ports = json.loads(remembered.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return {}
    parts = {part.name for part in fields(Ports)}
    return {name: port for name, port in ports.items() if name in parts and is_free(port)}


def is_free(port: int) -> bool:
    """Return whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a port in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def require_free(wanted: Mapping[str, int]) -> None:
    """Check ports by what they are for. Raises PortTakenError naming each one that is taken."""
    by_port: dict[int, list[str]] = {}
    for purpose, port in wanted.items():
        by_port.setdefault(port, []).append(purpose)
    problems = [
        f"Port {port} is wanted twice: for {' and '.join(purposes)}."
        for port, purposes in by_port.items()
        if len(purposes) > 1
    ]
    problems += [
        f"Port {port} ({purposes[0]}) is taken by {describe_holder(port)}."
        for port, purposes in by_port.items()
        if not is_free(port)
    ]
    if problems:
        raise PortTakenError(
            "\n".join(
                [
                    *problems,
                    "Stop that process, or let Matinee pick free ports: make run PORTS=free",
                    f"(or choose: {', '.join(map(_variable, fields(Ports)))})",
                ]
            )
        )


def describe_holder(port: int) -> str:
    """Name the process that listens on a port, as far as this user may know it."""
    pid = _holder_from_proc(port) or _holder_from_lsof(port)
    if pid is None:
        return "another process"
    name = _process_name(pid)
    return f"pid {pid} ({name})" if name else f"pid {pid}"


def listening_inodes(table: str, port: int) -> set[str]:
    """Find the socket inodes that listen on `port` in the text of /proc/net/tcp."""
    found = set()
    for line in table.splitlines()[1:]:
        columns = line.split()
        if len(columns) < 10:  # noqa: PLR2004 - the inode is the tenth column
            continue
        local_port = int(columns[1].rsplit(":", 1)[1], 16)
        if local_port == port and columns[3] == _LISTENING:
            found.add(columns[9])
    return found


def _holder_from_proc(port: int) -> int | None:
    inodes: set[str] = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        with suppress(OSError):
            inodes |= listening_inodes(table.read_text(encoding="ascii"), port)
    if not inodes:
        return None
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if any(str(link.readlink()) in wanted for link in (process / "fd").iterdir()):
                return int(process.name)
    return None


def _holder_from_lsof(port: int) -> int | None:
    lsof = shutil.which("lsof")
    if lsof is None:
        return None
    with suppress(OSError, subprocess.SubprocessError):
        answer = subprocess.run(  # noqa: S603 - a fixed command, the port is a number
            [lsof, "-nP", "-t", f"-iTCP:{port}", "-sTCP:LISTEN"],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
        pids = answer.stdout.split()
        return int(pids[0]) if pids else None
    return None


def _process_name(pid: int) -> str:
    with suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        words = [word for word in words if word]
        if words:
            return " ".join([os.path.basename(words[0]), *words[1:4]])  # noqa: PTH119 - not a path of ours
    return ""
