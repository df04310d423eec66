"""One instance of a function under Lambda's runtime interface emulator."""

import contextlib
import importlib.util
import json
import os
import platform
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from tools.lambda_runtime.built import Function

RUNTIME_CLIENT = ("awslambdaric", "snapshot_restore_py", "simplejson", "runtime_client")
RUNTIME_SDK = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six")
"""The packages of Lambda's Python runtime: its client, and the SDK."""

PATIENCE = 60.0
_LOG_PATIENCE = 2.0
_INIT = re.compile(r"INIT REPORT\(durationMs: ([\d.]+)\)")
_INVOKE = re.compile(r"INVOKE RTDONE\(status: \w+, produced bytes: \d+, duration: ([\d.]+)ms\)")
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)
_MACHINES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Answer:
    """A function's result. `failed` when it raised."""

    body: Any
    failed: bool


@dataclass(slots=True)
class Machine:
    """A running instance. Its first invocation starts the function, as on AWS."""

    url: str
    log_file: Path
    process: subprocess.Popen[bytes]

    @classmethod
    @contextlib.contextmanager
    def running(cls, function: Function, environment: Mapping[str, str]) -> Iterator[Self]:
        """Start an instance with these variables over invented ones; it ends with the block."""
        with tempfile.TemporaryDirectory() as folder:
            runtime = _runtime(Path(folder))
            api, door = _free_port(), _free_port()
            log_file = Path(folder) / "log"
            with log_file.open("wb") as log:
                process = subprocess.Popen(  # noqa: S603
                    _command(function, api, door),
                    cwd=function.code,
                    env=_environment(function, runtime) | dict(environment),
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            try:
                _wait_for(door)
                url = f"http://127.0.0.1:{door}/2015-03-31/functions/function/invocations"
                yield cls(url, log_file, process)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, 15)
                process.wait(timeout=10)

    def invoke(self, event: object) -> Answer:
        """Invoke the function with an event and wait for the result."""
        with httpx.Client(trust_env=False, timeout=PATIENCE) as http:
            text = http.post(self.url, json=event).text
        try:
            body = json.loads(text) if text else None
        except ValueError:
            body = text
        return Answer(body, isinstance(body, dict) and "errorType" in body)

    @property
    def log(self) -> str:
        """The output of the function and its runtime so far."""
        return self.log_file.read_text(errors="replace")

    @property
    def init_milliseconds(self) -> float:
        """The duration of the start: imports, and what is created with them."""
        return self._last(_INIT)

    @property
    def invoke_milliseconds(self) -> float:
        """The duration of the last invocation."""
        return self._last(_INVOKE)

    @property
    def processor_milliseconds(self) -> float:
        """The processor time that the function's process has had so far (Linux only)."""
        return sum(map(_processor_time, _descendants(self.process.pid))) / 1_000_000

    def _last(self, pattern: re.Pattern[str]) -> float:
        """Return the last of a figure in the log, which is written a little after the result."""
        deadline = time.monotonic() + _LOG_PATIENCE
        while not (found := pattern.findall(self.log)) and time.monotonic() < deadline:
            time.sleep(0.01)
        return float(found[-1])

    @property
    def peak_megabytes(self) -> float:
        """The most memory that the function's process has had (Linux only)."""
        peaks = [_peak(child) for child in _descendants(self.process.pid)]
        return max(peaks, default=0) / 1000


def _command(function: Function, api: int, door: int) -> list[str]:
    machine = _MACHINES[platform.machine()]
    emulator = _location("samcli") / "local" / "rapid" / f"aws-lambda-rie-{machine}"
    python = getattr(sys, "_base_executable", sys.executable)  # the one without our packages
    return [
        str(emulator),
        *("--runtime-api-address", f"127.0.0.1:{api}"),
        *("--runtime-interface-emulator-address", f"127.0.0.1:{door}"),
        *(python, "-S", "-m", "awslambdaric", function.handler),
    ]


def _environment(function: Function, runtime: Path) -> dict[str, str]:
    return dict(function.variables) | {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, (*function.folders, runtime))),
        "PYTHONDONTWRITEBYTECODE": "1",  # /var/task and /opt cannot be written
        "LAMBDA_TASK_ROOT": str(function.code),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout),
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
    }


def _runtime(folder: Path) -> Path:
    runtime = folder / "runtime"
    runtime.mkdir()
    for module in (*RUNTIME_CLIENT, *RUNTIME_SDK):
        found = _location(module)
        (runtime / found.name).symlink_to(found)
    return runtime


def _location(module: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        message = f"{module} is not installed: make install"
        raise ModuleNotFoundError(message)
    origin = Path(spec.origin)
    return origin.parent if origin.name == "__init__.py" else origin


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    message = "the runtime interface emulator does not answer"
    raise TimeoutError(message)


def _descendants(pid: int) -> Iterator[int]:
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, thread.read_text().split()):
            yield child
            yield from _descendants(child)


def _peak(pid: int) -> int:
    with contextlib.suppress(OSError):
        found = _PEAK.search(Path(f"/proc/{pid}/status").read_text())
        return int(found[1]) if found else 0
    return 0


def _processor_time(pid: int) -> int:
    """Return the processor time of a process and its threads in nanoseconds."""
    return sum(
        int(thread.read_text().split()[0])
        for thread in Path(f"/proc/{pid}/task").glob("*/schedstat")
    )
