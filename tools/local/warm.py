"""Calls functions that were deployed anew, to say at once which ones cannot start."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import BotoCoreError, ClientError

from tools.local.emulator import Aws

WARM_UP_EVENT = {"warmup": True}
# Cold starts are a second of processor time each: more at once only makes each one slower.
_AT_ONCE = 3


def failing(aws: Aws, functions: Mapping[str, str]) -> dict[str, str]:
    """Invoke functions, logical ids to names, with the warm-up event; return the errors by id."""
    client = aws.lambda_  # made here: making clients is not safe in several threads

    def error_of(name: str) -> str | None:
        try:
            answer = client.invoke(FunctionName=name, Payload=json.dumps(WARM_UP_EVENT))
            failed = answer.get("FunctionError")
            return _reason(answer["Payload"].read()) if failed else None
        except (ClientError, BotoCoreError) as failure:
            return str(failure)

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="warm") as pool:
        errors = zip(functions, pool.map(error_of, functions.values()), strict=True)
        return {logical_id: error for logical_id, error in errors if error is not None}


def _reason(payload: bytes) -> str:
    try:
        error = json.loads(payload)
        return f"{error.get('errorType', 'error')}: {error.get('errorMessage', '')}"
    except (ValueError, AttributeError):
        return payload.decode(errors="replace")[:200]
