"""What a client repeats, and how it says that this was in vain."""

from http import HTTPMethod, HTTPStatus
from typing import Any

import httpx
from gql.transport.exceptions import TransportError
from httpx_retries import Retry, RetryTransport

TIMEOUT_SECONDS = 60.0
"""A function's first start on a busy laptop takes a few."""

PAUSES_SECONDS = (0.5, 1.0, 2.0, 4.0)
"""Between the attempts at an operation that may succeed a little later."""

_TRANSIENT_TYPES = frozenset({"RoomBusy", "CatalogUnavailable", "CatalogBusy", "InternalError"})
_RETRY = Retry(
    total=len(PAUSES_SECONDS),
    backoff_factor=PAUSES_SECONDS[0],
    allowed_methods=list(HTTPMethod),
    status_forcelist=[
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    ],
    # Not after a timeout: a minute was enough.
    retry_on_exceptions=[httpx.NetworkError, httpx.RemoteProtocolError],
)


class Refused(Exception):
    """The API refuses an operation. `type` is the errorType that apps branch on."""

    def __init__(self, error: dict[str, Any]) -> None:
        self.type: str | None = error.get("errorType")
        self.info: dict[str, Any] | None = error.get("errorInfo")
        super().__init__(f"{self.type}: {error.get('message')}")

    @property
    def may_succeed_later(self) -> bool:
        """Whether the same operation is worth another attempt."""
        return self.type in _TRANSIENT_TYPES or str(self.type).startswith("Lambda:")


CLIENT_ERRORS = (Refused, httpx.HTTPError, TransportError, TimeoutError, OSError)
"""What a client may meet although it has repeated what it could."""


def patient_client() -> httpx.AsyncClient:
    """Return a client that repeats what the product could not answer for the moment."""
    return httpx.AsyncClient(timeout=TIMEOUT_SECONDS, transport=RetryTransport(retry=_RETRY))


def patient_sync_client() -> httpx.Client:
    """Return the same for code that is not asynchronous."""
    return httpx.Client(timeout=TIMEOUT_SECONDS, transport=RetryTransport(retry=_RETRY))


def explain(error: Exception) -> str:
    """Return an error of CLIENT_ERRORS as a sentence, with what to do about it."""
    match error:
        case httpx.HTTPStatusError():
            request, answer = error.request, error.response
            return (
                f"{request.method} {request.url} answered {answer.status_code}: "
                f"{answer.text[:200]} What the function says: make logs"
            )
        case httpx.ConnectError() | ConnectionError():
            return (
                "The product does not answer. Does it run? make status tells; make run starts it."
            )
        case Refused():
            return f"The GraphQL API refused it: {error}. What the function says: make logs"
    return f"It took too long, or the connection broke ({type(error).__name__}: {error})."
