"""The process of the AWS emulator.

    python -m tools.local.emulator_process --port PORT [--stack-file FILE] [--strict]

It is ministack's own server, with five differences beside those of `patches`:
- Names that the emulator mints (queue URLs above all) contain its port, and it finds its queues by
  them. They are minted with a fixed port, so that a state made on one port works on any other.
- At a stop it would save at once, whatever its functions are doing, and an event on its way from
  a stream to the bus would be lost. Here they finish first.
- Idle connections do not hold up a stop.
- Browsers get a page about the product, which FILE describes.
- It saves every few seconds while it is used, not only when it stops; and once it has saved it
  ends, whatever its threads are doing.
"""

import argparse
import asyncio
import importlib
import logging
import os
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tools.local.page import with_page
from tools.local.patches import apply_patches
from tools.local.patches.runtime import functions_busy
from tools.local.settings import MINTED_PORT
from tools.local.snapshots import Snapshots

_GRACEFUL_SECONDS = 1.0
_KEEP_ALIVE_SECONDS = 75
_SETTLE_SECONDS = 5.0
_LOOK_SECONDS = 0.1
_QUIET_LOOKS = 3


def main() -> None:
    """Read the port from the command line, and serve."""
    parser = argparse.ArgumentParser(description="Run the embedded AWS emulator.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--strict", action="store_true", help="as unkind as AWS can be")
    parser.add_argument("--stack-file", type=Path)
    options = parser.parse_args()
    serve(options.port, options.stack_file, strict=options.strict)


def serve(port: int, stack_file: Path | None = None, *, strict: bool) -> None:
    """Serve the emulator on 127.0.0.1 until SIGTERM; then it saves its state."""
    os.environ["GATEWAY_PORT"] = MINTED_PORT
    application = importlib.import_module("ministack.app")
    apply_patches(port, strict=strict)
    served = with_page(application.app, stack_file) if stack_file else application.app
    with suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    config = importlib.import_module("hypercorn.config").Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = _KEEP_ALIVE_SECONDS
    config.graceful_timeout = _GRACEFUL_SECONDS
    config.loglevel = "WARNING"
    asyncio.run(_serve_until_stopped(served, config))


async def quiet_after(stop: asyncio.Event, busy: Callable[[], bool]) -> None:
    """Wait for `stop`, then until nothing was busy for a moment, a few seconds at most."""
    await stop.wait()
    quiet_looks = 0
    for _ in range(round(_SETTLE_SECONDS / _LOOK_SECONDS)):
        quiet_looks = 0 if busy() else quiet_looks + 1
        if quiet_looks == _QUIET_LOOKS:
            return
        await asyncio.sleep(_LOOK_SECONDS)


def save() -> None:
    """Save what every service of the emulator holds; only failures are logged."""
    logging.disable(logging.INFO)
    application = importlib.import_module("ministack.app")
    persistence = importlib.import_module("ministack.core.persistence")
    persistence.save_all(application._build_persistence_save_dict())


def _persists() -> bool:
    return os.environ.get("PERSIST_STATE") == "1"


async def _serve_until_stopped(application: Any, config: Any) -> None:  # noqa: ANN401 - untyped modules
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    snapshots = Snapshots(save)
    keeping = asyncio.create_task(snapshots.keep() if _persists() else stop.wait())

    async def stopped() -> None:
        await quiet_after(stop, functions_busy)
        keeping.cancel()
        await snapshots.finish()

    hypercorn = importlib.import_module("hypercorn.asyncio")
    await hypercorn.serve(snapshots.noticing(application), config, shutdown_trigger=stopped)
    # Saved. A thread may still wait for a function that has a backlog: nobody waits for it.
    logging.shutdown()
    os._exit(0)


if __name__ == "__main__":
    main()
