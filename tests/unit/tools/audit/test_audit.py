"""Secrets are found by their forms, vulnerabilities by asking; not having asked is said."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tools.audit import packages
from tools.audit.packages import Verdict, audit, vulnerabilities, was_asked
from tools.audit.secrets import secrets, tracked
from tools.contracts.paths import ROOT

HOLED: dict[str, Any] = {
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


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("key = '" + "AKIA" + "Z7Q2M5N8P1R4T6W9" + "'", "AWS Access Key"),
        ("-----BEGIN RSA " + "PRIVATE KEY-----", "Private Key"),
        ("url = 'https://me:" + "hunter2@example.com/'", "Basic Auth Credentials"),
        ("token = 'ghp_" + "a1B2" * 9 + "'", "GitHub Token"),
    ],
)
def test_a_secret_is_found_by_its_form(tmp_path: Path, text: str, kind: str) -> None:
    (tmp_path / "settings.py").write_text(f"{text}\n")

    assert list(secrets(tmp_path, ["settings.py"])) == [f"settings.py:1: {kind}"]


def test_what_no_form_gives_away_is_no_finding(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text("password = 'Secret-123'  # of an invented user\n")

    assert list(secrets(tmp_path, ["settings.py", "not-there.py"])) == []


def test_every_file_of_the_repository_is_looked_at() -> None:
    assert {"template.yaml", "samconfig.toml", "Makefile"} <= set(tracked(ROOT))


def test_a_vulnerability_is_named_with_what_mends_it() -> None:
    assert vulnerabilities(HOLED) == ("urllib3 1.0: PYSEC-1, mended in 1.1",)


def test_one_that_does_not_reach_us_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "IGNORED", {"PYSEC-1": "not on our path"})

    assert vulnerabilities(HOLED) == ()


def test_a_database_that_knows_no_package_has_not_been_asked() -> None:
    assert was_asked(HOLED)
    assert not was_asked(UNKNOWN)
    assert not was_asked({"dependencies": []})


def test_the_next_database_is_asked_and_silence_is_no_good_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command[command.index("--vulnerability-service") + 1])
        return subprocess.CompletedProcess(command, 0, stdout=json.dumps(UNKNOWN))

    monkeypatch.setattr(subprocess, "run", run)

    assert audit(ROOT, "requirements/dev.txt") == Verdict("requirements/dev.txt", (), asked=False)
    assert asked == list(packages.SERVICES)


def test_every_lock_that_is_audited_is_there() -> None:
    assert all((ROOT / lock).is_file() for lock in packages.LOCKS)
