"""HTTP clients that repeat what the product could not answer for the moment, as an app does."""

import functools
from http import HTTPMethod, HTTPStatus

import httpx
from httpx_retries import Retry, RetryTransport

TIMEOUT_SECONDS = 60.0
"""A function's first start on a busy laptop takes a few."""

PAUSES_SECONDS = (0.5, 1.0, 2.0, 4.0)
"""Between the attempts at something that may succeed a little later."""

_RETRY = Retry(
    total=len(PAUSES_SECONDS),
    backoff_factor=PAUSES_SECONDS[0],
    allowed_methods=list(HTTPMethod),
    status_forcelist=[
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    ],
    # Not after a timeout: a minute was enough.
    retry_on_exceptions=[httpx.NetworkError, httpx.RemoteProtocolError],
)


trusted = functools.cache(httpx.create_ssl_context)
"""The authorities that clients trust: read once, not once for each client, for 20 ms."""


def patient_client(connections: int | None = 100) -> httpx.AsyncClient:
    """Return a client for asynchronous code, of so many connections, or any number."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    transport = httpx.AsyncHTTPTransport(verify=trusted(), limits=limits)
    return httpx.AsyncClient(
        timeout=TIMEOUT_SECONDS, transport=RetryTransport(transport, retry=_RETRY)
    )


def patient_sync_client() -> httpx.Client:
    """Return a client for all other code."""
    transport = httpx.HTTPTransport(verify=trusted())
    return httpx.Client(timeout=TIMEOUT_SECONDS, transport=RetryTransport(transport, retry=_RETRY))
