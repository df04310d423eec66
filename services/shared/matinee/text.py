"""Texts and paths that people read or browsers follow, from TMDB and from clients.

A title may not change how the text around it is shown, nor hide characters: what is invisible is
removed. A path must be one: an address like `javascript:...` is none.
"""

import re
import unicodedata
from datetime import date

_JOINERS = "\u200c\u200d"
"""Zero-width, but part of the spelling of Persian, Hindi and others, and of emoji."""

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
    f"|(?<![^\x00-\u02ff])[{_JOINERS}]+|[{_JOINERS}]+(?![^\x00-\u02ff])"
)
"""Controls but for lines and tabs, bidirectional controls, and what is zero wide or blank.

Joiners stay between letters of scripts that use them, never beside a Latin letter or at an end.
"""

_IMAGE_PATH = re.compile(r"/(?!/)[!#-;=?-~]{0,499}|https?://[!#-;=?-~]{1,490}")
"""TMDB's path, or an address of the web: ASCII without spaces, quotation marks and brackets."""

_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(T.*)?", re.ASCII)


def clean_text(text: str) -> str:
    """Return a text in NFC without invisible characters and without spaces at its ends."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).strip()


def is_image_path(text: str) -> bool:
    """Return whether a text is a path below TMDB's images, or an http address."""
    return _IMAGE_PATH.fullmatch(text) is not None


def parse_day(text: str) -> str | None:
    """Return the day of `yyyy-mm-dd`, with or without a time after it; None for other texts."""
    found = _DAY.fullmatch(text.strip())
    try:
        return date.fromisoformat(found[1]).isoformat() if found else None
    except ValueError:
        return None


def is_latin(text: str) -> bool:
    """Return whether every letter is of the Latin script, with or without accents.

    Digits, punctuation and symbols belong to every script: "1917" and "¡Átame!" pass, "千と千尋"
    does not. Compatibility forms count as what they stand for: "ﬁ" passes, "㈱" does not.
    """
    return all(
        not letter.isalpha()
        or unicodedata.name(letter, "").startswith(("LATIN ", "MODIFIER LETTER "))
        for letter in unicodedata.normalize("NFKD", text)
    )
