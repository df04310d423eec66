"""The consumer kit, installed as another team does."""

import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.integration.contracts.test_consumer_kit import match
from tools.contracts.kit.package import build
from tools.contracts.paths import ROOT
from tools.contracts.project import Project, load_project


@pytest.fixture
def project() -> Project:
    return load_project()


def test_the_installed_wheel_needs_nothing_else_of_ours(project: Project, tmp_path: Path) -> None:
    wheel = build(project, tmp_path / "dist")
    venv.create(tmp_path / "theirs", with_pip=False)
    python = tmp_path / "theirs" / "bin" / "python"
    theirs = Path(
        subprocess.check_output(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
        ).strip()
    )
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    subprocess.run(
        [*pip, "install", "--quiet", "--no-index", "--no-deps", str(wheel)], check=True, timeout=120
    )
    (theirs / "dependencies.pth").write_text(sysconfig.get_path("purelib"))  # pydantic
    script = tmp_path / "example.py"
    script.write_text((ROOT / "contracts" / "python" / "example.py").read_text())

    done = subprocess.run(
        [python, "-I", str(script)], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "booked": {match()["detail"]["data"]["match_id"]: match()["detail"]["data"]["title"]},
        "rejected": ["it is no JSON object"],
        "batchItemFailures": [],
    }
