"""Cursors: where a list goes on, as an opaque text that is good for that list alone.

A cursor carries its position and a digest of what it belongs to: whose list, which one, by which
filter. It is no secret and no permission: who reads a list is decided by the token, and a position
that somebody makes up only starts his own list elsewhere.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from hashlib import blake2b

from matinee.errors import InvalidInput

LONGEST_CURSOR = 2048
"""Characters."""

type Position = Mapping[str, str | int]
"""Names of key attributes to their values."""

_REASON = "is no cursor of this list: begin without one"


def seal(scope: tuple[str, ...], position: Position) -> str:
    """Write a position in the list that `scope` names, for example ("favourites", user id)."""
    text = json.dumps([_digest(scope), dict(position)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def unseal(scope: tuple[str, ...], cursor: str) -> dict[str, str | int]:
    """Read a position; raises InvalidInput naming "cursor" when it is broken or another list's."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        match json.loads(base64.b64decode(padded[:LONGEST_CURSOR], altchars=b"-_", validate=True)):
            case [str(digest), dict(position)] if digest == _digest(scope) and _is_flat(position):
                return position
    except (binascii.Error, ValueError, RecursionError):
        pass
    message = f"cursor: {_REASON}"
    raise InvalidInput(message, fields={"cursor": _REASON})


def _digest(scope: tuple[str, ...]) -> str:
    return blake2b(json.dumps(scope).encode(), digest_size=9).hexdigest()


def _is_flat(position: Mapping[object, object]) -> bool:
    return all(
        isinstance(value, str | int) and not isinstance(value, bool) for value in position.values()
    )
