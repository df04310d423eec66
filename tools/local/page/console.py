"""The console's interface for the local product, which is loaded when it is first asked."""

import importlib
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool

from tools.contracts.paths import make_importable
from tools.local.page import Asgi, Scope
from tools.ops.events.environment import Environment


def interface(stack_file: Path) -> Asgi:
    """Return the interface; `stack_file` describes the product once it is ready."""
    made: list[Asgi] = []

    def make() -> Asgi:
        make_importable()  # the contracts, which are the services'
        module = importlib.import_module("tools.ops.console.application")
        asgi: Asgi = module.create_console(module.Console(lambda: Environment.here(stack_file)))
        return asgi

    async def application(scope: Scope, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's
        if not made:
            made.append(await run_in_threadpool(make))
        await made[0](scope, receive, send)

    return application
