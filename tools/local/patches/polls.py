"""Short polls of queues, as strict as AWS: they may come back empty although messages are there.

SQS asks some of a queue's servers for a short poll (WaitTimeSeconds=0) and all of them for a long
one. The emulator has one server: here a share of the short polls is answered without asking it.
"""

import importlib
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

EMPTY_SHARE = 0.4
_ACTION = "ReceiveMessage"

type Receive = Callable[[Mapping[str, Any], str], Awaitable[dict[str, Any]]]


def apply(_port: int) -> None:
    """Make some of ReceiveMessage's short polls return nothing."""
    queues = importlib.import_module("ministack.services.sqs")
    chance = random.SystemRandom().random
    actions: dict[str, Receive] = queues._HANDLERS  # noqa: SLF001 - no other way in
    actions[_ACTION] = sometimes_empty(actions[_ACTION], queues._get_q, chance)  # noqa: SLF001


def sometimes_empty(
    receive: Receive, queue: Callable[[str], Mapping[str, Any]], chance: Callable[[], float]
) -> Receive:
    """Return nothing to a share of the polls that do not wait, whatever the queue holds."""

    async def received(request: Mapping[str, Any], url: str) -> dict[str, Any]:
        wait = request.get("WaitTimeSeconds")
        if wait is None:
            attributes = queue(request.get("QueueUrl", url))["attributes"]
            wait = attributes.get("ReceiveMessageWaitTimeSeconds", 0)
        if int(wait) == 0 and chance() < EMPTY_SHARE:
            return {}
        return await receive(request, url)

    return received
