"""The emulator's state is saved while it is used, by a process beside it."""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tools.local.snapshots import SHARE, Snapshots

PATIENCE_SECONDS = 30
TICK_SECONDS = 0.05
"""How exactly the system counts a process's time, generously."""

# Pytest's own threads hold no lock that the saving needs.
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")


async def application(_scope: Any, _receive: Any, _send: Any) -> None:  # noqa: ANN401 - ASGI's
    """Do nothing."""


async def request(snapshots: Snapshots, method: str, kind: str = "http") -> None:
    await snapshots.noticing(application)({"type": kind, "method": method}, None, None)


async def kept(snapshots: Snapshots, condition: Callable[[], bool]) -> None:
    """Keep snapshots until something comes true."""
    keeping = asyncio.create_task(snapshots.keep())
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.01)
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    await snapshots.finish()


async def test_a_change_is_saved_by_another_process(tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    snapshots = Snapshots(lambda: saved.write_text(str(os.getpid())), every=0.01)
    await request(snapshots, "POST")
    await kept(snapshots, lambda: saved.exists() and bool(saved.read_text()))
    assert int(saved.read_text()) != os.getpid()


async def test_the_state_is_that_of_one_instant(tmp_path: Path) -> None:
    """What changes while a snapshot is written is in the next one."""
    state, go_on, saved = ["before"], tmp_path / "go-on", tmp_path / "saved"

    def save() -> None:
        while not go_on.exists():
            os.sched_yield()
        saved.write_text(state[0])

    snapshots = Snapshots(save, every=0.01)
    await request(snapshots, "PUT")
    await kept_for_a_start(snapshots)
    state[0] = "after"
    go_on.touch()
    await snapshots.finish()
    assert saved.read_text() == "before"


async def kept_for_a_start(snapshots: Snapshots) -> None:
    keeping = asyncio.create_task(snapshots.keep())
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not snapshots._child:
            await asyncio.sleep(0.01)
    keeping.cancel()


async def test_nothing_is_saved_when_nothing_can_have_changed(tmp_path: Path) -> None:
    saves = tmp_path / "saves"

    def save() -> None:
        with saves.open("a") as file:
            file.write("x")

    snapshots = Snapshots(save, every=0.001)
    await request(snapshots, "GET")
    await request(snapshots, "", kind="lifespan")
    looks = iter(range(20))
    await kept(snapshots, lambda: next(looks, None) is None)
    assert not saves.exists()
    await request(snapshots, "DELETE")
    looks = iter(range(20))
    await kept(snapshots, lambda: next(looks, None) is None and saves.exists())
    assert saves.read_text() == "x"


async def test_a_snapshot_that_failed_is_taken_again(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"

    def save() -> None:
        if not first.exists():
            first.touch()
            raise OSError
        second.touch()

    snapshots = Snapshots(save, every=0.01)
    await request(snapshots, "POST")
    await kept(snapshots, second.exists)


async def test_a_state_that_takes_long_to_save_is_saved_less_often(tmp_path: Path) -> None:
    saved = tmp_path / "saved"

    def save() -> None:
        began = time.process_time()
        while time.process_time() < began + 0.1:
            pass
        saved.touch()

    snapshots = Snapshots(save, every=0.01)
    await request(snapshots, "POST")
    await kept(snapshots, saved.exists)
    assert SHARE * snapshots._pause >= 0.1 - TICK_SECONDS
