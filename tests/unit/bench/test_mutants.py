"""The benchmark of mutants: it knows its modules, and a mutant takes the place of one."""

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import mutants
from bench.mutants import ROOT, SUBJECTS, Subject
from bench.report import Report, Settings


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.module)
def test_a_subject_is_a_module_with_tests(subject: Subject) -> None:
    module = importlib.import_module(subject.module)

    assert module.__file__ == str(ROOT / subject.file)
    assert subject.tests
    assert all((ROOT / test).is_file() for test in subject.tests)


def test_a_mutant_is_imported_in_the_modules_place(monkeypatch: pytest.MonkeyPatch) -> None:
    subject = Subject("bench/prices.py", ())
    replaced = mutants._Replaced(subject, "ANSWER = 41\n")
    monkeypatch.setattr(sys, "meta_path", [replaced, *sys.meta_path])
    monkeypatch.delitem(sys.modules, subject.module, raising=False)

    module = importlib.import_module(subject.module)

    assert module.ANSWER == 41
    assert Path(str(module.__file__)) == ROOT / subject.file
    monkeypatch.delitem(sys.modules, subject.module)


def test_every_operator_and_value_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    (tmp_path / "rule.py").write_text("def fits(size):\n    return size < 4\n")

    with mutants._mutmut_set_up():
        made = dict(mutants.mutants("rule.py"))

    assert "< 4 -> <= 4" in made
    assert "4 -> 5" in made
    assert made["< 4 -> <= 4"].endswith("return size <= 4\n")


def test_every_rule_and_use_case_of_the_services_is_a_subject() -> None:
    files = {it.file for it in (*mutants.house(), *SUBJECTS)}

    for folder in ("domain", "use_cases"):
        for file in ROOT.glob(f"services/*/*/{folder}/*.py"):
            assert file.stem == "__init__" or str(file.relative_to(ROOT)) in files


def test_modules_of_earlier_runs_stay_and_the_others_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule, match = (f"services/rooms/rooms/domain/{name}.py" for name in ("rule", "match"))

    def measured(subject: Subject) -> dict[str, Any]:
        found = {"mutants": 2, "killed": 1, "alive": [f"of {subject.file}"]}
        return {**found, "date": "2026-11-30", "commit": "abc", "source": ""}

    monkeypatch.setattr(mutants, "_measured", measured)
    monkeypatch.setattr(mutants, "LIBRARIES", ())
    for module in (rule, match):
        report = Report("command", "Mutants")
        mutants.run(Settings(only=[module], results=tmp_path), report)
        report.write(tmp_path, "mutants")

    page = (tmp_path / "mutants.md").read_text(encoding="utf-8")
    assert mutants.earlier(tmp_path).keys() == {rule, match}
    assert f"- {rule}: `of {rule}`" in page
    assert "- services/rooms/rooms/domain/tally.py" in page.partition("Not measured yet")[2]
