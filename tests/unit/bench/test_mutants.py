"""The benchmark of mutants: it knows its modules, and a mutant takes the place of one."""

import importlib
import sys
from pathlib import Path

import pytest

from bench import mutants
from bench.mutants import ROOT, SUBJECTS, Subject


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
