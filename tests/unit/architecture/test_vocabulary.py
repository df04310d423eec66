"""Docstrings, comments, documents and contracts use the field's words."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
READ = ("services", "platform", "edge", "contracts", "tools", "tests", "bench", "docs", "events")
SUFFIXES = {".yaml", ".json", ".graphql", ".md"}

BANNED_FIRST_WORD = re.compile(r"(Answers?|Tells?|Walks?|Notes?|Lets?|Says?)\b")
PRONOUN = re.compile(r"\b(he|him|his|himself)\b", re.IGNORECASE)
SUSPECT = re.compile(rf"""["'\\\n]{BANNED_FIRST_WORD.pattern}|(?i:{PRONOUN.pattern})""")
"""What a file with a fault contains; the others need not be parsed."""


def faults(name: str, text: str) -> list[str]:
    """Return the banned words of a file's prose, each with its line."""
    found: list[str] = []
    if not SUSPECT.search(text):
        return found
    for line, prose, is_docstring in _prose(name, text):
        if is_docstring and BANNED_FIRST_WORD.match(prose):
            found.append(f"{name}:{line} begins with {prose.split()[0]!r}")
        found += [
            f"{name}:{line + prose.count(chr(10), 0, match.start())} says {match[0]!r}"
            for match in PRONOUN.finditer(prose)
        ]
    return found


def _prose(name: str, text: str) -> Iterator[tuple[int, str, bool]]:
    """Yield each piece of prose with its first line, and whether it is a docstring."""
    if not name.endswith(".py"):
        yield 1, text, False
        return
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Expr(value=ast.Constant(value=str(prose))):
                yield node.lineno, prose, True
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string, False


def _files() -> list[Path]:
    found = []
    for folder in READ:
        for parent, folders, names in (ROOT / folder).walk():
            folders[:] = [name for name in folders if name != "node_modules"]
            found += [parent / name for name in names]
    return sorted(
        path
        for path in [*found, *ROOT.glob("*.md"), *ROOT.glob("*.yaml")]
        if path.suffix in SUFFIXES | {".py"} and path != Path(__file__)
    )


def test_prose_uses_the_words_of_the_field() -> None:
    files = _files()
    assert len(files) > 300
    assert [
        fault
        for path in files
        for fault in faults(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
    ] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", '"""Answer what a room is."""'),
        ("a.py", 'def f():\n    """Tells whether it is."""'),
        ("a.py", "x = 1  # what he has seen"),
        ("a.py", '"""A host and his room."""'),
        ("a.yaml", "Description: What the user asks of himself."),
    ],
)
def test_a_banned_word_is_found(name: str, text: str) -> None:
    assert len(faults(name, text)) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", '"""Return the answer that they get."""'),
        ("a.py", 'TITLE = "He and Her"'),
        ("a.yaml", "Description: The cache of this history."),
    ],
)
def test_other_words_are_permitted(name: str, text: str) -> None:
    assert faults(name, text) == []
