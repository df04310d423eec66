"""Runs the Node programs of this folder."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

PROGRAMS = Path(__file__).parent
TIMEOUT_SECONDS = 240


class NodeFailed(AssertionError):
    """A Node program ended with an error; the message is what it wrote."""


def run_node(program: str, *arguments: str, env: Mapping[str, str] | None = None) -> str:
    """Run tests/clients/`program` and return what it printed.

    `env` is added to the environment. Raises NodeFailed when it ends with an error, and
    subprocess.TimeoutExpired after TIMEOUT_SECONDS.
    """
    ended = subprocess.run(  # noqa: S603 - a program of ours
        ["node", str(PROGRAMS / program), *arguments],  # noqa: S607 - Node is where the user has it
        cwd=PROGRAMS,
        env=os.environ | (env or {}),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    if ended.returncode:
        raise NodeFailed(f"{program} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}")
    return ended.stdout
