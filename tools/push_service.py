"""A push service of browsers on this machine, and browsers that have subscribed to it.

It accepts a message only if it is signed for its own origin with the key that the browser has
subscribed with, and gives the browser what it can decrypt.
"""

import json
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jose import jws

MAX_TOKEN_SECONDS = 24 * 3600


def encode(value: bytes) -> str:
    """Encode as base64url without padding."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Decode base64url without padding."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Browser:
    """A browser that is asleep: what it receives waits in `received`.

    `statuses` are what the service answers instead, one request after the other.
    """

    endpoint: str
    application_server_key: str
    statuses: deque[int] = field(default_factory=deque)
    received: Queue[dict[str, Any]] = field(default_factory=Queue)
    topics: list[str] = field(default_factory=list)
    requests: int = 0
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = bytes(range(16))

    def as_json(self) -> dict[str, Any]:
        """Return what its page gets of it, as PushSubscription.toJSON() does."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": encode(point), "auth": encode(self.auth)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def decrypt(self, body: bytes) -> dict[str, Any]:
        """Return the payload of a message."""
        plain = http_ece.decrypt(
            body, private_key=self.key, auth_secret=self.auth, version="aes128gcm"
        )
        payload: dict[str, Any] = json.loads(plain)
        return payload


class PushServer:
    """The service: `subscribe` a browser, then wait for what it receives."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.browsers: dict[str, Browser] = {}

    def subscribe(self, application_server_key: str, *statuses: int) -> Browser:
        """Return a new browser's subscription."""
        path = f"/push/{len(self.browsers)}"
        browser = Browser(f"{self.origin}{path}", application_server_key, deque(statuses))
        self.browsers[path] = browser
        return browser

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> int:
        """Return the status that a message gets."""
        browser = self.browsers.get(path)
        if browser is None:
            return 404
        browser.requests += 1
        if browser.statuses and (status := browser.statuses.popleft()) != 201:  # noqa: PLR2004
            return status
        if not self._is_signed(headers.get("authorization", ""), browser):
            return 403
        if headers.get("content-encoding") != "aes128gcm" or not headers.get("ttl"):
            return 400
        browser.topics.append(headers.get("topic", ""))
        browser.received.put(browser.decrypt(body))
        return 201

    def _is_signed(self, authorization: str, browser: Browser) -> bool:
        """Verify RFC 8292: scheme, key, signature, audience, expiry, contact."""
        scheme, _, rest = authorization.partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
        if scheme != "vapid" or parts.get("k") != browser.application_server_key:
            return False
        point = decode(parts["k"])
        key = {"kty": "EC", "crv": "P-256", "x": encode(point[1:33]), "y": encode(point[33:])}
        claims = json.loads(jws.verify(parts["t"], key, ["ES256"]))
        lives = claims["exp"] - time.time()
        contact = str(claims["sub"]).startswith(("mailto:", "https://"))
        return bool(claims["aud"] == self.origin) and 0 < lives <= MAX_TOKEN_SECONDS and contact


@contextmanager
def push_server() -> Iterator[PushServer]:
    """Run a push service at a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = service.answer(self.path, headers, body)
            self.send_response(status)
            if 300 <= status < 400:  # noqa: PLR2004
                self.send_header("location", f"{service.origin}/push/0")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        service = PushServer(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()
