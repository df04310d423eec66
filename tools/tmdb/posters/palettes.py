"""The colours of each genre."""

from dataclasses import dataclass
from typing import Final

from tools.tmdb.catalogue.themes import DATA


@dataclass(frozen=True, slots=True)
class Palette:
    """Six colours that go together.

    ``high`` and ``low`` are the two ends of the background, ``far``, ``mid`` and ``near`` shapes
    at three distances, ``glow`` what shines (and small print). ``ink`` is the title's; it is
    legible on ``high`` and on ``near``.
    """

    high: str
    low: str
    far: str
    mid: str
    near: str
    glow: str
    ink: str


PALETTES: Final[dict[int, tuple[Palette, ...]]] = {
    genre: tuple(Palette(*(f"#{code}" for code in line.split())) for line in entry["colours"])
    for entry in DATA["palettes"]
    for genre in entry["genres"]
}
"""By genre id, of films and of series."""

DEFAULT: Final = PALETTES[18]
"""For titles without a genre that has colours of its own."""
