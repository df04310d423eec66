"""How a service declares the routes of its part of the HTTP API.

A service's module `routes` has a table `ROUTES`: its handlers register these paths, and the
OpenAPI document is generated from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPMethod, HTTPStatus

from pydantic import BaseModel

from matinee.errors import MatineeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route: what it takes, answers and refuses.

    `parameters`, `query` and `headers` describe, as the fields of a model, what stands in braces in
    the path, in the query string and in the request's own headers. Several requests, or answers,
    are alternatives, and unless `needs_body` there may be no body at all; answers are all 200.
    `bodiless` are further answers that say all by their status, and `answer_headers` tells what
    each header of a 200 means. `signed_in` tells whether an access token is needed.
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
    answers: tuple[type[BaseModel], ...]
    bodiless: Mapping[HTTPStatus, str] = field(default_factory=dict, hash=False)
    answer_headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    errors: tuple[type[MatineeError], ...] = ()
    signed_in: bool = False
