"""Mutants of modules and how many of them the modules' own tests kill.

Each mutant is one small change of the code, as mutmut makes it. It is killed when a test fails or
does not end; each runs in a process of its own, forked when the libraries are already imported.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

from bench.report import Report, Settings, note

ROOT = Path(__file__).resolve().parents[1]
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


def run(_: Settings, report: Report) -> None:
    """Measure, print."""
    for library in LIBRARIES:
        importlib.import_module(library)
    rows, alive = [], []
    with _mutmut_set_up():
        made = {subject: list(mutants(subject.file)) for subject in SUBJECTS}
    for subject, changed in made.items():
        note(f"{subject.file}: {len(changed)} mutants")
        source = (ROOT / subject.file).read_text(encoding="utf-8")
        if not survives(subject, source):
            message = f"{subject.tests} fail without any mutant"
            raise RuntimeError(message)
        with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("fork")) as pool:
            outcomes = list(
                pool.map(survives, [subject] * len(changed), [text for _, text in changed])
            )
        survivors = [what for (what, _), outcome in zip(changed, outcomes, strict=True) if outcome]
        rows.append((subject.file, len(changed), len(changed) - len(survivors), len(survivors)))
        alive += [(subject.file, what) for what in survivors]
    killed = sum(row[2] for row in rows) / sum(row[1] for row in rows)
    report.headline("mutants killed", killed, "of all", more=True)
    report.say("Each module's mutants against the tests that are its own.")
    report.table(("module", "mutants", "killed", "alive"), rows)
    report.heading("Alive")
    report.say(
        "\n".join(f"- {file}: `{' '.join(what.split())}`" for file, what in alive) or "None."
    )
    report.figures["modules"] = {
        file: {"mutants": made, "killed": killed} for file, made, killed, _ in rows
    }


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
