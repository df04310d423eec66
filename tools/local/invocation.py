"""Invokes one of the running product's functions with a sample event."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.local.emulator import Aws


class SampleError(Exception):
    """A sample event cannot be given to a function; the message says why."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """A function's result, and the end of its log (at most 4 KB)."""

    function: str
    answer: str
    failed: bool
    log: str


def function_of(sample: Path, functions: Mapping[str, str]) -> str:
    """Return the logical id in a sample's name: <FunctionLogicalId>.<trigger>.<case>.json.

    Raises SampleError when the stack has no such function.
    """
    logical_id = sample.name.partition(".")[0]
    if logical_id not in functions:
        message = (
            f"{sample.name} is for no function of this stack. "
            f"There are: {', '.join(sorted(functions))}"
        )
        raise SampleError(message)
    return logical_id


def read_sample(sample: Path) -> Any:  # noqa: ANN401 - any JSON value
    """Read a sample event. Raises SampleError."""
    try:
        return json.loads(sample.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{sample}: {error}"
        raise SampleError(message) from error


def invoke(aws: Aws, function: str, event: Any) -> Invocation:  # noqa: ANN401 - any JSON value
    """Invoke a function, by its name, with an event and wait for the result."""
    answer = aws.lambda_.invoke(
        FunctionName=function, Payload=json.dumps(event).encode(), LogType="Tail"
    )
    return Invocation(
        function=function,
        answer=answer["Payload"].read().decode(),
        failed="FunctionError" in answer,
        log=base64.b64decode(answer.get("LogResult", "")).decode(errors="replace"),
    )
