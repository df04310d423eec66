"""The password policy."""

import re
from collections.abc import Sequence

from auth.domain.errors import WeakPassword

MIN_PASSWORD_LENGTH = 8
MAX_PASSWORD_LENGTH = 256
"""Characters; the maximum is the user pool's own."""


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
    weaknesses = password_weaknesses(password)
    if weaknesses:
        raise WeakPassword(fields={"password": f"needs {', '.join(weaknesses)}"})
