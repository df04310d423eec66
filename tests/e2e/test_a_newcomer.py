"""README's examples work as they are printed, in one shell, on a new product."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.catalogue import fill
from tests.e2e.conftest import Idle, eventually
from tools.contracts.paths import ROOT
from tools.local.client_config import demo_token, exports
from tools.local.stack_file import read_stack_file
from tools.ops.client import Stack

SECONDS = 400
SET_UP = 'eval "$(make env)"'


def examples(section: str) -> list[str]:
    """Return the indented blocks of a section of README, without their indentation."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    text = text.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    blocks, block = [], ""
    for line in text.splitlines():
        if line.startswith("    ") or (block and not line):
            block += f"{line[4:]}\n"
        elif block:
            blocks.append(block)
            block = ""
    return blocks


def shell_of(blocks: list[str], word: str) -> str:
    (found,) = [block for block in blocks if word in block]
    return found


@pytest.fixture(scope="module")
def setting_up(stack: Stack) -> str:
    """What `make env` prints for the tests' product."""
    described: dict[str, Any] | None = read_stack_file(Path(stack.state).parent / "stack.json")
    assert described
    return exports(described, demo_token(described))


@pytest.fixture
def matches(setting_up: str, tmp_path: Path) -> Iterator[Path]:
    """What README's subscriber prints."""
    program, printed = tmp_path / "matches.py", tmp_path / "printed"
    program.write_text(shell_of(examples("Use it"), "asyncio.run"), encoding="utf-8")
    with printed.open("wb") as output:
        running = subprocess.Popen(
            ["bash", "-c", f'{setting_up}exec "{sys.executable}" "{program}"'],  # noqa: S607
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    yield printed
    running.kill()
    running.wait()


async def test_the_examples_of_the_readme_work(
    setting_up: str, matches: Path, stack: Stack, idle: Idle
) -> None:
    blocks = examples("Use it")
    fill(stack)
    await idle()  # the recommender, too, knows the titles

    async def subscribed() -> bool:
        status = httpx.get(stack.graphql_url.replace("/graphql", "/status")).json()
        return int(status["subscriptions"]) > 0

    assert await eventually(subscribed), matches.read_text(encoding="utf-8")
    words = (SET_UP, "/auth/signup", "/recommendations", "createRoom")
    shell = "set -euo pipefail\n" + "".join(shell_of(blocks, word) for word in words)
    done = subprocess.run(
        ["bash", "-c", shell.replace(SET_UP, setting_up)],  # noqa: S607 - the user's own
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for answer in (
        '"message": "User registered successfully"',
        '"title":"The Impossible Promise"',
        '"title":"Lighthouse: A Love Story"',
        '"message": "Added to your favourites"',
        '"joinRoom":{"participants":',
        '"success":true,"match":null',
        '"success":true,"match":{"title":',
    ):
        assert answer in done.stdout, done.stdout

    recommendations = re.findall(r"^[^{}\n]+: [^{}\n]+$", done.stdout, re.MULTILINE)
    assert len(recommendations) >= 5, done.stdout  # and one behind an answer without a line's end

    async def notified() -> bool:
        return "{'userMatch': {'movieTitle':" in matches.read_text(encoding="utf-8")

    assert await eventually(notified)
