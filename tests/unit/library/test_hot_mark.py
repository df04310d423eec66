"""Many changes of one user at once: each is a transaction that looks at the same mark.

DynamoDB cancels one of two transactions that hold an item at the same moment; neither the fakes nor
an emulator does. Here time is simulated, so that it can be counted who is turned away.
"""

from functools import partial
from random import Random

import pytest
from botocore.exceptions import ClientError

from library import writing
from tests.fakes.schedule import Task, checkpoint

HELD = 0.012
"""Seconds for which a transaction holds its items."""


class HotMark:
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
            answer = {"Error": error, "CancellationReasons": reasons}
            raise ClientError(answer, "TransactWriteItems")  # type: ignore[arg-type]
        self.free_from = self.now + HELD
        self.stored += 1

    def sleep(self, name: str, seconds: float) -> None:
        self.wakes[name] = self.now + HELD / 2 + seconds
        checkpoint("asleep")


@pytest.mark.parametrize("seed", range(5))
def test_of_sixty_changes_at_once_none_is_turned_away(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(writing, "_random", Random(seed))  # noqa: S311 - only for pauses
    client = HotMark()
    tasks = [
        Task(name, partial(writing.write, client, [], partial(client.sleep, name)))  # type: ignore[arg-type]
        for name in map(str, range(60))
    ]

    while waiting := [task for task in tasks if not task.done]:
        soonest = min(waiting, key=lambda task: client.wakes.get(task.name, 0.0))
        client.now = client.wakes.get(soonest.name, 0.0)
        soonest.step()

    assert [task.error for task in tasks if task.error] == []
    assert client.stored == len(tasks)
    assert client.now < 5
