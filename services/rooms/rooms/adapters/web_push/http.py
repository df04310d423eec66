"""Requests to URLs that users have given us.

A name is resolved once, all of its addresses must be public, and the connection goes to one of
those: what a second look-up would say does not count. No redirect is followed, no proxy is used,
no body of a response is read, and every request ends at a deadline, however slowly it is answered.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import certifi
import httpcore

from rooms.domain.device import EndpointRules

CONNECT_TIMEOUT_SECONDS = 2.0
TIMEOUT_SECONDS = 4.0
"""Of a request as a whole, connecting included."""


class AddressRefused(Exception):
    """The name means an address that nothing is sent to."""


class Unreachable(Exception):
    """There is no answer, or none in time."""


@dataclass(frozen=True, slots=True)
class GuardedHttp:
    """Sends requests, each over a connection of its own."""

    rules: EndpointRules
    timeout: float = TIMEOUT_SECONDS

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Return the status of the response. Raises AddressRefused, Unreachable."""
        backend = _Backend(self.rules, time.monotonic() + self.timeout)
        limits = dict.fromkeys(("connect", "read", "write", "pool"), self.timeout)
        try:
            with (
                httpcore.ConnectionPool(
                    ssl_context=ssl.create_default_context(cafile=certifi.where()),
                    network_backend=backend,
                ) as pool,
                pool.stream(
                    "POST",
                    url,
                    headers=list(headers.items()),
                    content=body,
                    extensions={"timeout": limits},
                ) as response,
            ):
                return response.status
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.TimeoutException,
            OSError,
        ) as error:
            raise Unreachable(type(error).__name__) from error


@dataclass(frozen=True, slots=True)
class _Backend(httpcore.NetworkBackend):
    """Connects to public addresses alone, until a deadline."""

    rules: EndpointRules
    deadline: float

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline is nearer
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(address[0]) for *_, address in found]
        if not self.rules.admit(addresses):
            raise AddressRefused
        stream = httpcore.SyncBackend().connect_tcp(
            addresses[0],
            port,
            min(CONNECT_TIMEOUT_SECONDS, _left(self.deadline)),
            local_address,
            socket_options,
        )
        return _Stream(stream, self.deadline)


@dataclass(frozen=True, slots=True)
class _Stream(httpcore.NetworkStream):
    """A connection that ends at a deadline."""

    stream: httpcore.NetworkStream
    deadline: float

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self.stream.read(max_bytes, _left(self.deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self.stream.write(buffer, _left(self.deadline))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        secured = self.stream.start_tls(ssl_context, server_hostname, _left(self.deadline))
        return _Stream(secured, self.deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's own
        return self.stream.get_extra_info(info)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left
