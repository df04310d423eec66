"""The password policy."""

import re
import unicodedata
from collections.abc import Sequence

from auth.domain.errors import WeakPassword

MIN_PASSWORD_LENGTH = 8
MAX_PASSWORD_LENGTH = 256
"""Characters; the maximum is the user pool's own."""


def normalize_password(password: str) -> str:
    """Return a password in the form that is compared, whatever keyboard it was typed on.

    RFC 8265's OpaqueString: every space is the ASCII one, and the text is in Unicode's NFC form;
    case and width are kept. Code points that the profile refuses are not refused here: the user
    pool takes them, and somebody may have one. Raises ValueError for what cannot be encoded, which
    is half a surrogate pair, and for what is too long.
    """
    mapped = "".join(" " if unicodedata.category(char) == "Zs" else char for char in password)
    normal = unicodedata.normalize("NFC", mapped)
    if any(unicodedata.category(char) == "Cs" for char in normal):
        message = "must be a text"
        raise ValueError(message)
    if len(normal) > MAX_PASSWORD_LENGTH:
        message = f"must have at most {MAX_PASSWORD_LENGTH} characters"
        raise ValueError(message)
    return normal


def password_weaknesses(password: str) -> Sequence[str]:
    """Return the rules of the password policy that a password breaks; empty if it is strong.

    The policy is that of the user pool (template.yaml), which applies it again; here the broken
    rules are named one by one. Letters are ASCII letters, as the pool counts them.
    """
    rules = {
        f"at least {MIN_PASSWORD_LENGTH} characters": len(password) >= MIN_PASSWORD_LENGTH,
        f"at most {MAX_PASSWORD_LENGTH} characters": len(password) <= MAX_PASSWORD_LENGTH,
        "an upper-case letter": re.search(r"[A-Z]", password),
        "a lower-case letter": re.search(r"[a-z]", password),
        "a digit": re.search(r"[0-9]", password),
        "no space at its beginning or end": password == password.strip(),
    }
    return [rule for rule, kept in rules.items() if not kept]


def require_strong_password(password: str) -> None:
    """Raise WeakPassword, naming the broken rules, before the user pool is called."""
    weaknesses = ", ".join(password_weaknesses(password))
    if weaknesses:
        reason = f"needs {weaknesses}"
        raise WeakPassword(f"The password {reason}", fields={"password": reason})
