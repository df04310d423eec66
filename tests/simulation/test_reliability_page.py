"""docs/reliability.md names what is there, and its results are of today's mutants."""

import re

from tests.simulation.mutants import MUTANTS, ROOT

PAGE = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")
RESULTS = (ROOT / "bench/results/simulation-mutants.md").read_text(encoding="utf-8")


def test_every_test_that_the_page_names_is_there() -> None:
    folder, missing = "", []
    for name in re.findall(r"(?:tests/[a-z0-9_/]+/)?test_[a-z_]+\.py", PAGE):
        folder = name.rpartition("/")[0] or folder
        path = f"{folder}/{name.rpartition('/')[2]}"
        if not (ROOT / path).is_file():
            missing.append(path)
    assert missing == []


def test_the_results_are_of_these_mutants_and_each_was_found_in_time() -> None:
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| (\w+) \| (\d+) \|", RESULTS, re.MULTILINE)
    found = {name: (int(history), int(within)) for name, history, within in rows}

    assert len(found) >= 20
    assert found.keys() <= {mutant.name for mutant in MUTANTS}
    for mutant in MUTANTS:
        history, within = found.get(mutant.name, (1, mutant.within))
        assert within == mutant.within
        assert 0 < history <= within
