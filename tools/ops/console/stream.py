"""Live events as server-sent events, for as long as somebody listens."""

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from tools.ops.events.bus_listener import listen, received
from tools.ops.events.environment import Environment
from tools.ops.events.live import EventFilter

_QUIET_SECONDS = 15.0
_LISTENING = "event: listening\ndata: {}\n\n"
_STILL_THERE = ": still there\n\n"

type Json = dict[str, Any]

logger = logging.getLogger(__name__)


class Listener:
    """Listens to the bus in a thread of its own, which cleans up after itself.

    The loop, which may serve the very bus, never waits for it.
    """

    def __init__(
        self, environment: Environment, wanted: EventFilter, judged: Callable[[Json], Json]
    ) -> None:
        self._environment, self._wanted, self._judged = environment, wanted, judged
        self._loop = asyncio.get_running_loop()
        self._over = threading.Event()
        self.messages: asyncio.Queue[str | None] = asyncio.Queue()

    def __enter__(self) -> Self:
        """Start to listen; the last message is None."""
        threading.Thread(target=self._listen, name="console-listener", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Have the thread end as soon as it can."""
        self._over.set()

    def _listen(self) -> None:
        try:
            with listen(self._environment, self._wanted.pattern) as url:
                self._put(_LISTENING)
                while not self._over.is_set():
                    for event in received(self._environment, url):
                        self._put(f"data: {json.dumps(self._judged(event))}\n\n")
        except (BotoCoreError, ClientError) as error:
            logger.warning("live events ended: %s", error)
        finally:
            self._put(None)

    def _put(self, message: str | None) -> None:
        if not self._over.is_set():
            self._loop.call_soon_threadsafe(self.messages.put_nowait, message)


async def server_sent(
    environment: Environment, wanted: EventFilter, judged: Callable[[Json], Json]
) -> AsyncIterator[str]:
    """Yield a message when the listener is there, and one for each event from then on."""
    with Listener(environment, wanted, judged) as listener:
        while True:
            try:
                message = await asyncio.wait_for(listener.messages.get(), _QUIET_SECONDS)
            except TimeoutError:
                message = _STILL_THERE
            if message is None:
                return
            yield message
