"""Secrets are found by their forms, vulnerabilities by asking; not having asked is said."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools import audit
from tools.contracts.paths import ROOT

VULNERABLE: dict[str, Any] = {
    "dependencies": [
        {
            "name": "urllib3",
            "version": "1.0",
            "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"], "aliases": []}],
        },
        {"name": "six", "version": "1.17", "vulns": []},
    ]
}
UNKNOWN = {"dependencies": [{"name": "six", "skip_reason": "Dependency not found on PyPI"}]}


def scanned(file: Path) -> subprocess.CompletedProcess[str]:
    hook = Path(sys.executable).with_name("detect-secrets-hook")
    return subprocess.run(
        [hook, "--baseline", ".secrets.baseline", file],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("key = '" + "AKIA" + "Z7Q2M5N8P1R4T6W9" + "'", "AWS Access Key"),
        ("-----BEGIN RSA " + "PRIVATE KEY-----", "Private Key"),
        ("url = 'https://me:" + "hunter2@example.com/'", "Basic Auth Credentials"),
        ("token = 'ghp_" + "a1B2" * 9 + "'", "GitHub Token"),
    ],
)
def test_finds_a_secret_by_its_form(tmp_path: Path, text: str, kind: str) -> None:
    (tmp_path / "settings.py").write_text(f"{text}\n")

    done = scanned(tmp_path / "settings.py")

    assert done.returncode == 1
    assert kind in done.stdout
    assert "settings.py:1" in done.stdout


def test_an_invented_password_is_no_finding(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text("password = 'Secret-123'  # of an invented user\n")

    assert scanned(tmp_path / "settings.py").returncode == 0


def test_names_a_vulnerability_with_its_fix() -> None:
    assert audit.vulnerabilities(VULNERABLE) == ("urllib3 1.0: PYSEC-1, fixed in 1.1",)


def test_leaves_out_what_does_not_reach_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "IGNORED", {"PYSEC-1": "not on our path"})

    assert audit.vulnerabilities(VULNERABLE) == ()


def test_a_database_that_knows_no_package_was_not_asked() -> None:
    assert audit.was_asked(VULNERABLE)
    assert not audit.was_asked(UNKNOWN)
    assert not audit.was_asked({"dependencies": []})


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every database knows nothing; returns those that were asked."""
    asked: list[str] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command[command.index("--vulnerability-service") + 1])
        return subprocess.CompletedProcess(command, 0, stdout=json.dumps(UNKNOWN))

    monkeypatch.setattr(subprocess, "run", run)
    return asked


def test_asks_the_next_database_and_silence_is_no_result(offline: list[str]) -> None:
    assert audit.audit("requirements/dev.txt") is None
    assert offline == list(audit.DATABASES)


@pytest.mark.usefixtures("offline")
def test_says_that_nothing_was_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.main([]) == 0
    assert capsys.readouterr().out.count("NOT ASKED") == len(audit.LOCKS)
    assert audit.main(["--strict"]) == 1


def test_every_lock_that_is_audited_exists() -> None:
    assert all((ROOT / lock).is_file() for lock in audit.LOCKS)
