"""Functions are forked from a process that has imported what they share."""

import ast
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tools.local.fork_server import ForkedProcess, ForkServer

PATIENCE_SECONDS = 30
SERVICES = Path(__file__).parents[3] / "services"
IN_LAYERS_OF_THEIR_OWN = {"numpy", "pyspark", "http_ece", "py_vapid"}

type Fork = Callable[[str], ForkedProcess]


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    server = ForkServer()
    yield server
    server.stop()


@pytest.fixture
def fork(server: ForkServer, tmp_path: Path) -> Iterator[Fork]:
    numbers = itertools.count(1)
    with ExitStack() as started:

        def start(source: str) -> ForkedProcess:
            program = tmp_path / f"program{next(numbers)}" / "worker.py"
            program.parent.mkdir()
            program.write_text(source, encoding="utf-8")
            process = server.spawn(str(program), str(tmp_path), {"GREETING": "hello"})
            return started.enter_context(process)

        yield start


def test_a_program_has_its_own_environment_folder_and_arguments(fork: Fork, tmp_path: Path) -> None:
    process = fork(
        "import os, sys\n"
        "print(__name__, dict(os.environ), os.getcwd(), sys.argv, sys.path[0], os.getpid())"
    )
    folder = str(tmp_path / "program1")
    expected = f"__main__ { {'GREETING': 'hello'} } {tmp_path} ['{folder}/worker.py'] {folder}"
    assert process.stdout.read().split("\n")[0] == f"{expected} {process.pid}"


def test_a_program_talks_over_pipes_of_its_own(fork: Fork) -> None:
    process = fork("import sys\nprint(input().upper())\nprint('warning', file=sys.stderr)")
    process.stdin.write("a line\n")
    assert process.stdout.read() == "A LINE\n"
    assert process.stderr.read() == "warning\n"


def test_nothing_of_ours_is_imported(fork: Fork) -> None:
    process = fork("import sys\nprint(*sys.modules)\nprint(*sys.path, sep='\\n')")
    modules, *path = process.stdout.read().splitlines()
    assert not {"tools", "matinee"} & set(modules.split())
    assert str(SERVICES.parent) not in path


def test_the_end_of_a_program_is_seen(fork: Fork) -> None:
    process = fork("input()")
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0)
    process.stdin.write("\n")
    process.wait(PATIENCE_SECONDS)
    assert process.poll() is not None


@pytest.mark.parametrize("end", [ForkedProcess.terminate, ForkedProcess.kill])
def test_a_program_can_be_ended(fork: Fork, end: Callable[[ForkedProcess], None]) -> None:
    process = fork("input()")
    end(process)
    process.wait(PATIENCE_SECONDS)
    end(process)  # it is gone, and nobody else is meant


def test_the_end_of_one_program_is_not_hidden_by_a_later_one(fork: Fork) -> None:
    first, second = fork("input()"), fork("input()")
    first.kill()
    first.wait(PATIENCE_SECONDS)
    assert second.poll() is None


def test_a_server_that_was_killed_is_started_again(server: ForkServer, fork: Fork) -> None:
    source = "import os\nprint(os.getppid())"
    parent = int(fork(source).stdout.read())
    os.kill(parent, signal.SIGKILL)
    server._process.wait(PATIENCE_SECONDS)
    assert int(fork(source).stdout.read()) != parent


def test_a_server_that_hangs_is_replaced_and_can_be_stopped(tmp_path: Path) -> None:
    program = tmp_path / "worker.py"
    program.write_text("print('hello')", encoding="utf-8")
    server = ForkServer()
    with server.spawn(str(program), str(tmp_path), {}):
        pass
    impatient(server)
    server._process.send_signal(signal.SIGSTOP)
    with pytest.raises(TimeoutError):
        server.spawn(str(program), str(tmp_path), {})
    server._patience = PATIENCE_SECONDS

    with server.spawn(str(program), str(tmp_path), {}) as process:
        assert process.stdout.read() == "hello\n"
    impatient(server)
    server._process.send_signal(signal.SIGSTOP)
    server.stop()

    assert server._process.poll() is not None


def impatient(server: ForkServer) -> None:
    server._patience = 0.1
    server._socket.settimeout(server._patience)


def test_every_library_that_functions_share_is_imported_already(fork: Fork) -> None:
    own = {*(path.name for path in SERVICES.iterdir()), "matinee", *IN_LAYERS_OF_THEIR_OWN}
    third_party = {
        name
        for path in SERVICES.rglob("*.py")
        for statement in ast.parse(path.read_text(encoding="utf-8")).body
        for name in _modules(statement)
        if name.partition(".")[0] not in sys.stdlib_module_names | own
    }
    process = fork("import sys\nprint(*sys.modules)")
    assert third_party <= set(process.stdout.read().split())


def _modules(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=str(module)):
            return [module]
    return []
