"""Who an account belongs to, and what an address, a username and a password must be."""

import re
import secrets
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

USERS = "Users"
"""The group of everybody who may open rooms; its name is written in the tokens."""

LONGEST_EMAIL = 254
"""Characters; RFC 5321's limit of a path, less its brackets."""

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 256
"""Characters; the second is the user pool's own."""

_LONGEST_LOCAL_PART = 64
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
_USERNAME = re.compile(r"[\w.]{3,20}")

_SHORTEST_USERNAME = 3
_LONGEST_USERNAME = 20
_SUFFIX_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read for another
_SUFFIX_LENGTH = 5
_NAMELESS = "viewer"
_PROPOSALS = 8


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the pool. `user_id` is the `sub` of his tokens.

    `pool_name` is the pool's own name of him where that is another: somebody who came by Google.
    """

    user_id: str
    email: str = field(default="", repr=False)
    pool_name: str | None = field(default=None, repr=False)

    @property
    def known_as(self) -> str:
        """What the pool's administrative calls name him by."""
        return self.pool_name or self.user_id


@dataclass(frozen=True, slots=True)
class Username:
    """A name that is one user's alone: as he writes it, and as it is compared."""

    written: str

    @property
    def key(self) -> str:
        """The one spelling of all that are the same name: no case, Unicode's NFKC form."""
        return unicodedata.normalize("NFKC", self.written.casefold())


@dataclass(frozen=True, slots=True)
class Profile:
    """What we keep of a user beside the pool's own record.

    Who has been confirmed has a username: it is reserved in the same commit.
    """

    account: Account
    created_at: datetime
    username: Username | None = None
    confirmed_at: datetime | None = None
    last_login_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Departure:
    """A user whose account is being deleted. `erased`: his profile and his username are gone."""

    account: Account
    since: datetime
    username: Username | None = None
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in user with his tokens, and what these tokens say of him. Seconds for the life."""

    account: Account
    groups: frozenset[str]
    access_token: str = field(repr=False)
    id_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    preferred_username: str | None = None
    given_name: str | None = field(default=None, repr=False)
    lives_for: int = 3600


def normalised_email(text: str) -> str:
    """Return the one spelling of an address under which its account is kept.

    Addresses are ASCII here, as the user pool can write to no other. The part before the @ is
    compared without case too: RFC 5321 would tell Ann@ from ann@, no mailbox provider does, and
    people do not remember how they wrote it. Raises ValueError for anything that is no address.
    """
    email = text.strip().lower()
    local_part = email.partition("@")[0]
    too_long = len(email) > LONGEST_EMAIL or len(local_part) > _LONGEST_LOCAL_PART
    # What was written is looked at too: the Kelvin sign's lower case is our own k.
    if too_long or not text.isascii() or not _EMAIL.fullmatch(email):
        message = "must be an email address, like name@example.com"
        raise ValueError(message)
    return email


def normalised_username(text: str) -> str:
    """Return a username in Unicode's NFKC form, its case as its owner wrote it.

    Raises ValueError unless it is 3 to 20 letters, digits, `_` and `.`.
    """
    username = unicodedata.normalize("NFKC", text.strip())
    if not _USERNAME.fullmatch(username):
        message = "must be 3 to 20 letters, digits, _ or ."
        raise ValueError(message)
    return username


def proposals(
    wish: str | None, given_name: str | None, choose: Callable[[str], str] = secrets.choice
) -> Iterator[Username]:
    """Iterate over names to reserve for a user: the one he wished for, then some made of it.

    Who wished for none, or for one that is no username, gets one after his given name. Nothing is
    made of his address. A suffix is one of 28 million: a second one is hardly ever needed.
    """
    try:
        stem = normalised_username(wish or "")
        yield Username(stem)
    except ValueError:
        letters = "".join(re.findall(r"\w+", unicodedata.normalize("NFKC", given_name or "")))
        stem = letters if len(letters) >= _SHORTEST_USERNAME else _NAMELESS
    for _ in range(_PROPOSALS):
        suffix = "".join(choose(_SUFFIX_LETTERS) for _ in range(_SUFFIX_LENGTH))
        yield Username(f"{stem[: _LONGEST_USERNAME - _SUFFIX_LENGTH - 1]}_{suffix}")


def password_weaknesses(password: str) -> Sequence[str]:
    """Return the rules of the password policy that a password breaks; none is a good answer.

    The policy is the user pool's (template.yaml), which applies it again; here it is told rule by
    rule. Letters are ASCII ones, as the pool counts them.
    """
    rules = {
        f"at least {SHORTEST_PASSWORD} characters": len(password) >= SHORTEST_PASSWORD,
        f"at most {LONGEST_PASSWORD} characters": len(password) <= LONGEST_PASSWORD,
        "an upper-case letter": re.search(r"[A-Z]", password),
        "a lower-case letter": re.search(r"[a-z]", password),
        "a digit": re.search(r"[0-9]", password),
        "no space at its beginning or end": password == password.strip(),
    }
    return [rule for rule, kept in rules.items() if not kept]
