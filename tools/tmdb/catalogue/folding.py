"""Titles as people type them: without case, accents and punctuation."""

import unicodedata
from typing import Final

_BEYOND_ALPHABETS: Final = 0x900
"""From here on, marks that are no letters belong to the words: Devanagari, Thai, kana ..."""


def folded(text: str) -> str:
    """Return ``text`` in lower case, Latin letters without accents, words parted by one space.

    "Amélie's Café" becomes "amelie s cafe". Other scripts keep their letters.
    """
    if text.isascii():
        bare = text.lower()
    else:
        parts = unicodedata.normalize("NFKD", text.casefold())
        bare = "".join(letter for letter in parts if not unicodedata.combining(letter))
        bare = unicodedata.normalize("NFC", bare)
    return " ".join(
        "".join(c if c.isalnum() or ord(c) >= _BEYOND_ALPHABETS else " " for c in bare).split()
    )
