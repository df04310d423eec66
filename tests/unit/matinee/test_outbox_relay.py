"""From the outbox to the bus: everything once at least, in order, and nothing broken."""

import importlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_events import EventBridgeClient
from mypy_boto3_sqs import SQSClient

from matinee.events.contract import Contract, Envelope
from matinee.events.outbox import OutboxItem, put_event
from matinee.events.relay import (
    ATTEMPTS,
    BYTES_PER_CALL,
    ENTRIES_PER_CALL,
    MAX_REMEMBERED_EVENTS,
    NotPublished,
    Relay,
)
from tests.fakes.aws import (
    FakeBus,
    FakeLambdaContext,
    FakeOutboxTable,
    FakeQueue,
    stream_record,
)
from tests.fakes.clock import FakeClock
from tests.fakes.events import KITCHEN, tea
from tools.contracts.paths import ROOT


class Office:
    """A relay with its table, its bus and its dead-letter queue."""

    def __init__(self) -> None:
        self.table = FakeOutboxTable()
        self.bus = FakeBus()
        self.dead_letters = FakeQueue()
        self.now = FakeClock()
        self.pauses: list[float] = []
        self.relay = self.another_process()

    def another_process(self) -> Relay:
        """Start the relay anew, with nothing in its memory."""
        return Relay(
            bus="the-bus",
            outbox_table="outbox",
            dead_letter_url="https://queue/dead",
            contracts=KITCHEN,
            events=cast("EventBridgeClient", self.bus),
            dynamodb=cast("DynamoDBClient", self.table),
            sqs=cast("SQSClient", self.dead_letters),
            now=self.now,
            pause=self.pauses.append,
        )

    def store(self, *events: Envelope[Contract]) -> list[dict[str, Any]]:
        """Put events into the outbox; answers the stream's records of them."""
        items = [put_event("outbox", event)["Put"]["Item"] for event in events]
        return self.store_items(*items)

    def store_items(self, *items: dict[str, Any]) -> list[dict[str, Any]]:
        for item in items:
            self.table.put(item)
        return [stream_record(item) for item in items]

    def published(self) -> list[str]:
        return [json.loads(entry["Detail"])["metadata"]["event_id"] for entry in self.bus.taken]


def item(number: int) -> dict[str, Any]:
    """Return an outbox item."""
    stored: dict[str, Any] = put_event("outbox", tea(number))["Put"]["Item"]
    return stored


def broken(number: int) -> dict[str, Any]:
    """Return an outbox item whose event does not keep its contract."""
    item: dict[str, Any] = put_event("outbox", tea(number))["Put"]["Item"]
    detail = json.loads(item["detail"]["S"])
    detail["data"]["cups"] = 0
    return item | {"detail": {"S": json.dumps(detail)}}


def test_an_event_is_published_as_it_was_written_and_then_deleted() -> None:
    office = Office()

    office.relay.handle({"Records": office.store(tea(1))})

    [entry] = office.bus.taken
    assert entry["EventBusName"] == "the-bus"
    assert entry["Source"] == "matinee.kitchen"
    assert entry["DetailType"] == "TeaServed"
    assert entry["Time"] == "2026-01-31T12:00:00.000Z"
    assert KITCHEN.read(json.loads(entry["Detail"])) == tea(1)
    assert len(office.table) == 0


def test_only_what_was_inserted_is_published() -> None:
    office = Office()
    [one, two] = office.store(tea(1), tea(2))

    removed = stream_record(two["dynamodb"]["NewImage"], "REMOVE")
    changed = two | {"eventName": "MODIFY"}
    office.relay.handle({"Records": [one, removed, changed]})

    assert office.published() == ["event-001"]
    assert "event-002" in office.table


def test_an_empty_batch_calls_nobody() -> None:
    office = Office()

    office.relay.handle({"Records": []})

    assert office.bus.calls == []


def test_events_go_in_the_stream_s_order_ten_at_a_time() -> None:
    office = Office()

    office.relay.handle({"Records": office.store(*(tea(n) for n in range(1, 26)))})

    assert [len(call) for call in office.bus.calls] == [10, 10, 5]
    assert office.published() == [f"event-{n:03}" for n in range(1, 26)]
    assert len(office.table) == 0


def test_large_events_go_in_calls_that_the_bus_takes() -> None:
    office = Office()
    large = "x" * (BYTES_PER_CALL // 2 - 1_000)

    office.relay.handle({"Records": office.store(*(tea(n, note=large) for n in range(1, 6)))})

    assert [len(call) for call in office.bus.calls] == [2, 2, 1]
    assert office.published() == [f"event-{n:03}" for n in range(1, 6)]


@given(st.lists(st.integers(0, BYTES_PER_CALL - 1_000), max_size=30))
def test_no_call_is_ever_too_large_and_no_event_ever_left_out(sizes: list[int]) -> None:
    office = Office()
    events = [tea(n, note="x" * size) for n, size in enumerate(sizes, start=1)]

    office.relay.handle({"Records": office.store(*events)})

    for call in office.bus.calls:
        texts = [e["Source"] + e["DetailType"] + e["Detail"] for e in call]
        assert 1 <= len(call) <= ENTRIES_PER_CALL
        assert sum(14 + len(text.encode()) for text in texts) <= BYTES_PER_CALL
    assert office.published() == [event.metadata.event_id for event in events]


def test_failed_entries_alone_are_sent_again_after_growing_pauses() -> None:
    office = Office()
    refusals = iter([True, False, True, False, False])
    records = office.store(tea(1), tea(2), tea(3))
    office.bus.refuses = lambda _: next(refusals)

    office.relay.handle({"Records": records})

    numbers = [[json.loads(e["Detail"])["data"]["cups"] for e in call] for call in office.bus.calls]
    assert numbers == [[1, 2, 3], [1, 3]]
    assert office.pauses == [0.1]
    assert len(office.table) == 0


def test_what_the_bus_never_takes_stays_and_the_others_are_done() -> None:
    office = Office()
    office.bus.refuses = lambda entry: '"cups":2' in entry["Detail"]
    records = office.store(tea(1), tea(2), tea(3))

    answer = office.relay.handle({"Records": records})

    assert answer == {"batchItemFailures": [{"itemIdentifier": "event-002"}]}
    assert len(office.bus.calls) == ATTEMPTS
    assert office.pauses == [0.1, 0.2, 0.4]
    assert list(office.table.items) == ["event-002"]
    assert len(office.dead_letters) == 0


def test_a_chunk_that_fails_does_not_keep_back_the_next() -> None:
    office = Office()
    office.bus.refuses = lambda entry: (
        '"cups":1,' in entry["Detail"] or '"cups":1}' in entry["Detail"]
    )
    records = office.store(*(tea(n) for n in range(1, 13)))

    answer = office.relay.handle({"Records": records})

    assert answer == {"batchItemFailures": [{"itemIdentifier": "event-001"}]}
    assert list(office.table.items) == ["event-001"]
    assert len(office.bus) == 11


def test_the_stream_goes_on_from_the_first_that_was_refused() -> None:
    office = Office()
    office.bus.refuses = lambda entry: any(f'"cups":{n}' in entry["Detail"] for n in (3, 5))
    records = office.store(*(tea(n) for n in range(1, 7)))

    answer = office.relay.handle({"Records": records})

    assert answer == {"batchItemFailures": [{"itemIdentifier": "event-003"}]}
    assert sorted(office.table.items) == ["event-003", "event-005"]


def test_what_was_taken_after_a_refused_one_is_not_told_again() -> None:
    office = Office()
    office.bus.refuses = lambda entry: '"cups":2' in entry["Detail"]
    records = office.store(*(tea(n) for n in range(1, 6)))
    office.relay.handle({"Records": records})
    office.bus.refuses = lambda _: False

    answer = office.relay.handle({"Records": records[1:]})

    assert answer == {"batchItemFailures": []}
    assert office.published() == [f"event-{n:03}" for n in (1, 3, 4, 5, 2)]
    assert len(office.table) == 0


def test_a_batch_after_which_the_process_was_another_is_told_again_never_not_at_all() -> None:
    office = Office()
    office.bus.refuses = lambda entry: '"cups":2' in entry["Detail"]
    records = office.store(*(tea(n) for n in range(1, 4)))
    office.relay.handle({"Records": records})
    office.bus.refuses = lambda _: False

    office.another_process().handle({"Records": records[1:]})

    assert office.published() == ["event-001", "event-003", "event-002", "event-003"]


def test_a_sweep_says_aloud_what_the_bus_does_not_take() -> None:
    office = Office()
    office.store(tea(1), tea(2))
    office.bus.refuses = lambda entry: '"cups":2' in entry["Detail"]
    office.now.advance(minutes=2)

    with pytest.raises(NotPublished, match="1 events"):
        office.relay.handle({"sweep": True})

    assert list(office.table.items) == ["event-002"]


def test_the_memory_of_what_was_taken_has_an_end() -> None:
    office = Office()
    for start in range(1, MAX_REMEMBERED_EVENTS + 100, 100):
        office.relay.handle({"Records": office.store(*(tea(n) for n in range(start, start + 100)))})
    latest, oldest = stream_record(item(MAX_REMEMBERED_EVENTS)), stream_record(item(1))
    taken = len(office.bus)

    office.relay.handle({"Records": [latest]})
    assert len(office.bus) == taken
    office.relay.handle({"Records": [oldest]})
    assert len(office.bus) == taken + 1


def test_a_bus_that_cannot_be_called_leaves_everything_for_the_next_time() -> None:
    office = Office()
    records = office.store(tea(1), tea(2))
    office.bus.crash = ConnectionError("no route")

    with pytest.raises(ConnectionError):
        office.relay.handle({"Records": records})
    assert len(office.table) == 2

    office.bus.crash = None
    office.relay.handle({"Records": records})
    assert office.published() == ["event-001", "event-002"]


def test_a_crash_between_publishing_and_deleting_publishes_again_never_not_at_all() -> None:
    office = Office()
    records = office.store(tea(1))
    office.table.crash = ConnectionError("killed")
    with pytest.raises(ConnectionError):
        office.relay.handle({"Records": records})
    office.table.crash = None
    office.now.advance(minutes=2)

    office.another_process().handle({"sweep": True})

    assert office.published() == ["event-001", "event-001"]
    assert len(office.table) == 0


class TestBroken:
    def test_an_event_that_breaks_its_contract_is_buried_and_its_neighbours_go_on(self) -> None:
        office = Office()
        [first] = office.store(tea(1))
        [poison] = office.store_items(broken(2))
        [third] = office.store(tea(3))

        office.relay.handle({"Records": [first, poison, third]})

        assert office.published() == ["event-001", "event-003"]
        assert list(office.table.items) == ["event-002"]
        [reason] = office.dead_letters.reasons
        assert "data.cups" in reason

    def test_what_is_buried_names_the_event_and_stays_with_its_reason(self) -> None:
        office = Office()

        office.relay.handle({"Records": office.store_items(broken(2))})

        [message] = office.dead_letters.messages
        assert message["QueueUrl"] == "https://queue/dead"
        assert json.loads(message["MessageBody"]) == {
            "event_id": "event-002",
            "detail_type": "TeaServed",
        }
        assert "data.cups" in office.table.items["event-002"]["rejected_because"]["S"]

    def test_an_oversized_event_is_buried_with_its_size(self) -> None:
        office = Office()
        records = office.store(tea(1, note="é" * (BYTES_PER_CALL // 2)), tea(2))

        office.relay.handle({"Records": records})

        assert office.published() == ["event-002"]
        assert "bytes are more than the bus accepts" in office.dead_letters.reasons[0]

    @pytest.mark.parametrize(
        "change",
        [
            {"detail": {"S": "not json"}},
            {"detail": {"S": "[]"}},
            {"detail": {"S": "{}"}},
            {"detail": {"S": ""}},
            {"detail_type": {"S": "CakeServed"}},
            {"source": {"S": "matinee.rooms"}},
        ],
        ids=str,
    )
    def test_whatever_is_wrong_with_it_a_broken_event_never_reaches_the_bus(
        self, change: dict[str, Any]
    ) -> None:
        office = Office()
        item = put_event("outbox", tea(2))["Put"]["Item"] | change

        office.relay.handle({"Records": [*office.store_items(item), *office.store(tea(3))]})

        assert office.published() == ["event-003"]
        assert len(office.dead_letters) == 1

    @pytest.mark.parametrize("missing", ["detail", "detail_type", "source", "occurred_at"])
    def test_an_item_that_lacks_something_does_not_stop_its_neighbours(self, missing: str) -> None:
        office = Office()
        item = put_event("outbox", tea(2))["Put"]["Item"]
        del item[missing]

        office.relay.handle({"Records": [*office.store_items(item), *office.store(tea(3))]})

        assert "event-003" in office.published()

    def test_a_batch_shown_again_buries_nothing_twice(self) -> None:
        office = Office()
        records = office.store_items(broken(2))

        office.relay.handle({"Records": records})
        office.relay.handle({"Records": records})

        assert len(office.dead_letters) == 1

    def test_what_an_operator_has_removed_meanwhile_is_no_failure(self) -> None:
        office = Office()
        records = [*office.store_items(broken(2)), *office.store(tea(3))]
        office.table.items.pop("event-002")

        office.relay.handle({"Records": records})

        assert office.published() == ["event-003"]
        assert "event-002" not in office.table

    def test_the_reason_does_not_repeat_personal_values(self) -> None:
        office = Office()
        item = put_event("outbox", tea(2))["Put"]["Item"]
        detail = json.loads(item["detail"]["S"])
        detail["data"]["cups"] = "ann@example.com"

        office.relay.handle(
            {"Records": office.store_items(item | {"detail": {"S": json.dumps(detail)}})}
        )

        assert "ann@example.com" not in office.dead_letters.reasons[0]


class TestSweep:
    def test_what_has_waited_too_long_is_published(self) -> None:
        office = Office()
        office.store(*(tea(n) for n in range(1, 9)))
        office.now.advance(minutes=1, seconds=1)

        office.relay.handle({"sweep": True})

        assert sorted(office.published()) == [f"event-{n:03}" for n in range(1, 9)]
        assert len(office.table) == 0

    def test_what_is_young_is_left_to_the_stream(self) -> None:
        office = Office()
        office.store(tea(1))
        office.now.advance(seconds=59)

        office.relay.handle({"sweep": True})

        assert len(office.bus) == 0
        assert "event-001" in office.table

    def test_what_has_been_rejected_is_not_tried_again(self) -> None:
        office = Office()
        office.relay.handle({"Records": office.store_items(broken(2))})
        office.now.advance(hours=1)

        office.relay.handle({"sweep": True})

        assert len(office.dead_letters) == 1
        assert len(office.bus) == 0

    def test_a_broken_event_does_not_stop_the_sweep(self) -> None:
        office = Office()
        office.store_items(broken(1))
        office.store(tea(2))
        office.now.advance(hours=1)

        office.relay.handle({"sweep": True})

        assert office.published() == ["event-002"]
        assert len(office.dead_letters) == 1

    def test_a_sweep_makes_progress_before_it_has_read_everything(self) -> None:
        office = Office()
        office.table.page_size = 10
        office.store(*(tea(n) for n in range(1, 31)))
        office.now.advance(hours=1)
        calls_when_read: list[int] = []
        pages = office.table.paginate

        def watched(**request: Any) -> Any:  # noqa: ANN401 - as boto3 has it
            for page in pages(**request):
                calls_when_read.append(len(office.bus.calls))
                yield page

        office.table.paginate = watched  # type: ignore[method-assign]
        office.relay.handle({"sweep": True})

        assert calls_when_read[-1] > 0
        assert len(office.table) == 0


def test_publish_answers_how_many() -> None:
    office = Office()
    items = [OutboxItem.read(put_event("t", tea(n))["Put"]["Item"]) for n in (1, 2)]

    assert office.relay.publish(items) == 2


RELAYS = sorted(ROOT.glob("services/*/*/handlers/relay.py"))


@pytest.mark.parametrize("path", RELAYS, ids=lambda path: path.parents[1].name)
def test_a_relay_s_function_answers_the_stream_what_the_relay_answers(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module(f"{path.parents[1].name}.handlers.relay")
    answer = {"batchItemFailures": [{"itemIdentifier": "event-002"}]}
    monkeypatch.setattr(module, "relay", lambda: SimpleNamespace(handle=lambda _: answer))

    assert module.handler({"Records": []}, FakeLambdaContext()) == answer
