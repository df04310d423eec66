"""Email addresses: their one canonical form."""

import re

MAX_EMAIL_LENGTH = 254
"""Characters: RFC 5321's limit of a path, without its brackets."""

_MAX_LOCAL_PART_LENGTH = 64
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")


def normalize_email(text: str) -> str:
    """Return the canonical form of an address, under which its account is stored.

    Addresses are ASCII, because the user pool cannot write to others. The local part is compared
    without case, too: RFC 5321 would distinguish Ann@ from ann@, but no mailbox provider does, and
    people do not remember how they wrote it. Raises ValueError for anything that is no address.
    """
    email = text.strip().lower()
    local_part = email.partition("@")[0]
    too_long = len(email) > MAX_EMAIL_LENGTH or len(local_part) > _MAX_LOCAL_PART_LENGTH
    # The original text is checked, too: the lower case of the Kelvin sign is an ASCII "k".
    if too_long or not text.isascii() or not _EMAIL.fullmatch(email):
        message = "must be an email address, like name@example.com"
        raise ValueError(message)
    return email
