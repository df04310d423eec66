"""Texts that people read, and paths that browsers follow."""

import pytest

from matinee.text import clean_text, is_image_path, parse_day


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Fight\u202e bulC", "Fight bulC"),
        ("\u2066Fight\u2069\u200f\u200b Club\ufeff", "Fight Club"),
        ("Fi\u200dght", "Fight"),
        ("\u200cFight\u200d", "Fight"),
        ("a\x00b\x1b[2J\x9b", "ab[2J"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("Ame\u0301lie", "Amélie"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("千と千尋の神隠し", "千と千尋の神隠し"),
        ("שלום", "שלום"),
        ("\u3164\u200b ", ""),
    ],
)
def test_removes_what_is_invisible_and_keeps_every_script(text: str, clean: str) -> None:
    assert clean_text(text) == clean


@pytest.mark.parametrize(
    ("path", "valid"),
    [
        ("/p.jpg", True),
        ("/", True),
        ("https://image.tmdb.org/t/p/w500/p.jpg", True),
        ("http://127.0.0.1:4566/p.jpg", True),
        ("javascript:alert(1)", False),
        ("JavaScript://x/%0aalert(1)", False),
        ("data:image/svg+xml,<svg>", False),
        ("//example.com/p.jpg", False),
        ("p.jpg", False),
        ('/p.jpg" onload="x', False),
        ("/a b.jpg", False),
        ("/плакат.jpg", False),
        ("", False),
    ],
)
def test_knows_paths_of_images(path: str, valid: bool) -> None:  # noqa: FBT001
    assert is_image_path(path) is valid


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2008-01-20", "2008-01-20"),
        (" 2008-01-20T23:59:59.000Z", "2008-01-20"),
        ("20080120", None),
        ("2008-W03-7", None),
        ("2008-13-45", None),
        ("٢٠٠٨-٠١-٢٠", None),
        ("soon", None),
        ("", None),
    ],
)
def test_parses_a_day(text: str, day: str | None) -> None:
    assert parse_day(text) == day
