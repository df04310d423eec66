"""The REST API's gateway made as AWS's HTTP APIs are, within the emulator's process.

Where it differs from AWS:
- What it answers itself (no route, no token) has no CORS headers: a page cannot read it.
- The error of a function that fails, or is out of time, is the answer, with all that it says. Here
  it is a problem (RFC 9457) that says nothing of its cause, and AWS's own `message`.
- In path style it loses a slash at the end of a path of one part: `/media/` was `/media`.

Where a laptop should know more than a page on AWS does: every answer has its correlation id, the
gateway's own, too.
"""

import importlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tools.contracts.paths import make_importable
from tools.local.patches.wrap import wrap

type Answer = tuple[int, dict[str, Any], bytes]
type Execute = Callable[..., Awaitable[Answer]]
type Address = tuple[str, str, str]

_MESSAGE = "Internal Server Error"
_PATH_STYLE_PARTS = 3
logger = logging.getLogger("matinee.emulator")


def apply(_port: int) -> None:
    """Change the gateway, before its first request."""
    make_importable()
    gateway = importlib.import_module("ministack.services.apigateway")
    functions = importlib.import_module("ministack.services.lambda_svc")
    application = importlib.import_module("ministack.app")
    wrap(gateway, "_handle_execute_in_scope", lambda execute: readable_by_pages(execute, gateway))
    wrap(functions, "lambda_execute_result_to_api_proxy_response", without_causes)
    wrap(application, "_parse_execute_api_url", keeping_slashes)


def readable_by_pages(execute: Execute, gateway: Any) -> Execute:  # noqa: ANN401 - an untyped module
    """Add to every answer the API's CORS headers and a correlation id, unless it has them."""

    async def executed(
        api: str,
        stage: str,
        path: str,
        method: str,
        headers: Mapping[str, str],
        *rest: Any,  # noqa: ANN401
        **named: Any,  # noqa: ANN401
    ) -> Answer:
        try:
            status, given, body = await execute(api, stage, path, method, headers, *rest, **named)
        except Exception:
            logger.exception("the gateway failed")
            failure = _failure()
            status, given, body = 500, failure["headers"], failure["body"].encode()
        cors = (gateway._apis.get(api) or {}).get("corsConfiguration") or {}  # noqa: SLF001 - no other way in
        known = {name.lower() for name in given}
        added = gateway._cors_response_headers(cors, headers.get("origin", ""))  # noqa: SLF001
        added |= _correlation(headers)
        missing = {name: value for name, value in added.items() if name.lower() not in known}
        return status, given | missing, body

    return executed


def without_causes(
    convert: Callable[[dict[str, Any]], tuple[Any, Any]],
) -> Callable[[dict[str, Any]], tuple[Any, Any]]:
    """Turn the error of a function into a problem; its log has the cause."""

    def converted(result: dict[str, Any]) -> tuple[Any, Any]:
        failed = result.get("error") and not result.get("throttle")
        return (_failure(), None) if failed else convert(result)

    return converted


def keeping_slashes(
    parse: Callable[[str, str], Address | None],
) -> Callable[[str, str], Address | None]:
    """Distinguish `/media/` from `/media` where an API is addressed in path style.

    The emulator takes a path without a rest for the first part alone; a rest of two slashes is not.
    """

    def parsed(host: str, path: str) -> Address | None:
        address = parse(host, path)
        if address and path.startswith("/_aws/execute-api/") and address[2] == "/":
            parts = path.removeprefix("/_aws/execute-api/").split("/")
            slash = len(parts) == _PATH_STYLE_PARTS and parts[1]
            return (address[0], address[1], "//") if slash else address
        return address

    return parsed


def _failure() -> dict[str, Any]:
    """Return what a function could have answered itself, had it been able to."""
    answer = importlib.import_module("matinee.http.problem").problem(
        importlib.import_module("matinee.errors").MatineeError()
    )
    body = json.dumps(json.loads(answer.body) | {"message": _MESSAGE})
    headers = {"Content-Type": answer.content_type}
    return {"statusCode": answer.status_code, "headers": headers, "body": body}


def _correlation(headers: Mapping[str, str]) -> dict[str, str]:
    envelope = importlib.import_module("matinee.events.envelope")
    return {envelope.CORRELATION_HEADER: envelope.Trace.from_headers(headers).correlation_id}
