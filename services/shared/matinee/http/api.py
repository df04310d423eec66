"""HTTP: from an API Gateway (HTTP API) request to a use case and back.

Success bodies are the use case's own; errors are problems (`matinee.http.problem`). CORS headers
and the correlation id are always present; HEAD is answered as GET, without the body. The response
to a signed-in request, an error too, must not be stored (`Cache-Control: no-store`) unless the
route says otherwise: a browser stores responses by their URL, whoever is signed in.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Set
from functools import cache
from http import HTTPMethod, HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict

from matinee.dynamodb.transactions import is_unavailable
from matinee.errors import MatineeError, Unavailable
from matinee.events.envelope import CORRELATION_HEADER, Trace
from matinee.http.problem import MalformedBody, RouteNotFound, problem
from matinee.http.routes import Route
from matinee.observability import Handler, correlate, count, entry_point, logger
from matinee.validation import validate

MAX_BODY_CHARACTERS = 64 * 1024
"""Unless a route says otherwise. Lambda accepts no request above 6 MB, quotation marks escaped."""


type _Next = Callable[[APIGatewayHttpResolver], Response[str]]

_BYTE_ORDER_MARK = "\ufeff"
"""Some editors write it at the start of a file."""

_REPLACEMENT = "\ufffd"
"""What a gateway makes of bytes that are no UTF-8, ISO-8859-1 for example."""


class HttpApi:
    """The routes of one function. Register them on `routes`, serve them with `handle`.

    `declared` are the service's routes: one that declares no query string refuses every parameter.
    `trace` is that of the current request: the events that it causes continue it.
    """

    def __init__(self, allowed_origins: tuple[str, ...], declared: Iterable[Route] = ()) -> None:
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
                expose_headers=[
                    "Age",
                    "Deprecation",
                    "ETag",
                    "Link",
                    "Link-Template",
                    "Retry-After",
                    "X-Correlation-Id",
                ],
                max_age=600,
                allow_credentials=True,  # Not with `*`: Powertools leaves it out there.
            ),
        )
        declared = tuple(declared)
        self._without_query = {f"{it.method} {it.path}" for it in declared if it.query is None}
        self._deprecation = {f"{it.method} {it.path}": it.deprecation for it in declared}
        self.routes.use([_refusing_parameters(self._without_query)])
        self.routes.exception_handler(MatineeError)(_refused)
        self.routes.exception_handler(Exception)(_unexpected)
        self.routes.not_found(_no_route)
        self.trace = Trace.from_headers(None)

    def handle(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Handle one request. An unexpected error is a 500 that shows nothing of its cause."""
        self.trace = Trace.from_headers(event.get("headers"))
        correlate(self.trace.correlation_id)
        request = _as_get(event)
        response = self.routes.resolve(request, context)
        if request is not event:
            response["body"] = ""
        headers: dict[str, str] = response["headers"]
        headers[CORRELATION_HEADER] = self.trace.correlation_id
        headers |= self._deprecation.get(event.get("routeKey", ""), {})
        if self._varies:
            headers.setdefault("Vary", "Origin")
        if event.get("requestContext", {}).get("authorizer"):
            headers.setdefault("Cache-Control", "no-store")
        # The route's key, not the path, which may hold personal data.
        logger.info(
            "answered", extra={"route": event.get("routeKey"), "status": response["statusCode"]}
        )
        return response

    def read_body[M: BaseModel](
        self, model: type[M], max_characters: int = MAX_BODY_CHARACTERS
    ) -> M:
        """Parse the JSON body as a model; raise MalformedBody or InvalidInput."""
        event = self.routes.current_event
        try:
            value = _json(event.decoded_body, max_characters)
        except (ValueError, RecursionError) as error:  # no UTF-8, no base64, no JSON, or too deep
            raise MalformedBody from error
        if not isinstance(value, dict):
            raise MalformedBody
        return validate(model, value)

    def read_query[M: BaseModel](self, model: type[M]) -> M:
        """Parse the query string as a model; raise InvalidInput that names the parameter.

        A parameter given more than once arrives as one text, its values separated by commas.
        """
        event = self.routes.current_event.raw_event
        return validate(model, event.get("queryStringParameters") or {})

    @property
    def has_body(self) -> bool:
        """Whether the request has a body."""
        return bool(self.routes.current_event.body)

    def header(self, name: str) -> str | None:
        """Return a header of the request; names are compared without case."""
        headers: Mapping[str, str] = self.routes.current_event.raw_event.get("headers") or {}
        return next(
            (text for given, text in headers.items() if given.lower() == name.lower()), None
        )


class _NoParameters(BaseModel):
    """The query string of a route without parameters."""

    model_config = ConfigDict(extra="forbid")


class HttpHandler:
    """The handler of a function that serves an HttpApi (payload 2.0), built once a process.

    On Lambda it is built while the instance starts, before the first request. An event with one of
    the keys of `scheduled` comes from a schedule and goes to that key's handler.
    """

    def __init__(
        self,
        build: Callable[[], HttpApi],
        *,
        scheduled: Mapping[str, Handler] | None = None,
    ) -> None:
        self._api = cache(build)
        self._scheduled = scheduled or {}
        self._handle = entry_point(prepare=self._api)(self._serve)

    def __call__(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Handle one request."""
        response: dict[str, Any] = self._handle(event, context)
        return response

    def cache_clear(self) -> None:
        """Drop the HttpApi, so that the next request builds it anew."""
        self._api.cache_clear()

    def _serve(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        for key in self._scheduled.keys() & event.keys():
            response: dict[str, Any] = self._scheduled[key](event, context)
            return response
        return self._api().handle(event, context)


def _refusing_parameters(
    routes: Set[str],
) -> Callable[[APIGatewayHttpResolver, _Next], Response[str]]:
    """Return the middleware that refuses a query string where these routes have none.

    A function: Powertools inspects a method's signature again in each request.
    """

    def refuse_parameters(app: APIGatewayHttpResolver, next_: _Next) -> Response[str]:
        event = app.current_event.raw_event
        given = event.get("queryStringParameters") or {}
        if given and event.get("routeKey") in routes:
            validate(_NoParameters, given)
        return next_(app)

    return refuse_parameters


def json_response(
    body: object,
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
) -> Response[str]:
    """Return a response with a JSON body."""
    return Response(status.value, "application/json", json.dumps(body), dict(headers or {}))


def no_content() -> Response[str]:
    """Return a 204: the request is done, and there is nothing to say of it."""
    return Response(HTTPStatus.NO_CONTENT.value, body="")


def not_modified(headers: Mapping[str, str]) -> Response[str]:
    """Return a 304: the client's representation is the current one (RFC 9110, 15.4.5)."""
    return Response(HTTPStatus.NOT_MODIFIED.value, body="", headers=dict(headers))


def _as_get(event: dict[str, Any]) -> dict[str, Any]:
    """Return a HEAD request as the GET whose headers it asks for, and any other as it is."""
    context = event.get("requestContext", {})
    http = context.get("http", {})
    if http.get("method") != HTTPMethod.HEAD:
        return event
    return event | {"requestContext": context | {"http": http | {"method": HTTPMethod.GET}}}


def _refused(error: MatineeError) -> Response[str]:
    logger.info("refused", extra={"code": error.code})
    count("Refused")
    return problem(error)


def _unexpected(error: Exception) -> Response[str]:
    """Return a 503 for what AWS cannot do now, and a 500 for all else."""
    if is_unavailable(error):
        logger.exception("dependency_failed")
        count("Unavailable")
        return problem(Unavailable())
    logger.exception("unexpected")
    count("Unexpected")
    return problem(MatineeError())


def _no_route(_: NotFoundError) -> Response[str]:
    return problem(RouteNotFound())


def _json(body: str | None, max_characters: int) -> object:
    if not body:
        raise MalformedBody
    if len(body) > max_characters:
        message = f"The body may have at most {max_characters} characters"
        raise MalformedBody(message)
    if _REPLACEMENT in body:
        message = "The body must be in UTF-8: some of its characters cannot be read"
        raise MalformedBody(message)
    return json.loads(body.removeprefix(_BYTE_ORDER_MARK))
