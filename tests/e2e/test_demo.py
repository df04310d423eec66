"""`make demo`, as a newcomer runs it."""

import json
import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from tools.ops.client import Stack


@pytest.fixture
def stack_file(stack: Stack, tmp_path: Path) -> Path:
    path = tmp_path / "stack.json"
    path.write_text(json.dumps(asdict(stack)))
    return path


def test_the_demo_notifies_every_friend_once(stack_file: Path) -> None:
    demo = subprocess.run(
        [sys.executable, "-m", "tools.ops.demo", "--seed", "7", "--stack-file", str(stack_file)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert demo.returncode == 0, demo.stdout + demo.stderr
    for name in ("Ada", "Boris", "Carmen"):
        assert f"{name}'s phone:" in demo.stdout
    assert "Carmen, who has no account, joins by the link as a guest" in demo.stdout
    assert "every phone was notified once" in demo.stdout
    assert "Ada's other phone, encrypted:" in demo.stdout
    assert "getMyMatches has it for everybody" in demo.stdout
    assert re.search(r" \(guest\) has voted on \d+ of 50", demo.stdout)
    assert re.search(r"standings: .+, [0-2] of 3 like it", demo.stdout)
    assert "Ada (host) has voted on" in demo.stdout
    assert re.search(r"Ada decides: they watch .+", demo.stdout)
    assert "the room's feed tells everybody of it" in demo.stdout
    assert demo.stdout.count("Ada's other phone, encrypted:") == 2


def test_the_demo_explains_a_missing_product(tmp_path: Path) -> None:
    demo = subprocess.run(
        [sys.executable, "-m", "tools.ops.demo", "--stack-file", str(tmp_path / "none.json")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert demo.returncode == 1
    assert "make run" in demo.stdout
