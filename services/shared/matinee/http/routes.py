"""Route declarations. A service's `api.routes` has a table `ROUTES`.

Its handlers register these paths, and the OpenAPI document is generated from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPMethod, HTTPStatus

from pydantic import BaseModel

from matinee.errors import Forbidden, InvalidInput, MatineeError, Unauthorized


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route: its parameters, requests, responses and errors.

    `parameters`, `query` and `headers` describe, as the fields of a model, the path's placeholders,
    the query string and the request's headers. Several requests, or responses, are alternatives;
    without `needs_body` the body may be absent; responses are all 200. `bodiless` are further
    statuses without a body, with their meaning; `response_headers` describes the headers of a 200.
    `signed_in` routes need an access token of a member of Users.
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
    responses: tuple[type[BaseModel], ...]
    bodiless: Mapping[HTTPStatus, str] = field(default_factory=dict, hash=False)
    response_headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    errors: tuple[type[MatineeError], ...] = ()
    signed_in: bool = False

    def __post_init__(self) -> None:
        """Add the errors of an unknown parameter and, where a token is needed, of another one."""
        common = (InvalidInput, *((Unauthorized, Forbidden) if self.signed_in else ()))
        missing = tuple(error for error in common if error not in self.errors)
        object.__setattr__(self, "errors", (*missing, *self.errors))
