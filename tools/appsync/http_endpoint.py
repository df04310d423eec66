"""GraphQL over HTTP, as AppSync answers it."""

import uuid
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse

from tools.appsync.documents import InvalidQuery
from tools.appsync.errors import Malformed, RequestRefused
from tools.appsync.execution import Caller
from tools.appsync.service import Service
from tools.appsync.sigv4 import SignedRequest

EXPOSED_HEADERS = (
    "x-amzn-RequestId",
    "x-amzn-ErrorType",
    "x-amz-user-agent",
    "x-amzn-ErrorMessage",
    "Date",
    "x-amz-schema-version",
)


class GraphqlEndpoint:
    """POST /graphql."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, request: Request) -> JSONResponse:
        """Return one request."""
        try:
            content, status, extra = await self._answer(request), 200, {}
        except RequestRefused as refused:
            content, status = refused.body(), refused.status
            extra = {"x-amzn-ErrorType": str(refused.error_type)}
        except InvalidQuery as invalid:
            content, status, extra = {"data": None, "errors": invalid.errors}, 200, {}
        headers = {"x-amzn-RequestId": str(uuid.uuid4()), **extra}
        return JSONResponse(content, status, headers)

    async def _answer(self, request: Request) -> dict[str, object]:
        service = self._service
        await service.reload_if_changed()
        body = await self._body(request)
        headers = joined_headers(request)
        signed = SignedRequest(
            method=request.method,
            path=request.scope.get("raw_path", b"/graphql").decode("latin-1"),
            query=request.url.query,
            headers=headers,
            body=body,
        )
        source_ip = request.client.host if request.client else "127.0.0.1"
        identity = await service.authenticate(signed, source_ip)
        engine = service.engine
        operation = await service.prepare(body, engine)
        if operation.kind == "subscription":
            message = "Subscriptions are served by the real-time endpoint."
            raise Malformed(message, "UnsupportedOperation")
        executed = await service.execute(operation, Caller(identity, headers), engine)
        return executed.body()

    async def _body(self, request: Request) -> bytes:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            self._service.check_size(body)
        return bytes(body)


def joined_headers(request: Request) -> Mapping[str, str]:
    """Return the headers by lower-case name, repeated ones joined as SigV4 joins them."""
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers
