"""What `make` does without being told where: it stays on this machine."""

import os
import subprocess

import pytest

from tools.contracts.paths import ROOT

ELSEWHERE = {"ENV": "prod", "STACK": "matinee-prod", "AWS_PROFILE": "prod"}
"""A shell that has been used for something else."""


def commands(*arguments: str) -> str:
    """Return what make would run."""
    made = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", *arguments],  # noqa: S607 - the user's own
        cwd=ROOT,
        env=os.environ | ELSEWHERE,
        capture_output=True,
        text=True,
        check=False,
    )
    return made.stdout + made.stderr


@pytest.mark.parametrize("target", ["deploy", "seed", "status", "clean-data", "logs", "events"])
def test_without_an_environment_no_command_leaves_this_machine(target: str) -> None:
    run = commands(target)
    assert "-m tools." in run
    assert "prod" not in run
    assert "sam build" not in run


def test_an_environment_on_aws_is_named_on_the_command_line() -> None:
    run = commands("deploy", "ENV=dev", "SERVICE=rooms")
    assert "sam build" in run
    assert "-m tools.ops deploy --env dev" in run
    assert "--service rooms" in run
    assert "--stack matinee-dev" in commands("seed", "STACK=matinee-dev")


def test_nothing_is_destroyed_unless_it_is_named() -> None:
    assert "say which: ENV=dev" in commands("destroy")
