"""Errors as RFC 9457 problems, with two further members that older clients read: error and code."""

import json

from aws_lambda_powertools.event_handler import Response

from matinee.errors import Invalid, MatineeError, NotFound, RateLimited

PROBLEM_JSON = "application/problem+json"


class MalformedBody(Invalid):
    """The body is no JSON object."""

    title = "The body must be a JSON object"


class RouteNotFound(NotFound):
    """No route has this path."""

    title = "There is nothing at this path"


def problem(error: MatineeError) -> Response[str]:
    """Return the response to an error: problem+json, and Retry-After in whole seconds."""
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
