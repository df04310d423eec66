"""What the product's code finds around it when a benchmark runs it in its own process."""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tools.contracts.paths import make_importable

QUIET = {
    "POWERTOOLS_TRACE_DISABLED": "true",
    "POWERTOOLS_METRICS_NAMESPACE": "Matinee",
    "POWERTOOLS_SERVICE_NAME": "rooms",
    "POWERTOOLS_LOG_LEVEL": "ERROR",
}
"""Read when the product's packages are imported: nothing is printed into a result."""


def prepare() -> None:
    """Make the services importable and quiet; call it before importing any of them."""
    os.environ |= QUIET
    make_importable()
    observability = importlib.import_module("matinee.observability")
    # Lambda flushes them after each invocation; here they would be printed by the hundred.
    observability.metrics.add_metric = _ignore


def _ignore(**_: object) -> None:
    pass


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for the length of a block."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ |= variables
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def busy(loops: int) -> Iterator[None]:
    """Keep as many cores busy for the length of a block."""
    processes = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])  # noqa: S603 - our own text
        for _ in range(loops)
    ]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()
