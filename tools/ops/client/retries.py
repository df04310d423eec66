"""Which refusals are worth another attempt, and what to say when all were in vain."""

from typing import Any

import httpx
from gql.transport.exceptions import TransportError

_TRANSIENT_TYPES = frozenset({"RoomBusy", "CatalogUnavailable", "CatalogBusy", "InternalError"})


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
