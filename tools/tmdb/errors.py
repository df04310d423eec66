"""TMDB's own error codes, each with its HTTP status and its sentence."""

from typing import Final

from starlette.responses import Response

from tools.tmdb.responses import TmdbJson

STATUSES: Final[dict[int, tuple[int, str]]] = {
    5: (422, "Invalid parameters: Your request parameters are incorrect."),
    6: (404, "Invalid id: The pre-requisite id is invalid or not found."),
    7: (401, "Invalid API key: You must be granted a valid key."),
    9: (503, "Service offline: This service is temporarily offline, try again later."),
    11: (500, "Internal error: Something went wrong, contact TMDb."),
    22: (
        400,
        "Invalid page: Pages start at 1 and max at 500. They are expected to be an integer.",
    ),
    23: (400, "Invalid date: Format needs to be YYYY-MM-DD."),
    24: (504, "Your request to the backend server timed out. Try again."),
    25: (429, "Your request count ({count}) is over the allowed limit of ({limit})."),
    27: (400, "Too many append to response objects: The maximum number of remote calls is 20."),
    34: (404, "The resource you requested could not be found."),
    42: (405, "This resource does not support this request method."),
}
"""HTTP status and message by ``status_code``."""

INVALID_PARAMETERS: Final = 5
INVALID_KEY: Final = 7
OFFLINE: Final = 9
INTERNAL: Final = 11
INVALID_PAGE: Final = 22
INVALID_DATE: Final = 23
TIMED_OUT: Final = 24
OVER_LIMIT: Final = 25
TOO_MANY_APPENDED: Final = 27
NOT_FOUND: Final = 34
METHOD_NOT_SUPPORTED: Final = 42


class TmdbError(Exception):
    """A refusal; ``code`` is TMDB's ``status_code``."""

    def __init__(self, code: int) -> None:
        super().__init__(STATUSES[code][1])
        self.code = code


class QueryMissingError(Exception):
    """A search for nothing, which TMDB refuses in a form of its own."""


def refusal(code: int, *, count: int = 0, limit: int = 0, retry_after: int = 0) -> Response:
    """Return the answer for a ``status_code``.

    ``count`` and ``limit`` fill the sentence of code 25; ``retry_after`` is in seconds, 0 for no
    such header.
    """
    status, message = STATUSES[code]
    return TmdbJson(
        {
            "success": False,
            "status_code": code,
            "status_message": message.format(count=count, limit=limit),
        },
        status_code=status,
        headers={"Retry-After": str(retry_after)} if retry_after else None,
    )


def query_missing() -> Response:
    """Return the answer to a search without a ``query``."""
    return TmdbJson({"success": False, "errors": ["query must be provided"]}, status_code=422)
