"""Usernames: what they may be, when two are the same, and which are tried for a new user."""

import re
import secrets
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MIN_USERNAME_LENGTH = 3
MAX_USERNAME_LENGTH = 20

_USERNAME = re.compile(rf"[\w.]{{{MIN_USERNAME_LENGTH},{MAX_USERNAME_LENGTH}}}")
_SUFFIX_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that look like another
_SUFFIX_LENGTH = 5
_DEFAULT_STEM = "viewer"
_GENERATED_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class Username:
    """A name that belongs to one user. `display` is how its owner writes it."""

    display: str

    @property
    def key(self) -> str:
        """The form in which names are compared: without case, in Unicode's NFKC form."""
        return unicodedata.normalize("NFKC", self.display.casefold())


def normalize_username(text: str) -> str:
    """Return a username in Unicode's NFKC form, with the case that its owner chose.

    Raises ValueError unless it is 3 to 20 letters, digits, `_` and `.`.
    """
    username = unicodedata.normalize("NFKC", text.strip())
    if not _USERNAME.fullmatch(username):
        message = f"must be {MIN_USERNAME_LENGTH} to {MAX_USERNAME_LENGTH} letters, digits, _ or ."
        raise ValueError(message)
    return username


def username_candidates(
    requested: str | None, given_name: str | None, choose: Callable[[str], str] = secrets.choice
) -> Iterator[Username]:
    """Yield the names to try for a user: the requested one, then some with a random suffix.

    Without a valid request they are made from the given name, never from the address. There are 28
    million suffixes, so a second attempt is hardly ever needed.
    """
    try:
        stem = normalize_username(requested or "")
        yield Username(stem)
    except ValueError:
        letters = "".join(re.findall(r"\w+", unicodedata.normalize("NFKC", given_name or "")))
        stem = letters if len(letters) >= MIN_USERNAME_LENGTH else _DEFAULT_STEM
    for _ in range(_GENERATED_CANDIDATES):
        suffix = "".join(choose(_SUFFIX_LETTERS) for _ in range(_SUFFIX_LENGTH))
        yield Username(f"{stem[: MAX_USERNAME_LENGTH - _SUFFIX_LENGTH - 1]}_{suffix}")
