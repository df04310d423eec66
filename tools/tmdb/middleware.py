"""What every request to the API passes before it is answered.

In order: counting, hanging, the rate limit, latency, being down, errors by chance, the key; and on
the way out, corrupted responses. Images are counted and otherwise left alone, as they come from
another host at TMDB; the stand-in's own paths (/__...) are not even counted.
"""

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress
from typing import Final
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tools.tmdb.errors import (
    INTERNAL,
    INVALID_KEY,
    OFFLINE,
    OVER_LIMIT,
    TIMED_OUT,
    refusal,
)
from tools.tmdb.faults import Faults
from tools.tmdb.rate_limit import TokenBucket
from tools.tmdb.request_count import RequestCount

API: Final = "/3"
IMAGES: Final = "/t/p/"
REFUSED_KEY: Final = "invalid"
"""The one word that is never a key, unless keys are configured."""

_CODE_OF_STATUS: Final = {429: OVER_LIMIT, 500: INTERNAL, 503: OFFLINE, 504: TIMED_OUT}
_OK: Final = 200


class ServerState:
    """What the gate and the control interface share: faults, counts, limit and keys."""

    def __init__(
        self,
        *,
        rate_limit: float,
        seed: int,
        keys: frozenset[str] | None,
        clock: Callable[[], float],
    ) -> None:
        self.faults = Faults(rate_limit, seed)
        self.count = RequestCount(clock)
        self.stopping = asyncio.Event()
        self._keys = keys
        self._clock = clock
        self.refill()

    def refill(self) -> None:
        """Start the rate limit anew, at the rate that the settings say, with a full bucket."""
        self.bucket = TokenBucket(self.faults.settings.rate_limit, self._clock)

    def accepts(self, key: str) -> bool:
        """Return whether this is a valid key."""
        if self._keys is not None:
            return key in self._keys
        return bool(key) and key.lower() != REFUSED_KEY


class FaultMiddleware:
    """The ASGI middleware."""

    def __init__(self, app: ASGIApp, state: ServerState) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or respond to it here."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not (path == API or path.startswith(f"{API}/")):
            if path.startswith(IMAGES):
                self._state.count.seen(path)
            await self._app(scope, receive, send)
            return
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        self._state.count.received(scope["method"], path, query)
        status: int | None = None

        async def record_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            answer = await self._early_response(scope, path, query, receive)
            if answer is _NO_RESPONSE:
                return
            if answer is not None:
                await answer(scope, receive, record_status)
            elif self._state.faults.strikes(path) and self._state.faults.malforms():
                await self._corrupted(scope, receive, record_status)
            else:
                await self._app(scope, receive, record_status)
        finally:
            self._state.count.answered(status)

    async def _early_response(
        self, scope: Scope, path: str, query: list[tuple[str, str]], receive: Receive
    ) -> Response | None:
        """Return an answer if the request gets no further, ``_NO_RESPONSE`` if it gets none."""
        faults = self._state.faults
        struck = faults.strikes(path)
        if struck and faults.settings.hang:
            return await self._hang(receive)
        if not (struck and faults.settings.down):
            over_limit = self._over_limit()
            if over_limit is not None:
                return over_limit
        if struck:
            await self._wait(faults.latency())
            fault = self._fault()
            if fault is not None:
                return fault
        if not any(self._state.accepts(key) for key in _keys_of(scope, query)):
            return refusal(INVALID_KEY)
        return None

    def _fault(self) -> Response | None:
        faults = self._state.faults
        if faults.settings.down:
            return refusal(OFFLINE)
        if not faults.fails():
            return None
        settings = faults.settings
        limited = settings.error_status == 429  # noqa: PLR2004 - Too Many Requests
        return refusal(
            _CODE_OF_STATUS[settings.error_status],
            count=self._state.count.in_this_second,
            limit=round(settings.rate_limit),
            retry_after=settings.retry_after if limited else 0,
        )

    def _over_limit(self) -> Response | None:
        seconds = self._state.bucket.take()
        if not seconds:
            self._state.count.accepted()
            return None
        return refusal(
            OVER_LIMIT,
            count=self._state.count.in_this_second,
            limit=round(self._state.bucket.rate),
            retry_after=max(1, math.ceil(seconds)),
        )

    async def _wait(self, seconds: float) -> None:
        if seconds > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._state.stopping.wait()

    async def _hang(self, receive: Receive) -> Response:
        """Wait until the client gives up, the time is over or the server stops."""
        gone = asyncio.ensure_future(_gone(receive))
        stopping = asyncio.ensure_future(self._state.stopping.wait())
        try:
            await asyncio.wait(
                (gone, stopping),
                timeout=self._state.faults.settings.hang_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
            return _NO_RESPONSE if gone.done() else refusal(TIMED_OUT)
        finally:
            gone.cancel()
            stopping.cancel()

    async def _corrupted(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {}
        body = bytearray()

        async def keeping(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                body.extend(message.get("body", b""))

        await self._app(scope, receive, keeping)
        content, content_type = bytes(body), Headers(raw=start["headers"]).get("content-type", "")
        if start["status"] == _OK:
            content, content_type = self._state.faults.corrupt(content)
        await Response(content, start["status"], media_type=content_type)(scope, receive, send)


_NO_RESPONSE: Final = Response()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _keys_of(scope: Scope, query: list[tuple[str, str]]) -> list[str]:
    keys = [value for name, value in query if name == "api_key"]
    scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        keys.append(token.strip())
    return keys
