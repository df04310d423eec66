"""Runs the endpoint against the emulator: 127.0.0.1 only, ready when it says so."""

import asyncio
import logging
import signal
import socket
import ssl
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import httpx
import uvicorn
from botocore.config import Config
from starlette.applications import Starlette

from tools.appsync.api import AuthMode, GraphqlApi
from tools.appsync.app import create_app
from tools.appsync.authentication import Authenticator
from tools.appsync.certificates import server_context
from tools.appsync.cognito import pool_tokens
from tools.appsync.definition import SourceFiles, Stack, read_definition, read_stack
from tools.appsync.errors import DefinitionError
from tools.appsync.execution import RESOLVER_SECONDS
from tools.appsync.functions import EmulatorFunctions
from tools.appsync.iam import EmulatorCredentials, EmulatorPermissions
from tools.appsync.service import Definition, Limits, Service
from tools.appsync.sigv4 import SignatureVerifier

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_HOST = "127.0.0.1"
_ROOT = ("test", "test")
_CONNECTIONS = 32
_SHUTDOWN_SECONDS = 2


def arguments(argv: Sequence[str] | None = None) -> Namespace:
    """Read the command line."""
    parser = ArgumentParser(prog="python -m tools.appsync", description=__doc__)
    parser.add_argument("--port", type=int, default=4567, help="0 takes a free one")
    parser.add_argument(
        "--tls-port", type=int, help="serve HTTPS and WSS there, too; 0: a free one"
    )
    parser.add_argument(
        "--tls-folder",
        type=Path,
        default=Path(".local/tls"),
        metavar="DIR",
        help="keeps ca.pem, which clients trust",
    )
    parser.add_argument("--emulator", default="http://127.0.0.1:4566", metavar="URL")
    parser.add_argument("--stack-name", default="matinee-rooms")
    parser.add_argument("--template", type=Path, default=Path("services/rooms/template.yaml"))
    parser.add_argument("--region", default="eu-west-1")
    parser.add_argument(
        "--reload-on-change",
        action="store_true",
        help="take up a changed template, schema or resolver at the next request",
    )
    parser.add_argument(
        "--allow-root",
        action="store_true",
        help="let the emulator's root keys (test/test) call every @aws_iam field, as on AWS",
    )
    parser.add_argument(
        "--keep-alive", type=float, default=60.0, metavar="SECONDS", help="pause between two ka"
    )
    return parser.parse_args(argv)


def build(options: Namespace) -> Starlette:
    """Build the application for what is deployed. Raises DefinitionError."""
    client = partial(_client, options.emulator, options.region)
    cloudformation = client("cloudformation")
    files = SourceFiles(options.template)

    def stack() -> Stack:
        return read_stack(cloudformation, options.stack_name, options.region)

    def load() -> GraphqlApi:
        files.find()
        return read_definition(options.template, stack())

    def function_names() -> Sequence[str]:
        return stack().function_names

    stamp = files.stamp if options.reload_on_change else _never
    return create_app(
        Definition(load, stamp),
        partial(_authenticator, options, client("lambda"), function_names),
        EmulatorFunctions(client("lambda")),
        EmulatorPermissions(client("iam"), allow_root=options.allow_root),
        Limits(keep_alive_seconds=options.keep_alive),
    )


def serve(options: Namespace) -> int:
    """Serve until a signal ends it; the process's exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        app = build(options)
    except DefinitionError as error:
        logging.getLogger(__name__).error("%s", error)  # noqa: TRY400 - the message says it all
        return 1
    listener = socket.create_server((_HOST, options.port))
    secure = None
    if options.tls_port is not None:
        secure = _Secure(
            socket.create_server((_HOST, options.tls_port)), server_context(options.tls_folder)
        )
    config = uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_max_size=app.state.service.limits.frame_bytes,
        # The access log would hold the tokens that the real-time URL carries.
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    _Server(config, secure).run(sockets=[listener])
    return 0


@dataclass(frozen=True, slots=True)
class _Secure:
    """The second listener, which speaks TLS."""

    listener: socket.socket
    tls: ssl.SSLContext


class _Server(uvicorn.Server):
    """Prints one line when it is ready, and reloads the definition on SIGHUP."""

    def __init__(self, config: uvicorn.Config, secure: _Secure | None) -> None:
        super().__init__(config)
        self._secure = secure

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._secure and self.started:
            await self._listen_with_tls(self._secure)
        service: Service = self.config.app.state.service  # type: ignore[union-attr]
        loop = asyncio.get_running_loop()
        tasks: set[asyncio.Task[None]] = set()

        def reload() -> None:
            task = loop.create_task(service.reload())
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        if hasattr(signal, "SIGHUP"):
            loop.add_signal_handler(signal.SIGHUP, reload)
        port = sockets[0].getsockname()[1] if sockets else self.config.port
        urls = [f"http://{_HOST}:{port}/graphql", f"ws://{_HOST}:{port}/graphql/realtime"]
        if self._secure:
            port = self._secure.listener.getsockname()[1]
            urls += [
                f"https://localhost:{port}/graphql",
                f"wss://localhost:{port}/graphql/realtime",
            ]
        print("ready:", *urls, flush=True)

    async def _listen_with_tls(self, secure: _Secure) -> None:
        """Serve the same application, as uvicorn does, on a second socket."""
        protocol: Any = self.config.http_protocol_class
        connection = partial(
            protocol,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        loop = asyncio.get_running_loop()
        server = await loop.create_server(connection, sock=secure.listener, ssl=secure.tls)
        self.servers.append(server)


def _authenticator(
    options: Namespace,
    functions: "LambdaClient",
    function_names: Callable[[], Sequence[str]],
    api: GraphqlApi,
) -> Authenticator:
    tokens = signatures = None
    if AuthMode.COGNITO in api.modes and api.user_pool_id:
        tokens = pool_tokens(
            options.emulator, options.region, api.user_pool_id, api.client_id_pattern
        )
    if AuthMode.IAM in api.modes:
        credentials = EmulatorCredentials(
            functions,
            function_names,
            account_id=api.account,
            root=_ROOT,
            sessions=_checks_credentials(options.emulator),
        )
        signatures = SignatureVerifier(credentials, options.region)
    return Authenticator(tokens, signatures)


def _client(emulator: str, region: str, service: str) -> Any:  # noqa: ANN401 - any service's
    config = Config(
        read_timeout=RESOLVER_SECONDS,
        connect_timeout=5,
        retries={"total_max_attempts": 1},
        max_pool_connections=_CONNECTIONS,
    )
    key, secret = _ROOT
    make: Any = boto3.client  # its overloads know every service by a literal name
    return make(
        service,
        endpoint_url=emulator,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=config,
    )


def _checks_credentials(emulator: str) -> bool:
    """Whether the emulator runs with AUTH=true, and so gives each function its role's session."""
    try:
        health = httpx.get(f"{emulator}/health", timeout=5.0).json()
    except (httpx.HTTPError, ValueError) as error:
        raise DefinitionError(f"the emulator at {emulator} does not answer: {error}") from error
    return bool(health.get("auth") == "enabled")


def _never() -> object:
    return None
