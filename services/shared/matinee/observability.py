"""Logging and metrics: one stack of decorators for every function.

Every log line is JSON with the service, the function, and the correlation id of the current
request or event. Never logged: an event, a body, a token, a password or an address.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from matinee.settings import from_snapshot, on_lambda
from matinee.start import finish, vary_copies

logger = Logger(utc=True)
metrics = Metrics()  # the namespace is the stack's: POWERTOOLS_METRICS_NAMESPACE
metrics.namespace = metrics.namespace or "Matinee"  # of a tool that calls a handler

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

WARMUP = "warmup"
"""An event with this key only starts a function."""

type Handler = Callable[[dict[str, Any], LambdaContext], Any]


def entry_point(*, prepare: Callable[[], object]) -> Callable[[Handler], Handler]:
    """Wrap a function's handler: context in the log, metrics flushed.

    On Lambda `prepare` is called while the instance starts: with a whole processor, of which the
    first request would get a part, and before any request where Lambda starts it early.
    """
    if on_lambda():
        prepare()
    if from_snapshot():
        vary_copies()
    finish(keep=on_lambda())
    return _observed


def _observed(handler: Handler) -> Handler:

    @logger.inject_lambda_context(clear_state=True)
    def observed(event: dict[str, Any], context: LambdaContext) -> Any:  # noqa: ANN401 - as Lambda has it
        if WARMUP in event:
            logger.info("warmed")
            return {"warmed": True}
        logger.debug("invoked")
        try:
            return handler(event, context)
        finally:
            if metrics.metric_set:  # Powertools' own decorator warns when there are none
                metrics.flush_metrics()

    return observed


def count(name: str, value: float = 1) -> None:
    """Count one business event, for example RoomCreated."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def measure(name: str, milliseconds: float) -> None:
    """Record a duration, for example VoteToNotification."""
    metrics.add_metric(name=name, unit=MetricUnit.Milliseconds, value=milliseconds)


def correlate(correlation_id: str) -> None:
    """Add the correlation id to every log line until the end of the invocation."""
    logger.set_correlation_id(correlation_id)
