"""The served API as a whole: the engine of today's definition, who may call it, who listens."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tools.appsync.api import GraphqlApi
from tools.appsync.authentication import Authenticator
from tools.appsync.documents import Operation, read_request
from tools.appsync.errors import DefinitionError, Malformed
from tools.appsync.execution import RESOLVER_SECONDS, Caller, Engine, Executed
from tools.appsync.fanout import Hub
from tools.appsync.functions import FunctionInvoker
from tools.appsync.iam import Permissions
from tools.appsync.identity import Identity
from tools.appsync.sigv4 import SignedRequest

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """AppSync's quotas and pauses; sizes in bytes, times in seconds."""

    keep_alive_seconds: float = 60.0
    connection_timeout_seconds: float = 300.0
    init_seconds: float = 15.0
    subscriptions_per_connection: int = 100
    queued_messages: int = 256
    frame_bytes: int = 256 * 1024
    body_bytes: int = 8 * 1024  # the web ACL's limit
    resolver_seconds: float = RESOLVER_SECONDS


@dataclass(slots=True)
class Definition:
    """Where the API's definition comes from, and a stamp that changes when it does."""

    load: Callable[[], GraphqlApi]
    stamp: Callable[[], object] = field(default=lambda: None)


class Service:
    """What the HTTP and the real-time endpoint share. For one event loop."""

    def __init__(
        self,
        definition: Definition,
        authenticator_of: Callable[[GraphqlApi], Authenticator],
        functions: FunctionInvoker,
        permissions: Permissions,
        limits: Limits,
    ) -> None:
        """Load and compile the API. Raises DefinitionError."""
        self.hub = Hub()
        self.limits = limits
        self.connections = 0
        self._definition = definition
        self._authenticator_of = authenticator_of
        self._functions = functions
        self._permissions = permissions
        # Pools of their own: what one request needs long for must not keep others waiting. To
        # validate a query, and to complete a large answer, takes a processor for seconds.
        self._gate = ThreadPoolExecutor(4, thread_name_prefix="authentication")
        self._validations = ThreadPoolExecutor(2, thread_name_prefix="validation")
        self._executions = ThreadPoolExecutor(64, thread_name_prefix="execution")
        self._threads = ThreadPoolExecutor(16, thread_name_prefix="resolver")
        self._stamp = definition.stamp()
        self._reloading = asyncio.Lock()
        self.engine, self._authenticator = self._compiled()

    def close(self) -> None:
        """Release the threads."""
        for threads in (self._gate, self._validations, self._executions, self._threads):
            threads.shutdown(wait=False, cancel_futures=True)

    async def authenticate(self, request: SignedRequest, source_ip: str) -> Identity:
        """Authenticate a request's sender. Raises Unauthenticated."""
        loop = asyncio.get_running_loop()
        work = self._authenticator.authenticate
        return await loop.run_in_executor(self._gate, work, request, source_ip)

    async def prepare(self, body: bytes, engine: Engine) -> Operation:
        """Read and check a request. Raises InvalidQuery or Malformed."""
        self.check_size(body)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._validations, lambda: engine.prepare(read_request(body))
        )

    def check_size(self, body: bytes | bytearray) -> None:
        """Raise Malformed for a request that is too large to be read."""
        if len(body) > self.limits.body_bytes:
            message = f"Request body is larger than {self.limits.body_bytes} bytes."
            raise Malformed(message, "RequestEntityTooLargeException", status=413)

    async def execute(self, operation: Operation, caller: Caller, engine: Engine) -> Executed:
        """Execute a query or mutation, and give its subscribers what it published."""
        loop = asyncio.get_running_loop()
        executed = await loop.run_in_executor(
            self._executions, lambda: asyncio.run(engine.execute(operation, caller))
        )
        await self.hub.publish(executed.publications)
        self.hub.invalidate(executed.invalidations)
        return executed

    async def reload_if_changed(self) -> None:
        """Reload a definition that has changed since it was loaded."""
        if self._definition.stamp() != self._stamp:
            await self.reload()

    async def reload(self) -> None:
        """Load the definition anew; a broken one changes nothing and is logged."""
        async with self._reloading:
            self._stamp = self._definition.stamp()
            try:
                engine, authenticator = await asyncio.to_thread(self._compiled)
            except (DefinitionError, OSError) as error:
                _log.error("the changed definition is not used: %s", error)  # noqa: TRY400 - the message says it all
                return
            self.engine, self._authenticator = engine, authenticator
            _log.warning("the API's definition was loaded anew")

    def _compiled(self) -> tuple[Engine, Authenticator]:
        api = self._definition.load()
        authenticator = self._authenticator_of(api)
        engine = Engine(
            api,
            self._functions,
            self._permissions,
            self._threads,
            self.limits.resolver_seconds,
        )
        return engine, authenticator
