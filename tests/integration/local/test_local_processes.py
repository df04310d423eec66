"""Children end with their supervisor, whatever ends it, and nothing of theirs is left."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fakes.clock import seconds_of
from tools.local.emulator_process import quiet_after
from tools.local.lock import AlreadyRunningError, holder, only_one
from tools.local.processes import (
    ChildFailedError,
    is_alive,
    is_watched_child,
    left_over,
    record,
    spawn,
    tail,
)
from tools.local.supervisor import empty_folder

PATIENCE_SECONDS = 15.0


def gone(pid: int) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_alive(pid)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment in which `import waiting` waits, and starts a process that waits too."""
    (tmp_path / "waiting.py").write_text(
        "import pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(tmp_path / 'grandchild')!r}).write_text(str(child.pid))\n"
        "print('waiting', flush=True)\n"
        "time.sleep(60)\n",
        encoding="utf-8",
    )
    (tmp_path / "failing.py").write_text("raise SystemExit('no luck')\n", encoding="utf-8")
    root = Path(__file__).parents[3]
    return {"PYTHONPATH": f"{tmp_path}:{root}", "PATH": os.environ["PATH"]}


def test_stopping_a_child_ends_what_it_started_too(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    child = spawn("waiting", "waiting", [], environment, tmp_path)
    child.wait_ready(lambda: "waiting" in child.tail(), PATIENCE_SECONDS)
    grandchild = int((tmp_path / "grandchild").read_text(encoding="ascii"))
    assert is_watched_child(child.pid)
    assert child.stop(5)
    assert gone(child.pid)
    assert gone(grandchild)


def test_a_child_that_fails_is_told_with_the_end_of_its_log(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    child = spawn("failing", "failing", [], environment, tmp_path)
    with pytest.raises(ChildFailedError, match=r"The failing ended(.|\n)*no luck"):
        child.wait_ready(lambda: False, PATIENCE_SECONDS)


def test_a_child_that_never_becomes_ready_is_given_up(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    child = spawn("waiting", "waiting", [], environment, tmp_path)
    try:
        with pytest.raises(ChildFailedError, match="was not ready"):
            child.wait_ready(lambda: False, 0.1)
    finally:
        child.stop(5)


def test_a_child_whose_supervisor_is_killed_ends_by_itself(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    supervisor = (
        "import os, pathlib, time\n"
        "from tools.local.processes import spawn\n"
        f"logs = pathlib.Path({str(tmp_path)!r})\n"
        "child = spawn('waiting', 'waiting', [], dict(os.environ), logs)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(  # noqa: S603 - the program above
        [sys.executable, "-c", supervisor], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
    assert gone(child)


def test_children_of_a_supervisor_that_is_gone_are_found_again(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    notes = tmp_path / "processes.json"
    child = spawn("waiting", "waiting", [], environment, tmp_path)
    try:
        child.wait_ready(lambda: "waiting" in child.tail(), PATIENCE_SECONDS)
        record(notes, [child])
        assert left_over(notes) == {"waiting": child.pid}
    finally:
        child.stop(5)
    assert left_over(notes) == {}
    assert left_over(tmp_path / "never.json") == {}


def test_a_process_that_only_got_the_id_later_is_none_of_ours() -> None:
    assert not is_watched_child(os.getpid())


def test_a_second_supervisor_is_refused_with_the_pid_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "supervisor.lock"
    with only_one(path):
        assert holder(path) == os.getpid()
        with (
            pytest.raises(AlreadyRunningError, match=rf"pid {os.getpid()}\)") as refusal,
            only_one(path),
        ):
            pass
        assert "make stop" in str(refusal.value)
    assert holder(path) is None
    with only_one(path):
        pass


def test_the_end_of_a_log_is_its_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("1\n2\n3\n", encoding="utf-8")
    assert tail(log, 2) == "2\n3"
    assert tail(tmp_path / "none.log", 2) == "(no log)"


def test_emptying_a_folder_leaves_what_links_in_it_point_to(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    folder = tmp_path / "tmp"
    (folder / "deep").mkdir(parents=True)
    outside.mkdir()
    (outside / "kept").write_text("", encoding="utf-8")
    (folder / "deep" / "file").write_text("", encoding="utf-8")
    (folder / "link").symlink_to(outside)
    empty_folder(folder)
    empty_folder(tmp_path / "missing")
    assert list(folder.iterdir()) == []
    assert (outside / "kept").exists()


def test_a_stop_waits_for_functions_that_still_run() -> None:
    looks = iter([True, True, False, True])

    async def stop_later() -> None:
        stop = asyncio.Event()
        waiting = asyncio.create_task(quiet_after(stop, lambda: next(looks, False)))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        stop.set()
        await asyncio.sleep(0.15)
        assert not waiting.done()
        await waiting

    assert seconds_of(stop_later()) > 0.2
    assert next(looks, None) is None


def test_a_log_that_has_grown_is_begun_anew_and_its_end_kept(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    child = spawn("waiting", "waiting", [], environment, tmp_path)
    child.wait_ready(lambda: "waiting" in child.tail(), PATIENCE_SECONDS)
    child.rotate_log(most=1000)
    assert "waiting" in child.log.read_text(encoding="utf-8")
    child.rotate_log(most=1)
    assert child.log.read_bytes() == b""
    assert "waiting" in (tmp_path / "waiting.previous.log").read_text(encoding="utf-8")
    child.stop(5)


def test_a_child_goes_on_at_the_end_of_a_log_that_was_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "talking.py").write_text(
        "import pathlib, time\n"
        "print('before', flush=True)\n"
        f"while not pathlib.Path({str(tmp_path / 'go-on')!r}).exists(): time.sleep(0.01)\n"
        "print('after', flush=True)\n",
        encoding="utf-8",
    )
    root = Path(__file__).parents[4]
    environment = {"PYTHONPATH": f"{tmp_path}:{root}", "PATH": os.environ["PATH"]}
    child = spawn("talking", "talking", [], environment, tmp_path)
    child.wait_ready(lambda: "before" in child.tail(), PATIENCE_SECONDS)
    child.rotate_log(most=1)
    (tmp_path / "go-on").touch()
    child.process.wait(PATIENCE_SECONDS)
    assert child.log.read_bytes() == b"after\n"
