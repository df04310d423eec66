"""Built functions: found, weighed, finished, and given the sample that was meant."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools.lambda_runtime import invocation
from tools.lambda_runtime.built import NotBuilt, built_functions, dead_weight, size
from tools.lambda_runtime.finishing import NotCompiled, finish
from tools.lambda_runtime.invocation import NoSuchSample, has_docker, invoke, sam_command, sample

TEMPLATE = {
    "Parameters": {"Rate": {"Default": 40}, "Memory": {"Default": 3008}, "Key": {"Default": ""}},
    "Globals": {
        "Function": {
            "MemorySize": 512,
            "Timeout": 10,
            "Layers": [{"Ref": "Shared"}],
            "Environment": {"Variables": {"STAGE": "dev", "RATE": {"Ref": "Rate"}}},
        }
    },
    "Resources": {
        "Shared": {"Type": "AWS::Serverless::LayerVersion"},
        "Trainer": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "CodeUri": "Trainer",
                "Handler": "trainer.handler",
                "Timeout": 60,
                "MemorySize": {"Ref": "Memory"},
                "Layers": [{"Ref": "Numbers"}],
                "Environment": {"Variables": {"TABLE": {"Ref": "Table"}, "KEY": {"Ref": "Key"}}},
            },
        },
    },
}


@pytest.fixture
def build(tmp_path: Path) -> Path:
    (tmp_path / "template.yaml").write_text(json.dumps(TEMPLATE))
    code = tmp_path / "Trainer"
    (code / "tests").mkdir(parents=True)
    (code / "trainer.py").write_text("ANSWER = 42\n")
    (code / "tests" / "test_trainer.py").write_text("")
    return tmp_path


def test_a_function_has_its_own_layers_after_those_of_all(build: Path) -> None:
    trainer = built_functions(build)["Trainer"]

    assert [layer.name for layer in trainer.layers] == ["Shared", "Numbers"]
    assert trainer.folders[0] == build / "Trainer"
    assert (trainer.memory, trainer.timeout) == (3008, 60)


def test_what_only_a_deployed_stack_knows_is_invented(build: Path) -> None:
    variables = built_functions(build)["Trainer"].variables

    assert variables == {"STAGE": "dev", "RATE": "40", "TABLE": "invented", "KEY": "invented"}


def test_without_a_build_it_is_said_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NotBuilt, match="make build"):
        built_functions(tmp_path)


def test_a_finished_build_has_no_tests_and_every_module_compiled(build: Path) -> None:
    assert dead_weight(build / "Trainer") == ["tests", "tests/test_trainer.py"]

    finish(build)

    assert dead_weight(build / "Trainer") == []
    compiled = importlib.util.cache_from_source(str(build / "Trainer" / "trainer.py"))
    assert Path(compiled).is_file()


def test_compiled_modules_are_not_held_against_their_sources(build: Path) -> None:
    finish(build)
    compiled = Path(importlib.util.cache_from_source(str(build / "Trainer" / "trainer.py")))

    assert int.from_bytes(compiled.read_bytes()[4:8], "little") == 1  # PEP 552: hash, unchecked


def test_finishing_twice_changes_no_byte(build: Path) -> None:
    finish(build)
    before = {path: path.read_bytes() for path in build.rglob("*.pyc")}

    finish(build)

    assert {path: path.read_bytes() for path in build.rglob("*.pyc")} == before


def test_a_module_that_is_no_python_stops_the_build(
    build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (build / "Trainer" / "broken.py").write_text("def (:\n")

    with pytest.raises(NotCompiled):
        finish(build)
    capsys.readouterr()


def test_a_folder_is_weighed_unpacked_and_zipped(build: Path) -> None:
    (build / "Trainer" / "long.txt").write_text("a" * 100_000)

    found = size(build / "Trainer")

    assert found.unpacked >= 100_000
    assert found.packed < 5_000


def test_a_sample_is_found_by_its_function_and_case() -> None:
    assert sample("NotifierFunction", "match-found").name == "NotifierFunction.sqs.match-found.json"
    assert sample("AccountFunction", "schedule.sweep").name == "AccountFunction.schedule.sweep.json"
    assert sample("StatusFunction").name == "StatusFunction.http.get.json"


@pytest.mark.parametrize(
    ("function", "case", "reason"),
    [("Notifier", "", "There are: "), ("NotifierFunction", "nothing", "match-found")],
)
def test_a_wrong_name_is_answered_with_the_right_ones(
    function: str, case: str, reason: str
) -> None:
    with pytest.raises(NoSuchSample, match=reason):
        sample(function, case)


def test_with_docker_lambda_s_own_image_runs_the_function(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr(invocation, "has_docker", lambda: True)

    def call(command: list[str]) -> int:
        called.append(command)
        return 0

    monkeypatch.setattr(subprocess, "call", call)
    monkeypatch.setattr(invocation, "ENV_VARS", tmp_path / "env-vars.json")
    path = sample("StatusFunction")

    assert invoke(path, tmp_path, tmp_path) == 0

    assert called == [sam_command("StatusFunction", path)]
    assert called[0][1:4] == ["local", "invoke", "StatusFunction"]
    assert "--env-vars" not in called[0]


def test_sam_is_given_the_variables_that_were_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = tmp_path / "env-vars.json"
    written.write_text("{}")
    monkeypatch.setattr(invocation, "ENV_VARS", written)

    assert sam_command("StatusFunction", tmp_path)[-2:] == ["--env-vars", str(written)]


def test_a_docker_that_does_not_answer_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: sys.executable)
    monkeypatch.setattr(
        subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1, b"", b"")
    )

    assert not has_docker()
