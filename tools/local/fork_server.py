"""Starts functions by forking: what they all import is imported once, not once in each process.

    python -P fork_server.py SOCKET

The server is a process with one thread, which has imported PRELOADED and waits on a socket whose
file descriptor is SOCKET. For each request it forks; the child becomes the Python program that was
asked for, as if it had been started as a process of its own. `ForkServer` and `ForkedProcess` are
the other end of the socket. Nothing of ours is imported here: functions bring that with them.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Self

# What functions import at their beginning, without what is in a layer of one function alone.
PRELOADED = (
    "asyncio",
    "aws_lambda_powertools",
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.event_handler.exceptions",
    "aws_lambda_powertools.event_handler.openapi.params",
    "aws_lambda_powertools.metrics",
    "aws_lambda_powertools.utilities.batch",
    "aws_lambda_powertools.utilities.batch.types",
    "aws_lambda_powertools.utilities.parameters",
    "aws_lambda_powertools.utilities.parameters.exceptions",
    "aws_lambda_powertools.utilities.typing",
    "boto3",
    "boto3.dynamodb.types",
    "botocore.auth",
    "botocore.awsrequest",
    "botocore.config",
    "botocore.credentials",
    "botocore.exceptions",
    "concurrent.futures",
    "httpcore",
    "httpx",
    "pydantic",
    "pydantic.alias_generators",
    "traceback",
    "uuid6",
)
_LENGTH = 4
_ENDED = -1
_PATIENCE_SECONDS = 60


class ForkedProcess:
    """A forked child, with as much of subprocess.Popen as the emulator uses.

    It is not our child but the server's: that it has ended is seen by the end of a pipe, the other
    end of which only the child has. Its exit code is not known.
    """

    def __init__(self, pid: int, pipes: Sequence[int], life: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdin = os.fdopen(pipes[0], "w", buffering=1, encoding="utf-8")
        self.stdout = os.fdopen(pipes[1], encoding="utf-8", errors="replace")
        self.stderr = os.fdopen(pipes[2], encoding="utf-8", errors="replace")
        self._life = os.fdopen(life, "rb")
        self._end = select.poll()
        self._end.register(self._life)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self.stdin, self.stdout, self.stderr):
            pipe.close()
        self.wait()
        self._life.close()

    def poll(self) -> int | None:
        """Return None while the process runs."""
        return self._wait(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until the process has ended. Raises subprocess.TimeoutExpired."""
        code = self._wait(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return code

    def terminate(self) -> None:
        """Ask the process to end."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def _wait(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            patience = None if timeout is None else round(timeout * 1000)
            self.returncode = _ENDED if self._end.poll(patience) else None
        return self.returncode


class ForkServer:
    """The server's process. It is started again if it has ended, and ends with this one.

    A server that does not respond for `patience` seconds is ended.
    """

    def __init__(self, patience: float = _PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._start()

    def spawn(self, program: str, folder: str, environment: Mapping[str, str]) -> ForkedProcess:
        """Run a Python file as a process of its own, in `folder`. Raises OSError."""
        request = json.dumps([program, folder, dict(environment)]).encode()
        pipes = [os.pipe() for _ in range(4)]  # stdin, stdout, stderr, and the sign of life
        theirs = [pipes[0][0], *(write for _, write in pipes[1:])]
        ours = [pipes[0][1], *(read for read, _ in pipes[1:])]
        try:
            with self._lock:
                if self._process.poll() is not None:
                    self._socket.close()
                    self._start()
                try:
                    pid = self._request(request, theirs)
                except TimeoutError:
                    self._end()  # what it may still answer is nobody's
                    raise
        except BaseException:
            for descriptor in ours:
                os.close(descriptor)
            raise
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        return ForkedProcess(pid, ours[:3], ours[3])

    def stop(self) -> None:
        """End the server; the processes that it started go on."""
        self._socket.close()
        try:
            self._process.wait(self._patience)
        except subprocess.TimeoutExpired:
            self._end()

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()

    def _start(self) -> None:
        self._socket, theirs = socket.socketpair()
        self._socket.settimeout(self._patience)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this file, under our own Python
                [sys.executable, "-P", __file__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )

    def _request(self, request: bytes, descriptors: Sequence[int]) -> int:
        length = len(request).to_bytes(_LENGTH, "big")
        socket.send_fds(self._socket, [length], list(descriptors))
        self._socket.sendall(request)
        return int.from_bytes(_read(self._socket, _LENGTH), "big")


def serve(connection: socket.socket) -> Any:  # noqa: ANN401 - what a request says
    """Fork for each request, until the other end closes; return the request in the children."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    while True:
        length, descriptors, _, _ = socket.recv_fds(connection, _LENGTH, 4)
        if not length:
            return None
        request = json.loads(_read(connection, int.from_bytes(length, "big")))
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            connection.close()
            for place, descriptor in enumerate(descriptors[:3]):
                os.dup2(descriptor, place)
                os.close(descriptor)
            os.set_inheritable(descriptors[3], False)  # noqa: FBT003 - its only argument
            return request
        for descriptor in descriptors:
            os.close(descriptor)
        connection.sendall(pid.to_bytes(_LENGTH, "big"))


def become(program: str, folder: str, environment: Mapping[str, str]) -> None:
    """Make this process what `python program` would be in a folder and an environment."""
    os.open(program, os.O_RDONLY)  # stays open: it shows which function this process runs
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[:] = [program]
    sys.path.insert(0, str(Path(program).parent))
    main = ModuleType("__main__")
    main.__file__ = program
    sys.modules["__main__"] = main
    exec(compile(Path(program).read_bytes(), program, "exec"), vars(main))  # noqa: S102 - the emulator's worker


def _read(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise ConnectionError("the fork server has ended")
        data += part
    return data


def _main() -> None:
    for name in PRELOADED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # the children share this memory: their collector leaves it alone
    request = serve(socket.socket(fileno=int(sys.argv[1])))
    if request:
        become(*request)


if __name__ == "__main__":
    _main()
