"""An AWS that has nothing: it answers at once, so that only the caller's work is measured.

Tables are empty, every write succeeds, secrets hold invented values; TMDB and AppSync answer `{}`.
"""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_NOTHING = {"Items": [], "Count": 0, "ScannedCount": 0, "Responses": {}, "UnprocessedKeys": {}}


class _Server(ThreadingHTTPServer):
    calls: list[str]


class AwsStub:
    """The running stub. `calls` are the operations that it was asked for, in their order."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        self.url = f"http://127.0.0.1:{server.server_port}"

    @property
    def calls(self) -> list[str]:
        """The operations so far, such as DynamoDB_20120810.GetItem."""
        return list(self._server.calls)

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables that send a function's calls here."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "TMDB_BASE_URL": f"{self.url}/3",
            "GRAPHQL_URL": f"{self.url}/graphql",
        }

    @classmethod
    @contextmanager
    def running(cls) -> Iterator["AwsStub"]:
        """Serve on a free port of this machine for the length of a block."""
        with _Server(("127.0.0.1", 0), _Handler) as server:
            server.calls = []
            threading.Thread(target=server.serve_forever, daemon=True).start()
            try:
                yield cls(server)
            finally:
                server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Print nothing."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        operation = self.headers.get("X-Amz-Target") or self.path
        self.server.calls.append(operation)
        content = json.dumps(response(operation, body)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def response(operation: str, body: bytes) -> dict[str, Any]:
    """Return what an empty account answers to an operation."""
    service, _, name = operation.partition(".")
    if service.startswith("DynamoDB") and name in {"Query", "Scan", "BatchGetItem"}:
        return _NOTHING
    if name == "GetSecretValue":
        return {"SecretString": json.dumps({"api_key": "invented"})}
    if name == "SendMessage":
        message = str(json.loads(body)["MessageBody"])
        digest = hashlib.md5(message.encode(), usedforsecurity=False).hexdigest()
        return {"MessageId": "1", "MD5OfMessageBody": digest}
    if name == "PutEvents":
        entries = json.loads(body)["Entries"]
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in entries]}
    return {}
