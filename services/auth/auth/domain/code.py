"""Codes from mails, as people paste them."""

import unicodedata

_IGNORED = frozenset({"Zs", "Cc", "Cf"})
"""Unicode's categories of blanks, control characters such as tabs, and what nobody sees."""


def normalize_code(text: str) -> str:
    """Return a code without the blanks around and within it, its digits as ASCII has them."""
    return "".join(
        char
        for char in unicodedata.normalize("NFKC", text)
        if unicodedata.category(char) not in _IGNORED
    )
