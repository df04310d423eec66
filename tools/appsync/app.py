"""The ASGI application: what is served where."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute

from tools.appsync.api import GraphqlApi
from tools.appsync.authentication import Authenticator
from tools.appsync.functions import FunctionInvoker
from tools.appsync.http_endpoint import EXPOSED_HEADERS, GraphqlEndpoint
from tools.appsync.iam import Permissions
from tools.appsync.realtime import RealtimeEndpoint
from tools.appsync.service import Definition, Limits, Service

_TWO_DAYS = 172_800


def create_app(
    api: GraphqlApi | Definition,
    authenticator_of: Callable[[GraphqlApi], Authenticator],
    functions: FunctionInvoker,
    permissions: Permissions,
    limits: Limits | None = None,
) -> Starlette:
    """Serve an API, or a definition that may change. Raises DefinitionError.

    The service is `app.state.service`; it is closed when the application ends.
    """
    definition = api if isinstance(api, Definition) else Definition(lambda: api)
    service = Service(definition, authenticator_of, functions, permissions, limits or Limits())

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            service.close()

    realtime = RealtimeEndpoint(service)
    app = Starlette(
        routes=[
            Route("/", _about, methods=["GET"]),
            Route("/status", _status, methods=["GET"]),
            Route("/graphql", GraphqlEndpoint(service).__call__, methods=["POST"]),
            Route("/graphql", _not_allowed, methods=["GET", "PUT", "PATCH", "DELETE"]),
            WebSocketRoute("/graphql", realtime.__call__),
            WebSocketRoute("/graphql/realtime", realtime.__call__),
        ],
        middleware=[
            Middleware(
                CORSMiddleware,
                allow_origins=["*"],
                allow_methods=["POST", "GET", "OPTIONS"],
                allow_headers=["*"],
                expose_headers=EXPOSED_HEADERS,
                max_age=_TWO_DAYS,
            )
        ],
        lifespan=lifespan,
    )
    app.state.service = service
    return app


async def _about(request: Request) -> JSONResponse:
    url = f"{request.url.scheme}://{request.headers.get('host', '127.0.0.1')}"
    return JSONResponse(
        {
            "what": "Matinee's GraphQL API, on a local AppSync endpoint",
            "graphql": f"{url}/graphql",
            "realtime": f"{url.replace('http', 'ws', 1)}/graphql/realtime",
            "status": f"{url}/status",
        }
    )


async def _not_allowed(_: Request) -> JSONResponse:
    message = (
        'GraphQL is requested by POST: a JSON body such as {"query": "{ getMyRooms { code } }"} '
        "and an access token in the header authorization. Subscriptions use the WebSocket."
    )
    errors = [{"errorType": "MethodNotAllowedException", "message": message}]
    return JSONResponse({"errors": errors}, 405, {"allow": "POST"})


async def _status(request: Request) -> JSONResponse:
    service: Service = request.app.state.service
    return JSONResponse(
        {
            "status": "ok",
            "apiId": service.engine.api.api_id,
            "resolvers": len(service.engine.api.resolvers),
            "connections": service.connections,
            "subscriptions": len(service.hub),
        }
    )
