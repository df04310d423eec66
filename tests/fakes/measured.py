"""When coverage measures: where tests run the services' code, until tasks take turns.

Tracing costs more than the tests themselves, and where tasks change stacks it would have to ask at
each call which stack it is on.
"""

import sys
from typing import Any

_paused: list[Any] = []


def pause() -> None:
    """Stop measuring, if anything is measured, until `resume`."""
    coverage = sys.modules.get("coverage")
    if coverage and (running := coverage.Coverage.current()):
        running.stop()
        _paused.append(running)


def resume() -> None:
    """Measure again if that was paused."""
    while _paused:
        _paused.pop().start()
