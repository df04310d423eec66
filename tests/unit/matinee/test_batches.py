"""Batches of which DynamoDB leaves a part undone."""

from collections.abc import Iterator
from typing import Any

import pytest

from matinee.dynamodb.batches import MAX_STALLED_ATTEMPTS, UnprocessedItems, batch_get, batch_write


class Slow:
    """A client that does so many of each request as its plan says; then all."""

    def __init__(self, *plan: int) -> None:
        self.plan: Iterator[int] = iter(plan)
        self.written: list[Any] = []
        self.calls = 0

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - as boto3 has it
        done, left = self._some({table: asked["Keys"] for table, asked in RequestItems.items()})
        unprocessed = {
            table: {**RequestItems[table], "Keys": keys} for table, keys in left.items() if keys
        }
        return {"Responses": done, "UnprocessedKeys": unprocessed}

    def batch_write_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - as boto3 has it
        done, left = self._some(RequestItems)
        self.written += [one for some in done.values() for one in some]
        return {"UnprocessedItems": {table: some for table, some in left.items() if some}}

    def _some(self, asked: dict[str, list[Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
        self.calls += 1
        most = next(self.plan, 100)
        return (
            {table: some[:most] for table, some in asked.items()},
            {table: some[most:] for table, some in asked.items()},
        )


WANTED = {
    "films": {"Keys": ["f1", "f2", "f3", "f4"], "ConsistentRead": True},
    "people": {"Keys": ["p1"]},
}
ALL = {("films", "f1"), ("films", "f2"), ("films", "f3"), ("films", "f4"), ("people", "p1")}


def test_what_is_left_of_a_read_is_asked_for_again_at_once() -> None:
    pauses: list[float] = []
    client = Slow(1, 1, 2)

    found: list[Any] = list(batch_get(client, WANTED, pauses.append))  # type: ignore[arg-type]

    assert (set(found), len(found)) == (ALL, 5)
    assert (client.calls, pauses) == (3, [])


def test_what_is_left_of_a_write_is_asked_for_again_at_once() -> None:
    pauses: list[float] = []
    client = Slow(1, 1, 2)

    batch_write(client, {"films": ["f1", "f2", "f3"]}, pauses.append)  # type: ignore[arg-type]

    assert client.written == ["f1", "f2", "f3"]
    assert (client.calls, pauses) == (3, [])


def test_pauses_double_while_nothing_is_done_and_begin_anew() -> None:
    pauses: list[float] = []

    list(batch_get(Slow(0, 0, 1, 0), WANTED, pauses.append))  # type: ignore[arg-type]
    batch_write(Slow(0, 0, 0), {"films": ["f1"]}, pauses.append)  # type: ignore[arg-type]

    assert pauses == [0.05, 0.1, 0.05, 0.05, 0.1, 0.2]


def test_slow_progress_is_no_fault() -> None:
    plan = [0, 0, 0, 0, 1] * 4
    assert len(list(batch_get(Slow(*plan), WANTED, lambda _: None))) == 5  # type: ignore[arg-type]


def test_who_is_answered_nothing_any_more_is_told_so_after_what_there_was() -> None:
    client = Slow(1, *[0] * MAX_STALLED_ATTEMPTS)
    found: list[Any] = []

    with pytest.raises(UnprocessedItems):
        found.extend(batch_get(client, WANTED, lambda _: None))  # type: ignore[arg-type]
    with pytest.raises(UnprocessedItems):
        batch_write(Slow(*[0] * MAX_STALLED_ATTEMPTS), {"films": ["f1"]}, lambda _: None)  # type: ignore[arg-type]

    assert client.calls == 1 + MAX_STALLED_ATTEMPTS
    assert set(found) == {("films", "f1"), ("people", "p1")}


def test_nothing_is_asked_for_nothing() -> None:
    client = Slow()

    assert list(batch_get(client, {})) == []  # type: ignore[arg-type]
    batch_write(client, {})  # type: ignore[arg-type]

    assert client.calls == 0
