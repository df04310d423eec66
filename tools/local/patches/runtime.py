"""How the emulator runs functions, reads streams and checks callers, made as on AWS.

Where it differs from AWS:
- After a restart it remembers how far each stream was read, but not the streams: as many records
  as had been read before would be skipped. The positions are dropped together with the streams.
- It looks for stream records once a second. Here a write wakes the reader, as on AWS, where a
  record takes a fraction of a second.
- It enforces IAM policies, but PutEvents has no condition key events:source there. Here it has, so
  that a policy which allows a service its own source alone can be kept, and is.
- Its JWT authorizers ask for a user pool's keys at the port that addresses are minted with. Here
  they ask at the one that it listens on.

Where a laptop differs from a region:
- It starts a process for every call that comes while others run: a burst of fifty calls is fifty
  Python processes that start at once, for half a minute on two cores. Here calls beyond a few
  wait for their turn, which takes milliseconds.
- After a call that logged nothing it waits 50 ms for a log line. Here it waits 15.
"""

import importlib
import json
import os
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from tools.local.patches.wrap import wrap

# Calls of one function at a time, and batches of one queue at a time.
CALLS_AT_ONCE = max(4, os.cpu_count() or 1)
BATCHES_AT_ONCE = 2
_LOG_LINE_SECONDS = 0.015


def apply(port: int) -> None:
    """Change how the emulator runs functions, streams and policies; it listens on `port`."""
    concurrency = importlib.import_module("ministack.core.concurrency")
    dynamodb = importlib.import_module("ministack.services.dynamodb")
    functions = importlib.import_module("ministack.services.lambda_svc")
    runtime = importlib.import_module("ministack.core.lambda_runtime")
    actions = importlib.import_module("ministack.core.iam_actions")
    gateway = importlib.import_module("ministack.services.apigateway")
    wrap(gateway, "_resolve_jwks_url", lambda resolve: asking_at(resolve, f"127.0.0.1:{port}"))
    wrap(actions, "request_tag_context", with_event_sources)
    wrap(functions, "load_persisted_state", without_stream_positions)
    wrap(
        dynamodb,
        "_emit_stream_event",
        lambda function: wake_after(function, concurrency.esm_wake.set),
    )
    wrap(functions, "_execute_function_warm", lambda call: queueing(call, CALLS_AT_ONCE))
    wrap(functions, "_sqs_esm_concurrency", lambda limit: at_most(limit, BATCHES_AT_ONCE))
    wrap(
        getattr(runtime, "Worker", None),
        "_drain_stderr_bounded",
        lambda drain: lambda worker: drain(worker, first_line_wait=_LOG_LINE_SECONDS),
    )


def functions_busy() -> bool:
    """Return whether a function of the emulator is being invoked."""
    functions = importlib.import_module("ministack.services.lambda_svc")
    return bool(getattr(functions, "_inflight_total", 0))


def asking_at(
    resolve: Callable[[Any], Awaitable[str | None]], place: str
) -> Callable[[Any], Awaitable[str | None]]:
    """Find a user pool's keys at `place` (host and port), an outside issuer's where they are."""

    async def resolved(authorizer: Any) -> str | None:  # noqa: ANN401
        url = await resolve(authorizer)
        own = url and urlsplit(url).scheme == "http"
        return urlsplit(url)._replace(netloc=place).geturl() if url and own else url

    return resolved


def wake_after(function: Callable[..., Any], wake: Callable[[], object]) -> Callable[..., Any]:
    """Call `wake()` after each call of `function`."""

    def woken(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        result = function(*arguments, **named)
        wake()
        return result

    return woken


def without_stream_positions(restore: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Restore Lambda's state without the read positions of streams that are gone."""

    def restored(state: Any) -> Any:  # noqa: ANN401
        if isinstance(state, dict):
            state = {
                name: part for name, part in state.items() if name != "dynamodb_stream_positions"
            }
        return restore(state)

    return restored


def with_event_sources(context: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Add the condition key events:source to those of PutEvents, when its entries share one."""

    def extended(service: str, action: str, body: bytes, parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        keys = context(service, action, body, parameters)
        if action != "events:PutEvents":
            return keys
        try:
            sources = {entry.get("Source") for entry in json.loads(body)["Entries"]}
        except (ValueError, LookupError, TypeError, AttributeError):
            return keys  # it will be refused as malformed
        return keys | ({"events:source": sources.pop()} if len(sources) == 1 else {})

    return extended


def queueing(call: Callable[..., Any], at_once: int) -> Callable[..., Any]:
    """Run at most so many calls of each function at a time; the others wait.

    Functions may call one another, but none calls itself, so no call waits for its own caller.
    """
    turns: defaultdict[str, threading.BoundedSemaphore] = defaultdict(
        lambda: threading.BoundedSemaphore(at_once)
    )
    making = threading.Lock()

    def queued(function: Mapping[str, Any], *arguments: Any) -> Any:  # noqa: ANN401
        configuration: Mapping[str, Any] = function.get("config") or function
        with making:
            turn = turns[str(configuration.get("FunctionName", ""))]
        with turn:
            return call(function, *arguments)

    return queued


def at_most(limit: Callable[..., int], most: int) -> Callable[..., int]:
    """Limit what `limit` returns to `most`."""
    return lambda *arguments: min(limit(*arguments), most)
