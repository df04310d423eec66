"""The way from an API Gateway (HTTP API) request to a use case and back.

Success bodies are the use case's own. Errors are RFC 9457 problems with two more members, `error`
(the message) and `code`, which older clients read. CORS headers are always present.

What a signed-in request is answered, an error too, is stored by nobody (`Cache-Control: no-store`)
unless the route says otherwise: a browser keeps answers by their URL, whoever is signed in.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from matinee.envelope import Trace
from matinee.errors import Invalid, MatineeError, NotFound, RateLimited
from matinee.graphql import read
from matinee.observability import correlate, count, logger

PROBLEM_JSON = "application/problem+json"
LONGEST_BODY = 64 * 1024
"""Characters, unless a route says otherwise."""


class MalformedBody(Invalid):
    """The body is no JSON object."""

    title = "The body must be a JSON object"


class RouteNotFound(NotFound):
    """No route has this path."""

    title = "There is nothing at this path"


class HttpApi:
    """The routes of one function. Register them on `routes`, serve with `handle`.

    `thread` is that of the present request: what it causes carries on with it.
    """

    def __init__(self, allowed_origins: tuple[str, ...]) -> None:
        origins = allowed_origins or ("*",)
        self._varies = "*" not in origins
        self.routes = APIGatewayHttpResolver(
            debug=False,  # Not left to a variable: it would log whole requests.
            cors=CORSConfig(
                allow_origin=origins[0],
                extra_origins=list(origins[1:]),
                allow_headers=[
                    "Authorization",
                    "Content-Type",
                    "If-Match",
                    "If-None-Match",
                    "X-Correlation-Id",
                ],
                expose_headers=["Age", "ETag", "Retry-After"],
                max_age=600,
            ),
        )
        self.routes.exception_handler(MatineeError)(_refused)
        self.routes.exception_handler(Exception)(_unexpected)
        self.routes.not_found(_no_route)
        self.thread = Trace.begun_by(None)

    def handle(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Answer one request. What nobody expected is a 500 that says nothing of its inside."""
        self.thread = self.trace(event)
        correlate(self.thread.correlation_id)
        answer = self.routes.resolve(event, context)
        headers: dict[str, str] = answer["headers"]
        if self._varies:
            headers.setdefault("Vary", "Origin")
        if event.get("requestContext", {}).get("authorizer"):
            headers.setdefault("Cache-Control", "no-store")
        # The route's key, not the path: that may hold what somebody typed.
        logger.info(
            "answered", extra={"route": event.get("routeKey"), "status": answer["statusCode"]}
        )
        return answer

    def read_body[M: BaseModel](self, model: type[M], longest: int = LONGEST_BODY) -> M:
        """Read the JSON body as a model; raises MalformedBody or InvalidInput.

        `longest` is in characters. Lambda takes no request above 6 MB, its quotation marks escaped.
        """
        event = self.routes.current_event
        try:
            value = _json(event.decoded_body, longest)
        except (ValueError, RecursionError) as error:  # no UTF-8, no base64, no JSON, or too deep
            raise MalformedBody from error
        if not isinstance(value, dict):
            raise MalformedBody
        return read(model, value)

    def read_query[M: BaseModel](self, model: type[M]) -> M:
        """Read the query string as a model; raises InvalidInput that names the parameter.

        A parameter given more than once arrives as one text, its values separated by commas.
        """
        return read(model, self.routes.current_event.raw_event.get("queryStringParameters") or {})

    @property
    def has_body(self) -> bool:
        """Whether the request has a body."""
        return bool(self.routes.current_event.body)

    def header(self, name: str) -> str | None:
        """Answer a header of the request; its name is compared without case."""
        headers: Mapping[str, str] = self.routes.current_event.raw_event.get("headers") or {}
        return next(
            (text for given, text in headers.items() if given.lower() == name.lower()), None
        )

    @staticmethod
    def trace(event: Mapping[str, Any]) -> Trace:
        """Take the correlation id from the request, or begin a new thread."""
        return Trace.begun_by(event.get("headers"))


def answer(
    body: object,
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
) -> Response[str]:
    """Answer a JSON body."""
    return Response(status.value, "application/json", json.dumps(body), dict(headers or {}))


def not_modified(headers: Mapping[str, str]) -> Response[str]:
    """Answer that what the client has is what there is (RFC 9110, 15.4.5)."""
    return Response(HTTPStatus.NOT_MODIFIED.value, body="", headers=dict(headers))


def problem(error: MatineeError) -> Response[str]:
    """Answer an error as problem+json."""
    body = {
        "type": f"urn:matinee:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.message,
        "error": error.message,
        "code": error.code,
        **error.info,
    }
    headers: dict[str, str | list[str]] = {}
    if isinstance(error, RateLimited):
        headers["Retry-After"] = str(max(1, round(error.retry_after)))
    return Response(error.status, PROBLEM_JSON, json.dumps(body), headers)


def _refused(error: MatineeError) -> Response[str]:
    logger.info("refused", extra={"code": error.code})
    count("Refused")
    return problem(error)


def _unexpected(_: Exception) -> Response[str]:
    logger.exception("unexpected")
    count("Unexpected")
    return problem(MatineeError())


def _no_route(_: NotFoundError) -> Response[str]:
    return problem(RouteNotFound())


def _json(body: str | None, longest: int) -> object:
    if not body:
        raise MalformedBody
    if len(body) > longest:
        message = f"The body may have at most {longest} characters"
        raise MalformedBody(message)
    return json.loads(body)
