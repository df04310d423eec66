"""Which changes matter, and what is checked before they are deployed."""

from pathlib import Path

import pytest

from tools.local.watch import is_source, name_files, syntax_errors


@pytest.mark.parametrize(
    ("name", "matters"),
    [
        ("services/rooms/rooms/domain.py", True),
        ("services/rooms/resolvers/lambda.js", True),
        ("contracts/graphql/schema.graphql", True),
        ("services/rooms/rooms/words.json", True),
        ("services/rooms/README.md", False),
        ("services/rooms/rooms/__pycache__/domain.cpython-313.pyc", False),
        ("services/rooms/rooms/__pycache__/domain.py", False),
        ("services/rooms/rooms/.domain.py.swp", False),
    ],
)
def test_only_sources_matter(name: str, *, matters: bool) -> None:
    assert is_source(Path(name)) is matters


def test_a_file_that_is_not_python_is_told_with_its_line(tmp_path: Path) -> None:
    good = tmp_path / "good.py"
    bad = tmp_path / "bad.py"
    good.write_text("x = 1\n", encoding="utf-8")
    bad.write_text("x = 1\nx = (\n", encoding="utf-8")
    (error,) = syntax_errors([good, bad, tmp_path / "deleted.py", tmp_path / "schema.graphql"])
    assert error.startswith(f"{bad}:2: ")


def test_checking_a_file_does_not_run_it(tmp_path: Path) -> None:
    path = tmp_path / "loud.py"
    path.write_text("raise SystemExit('it ran')\n", encoding="utf-8")
    assert syntax_errors([path]) == []


def test_many_changed_files_are_counted_instead_of_listed() -> None:
    root = Path("/checkout")
    files = [root / "services" / f"{letter}.py" for letter in "edcba"]
    assert name_files(files[:2], root) == "services/d.py, services/e.py"
    assert name_files(files, root) == "services/a.py, services/b.py, services/c.py and 2 more"
