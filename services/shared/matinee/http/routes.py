"""Route declarations. A service's `api.routes` has a table `ROUTES`.

Its handlers register these paths, and the OpenAPI document is generated from them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPMethod, HTTPStatus
from posixpath import dirname, relpath

from pydantic import BaseModel

from matinee.errors import Forbidden, InvalidInput, MatineeError, Unauthorized

DEPRECATED_SINCE = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp())
"""When the plain forms came beside those of the original's clients, which go on working."""

_PLACEHOLDER = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route: its parameters, requests, responses and errors.

    `parameters`, `query` and `headers` describe, as the fields of a model, the path's placeholders,
    the query string and the request's headers. Several requests, or responses, are alternatives;
    without `needs_body` the body may be absent. Instead of requests, a route may take a file of one
    of the media types `files`, or the first one of a form. A success has `status`; it may be a text
    of the media type `response_file` instead. `bodiless` are further statuses without a body, with
    their meaning; `response_headers` describes the headers of a success.
    `signed_in` routes need an access token of a member of Users. A deprecated route names its
    `successor`, the path of another one.
    """

    method: HTTPMethod
    path: str
    name: str
    summary: str
    description: str
    parameters: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    headers: type[BaseModel] | None = None
    requests: tuple[type[BaseModel], ...] = ()
    needs_body: bool = True
    files: tuple[str, ...] = ()
    status: HTTPStatus = HTTPStatus.OK
    responses: tuple[type[BaseModel], ...]
    response_file: str | None = None
    bodiless: Mapping[HTTPStatus, str] = field(default_factory=dict, hash=False)
    response_headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    errors: tuple[type[MatineeError], ...] = ()
    signed_in: bool = False
    successor: str | None = None

    @property
    def deprecation(self) -> Mapping[str, str]:
        """The headers that say that a route is deprecated, and what replaces it (RFC 9745).

        Targets are relative to the request's, below whatever base path. A successor with
        placeholders is a template, for which there is a header of its own (RFC 9652); the link is
        then to what it is a part of.
        """
        if self.successor is None:
            return {}
        target, rel = relpath(self.successor, dirname(self.path)), 'rel="successor-version"'
        fixed = _PLACEHOLDER.split(target)[0].rstrip("/")
        template = {"Link-Template": f'"{target}"; {rel}'} if fixed != target else {}
        return {"Deprecation": f"@{DEPRECATED_SINCE}", "Link": f"<{fixed}>; {rel}", **template}

    def __post_init__(self) -> None:
        """Add the errors of an unknown parameter and, where a token is needed, of another one."""
        common = (InvalidInput, *((Unauthorized, Forbidden) if self.signed_in else ()))
        missing = tuple(error for error in common if error not in self.errors)
        object.__setattr__(self, "errors", (*missing, *self.errors))


def pattern_of(route: Route) -> str:
    """Return a route's path for the router, whose own placeholders accept fewer characters."""
    return _PLACEHOLDER.sub(lambda _: r"[\s\S]+", route.path)
