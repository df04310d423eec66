"""Many short histories of the whole product under faults, each checked against the plain model.

They run in processes of their own: the simulation replaces time, chance and the clients of AWS
before anything of the product is imported.
"""

import re
import subprocess
import sys

import pytest

from tests.simulation.mutants import MUTANTS, ROOT, Mutant

HISTORIES = 100
PATIENCE_SECONDS = 500


def simulate(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m tests.simulation`."""
    command = [sys.executable, "-m", "tests.simulation", *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )


@pytest.mark.parametrize("seed", ["ci-a", "ci-b"])
def test_every_invariant_holds_in_every_history(seed: str) -> None:
    run = simulate("--count", str(HISTORIES // 2), "--seed", seed)

    assert run.returncode == 0, run.stdout + run.stderr
    happened = {name: int(times.replace(",", "")) for times, name in _COUNT.findall(run.stdout)}
    for what in ("faults", "matches", "vote ok", "leave ok", "favourite ok", "delete ok"):
        assert happened.get(what, 0) > 0, f"nothing of {what} happened in {seed}"


def test_a_history_is_its_seed_s() -> None:
    first, second = (simulate("--count", "3", "--seed", "again", "--points") for _ in range(2))

    assert _without_times(first.stdout) == _without_times(second.stdout)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_changes_a_line_of_today(mutant: Mutant) -> None:
    source = mutant.source()

    assert mutant.path.suffix == ".js" or compile(source, mutant.path, "exec")


@pytest.mark.parametrize(
    "mutant", [it for it in MUTANTS if it.is_cheap], ids=lambda mutant: mutant.name
)
def test_a_mutant_is_found(mutant: Mutant) -> None:
    run = simulate("--count", str(mutant.within), "--mutant", mutant.name, "--no-shrink")

    assert (run.returncode, run.stderr) == (1, "")
    assert "  invariant " in run.stdout


_COUNT = re.compile(r"^ +([\d,]+) (.+)$", re.MULTILINE)


def _without_times(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if " a second" not in line)
