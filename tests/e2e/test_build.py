"""What `make build` makes is what AWS gets: it starts and answers under Lambda's own runtime."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tools.contracts.refusals import REFUSALS
from tools.lambda_runtime.built import Function, built_functions, dead_weight, size
from tools.lambda_runtime.finishing import finish
from tools.lambda_runtime.invocation import samples
from tools.lambda_runtime.machine import Machine
from tools.ops.client import Stack
from tools.ops.deployment import Deployer, Sources, configured

ROOT = Path(__file__).parents[2]
HEAVIEST_LAYER = 12_000_000
HEAVIEST_FUNCTION = 600_000
"""Bytes of a zip."""

NOWHERE = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
"""Nobody listens at the discard port: a function that needs AWS is refused at once."""

NAME = "matinee-by-sam"
"""What the names of the stacks begin with that `sam deploy` creates beside the product's own."""

DEPLOYED_BY_SAM = ("platform", "auth", "catalog")
"""Each needs the outputs of those before it. The others differ in nothing that sam does."""

type Invoke = Callable[[str, dict[str, Any]], Any]


@pytest.fixture(scope="module")
def functions(build: Path) -> dict[str, Function]:
    return built_functions(build)


@pytest.fixture
def invoke(functions: dict[str, Function]) -> Invoke:
    def call(function: str, event: dict[str, Any]) -> Any:  # noqa: ANN401 - as functions answer
        with Machine.running(functions[function], NOWHERE) as machine:
            return machine.invoke(event).body

    return call


def sample(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / "events" / name).read_text())
    return event


def test_every_built_function_starts_and_answers_its_sample_events(
    functions: dict[str, Function], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each as packaged: a warm-up first, then one good sample of each of its triggers.

    Nothing of AWS is there: whoever needs it says so, by an answer of its own or by an error of
    botocore; nobody may fail because something is missing in the package.
    """
    lines = []
    for name, function in functions.items():
        with Machine.running(function, NOWHERE) as machine:
            assert machine.invoke({"warmup": True}).body == {"warmed": True}, machine.log
            start, packed = machine.init_milliseconds, size(function.code).packed
            lines.append(f"{name:28} {packed / 1000:6.0f} KB zipped, started in {start:5.0f} ms")
            for path in good_samples(name):
                answer = machine.invoke(json.loads(path.read_text()))
                assert not is_missing_something(answer.body), (path.name, machine.log)
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")


def good_samples(function: str) -> list[Path]:
    """The first good sample of each trigger of a function."""
    found: dict[str, Path] = {}
    for path in samples(function):
        if path.relative_to(ROOT / "events").as_posix() not in REFUSALS:
            found.setdefault(path.name.split(".")[1], path)
    assert found, f"{function} has no good sample event"
    return list(found.values())


def is_missing_something(answer: object) -> bool:
    """Return whether an error is one of packaging."""
    kind = str(answer.get("errorType", "")) if isinstance(answer, dict) else ""
    return kind.startswith("Runtime.") or kind in {
        "AttributeError",
        "ImportError",
        "ModuleNotFoundError",
        "NameError",
        "ValidationError",
    }


def test_layers_contain_only_what_functions_need(functions: dict[str, Function]) -> None:
    for layer in {layer for function in functions.values() for layer in function.layers}:
        assert dead_weight(layer) == []


def test_uploads_stay_small(functions: dict[str, Function]) -> None:
    layers = {function.layers[0] for function in functions.values()}

    assert all(size(layer).packed < HEAVIEST_LAYER for layer in layers)
    assert all(size(function.code).packed < HEAVIEST_FUNCTION for function in functions.values())


def test_every_module_is_compiled_reproducibly(build: Path) -> None:
    def contents() -> dict[str, bytes]:
        return {
            path.relative_to(build).as_posix(): path.read_bytes() for path in build.rglob("*.pyc")
        }

    before = contents()
    modules = [path for path in build.rglob("*.py") if path.stat().st_size]
    assert len(before) >= len(modules)

    finish(build)

    assert contents() == before


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
    answer = invoke("RoomsApiFunction", sample("rooms/RoomsApiFunction.appsync.genre-twice.json"))
    assert answer["error"]["type"] == "InvalidInput"


def test_sam_deploys_the_build_behind_aliases(
    build: Path, stack: Stack, aws: Callable[[str], Any], tmp_path: Path
) -> None:
    config = tmp_path / "samconfig.toml"
    settings = configured(ROOT / "samconfig.toml", "local")
    config.write_text(
        f"""
version = 0.1
[sam.global.parameters]
language_extensions = true
[sam.deploy.parameters]
stack_name = "{NAME}"
region = "{stack.region}"
resolve_s3 = true
confirm_changeset = false
capabilities = "{settings["capabilities"]}"
parameter_overrides = {json.dumps(settings["parameter_overrides"])}
"""
    )
    cloudformation = aws("cloudformation")
    sources = Sources(ROOT / "template.yaml", config, build)
    try:
        deployer = Deployer(sources, "sam", "", cloudformation, _run_against(stack))
        for service in DEPLOYED_BY_SAM:
            deployer.deploy_stacks(service)

        for service in DEPLOYED_BY_SAM:
            (made,) = cloudformation.describe_stacks(StackName=f"{NAME}-{service}")["Stacks"]
            assert made["StackStatus"] == "CREATE_COMPLETE"
        (auth,) = cloudformation.describe_stacks(StackName=f"{NAME}-auth")["Stacks"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in auth["Outputs"]}
        event = (ROOT / "events/auth/StatusFunction.http.get.json").read_bytes()
        answer = aws("lambda").invoke(
            FunctionName=outputs["StatusFunctionName"], Qualifier="live", Payload=event
        )
        assert json.loads(answer["Payload"].read())["statusCode"] == 200
    finally:
        for service in reversed(DEPLOYED_BY_SAM):
            cloudformation.delete_stack(StackName=f"{NAME}-{service}")


def _run_against(stack: Stack) -> Callable[[Sequence[str]], int]:
    """Run sam against the emulator; fail with what it said when it fails."""
    environment = os.environ | {
        "AWS_ENDPOINT_URL": stack.emulator_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "SAM_CLI_TELEMETRY": "0",
    }

    def run(command: Sequence[str]) -> int:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr
        return done.returncode

    return run
