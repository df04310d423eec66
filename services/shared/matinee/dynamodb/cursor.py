"""Cursors: the position at which a list continues, as an opaque text that is valid for that list.

A cursor carries its position and a digest of its scope: whose list, which one, by which filter. It
is no secret and no permission: the token decides who reads a list, and an invented position only
starts the caller's own list elsewhere.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from hashlib import blake2b

from matinee.errors import InvalidInput

MAX_CURSOR_CHARACTERS = 2048

type Position = Mapping[str, str | int]
"""Names of key attributes to their values."""

_REASON = "is no cursor of this list: begin without one"


def encode(scope: tuple[str, ...], position: Position) -> str:
    """Encode a position in the list that `scope` names, for example ("favourites", user id)."""
    text = json.dumps([_digest(scope), dict(position)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(scope: tuple[str, ...], cursor: str) -> dict[str, str | int]:
    """Decode a position; raise InvalidInput for "cursor" if it is broken or of another list."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.b64decode(padded[:MAX_CURSOR_CHARACTERS], altchars=b"-_", validate=True)
        match json.loads(text):
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
