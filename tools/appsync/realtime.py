"""AppSync's real-time protocol: WebSocket, sub-protocol graphql-ws, authorization in every start.

    client                              endpoint
    connection_init                     connection_ack {connectionTimeoutMs}, or connection_error
                                        ka, at once and then once a minute
    start {id, data, authorization}     start_ack {id}, or error {id}
                                        data {id, payload}
    stop {id}                           complete {id}

The connection's own authorization comes base64-encoded in the query (`header=`) or as a second
sub-protocol `header-<base64url>`.
"""

import asyncio
import base64
import binascii
import json
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from tools.appsync.documents import InvalidQuery
from tools.appsync.errors import AppSyncError, Malformed, RequestRefused, Unauthenticated
from tools.appsync.execution import Caller
from tools.appsync.fanout import Subscription
from tools.appsync.identity import Identity
from tools.appsync.service import Service
from tools.appsync.sigv4 import SignedRequest

_log = logging.getLogger(__name__)

SUBPROTOCOL = "graphql-ws"
_HEADER_PREFIX = "header-"
_SIGNED_PATH = "/graphql"
_MAX_ID_LENGTH = 128

_NORMAL = 1000
_POLICY_VIOLATION = 1008
_TOO_BIG = 1009
_TRY_AGAIN_LATER = 1013

_KEEP_ALIVE = {"type": "ka"}
_END: Mapping[str, object] = {}
"""In the place of a message: the connection ends when everything before it is sent."""

_UNKNOWN_MESSAGE = "unknown not supported through the realtime channel"


class RealtimeEndpoint:
    """Serves the WebSocket connections of one service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, websocket: WebSocket) -> None:
        """Serve one connection until either side ends it."""
        self._service.connections += 1
        try:
            await Connection(self._service, websocket).serve()
        finally:
            self._service.connections -= 1


class _Close(Exception):
    """Ends the connection from our side."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Connection:
    """One client: its authorization, its subscriptions, what waits to be sent to it."""

    def __init__(self, service: Service, websocket: WebSocket) -> None:
        self._service = service
        self._limits = service.limits
        self._websocket = websocket
        self._outgoing: asyncio.Queue[Mapping[str, object]] = asyncio.Queue(
            self._limits.queued_messages
        )
        self._starting: dict[str, asyncio.Task[None]] = {}
        self._running: dict[str, Subscription] = {}
        self._expiries: dict[str, asyncio.TimerHandle] = {}
        self._overflow = asyncio.Event()
        self._source_ip = websocket.client.host if websocket.client else "127.0.0.1"

    # -- the connection's life --------------------------------------------------------------

    async def serve(self) -> None:
        """Accept, then read and write until the end."""
        offered = self._websocket.scope.get("subprotocols", [])
        if SUBPROTOCOL not in offered:
            await self._websocket.accept()
            await self._refuse({"message": "NoProtocolError", "errorCode": 400})
            return
        await self._websocket.accept(subprotocol=SUBPROTOCOL)
        try:
            await self._authenticate(*self._connection_header(offered), "/connect")
        except RequestRefused as refused:
            await self._refuse(
                {
                    "errorType": refused.error_type,
                    "message": refused.message,
                    "errorCode": refused.status,
                }
            )
            return
        await self._converse()

    async def _converse(self) -> None:
        tasks = [
            asyncio.create_task(self._write()),
            asyncio.create_task(self._read()),
            asyncio.create_task(self._overflow.wait()),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._forget_everything()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        end = next((task.exception() for task in done if task.exception()), None)
        if isinstance(end, _Close):
            await self._close(end.code, end.reason)
        elif self._overflow.is_set():
            await self._close(_TRY_AGAIN_LATER, "the client reads too slowly")
        elif end is not None and not isinstance(end, WebSocketDisconnect):
            raise end

    def _forget_everything(self) -> None:
        for task in self._starting.values():
            task.cancel()
        for subscription_id in list(self._running):
            self._drop(subscription_id)

    async def _refuse(self, error: Mapping[str, object]) -> None:
        """Return the first message with connection_error, and end."""
        with suppress(TimeoutError, WebSocketDisconnect, KeyError):
            await asyncio.wait_for(self._websocket.receive(), self._limits.init_seconds)
            if self._websocket.client_state is WebSocketState.CONNECTED:
                message = {"type": "connection_error", "payload": {"errors": [error]}}
                await self._websocket.send_text(json.dumps(message))
        await self._close(_POLICY_VIOLATION, str(error["message"]))

    async def _close(self, code: int, reason: str) -> None:
        with suppress(RuntimeError, TimeoutError, WebSocketDisconnect):
            await asyncio.wait_for(self._websocket.close(code, reason[:120]), timeout=1.0)

    # -- sending ----------------------------------------------------------------------------

    def offer(self, message: Mapping[str, object]) -> None:
        """Queue a message; cut off a client for whom too many wait already."""
        try:
            self._outgoing.put_nowait(message)
        except asyncio.QueueFull:
            self._overflow.set()

    async def _write(self) -> None:
        pause, clock = self._limits.keep_alive_seconds, asyncio.get_running_loop().time
        alive_at = clock() + pause
        while True:
            try:
                message = await asyncio.wait_for(self._outgoing.get(), max(0, alive_at - clock()))
            except TimeoutError:
                # Due even while there is data: some clients take nothing else for a sign of life.
                message, alive_at = _KEEP_ALIVE, clock() + pause
            if message is _END:
                raise _Close(_NORMAL, "unsubscribed")
            await self._websocket.send_text(json.dumps(message))

    def unsubscribe(self, subscription_id: str) -> None:
        """End a subscription that a mutation has ended, and the connection with it."""
        self._drop(subscription_id)
        self.offer({"type": "complete", "id": subscription_id})
        self.offer(_END)

    def _error(self, subscription_id: str | None, *errors: Mapping[str, object]) -> None:
        message: dict[str, object] = {"type": "error", "payload": {"errors": list(errors)}}
        self.offer(message if subscription_id is None else {"id": subscription_id, **message})

    # -- receiving --------------------------------------------------------------------------

    async def _read(self) -> None:
        while True:
            event = await self._websocket.receive()
            if event["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(event.get("code") or 1005)
            self._handle(event)

    def _handle(self, event: Mapping[str, Any]) -> None:
        text = event.get("text")
        if text is None:
            text = (event.get("bytes") or b"").decode("utf-8", errors="replace")
        if len(text.encode()) > self._limits.frame_bytes:
            raise _Close(_TOO_BIG, "the message is too big")
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            self._error(
                None, _described("BadRequestException", "The message is not a JSON object.")
            )
            return
        given_id = message.get("id")
        subscription_id = given_id if isinstance(given_id, str) else None
        match message.get("type"):
            case "connection_init":
                timeout = int(self._limits.connection_timeout_seconds * 1000)
                payload = {"connectionTimeoutMs": timeout}
                self.offer({"type": "connection_ack", "payload": payload})
                self.offer(_KEEP_ALIVE)
            case "start":
                self._start(subscription_id, message.get("payload"))
            case "stop":
                self._stop(subscription_id)
            case _:
                self._error(subscription_id, _described("UnsupportedOperation", _UNKNOWN_MESSAGE))

    def _start(self, subscription_id: str | None, payload: object) -> None:
        if not subscription_id or len(subscription_id) > _MAX_ID_LENGTH:
            message = f"A subscription needs an id of 1 to {_MAX_ID_LENGTH} characters."
            self._error(None, _described("BadRequestException", message))
        elif subscription_id in self._starting or subscription_id in self._running:
            message = "The id of the operation is in use already."
            self._error(subscription_id, _described("DuplicatedOperationError", message))
        elif len(self._starting) + len(self._running) >= self._limits.subscriptions_per_connection:
            message = (
                f"Max number of {self._limits.subscriptions_per_connection} subscriptions reached"
            )
            self._error(subscription_id, _described("MaxSubscriptionsReachedError", message))
        else:
            task = asyncio.create_task(self._subscribe(subscription_id, payload))
            self._starting[subscription_id] = task

    def _stop(self, subscription_id: str | None) -> None:
        if subscription_id is None:
            self._error(None, _described("BadRequestException", "A stop needs an id."))
            return
        starting = self._starting.pop(subscription_id, None)
        if starting is not None:
            starting.cancel()
        self._drop(subscription_id)
        self.offer({"type": "complete", "id": subscription_id})

    async def _subscribe(self, subscription_id: str, payload: object) -> None:
        try:
            await self._try_to_subscribe(subscription_id, payload)
        except InvalidQuery as invalid:
            messages = [{"message": error["message"]} for error in invalid.errors]
            self._error(subscription_id, *messages)
        except AppSyncError as error:
            self._error(subscription_id, _described(error.error_type, error.message))
        except Exception:
            # A fault of ours must not end the connection, nor leave the client waiting.
            _log.exception("a subscription could not be started")
            self._error(subscription_id, _described("InternalFailure", "Internal failure."))
        finally:
            self._starting.pop(subscription_id, None)

    async def _try_to_subscribe(self, subscription_id: str, payload: object) -> None:
        data, headers = _start_payload(payload)
        await self._service.reload_if_changed()
        engine = self._service.engine
        identity = await self._authenticate(headers, data.encode())
        operation = await self._service.prepare(data.encode(), engine)
        if operation.kind != "subscription":
            message = f"{operation.kind} not supported through the realtime channel"
            raise Malformed(message, "UnsupportedOperation")
        caller = Caller(identity, headers)
        field_name, arguments, ending = await engine.open_subscription(operation, caller)
        subscription = Subscription(
            subscription_id, field_name, arguments, operation, caller, engine, self, ending
        )
        # Acknowledged first: nothing may be delivered before the client knows of it.
        self.offer({"type": "start_ack", "id": subscription_id})
        self._running[subscription_id] = subscription
        self._service.hub.add(subscription)
        if identity.expires_at is not None:
            left = max(0.0, identity.expires_at - time.time())
            loop = asyncio.get_running_loop()
            self._expiries[subscription_id] = loop.call_later(left, self._expire, subscription_id)

    def _drop(self, subscription_id: str) -> None:
        subscription = self._running.pop(subscription_id, None)
        if subscription is not None:
            self._service.hub.remove(subscription)
        if timer := self._expiries.pop(subscription_id, None):
            timer.cancel()

    def _expire(self, subscription_id: str) -> None:
        """End what a token no longer covers: a subscription ends with the session."""
        self._drop(subscription_id)
        self._error(subscription_id, _described("UnauthorizedException", "Token has expired."))

    # -- authorization ----------------------------------------------------------------------

    def _connection_header(self, offered: list[str]) -> tuple[dict[str, str], bytes]:
        """Find the connection's authorization and the payload that a signature covers."""
        query = self._websocket.query_params
        encoded = query.get("header")
        for protocol in offered:
            if protocol.startswith(_HEADER_PREFIX):
                encoded = protocol.removeprefix(_HEADER_PREFIX)
        try:
            headers = json.loads(_base64(encoded or ""))
            payload = _base64(query.get("payload") or "e30=")
        except (ValueError, RecursionError):
            headers, payload = None, b""
        if not isinstance(headers, dict) or not _lower(headers).get("host"):
            message = "Required headers are missing."
            raise Malformed(message, "BadRequestException")
        return _lower(headers), payload

    async def _authenticate(
        self, headers: Mapping[str, str], body: bytes, below: str = ""
    ) -> Identity:
        request = SignedRequest("POST", _SIGNED_PATH + below, "", headers, body)
        return await self._service.authenticate(request, self._source_ip)


def _start_payload(payload: object) -> tuple[str, dict[str, str]]:
    """Return a start message's request text and authorization. Raises AppSyncError."""
    if not isinstance(payload, dict) or not isinstance(payload.get("data"), str):
        raise Malformed(_UNKNOWN_MESSAGE, "UnsupportedOperation")
    extensions = payload.get("extensions")
    authorization = extensions.get("authorization") if isinstance(extensions, dict) else None
    if not isinstance(authorization, dict):
        raise Unauthenticated
    return payload["data"], _lower(authorization)


def _lower(headers: Mapping[Any, Any]) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in headers.items()}


def _base64(text: str) -> bytes:
    """Decode either alphabet, padded or not; a space is what a plus becomes in a query."""
    plain = text.strip().rstrip("=").replace("-", "+").replace("_", "/").replace(" ", "+")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


def _described(error_type: str | None, message: str) -> dict[str, object]:
    return {"errorType": error_type, "message": message}
