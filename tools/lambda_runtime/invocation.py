"""Invokes a function with a sample event, where that is the most like AWS.

the local product runs      to its function, which finds tables, queues and users there, and what
                            the sample speaks of
Docker runs                 `sam local invoke`, with the variables that `make env-vars` has written
otherwise                   the built function under Lambda's runtime interface emulator
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.contracts.refusals import REFUSALS
from tools.lambda_runtime.built import built_functions
from tools.lambda_runtime.machine import Machine
from tools.local.cli import running_stack
from tools.local.emulator import Aws
from tools.local.invocation import invoke as invoke_running
from tools.local.settings import CHECKOUT, Folders
from tools.ops.client import Stack
from tools.ops.samples.scene import Scene

EVENTS = CHECKOUT / "events"
ENV_VARS = CHECKOUT / ".local" / "env-vars.json"
BUILD = CHECKOUT / ".aws-sam" / "build"


class NoSuchSample(Exception):
    """No sample has this name; the message says which there are."""


def samples(function: str = "*") -> list[Path]:
    """Return the sample events of a function, or of all."""
    return sorted(EVENTS.glob(f"*/{function}.*.*.json"))


def sample(function: str, case: str = "") -> Path:
    """Find the one sample of a function whose name ends so; raises NoSuchSample.

    `case` is `<trigger>.<case>` or `<case>`, as in the file's name; without it, the first sample
    that is not meant to be refused.
    """
    own = samples(function)
    if not own:
        known = sorted({path.name.partition(".")[0] for path in samples()})
        message = f"no function is called {function!r}. There are: {', '.join(known)}"
        raise NoSuchSample(message)
    good = [path for path in own if path.relative_to(EVENTS).as_posix() not in REFUSALS]
    fitting = [path for path in own if path.stem.endswith(f".{case}")] if case else good[:1]
    if len(fitting) != 1:
        cases = ", ".join(path.stem.partition(".")[2] for path in own)
        message = f"{function} has no one sample {case!r}. There are: {cases}"
        raise NoSuchSample(message)
    return fitting[0]


def invoke(path: Path, build: Path = BUILD, state: Path = CHECKOUT / ".local") -> int:
    """Invoke a sample's function with it and print the result; 0 when it did not raise."""
    function = path.name.partition(".")[0]
    stack = running_stack(Folders(state))
    if stack is not None:
        _note(f"{path.name}, given to the running product, once what it speaks of is there")
        event = Scene(Stack.load(Folders(state).stack_file)).prepare(path)
        done = invoke_running(Aws(stack["emulator_url"]), stack["functions"][function], event)
        _note(done.log.rstrip())
        print(done.answer)
        return int(done.failed)
    if has_docker():
        _note(f"{path.name}, by sam local invoke")
        return subprocess.call(sam_command(function, path))  # noqa: S603
    _note(f"{path.name}, under the runtime interface emulator: no product runs, and no Docker")
    with Machine.running(built_functions(build)[function], environment()) as machine:
        answer = machine.invoke(json.loads(path.read_text(encoding="utf-8")))
        _note(machine.log.rstrip())
    print(json.dumps(answer.body))
    return int(answer.failed)


def sam_command(function: str, path: Path) -> Sequence[str]:
    """Return the command that runs a function in Lambda's own image."""
    sam = str(Path(sys.executable).parent / "sam")
    variables = ["--env-vars", str(ENV_VARS)] if ENV_VARS.is_file() else []
    return [sam, "local", "invoke", function, "--event", str(path), *variables]


def has_docker() -> bool:
    """Return whether a Docker daemon answers."""
    docker = shutil.which("docker")
    if docker is None:
        return False
    asked = subprocess.run([docker, "info"], capture_output=True, check=False)  # noqa: S603
    return asked.returncode == 0


def environment() -> dict[str, str]:
    """Return the caller's own AWS variables: with them a function may reach AWS."""
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
