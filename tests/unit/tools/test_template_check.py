"""What checkov's report holds against the templates, and against checkov itself."""

import json
from pathlib import Path

import pytest

from tools import template_check

LOOP = """
Resources:
  Fn::ForEach::Queues:
    - Queue
    - [One, Two]
    - ${Queue}Queue: {Type: AWS::SQS::Queue}
"""
CLEAN = {"results": {"parsing_errors": [], "failed_checks": []}, "summary": {"resource_count": 2}}
FAILED = {
    "file_path": "/a.json",
    "resource": "AWS::SQS::Queue.One",
    "check_id": "CKV_1",
    "check_name": "Encrypt it",
}


def checkov(tmp_path: Path, report: object) -> str:
    """Return a program that answers as checkov would."""
    program = tmp_path / "checkov"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(report)}\nEND\n")
    program.chmod(0o755)
    return str(program)


def test_checkov_gets_what_loops_stand_for(tmp_path: Path) -> None:
    assert template_check.write_expanded({"services/a/template.yaml": LOOP}, tmp_path) == 2

    written = json.loads((tmp_path / "services/a/template.json").read_text())
    assert written["Resources"].keys() == {"OneQueue", "TwoQueue"}


def test_a_clean_report_holds_nothing() -> None:
    assert list(template_check.findings(CLEAN, 2)) == []


def test_a_failed_check_names_its_rule_and_resource() -> None:
    report = {**CLEAN, "results": {"failed_checks": [FAILED]}}

    assert list(template_check.findings(report, 2)) == [
        "/a.json: AWS::SQS::Queue.One: CKV_1 Encrypt it"
    ]


def test_a_template_that_cannot_be_parsed_fails() -> None:
    report = {**CLEAN, "results": {"parsing_errors": ["/a.json"]}}

    assert list(template_check.findings(report, 2)) == ["/a.json cannot be parsed"]


@pytest.mark.parametrize("report", [CLEAN, {"resource_count": 2}, {}])
def test_resources_that_checkov_has_not_seen_are_a_fault(report: dict[str, object]) -> None:
    (fault,) = template_check.findings(report, 3)

    assert fault.endswith("of 3 resources")


def test_the_command_fails_with_what_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(template_check, "all_texts", lambda: {"template.yaml": LOOP})

    assert template_check.main([checkov(tmp_path, CLEAN)]) == 0
    report = {**CLEAN, "results": {"failed_checks": [FAILED]}}
    assert template_check.main([checkov(tmp_path, report)]) == 1
    assert "CKV_1" in capsys.readouterr().err


def test_a_checkov_that_breaks_is_no_clean_bill(tmp_path: Path) -> None:
    broken = tmp_path / "checkov"
    broken.write_text("#!/bin/sh\necho out of order >&2\nexit 2\n")
    broken.chmod(0o755)

    with pytest.raises(SystemExit, match="out of order"):
        template_check.scan(broken, tmp_path)


def test_a_wrong_call_shows_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert template_check.main([]) == 2
    assert "usage" in capsys.readouterr().err
