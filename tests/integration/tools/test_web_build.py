"""What a browser loads of the app for people, as `make web` has built it."""

import gzip
import re
from pathlib import Path

from tools.local.page.app import BUILT

FIRST_LOAD_BYTES = 64 * 1024
"""Of scripts, compressed: what the first view waits for."""

_ENTRY = re.compile(r'<script type="module"[^>]* src="[^"]*?(assets/[^"]+)"')
_STATIC_IMPORT = re.compile(r'(?:^|[;}])import\s*(?:[\w*{},$\s]+?from\s*)?"\./([^"]+)"')


def loaded_first(index: Path) -> set[Path]:
    """Return the scripts that the page loads before it draws: its own, and what they import."""
    waiting = [index.parent / name for name in _ENTRY.findall(index.read_text(encoding="utf-8"))]
    found: set[Path] = set()
    while waiting:
        script = waiting.pop()
        if script not in found:
            found.add(script)
            text = script.read_text(encoding="utf-8")
            waiting += [script.parent / name for name in _STATIC_IMPORT.findall(text)]
    return found


def compressed(scripts: set[Path]) -> int:
    return sum(len(gzip.compress(script.read_bytes())) for script in scripts)


def test_the_first_view_waits_for_few_scripts() -> None:
    scripts = loaded_first(BUILT / "index.html")

    assert scripts
    assert compressed(scripts) < FIRST_LOAD_BYTES


def test_rooms_are_loaded_when_one_is_opened() -> None:
    everything = set((BUILT / "assets").glob("*.js"))

    later = everything - loaded_first(BUILT / "index.html")

    assert compressed(later) > FIRST_LOAD_BYTES / 2, "so much is left for later"


def test_what_is_imported_is_found(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(
        '<script type="module" crossorigin src="/base/assets/main.js"></script>', encoding="utf-8"
    )
    for name, text in {
        "main.js": 'import{a as b,c}from"./one.js";import"./two.js";d=()=>import("./late.js")',
        "one.js": 'const x=1;import e from"./two.js"',
        "two.js": "",
        "late.js": "",
    }.items():
        (tmp_path / "assets" / name).write_text(text, encoding="utf-8")

    found = loaded_first(tmp_path / "index.html")

    assert {path.name for path in found} == {"main.js", "one.js", "two.js"}
