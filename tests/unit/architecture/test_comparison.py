"""docs/comparison.md names tests that there are."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def test_every_test_that_the_comparison_names_exists() -> None:
    named = NAMED.findall((ROOT / "docs" / "comparison.md").read_text(encoding="utf-8"))

    assert len(named) > 10
    assert [f"{file}::{name}" for file, name in named if not _has(ROOT / file, name)] == []


def _has(file: Path, name: str) -> bool:
    if not file.exists():
        return False
    tests = {
        node.name
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    return name in tests if name else any(it.startswith("test_") for it in tests)
