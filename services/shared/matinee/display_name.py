"""Names that people show others: of themselves, and of their crews."""

import unicodedata

MAX_NAME_LENGTH = 40

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode's categories of what nobody sees: controls, overrides of direction, zero widths."""

_MAX_MARKS = 2
"""Combining marks in a row: more of them cover the lines above and below."""


def normalize_display_name(text: str) -> str:
    """Return a name in Unicode's NFC form, blanks collapsed.

    Raises ValueError for an empty or long one, and for one that shows other than what it says.
    """
    if any(unicodedata.category(letter) in _HIDDEN for letter in text.strip()):
        message = "must not have invisible characters"
        raise ValueError(message)
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not 1 <= len(name) <= MAX_NAME_LENGTH:
        message = f"must be 1 to {MAX_NAME_LENGTH} characters"
        raise ValueError(message)
    marks = "".join("m" if unicodedata.combining(letter) else "-" for letter in name)
    if marks[0] == "m" or "m" * (_MAX_MARKS + 1) in marks:
        message = f"must not have more than {_MAX_MARKS} accents on a letter"
        raise ValueError(message)
    return name
