"""A local stack for tests and benchmarks: started beside a developer's own, on free ports.

with LocalStack.start(tmp_path) as stack:
    httpx.post(f"{stack.rest_url}/auth/signin", json=...)
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tools.local.processes import Child, ChildFailedError, spawn
from tools.local.settings import Folders, child_environment
from tools.local.stack_file import read_stack_file

_READY_SECONDS = 240.0
_STOP_SECONDS = 90.0
_POLL_SECONDS = 0.1


@dataclass(slots=True)
class LocalStack:
    """A running stack, described by what its supervisor wrote into stack.json.

    It ends with the block that started it, and also when the process that started it dies.
    """

    folders: Folders
    supervisor: Child
    description: dict[str, Any]

    @classmethod
    def start(
        cls,
        state_dir: Path,
        *,
        environment: dict[str, str] | None = None,
        strict: bool = True,
        verify: bool = False,
        timeout: float = _READY_SECONDS,
    ) -> Self:
        """Start a stack that keeps its state in `state_dir`, and wait until it is ready.

        A state that is there is found again. `environment` is added to the supervisor's (a
        TMDB_API_KEY, say); `strict` makes the emulator as unkind as AWS can be; with `verify`
        accounts need the code of a mail. Raises ChildFailedError with the end of what the
        supervisor said.
        """
        folders = Folders(state_dir.resolve())
        folders.create()
        base = child_environment(folders, os.environ) | (environment or {})
        supervisor = spawn(
            "supervisor",
            "tools.local",
            [
                *("run", "--ports", "free", "--no-watch", "--state-dir", str(folders.home)),
                *(["--strict"] if strict else ()),
                *(["--verify"] if verify else ()),
            ],
            base,
            folders.logs,
        )
        stack = cls(folders, supervisor, {})
        try:
            stack._wait_until_ready(timeout)
        except BaseException:
            stack.stop()
            raise
        return stack

    def stop(self) -> None:
        """Stop the stack and wait until its state is saved. Raises ChildFailedError."""
        willing = self.supervisor.stop(_STOP_SECONDS)
        if not willing or self.supervisor.process.returncode:
            raise self.supervisor.failure("The stack did not stop cleanly.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def rest_url(self) -> str:
        """The REST API's base URL."""
        return str(self.description["rest_url"])

    @property
    def graphql_url(self) -> str:
        """The GraphQL endpoint over HTTP."""
        return str(self.description["graphql_url"])

    @property
    def realtime_url(self) -> str:
        """The real-time WebSocket endpoint."""
        return str(self.description["realtime_url"])

    @property
    def emulator_url(self) -> str:
        """Where the AWS APIs answer."""
        return str(self.description["emulator_url"])

    @property
    def tmdb_url(self) -> str:
        """The base URL of the TMDB API in use."""
        return str(self.description["tmdb_url"])

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of template.yaml."""
        return dict(self.description["outputs"])

    @property
    def functions(self) -> dict[str, str]:
        """The functions' names, by logical id."""
        return dict(self.description["functions"])

    def _wait_until_ready(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while True:
            description = read_stack_file(self.folders.stack_file)
            # A stack.json of a run that was killed may still be there.
            if description and description.get("pid") == self.supervisor.pid:
                self.description = description
                return
            if not self.supervisor.alive:
                raise self.supervisor.failure("The stack ended while it started.")
            if time.monotonic() > deadline:
                raise self.supervisor.failure(f"The stack was not ready after {timeout:.0f} s.")
            time.sleep(_POLL_SECONDS)


__all__ = ["ChildFailedError", "LocalStack"]
