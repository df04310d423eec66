"""Many concurrent changes of one user: each is a transaction that checks the same block.

DynamoDB cancels one of two transactions that hold an item at the same moment; neither the fakes nor
an emulator does. Here time is simulated, so that the changes that fail can be counted.
"""

from dataclasses import replace
from functools import partial
from random import Random

import pytest
from botocore.exceptions import ClientError

from library.adapters.dynamodb.requests import WRITE_BACKOFF
from matinee.dynamodb.transactions import transact_write
from tests.fakes.schedule import Task, checkpoint

HELD = 0.012
"""Seconds for which a transaction holds its items."""


class ContendedClient:
    """A client whose transactions all hold the same item, in a time of its own."""

    def __init__(self) -> None:
        self.now = 0.0
        self.free_from = 0.0
        self.wakes: dict[str, float] = {}
        self.stored = 0

    def transact_write_items(self, **_: object) -> None:
        if self.now < self.free_from:
            error = {"Code": "TransactionCanceledException", "Message": ""}
            reasons = [{"Code": "None"}, {"Code": "TransactionConflict"}]
            response = {"Error": error, "CancellationReasons": reasons}
            raise ClientError(response, "TransactWriteItems")  # type: ignore[arg-type]
        self.free_from = self.now + HELD
        self.stored += 1

    def sleep(self, name: str, seconds: float) -> None:
        self.wakes[name] = self.now + HELD / 2 + seconds
        checkpoint("asleep")


@pytest.mark.parametrize("seed", range(5))
def test_sixty_concurrent_changes_are_all_stored(seed: int) -> None:
    jitter = Random(seed).uniform  # noqa: S311 - only for pauses
    client = ContendedClient()

    def task(name: str) -> Task:
        backoff = replace(WRITE_BACKOFF, sleep=partial(client.sleep, name), jitter=jitter)
        return Task(name, lambda: transact_write(client, [], backoff))  # type: ignore[arg-type]

    tasks = [task(str(number)) for number in range(60)]

    while waiting := [task for task in tasks if not task.done]:
        soonest = min(waiting, key=lambda task: client.wakes.get(task.name, 0.0))
        client.now = client.wakes.get(soonest.name, 0.0)
        soonest.step()

    assert [task.error for task in tasks if task.error] == []
    assert client.stored == len(tasks)
    assert client.now < 5
