"""Who may ask: pages of this very address; foreign pages make browsers send things, too."""

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from tools.ops.console import HEADER

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_READING = frozenset({"GET", "HEAD"})
_OWN_SITES = frozenset({"same-origin", "none"})

type Asgi = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]


def refusal(method: str, headers: Mapping[str, str]) -> str:
    """Return why a request is refused, or nothing.

    The host is checked against a name that somebody else's server resolves to this machine; the
    origin and the site against pages of other addresses, other ports of this machine included; the
    header against forms, which send no such thing.
    """
    host = headers.get("host", "")
    if urlsplit(f"//{host}").hostname not in _LOOPBACK:
        return "the console is asked by this machine's own address only"
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return f"the console is not for pages of {origin}"
    if headers.get("sec-fetch-site", "none") not in _OWN_SITES:
        return "the console is not for pages of other sites"
    if method not in _READING and HEADER not in headers:
        return f"a request that changes something has the header {HEADER}"
    return ""


def guarded(application: Asgi) -> Asgi:
    """Return the application for the console's own pages; all others are refused."""

    async def guard(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        why = refusal(scope["method"], headers)
        if not why:
            await application(scope, receive, send)
            return
        body = json.dumps({"code": "ForeignOrigin", "detail": why}).encode()
        kind = (b"content-type", b"application/problem+json")
        await send({"type": "http.response.start", "status": 403, "headers": [kind]})
        await send({"type": "http.response.body", "body": body})

    return guard
