"""How a process comes to be that runs a function."""

import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest

from tools.local.patches.workers import SharedZip, forking


def test_python_programs_are_forked_and_all_others_started() -> None:
    class Server:
        def spawn(self, *request: object) -> tuple[object, ...]:
            return ("forked", *request)

    def start(command: list[str], **named: object) -> tuple[object, ...]:
        return ("started", command, named)

    popen = forking(start, cast("Any", Server()))
    environment = {"NAME": "value"}
    forked = popen([sys.executable, "worker.py"], cwd="code", env=environment, text=True)
    assert forked == ("forked", "worker.py", "code", environment)
    started = popen(["node", "worker.js"], cwd="code", env=environment, text=True)
    named = {"cwd": "code", "env": environment, "text": True}
    assert started == ("started", ["node", "worker.js"], named)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def packed(path: Path, text: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("rooms/handler.py", text)
    return path


def unpacked(archive: Path, folder: Path) -> Path:
    folder.mkdir()
    with SharedZip(archive) as code:
        code.extractall(folder)
    return folder


def test_the_same_code_is_unpacked_once(temporary: Path) -> None:
    first = unpacked(packed(temporary / "a.zip", "code"), temporary / "first")
    second = unpacked(packed(temporary / "b.zip", "code"), temporary / "second")
    assert (second / "rooms" / "handler.py").read_text(encoding="utf-8") == "code"
    assert first.resolve() == second.resolve()


def test_changed_code_is_unpacked_beside_it(temporary: Path) -> None:
    old = unpacked(packed(temporary / "a.zip", "old"), temporary / "first")
    new = unpacked(packed(temporary / "b.zip", "new"), temporary / "second")
    assert (old / "rooms" / "handler.py").read_text(encoding="utf-8") == "old"
    assert (new / "rooms" / "handler.py").read_text(encoding="utf-8") == "new"


def test_functions_that_start_together_share_it_too(temporary: Path) -> None:
    archive = packed(temporary / "a.zip", "code")
    folders = [temporary / f"worker-{number}" for number in range(8)]
    with ThreadPoolExecutor(len(folders)) as pool:
        list(pool.map(lambda folder: unpacked(archive, folder), folders))
    assert len({folder.resolve() for folder in folders}) == 1
    (content,) = {folder.resolve().parent for folder in folders}
    assert len(list(content.iterdir())) == 1  # no draft is left
