"""However the emulator ends, it keeps what it was told, but for the last seconds."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tools.local.emulator import Aws, start_emulator, wait_until_ready
from tools.local.ports import free_ports
from tools.local.processes import Child
from tools.local.settings import Folders, StackSettings, child_environment

PATIENCE_SECONDS = 60
NAME = "/matinee/test"

type Start = Callable[[], Child]


@pytest.fixture
def settings(tmp_path: Path) -> StackSettings:
    folders = Folders(tmp_path / "product")
    folders.create()
    return StackSettings(folders, free_ports(), tmp_path / "template.yaml")


@pytest.fixture
def start(settings: StackSettings) -> Iterator[Start]:
    """Starts the emulator, on the state of last time."""
    with ExitStack() as started:

        def begin() -> Child:
            emulator = start_emulator(settings, child_environment(settings.folders, os.environ))
            started.callback(emulator.stop, PATIENCE_SECONDS)
            wait_until_ready(emulator, settings)
            return emulator

        yield begin


def put(aws: Aws, value: str) -> None:
    aws.ssm.put_parameter(Name=NAME, Value=value, Type="String", Overwrite=True)


def get(aws: Aws) -> str:
    return str(aws.ssm.get_parameter(Name=NAME)["Parameter"]["Value"])


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_saved(settings: StackSettings, value: str) -> bool:
    saved = settings.folders.state / "ssm.json"
    return saved.exists() and value in saved.read_text(encoding="utf-8")


def test_what_was_told_seconds_before_a_kill_is_still_known(
    settings: StackSettings, start: Start
) -> None:
    aws = Aws(settings.emulator_url)
    emulator = start()
    put(aws, "first")
    wait_for(lambda: is_saved(settings, "first"))
    put(aws, "second")
    wait_for(lambda: is_saved(settings, "second"))
    os.kill(emulator.pid, signal.SIGKILL)
    emulator.process.wait(PATIENCE_SECONDS)

    start()

    assert get(aws) == "second"


def test_a_stop_saves_what_was_told_last_whatever_is_being_saved(
    settings: StackSettings, start: Start
) -> None:
    aws = Aws(settings.emulator_url)
    emulator = start()
    put(aws, "first")
    wait_for(lambda: is_saved(settings, "first"))
    put(aws, "last")
    assert emulator.stop(PATIENCE_SECONDS)
    assert emulator.process.returncode == 0

    start()

    assert get(aws) == "last"
