"""Saves the emulator's state every few seconds while it is used: a kill loses those few alone.

Each snapshot is taken by a fork of the emulator's process, which has the state of one instant to
itself: neither do requests wait, nor can services be saved at different times. The emulator saves
by itself when it stops.
"""

import asyncio
import os
import resource
import signal
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

EVERY_SECONDS = 3.0
AT_LEAST_EVERY_SECONDS = 20.0
SHARE = 0.1
"""Of a processor, that snapshots may use: of a large state they are taken less often."""

_MAX_SECONDS = 30
"""For one snapshot. A lock that another thread had at the fork would be held for ever."""

_LOOK_SECONDS = 0.05
_READING = frozenset({"GET", "HEAD", "OPTIONS"})

type Scope = MutableMapping[str, Any]
type Asgi = Callable[[Scope, Any, Any], Awaitable[None]]


class Snapshots:
    """Saves what changed, in a process beside this one, at most one at a time."""

    def __init__(self, save: Callable[[], object], every: float = EVERY_SECONDS) -> None:
        self._save = save
        self._every = every
        self._changed = False
        self._child = 0
        self._pause = every

    def noticing(self, application: Asgi) -> Asgi:
        """Return the application; requests through it that may change something are noticed."""

        async def noticed(scope: Scope, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's
            await application(scope, receive, send)
            if scope["type"] == "http" and scope["method"] not in _READING:
                self._changed = True

        return noticed

    async def keep(self) -> None:
        """Take a snapshot every few seconds if something changed, until it is cancelled."""
        while True:
            await asyncio.sleep(self._pause)
            if self._is_over() and self._changed:
                self._changed = False
                self._child = self._fork()

    async def finish(self) -> None:
        """Wait until no snapshot is being written."""
        while not self._is_over():
            await asyncio.sleep(_LOOK_SECONDS)

    def _fork(self) -> int:
        child = os.fork()
        if child:
            return child
        code = 1
        try:
            os.setsid()  # whoever kills the emulator's group lets this one finish
            os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # above all the port
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
                signal.signal(number, signal.SIG_DFL)
            signal.alarm(_MAX_SECONDS)
            self._save()
            code = 0
        finally:
            os._exit(code)

    def _is_over(self) -> bool:
        if self._child:
            with suppress(ChildProcessError):
                ended, status, used = os.wait4(self._child, os.WNOHANG)
                if not ended:
                    return False
                self._changed = self._changed or status != 0
                self._pause = max(self._every, min(_seconds(used) / SHARE, AT_LEAST_EVERY_SECONDS))
            self._child = 0
        return True


def _seconds(used: resource.struct_rusage) -> float:
    return used.ru_utime + used.ru_stime
