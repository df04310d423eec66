"""What `sam build` makes is what AWS gets: it starts and answers under Lambda's own runtime.

The runtime interface emulator comes with the SAM CLI. The interpreter is the bare one, without the
virtual environment: every package must come from the built layer.
"""

import contextlib
import importlib.util
import json
import os
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

ROOT = Path(__file__).parents[2]
RUNTIME_PARTS = ("awslambdaric", "snapshot_restore_py", "simplejson", "runtime_client")
PATIENCE = 30.0

type Invoke = Callable[[str, dict[str, Any]], Any]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def location(module: str) -> Path:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    origin = Path(spec.origin)
    return origin.parent if origin.name == "__init__.py" else origin


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("build")
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "SAM_CLI_TELEMETRY": "0",
    }
    command = ["sam", "build", "--build-dir", str(folder / "out"), "--no-cached"]
    made = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert made.returncode == 0, made.stderr
    return folder / "out"


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The part of a Lambda machine that is no package of ours: the runtime's client alone."""
    folder = tmp_path_factory.mktemp("runtime")
    for module in RUNTIME_PARTS:
        found = location(module)
        (folder / found.name).symlink_to(found)
    return folder


@pytest.fixture(scope="module")
def functions(build: Path) -> dict[str, Any]:
    template = yaml.load((build / "template.yaml").read_text(), Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader makes texts of everything
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


@pytest.fixture
def invoke(build: Path, runtime: Path, functions: dict[str, Any]) -> Invoke:
    def call(function: str, event: dict[str, Any]) -> Any:  # noqa: ANN401 - as functions answer
        with _running(build, runtime, function, functions[function]) as url:
            return httpx.post(url, json=event, timeout=PATIENCE).json()

    return call


@contextlib.contextmanager
def _running(
    build: Path, runtime: Path, function: str, properties: dict[str, Any]
) -> Iterator[str]:
    machine = {"x86_64": "x86_64", "aarch64": "arm64"}[platform.machine()]
    emulator = location("samcli") / "local" / "rapid" / f"aws-lambda-rie-{machine}"
    api, door = free_port(), free_port()
    layer = build / "MatineeLayer" / "python"
    environment = dict.fromkeys(properties["Environment"]["Variables"], "invented") | {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, (build / function, layer, runtime))),
        "LAMBDA_TASK_ROOT": str(build / function),
        "AWS_LAMBDA_FUNCTION_NAME": function,
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "STAGE": "local",
        "AUTO_CONFIRM": "true",
    }
    python = Path(sys._base_executable)  # type: ignore[attr-defined]  # noqa: SLF001 - the one without our packages
    process = subprocess.Popen(
        [
            str(emulator),
            *("--runtime-api-address", f"127.0.0.1:{api}"),
            *("--runtime-interface-emulator-address", f"127.0.0.1:{door}"),
            *(str(python), "-S", "-m", "awslambdaric", properties["Handler"]),
        ],
        cwd=build / function,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(door)
        yield f"http://127.0.0.1:{door}/2015-03-31/functions/function/invocations"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 15)
        process.wait(timeout=10)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    message = "the runtime interface emulator does not answer"
    raise TimeoutError(message)


def sample(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / "events" / name).read_text())
    return event


def test_every_built_function_starts(functions: dict[str, Any], invoke: Invoke) -> None:
    answers = {name: invoke(name, {"warmup": True}) for name in functions}
    assert answers == {name: {"warmed": True} for name in functions}


@pytest.mark.parametrize(
    ("function", "event", "status"),
    [
        ("StatusFunction", "auth/StatusFunction.http.get.json", 200),
        ("SigninFunction", "auth/SigninFunction.http.missing-password.json", 400),
    ],
)
def test_a_built_route_answers(invoke: Invoke, function: str, event: str, status: int) -> None:
    assert invoke(function, sample(event))["statusCode"] == status


def test_a_built_resolver_answers_with_a_typed_error(invoke: Invoke) -> None:
    answer = invoke("RoomsApiFunction", sample("rooms/RoomsApiFunction.appsync.three-genres.json"))
    assert answer["error"]["type"] == "InvalidInput"
