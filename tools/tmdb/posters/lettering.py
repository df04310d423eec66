"""Setting a title in lines that fit, without knowing the viewer's fonts.

Widths are estimates for a bold sans-serif, on the generous side: a line that is estimated to fit
fits in the usual fonts. Units are those of the drawing.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final

_NARROW: Final = frozenset("iIjlft.,:;'’!|()[]·- ")
_BROAD: Final = frozenset("mwMW@%&—")
_SIZES: Final = (78, 70, 62, 56, 50, 45, 40, 36, 32, 28, 25, 22, 19, 16)
_LINE_HEIGHT: Final = 1.12


@dataclass(frozen=True, slots=True)
class Setting:
    """A text in lines at one font size."""

    lines: tuple[str, ...]
    size: int

    @property
    def line_height(self) -> float:
        """Distance from one baseline to the next."""
        return self.size * _LINE_HEIGHT

    @property
    def height(self) -> float:
        """Height of all lines."""
        return self.line_height * len(self.lines)


def width_of(text: str, size: float) -> float:
    """Return an upper estimate of how wide ``text`` is at font size ``size``."""
    return size * sum(_advance(letter) for letter in text)


def set_title(text: str, *, width: float, height: float, max_lines: int = 4) -> Setting:
    """Return ``text`` in the largest size whose lines fit into ``width`` by ``height``.

    Lines are broken at spaces, in scripts that have none between any two letters, and are made
    about equally long. A word that fits at no size is broken too.
    """
    for size in _SIZES:
        lines = _broken(_pieces(text), width, size)
        if lines and len(lines) <= max_lines and len(lines) * size * _LINE_HEIGHT <= height:
            return Setting(_balanced(_pieces(text), width, size, len(lines)), size)
    size = _SIZES[-1]
    letters = _broken([(letter, "") for letter in text], width, size) or [text]
    fitting = max(1, int(height / (size * _LINE_HEIGHT)))
    return Setting(tuple(line.strip() for line in letters[:fitting]), size)


def _advance(letter: str) -> float:
    if unicodedata.combining(letter) or unicodedata.category(letter) == "Mn":
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.04
    if letter in _NARROW:
        return 0.4
    if letter in _BROAD:
        return 0.98
    return 0.78 if letter.isupper() else 0.66


def _pieces(text: str) -> list[tuple[str, str]]:
    """Return (piece, what stands before it on the same line) for every unbreakable piece."""
    pieces: list[tuple[str, str]] = []
    for word in text.split():
        gap = " " if pieces else ""
        if len(word) > 1 and all(unicodedata.east_asian_width(c) in "WF" for c in word):
            pieces += [(letter, gap if index == 0 else "") for index, letter in enumerate(word)]
        else:
            pieces.append((word, gap))
    return pieces


def _broken(pieces: list[tuple[str, str]], width: float, size: float) -> list[str]:
    """Return lines no wider than ``width``, or none when a single piece is."""
    lines: list[str] = []
    line = ""
    for piece, gap in pieces:
        if width_of(piece, size) > width:
            return []
        if line and width_of(line + gap + piece, size) > width:
            lines.append(line)
            line = piece
        else:
            line = line + gap + piece if line else piece
    return [*lines, line] if line else lines


def _balanced(
    pieces: list[tuple[str, str]], width: float, size: float, count: int
) -> tuple[str, ...]:
    """Break at the least width that does not take another line, so that no line is a leftover."""
    narrow, wide = 0.0, width
    for _ in range(12):
        middle = (narrow + wide) / 2
        if 0 < len(_broken(pieces, middle, size)) <= count:
            wide = middle
        else:
            narrow = middle
    return tuple(_broken(pieces, wide, size))
