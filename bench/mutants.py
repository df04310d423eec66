"""Mutants of modules and how many of them the modules' own tests kill.

Each mutant is one small change of the code, as mutmut makes it. It is killed when a test fails or
does not end; each runs in a process of its own, forked when the libraries are already imported.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.machinery import ModuleSpec
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from bench.report import Report, Settings, note

ROOT = Path(__file__).resolve().parents[1]
FILE = "mutants.json"
TIMEOUT_SECONDS = 300
OURS = frozenset(
    {"auth", "catalog", "library", "matinee", "recommender", "rooms", "tests", "tools"}
)
LIBRARIES = ("pytest", "_pytest.config", "hypothesis", "pydantic", "boto3", "httpx", "respx")

PLUGINS = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_PLUGINS": "pytest_asyncio.plugin,_hypothesis_pytestplugin,pytest_socket,respx.plugin,"
    "pytest_timeout",
}
ARGUMENTS = ("-x", "-q", "--assert=plain", "-p", "no:cacheprovider")


@dataclass(frozen=True, slots=True)
class Subject:
    """A module, by its file, and the tests that are to kill its mutants."""

    file: str
    tests: tuple[str, ...]

    @property
    def module(self) -> str:
        """The name under which tests import it."""
        parts = Path(self.file).with_suffix("").parts
        return ".".join(parts[2:] if parts[0] == "services" else parts)


_PREFERENCES = ("tests/unit/recommender/test_stated_preferences.py",)
SUBJECTS = (
    Subject("tools/appsync/jwt.py", ("tests/unit/tools/appsync/test_jwt_verifier.py",)),
    Subject("services/recommender/recommender/domain/hard_filters.py", _PREFERENCES),
    Subject("services/recommender/recommender/domain/soft_preferences.py", _PREFERENCES),
)
"""The modules whose tests were thinned."""


def mutants(file: str) -> Iterator[tuple[str, str]]:
    """Yield a module's mutants: what was changed, and the whole source with that change."""
    from mutmut.mutation.file_mutation import create_mutations  # noqa: PLC0415 - reads a set-up

    source = (ROOT / file).read_text(encoding="utf-8")
    module, mutations, _, _ = create_mutations(file, source)
    for mutation in mutations:
        before = module.code_for_node(mutation.original_node).strip()
        after = module.code_for_node(mutation.mutated_node).strip()
        mutated = module.deep_replace(mutation.original_node, mutation.mutated_node)
        yield f"{before} -> {after}", mutated.code  # type: ignore[attr-defined]


def survives(subject: Subject, source: str) -> bool:
    """Return whether a module's tests succeed with another source in its place."""
    child = os.fork()
    if child == 0:
        os._exit(_test(subject, source))
    _, status = os.waitpid(child, 0)
    return status == 0


def run(settings: Settings, report: Report) -> None:
    """Measure what --only names, or what is new or has changed; print it with what is known."""
    for library in LIBRARIES:
        importlib.import_module(library)
    known = earlier(settings.results)
    subjects = {it.file: it for it in (*SUBJECTS, *house())}
    known = {file: found for file, found in known.items() if file in subjects}
    stale = [file for file in subjects if known.get(file, {}).get("source") != _digest(file)]
    for file in settings.only or stale:
        known[file] = _measured(subjects[file])
        settings.results.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"modules": known}, indent=1)  # a run that is cut short keeps what it has
        (settings.results / FILE).write_text(text, encoding="utf-8")
    _say(report, known, [file for file in subjects if file not in known])


def house() -> Sequence[Subject]:
    """Return every service's rules and use cases, each with the unit tests that import it."""
    found = []
    for file in sorted(ROOT.glob("services/*/*/*/*.py")):
        service, folder = file.parts[-3], file.parts[-2]
        if folder not in {"domain", "use_cases"} or file.stem == "__init__":
            continue
        imports = re.compile(rf"^from {service}\.{folder}\.{file.stem} import", re.MULTILINE)
        tests = [
            str(test.relative_to(ROOT))
            for test in sorted((ROOT / "tests/unit" / service).glob("test_*.py"))
            if imports.search(test.read_text(encoding="utf-8"))
        ]
        found.append(Subject(str(file.relative_to(ROOT)), tuple(tests)))
    return [it for it in found if it.file not in {subject.file for subject in SUBJECTS}]


def earlier(results: Path) -> dict[str, dict[str, Any]]:
    """Return what is known of modules from earlier runs."""
    file = results / FILE
    modules: dict[str, dict[str, Any]] = (
        json.loads(file.read_text(encoding="utf-8"))["modules"] if file.is_file() else {}
    )
    return {name: found for name, found in modules.items() if "alive" in found}


def _measured(subject: Subject) -> dict[str, Any]:
    """Return how many mutants of a module there are, those alive, and of when and what that is."""
    with _mutmut_set_up():
        changed = list(mutants(subject.file))
    note(f"{subject.file}: {len(changed)} mutants")
    source = (ROOT / subject.file).read_text(encoding="utf-8")
    if not subject.tests or not survives(subject, source):
        message = f"{subject.file}: {subject.tests or 'no tests'} fail without any mutant"
        raise RuntimeError(message)
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("fork")) as pool:
        outcomes = pool.map(survives, [subject] * len(changed), [text for _, text in changed])
        alive = [what for (what, _), is_alive in zip(changed, outcomes, strict=True) if is_alive]
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(  # noqa: S603 - our own
        command, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return {
        "mutants": len(changed),
        "killed": len(changed) - len(alive),
        "alive": [" ".join(what.split()) for what in alive],
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit.strip(),
        "source": _digest(subject.file),
    }


def _digest(file: str) -> str:
    return sha256((ROOT / file).read_bytes()).hexdigest()[:12]


def _say(report: Report, known: Mapping[str, Mapping[str, Any]], unknown: Sequence[str]) -> None:
    made = sum(found["mutants"] for found in known.values())
    killed = sum(found["killed"] for found in known.values())
    report.headline("mutants killed", killed / max(1, made), "of all", more=True)
    report.say(
        "Each module's mutants against the unit tests that are its own: those that import it. A "
        "module is measured anew when its text has changed."
    )
    columns = ("module", "mutants", "killed", "alive", "on", "commit")
    rows = [
        (file, it["mutants"], it["killed"], len(it["alive"]), it["date"], it["commit"])
        for file, it in sorted(known.items())
    ]
    report.table(columns, rows)
    report.heading("Alive")
    alive = [(file, what) for file, it in sorted(known.items()) for what in it["alive"]]
    report.say("\n".join(f"- {file}: `{what}`" for file, what in alive) or "None.")
    report.heading("Not measured yet")
    report.say("\n".join(f"- {file}" for file in sorted(unknown)) or "None.")
    report.figures["modules"] = dict(sorted(known.items()))


class _mutmut_set_up:  # noqa: N801 - a context
    """A folder with the set-up that mutmut reads when it is imported."""

    def __enter__(self) -> None:
        self._place, self._folder = Path.cwd(), TemporaryDirectory()
        Path(self._folder.name, "setup.cfg").write_text("[mutmut]\nsource_paths=.\n")
        os.chdir(self._folder.name)

    def __exit__(self, *_: object) -> None:
        os.chdir(self._place)
        self._folder.cleanup()


class _Replaced(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from another source."""

    def __init__(self, subject: Subject, source: str) -> None:
        self._name, self._path, self._source = subject.module, ROOT / subject.file, source

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the base class has it
        target: ModuleType | None = None,  # noqa: ARG002 - as above
    ) -> ModuleSpec | None:
        """Return the module's spec for its name alone."""
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """Execute the other source."""
        exec(compile(self._source, self._path, "exec"), vars(module))  # noqa: S102 - our own code


def _test(subject: Subject, source: str) -> int:
    """Run the tests in this process; return 0 if all succeed."""
    signal.alarm(TIMEOUT_SECONDS)
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
        del sys.modules[name]
    sys.meta_path.insert(0, _Replaced(subject, source))
    os.chdir(ROOT)
    pytest = importlib.import_module("pytest")
    os.environ |= PLUGINS
    return int(pytest.main([*ARGUMENTS, *subject.tests]))
