"""Starts each function's first workers, so that no user waits for them."""

import json
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from tools.local.emulator import Aws

WARM_UP_EVENT = {"warmup": True}
# Cold starts are a second of processor time each: more at once only makes each one slower.
_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class WarmUp:
    """The outcome of the first calls; `failed` maps names to errors."""

    warmed: int
    failed: dict[str, str]
    seconds: float


def warm_up(
    aws: Aws,
    functions: Mapping[str, str],
    workers: Mapping[str, int],
    stop: threading.Event | None = None,
) -> WarmUp:
    """Invoke functions with the warm-up event: `functions` maps logical ids to names.

    `workers` says of which, and how many calls at once: each worker answers one call at a time.
    Once `stop` is set, nothing more is called.
    """
    started = time.monotonic()
    pairs = [
        (logical_id, functions[logical_id])
        for logical_id, at_once in sorted(workers.items(), key=lambda item: -item[1])
        for _ in range(at_once)
    ]
    client = aws.lambda_  # made here: making clients is not safe in several threads

    def warm(name: str) -> str | None:
        if stop and stop.is_set():
            return None
        try:
            answer = client.invoke(FunctionName=name, Payload=json.dumps(WARM_UP_EVENT))
            error = answer.get("FunctionError")
            return _reason(answer["Payload"].read()) if error else None
        except (ClientError, BotoCoreError) as failure:
            return str(failure)

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="warm") as pool:
        errors = list(pool.map(warm, [name for _, name in pairs]))
    failed = {
        logical_id: error
        for (logical_id, _), error in zip(pairs, errors, strict=True)
        if error is not None
    }
    warmed = {logical_id for logical_id, _ in pairs} - failed.keys()
    return WarmUp(len(warmed), failed, time.monotonic() - started)


def _reason(payload: bytes) -> str:
    try:
        error = json.loads(payload)
        return f"{error.get('errorType', 'error')}: {error.get('errorMessage', '')}"
    except (ValueError, AttributeError):
        return payload.decode(errors="replace")[:200]
