"""The page of the running product: what runs, where, and with whom to try it.

It is served on the emulator's port to browsers; AWS clients are answered by the emulator as before.
"""

import importlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

PREFIX = "/_matinee"
"""Of everything but the page itself."""

# The port's root, and the base URL of the REST interface.
_ROOTS = re.compile(r"/|/_aws/execute-api/\w+/?")

type Scope = MutableMapping[str, Any]
type Asgi = Callable[[Scope, Any, Any], Awaitable[None]]


def with_page(emulator: Asgi, stack_file: Path) -> Asgi:
    """Serve the page to browsers, and everything else by the emulator.

    `stack_file` describes the product once it is ready.
    """
    pages: list[Asgi] = []

    async def application(scope: Scope, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's
        if not is_for_the_page(scope):
            await emulator(scope, receive, send)
            return
        if not pages:  # made when first asked for: the start does not wait for it
            module = importlib.import_module("tools.local.page.application")
            pages.append(module.create_page(stack_file))
        await pages[0](scope, receive, send)

    return application


def is_for_the_page(scope: Scope) -> bool:
    """Return whether a browser asks, not a client of AWS or of the REST interface."""
    if scope["type"] != "http":
        return False
    path = str(scope["path"])
    if path.startswith(f"{PREFIX}/"):
        return True
    if scope["method"] not in {"GET", "HEAD"} or not _ROOTS.fullmatch(path):
        return False
    headers = dict(scope["headers"])
    signed = b"authorization" in headers or b"X-Amz-" in scope["query_string"]
    return not signed and b"text/html" in headers.get(b"accept", b"")
