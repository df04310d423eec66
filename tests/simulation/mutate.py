"""Find every mutant by simulation: `python -m tests.simulation.mutate [--write] [NAME ...]`."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.simulation.mutants import MUTANTS, ROOT, Mutant, by_name

WORKERS = 2
RESULTS = ROOT / "bench/results/simulation-mutants.md"
HEAD = """# Mutants of the product that the simulation finds

`python -m tests.simulation.mutate --write`. Each is one change of the product by which a promise no
longer holds (tests/simulation/mutants.py). It is found when a history breaks an invariant; the
seeds are mutant/0, mutant/1 and so on.

| mutant | file | found in history | within | by invariant |
| --- | --- | ---: | ---: | --- |
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """In which history a mutant was found, 0 if in none, and what was said first."""

    mutant: Mutant
    history: int
    sentence: str

    @property
    def row(self) -> str:
        """The row of the table of results."""
        mutant = self.mutant
        return (
            f"| {mutant.name} | {mutant.file} | {self.history or 'none'} | {mutant.within} |"
            f" {self.sentence} |"
        )


def find(mutant: Mutant) -> Finding:
    """Simulate histories of a mutant until one is wrong, or as many as it has."""
    arguments = ["--count", str(mutant.within), "--seed", "mutant", "--mutant", mutant.name]
    run = subprocess.run(
        [sys.executable, "-m", "tests.simulation", *arguments, "--no-shrink"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"the history (\d+) of .*\n +invariant (.+)", run.stdout)
    if found is None and run.returncode:
        raise RuntimeError(run.stderr)
    return (
        Finding(mutant, int(found[1]), without_ids(found[2])) if found else Finding(mutant, 0, "")
    )


def without_ids(sentence: str) -> str:
    """Return a sentence without identifiers, short."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "...", sentence).replace("|", "/")[:100]


def main(arguments: Sequence[str]) -> int:
    """Find all mutants, or those that are named; return 1 if one was not."""
    names = [name for name in arguments if name != "--write"]
    findings = []
    with ThreadPoolExecutor(WORKERS) as pool:
        for finding in pool.map(find, [by_name(name) for name in names] or MUTANTS):
            findings.append(finding)
            print(finding.row, flush=True)
    if "--write" in arguments:
        RESULTS.write_text(HEAD + "\n".join(it.row for it in findings) + "\n", encoding="utf-8")
    return int(any(not finding.history for finding in findings))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
