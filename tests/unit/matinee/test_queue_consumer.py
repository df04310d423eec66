"""Each event handled once, each failure alone, no message lost."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from mypy_boto3_sqs import SQSClient

from matinee.errors import Unavailable
from matinee.events.consumer import Backoff, Consumer, DeadLetterQueue, Unprocessable
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import detail
from matinee.events.idempotency import IdempotencyGuard
from matinee.observability import logger
from tests.fakes.aws import FakeLambdaContext, FakeQueue, sqs_record
from tests.fakes.events import KITCHEN, tea


class FakeOnce:
    """Remembers what was done, and for which invocations it was told to."""

    def __init__(self) -> None:
        self.done: set[str] = set()
        self.invocations: list[object] = []

    def begin(self, context: object) -> None:
        self.invocations.append(context)

    def __call__(self, key: str, action: Callable[[], None]) -> None:
        if key not in self.done:
            action()
            self.done.add(key)


class Counter:
    """A consumer of the kitchen's events, whose handling can be made to fail."""

    def __init__(self) -> None:
        self.handled: list[str] = []
        self.faults: dict[str, Exception] = {}
        self.memory = FakeOnce()
        self.further = FakeOnce()
        self.dead_letters, self.queue = FakeQueue(), FakeQueue()
        self.consumer = Consumer(
            contracts=KITCHEN,
            handle=self._handle,
            guard=cast("IdempotencyGuard", self.memory),
            further_guards=[cast("IdempotencyGuard", self.further)],
            dead_letters=DeadLetterQueue(
                "https://queue/dead", cast("SQSClient", self.dead_letters)
            ),
            backoff=Backoff("https://queue/work", cast("SQSClient", self.queue)),
        )

    def receive(self, *bodies: str) -> list[str]:
        """Hand over a batch; answers the ids of the messages that the queue must show again."""
        records = [sqs_record(body, str(n)) for n, body in enumerate(bodies, start=1)]
        answer = self.consumer({"Records": records}, cast("LambdaContext", FakeLambdaContext()))
        return [str(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]]

    def _handle(self, envelope: Envelope[Contract]) -> None:
        event_id = envelope.metadata.event_id
        if event_id in self.faults:
            raise self.faults[event_id]
        self.handled.append(event_id)


def message(envelope: Envelope[Contract], **more: str) -> str:
    """Return an event as the bus puts it into a queue."""
    return json.dumps(
        {
            "version": "0",
            "id": "the bus's own",
            "source": "matinee.kitchen",
            "detail-type": "TeaServed",
            "detail": json.loads(detail(envelope)),
            **more,
        }
    )


def replayed(envelope: Envelope[Contract], name: str) -> str:
    """Return an event as a replay puts it into a queue."""
    return message(envelope, **{"replay-name": name})


def test_every_event_of_a_batch_is_handled_in_order() -> None:
    counter = Counter()

    assert counter.receive(message(tea(1)), message(tea(2))) == []
    assert counter.handled == ["event-001", "event-002"]


def test_an_event_that_comes_twice_is_handled_once() -> None:
    counter = Counter()

    assert counter.receive(message(tea(1)), message(tea(1))) == []
    assert counter.receive(message(tea(1))) == []
    assert counter.handled == ["event-001"]


def test_a_replay_reaches_whoever_has_handled_the_event_and_each_replay_once() -> None:
    counter = Counter()
    counter.receive(message(tea(1)))

    counter.receive(replayed(tea(1), "after the restore"))
    counter.receive(replayed(tea(1), "after the restore"))
    assert counter.handled == ["event-001"] * 2

    counter.receive(replayed(tea(1), "another"))
    counter.receive(message(tea(1)))
    assert counter.handled == ["event-001"] * 3


def test_a_failure_is_reported_alone_and_can_be_handled_later() -> None:
    counter = Counter()
    counter.faults["event-002"] = Unavailable()

    assert counter.receive(message(tea(1)), message(tea(2)), message(tea(3))) == ["2"]
    assert counter.handled == ["event-001", "event-003"]

    counter.faults.clear()
    assert counter.receive(message(tea(2))) == []
    assert counter.handled[-1] == "event-002"


def test_a_defect_is_a_failure_of_its_message_alone() -> None:
    counter = Counter()
    counter.faults["event-001"] = ZeroDivisionError()

    assert counter.receive(message(tea(1)), message(tea(2))) == ["1"]
    assert counter.handled == ["event-002"]
    assert len(counter.dead_letters) == 0


def test_a_batch_in_which_all_fail_is_reported_and_not_raised() -> None:
    counter = Counter()
    counter.faults = {"event-001": Unavailable(), "event-002": Unavailable()}

    assert counter.receive(message(tea(1)), message(tea(2))) == ["1", "2"]


BROKEN = {
    "not json": "the message is not JSON",
    "": "the message is not JSON",
    "[]": "no contract is known",
    '"text"': "no contract is known",
    "null": "no contract is known",
    "{}": "no contract is known",
    '{"detail": null}': "no contract is known",
    '{"detail": {"metadata": {"event_type": ["TeaServed"]}}}': "no contract is known",
    '{"detail": {"metadata": {"event_type": "RoomCreated"}}}': "no contract is known",
    '{"detail": {"metadata": {"event_type": "TeaServed"}}}': "data: Field required",
}


@pytest.mark.parametrize(("body", "reason"), BROKEN.items())
def test_a_poison_message_goes_to_the_dead_letters_with_its_reason(body: str, reason: str) -> None:
    counter = Counter()

    assert counter.receive(message(tea(1)), body, message(tea(2))) == []

    assert counter.handled == ["event-001", "event-002"]
    [buried] = counter.dead_letters.messages
    assert buried["QueueUrl"] == "https://queue/dead"
    assert buried["MessageBody"] == body
    assert reason in counter.dead_letters.reasons[0]


def test_an_event_that_can_never_be_handled_goes_there_too_and_is_not_taken_for_done() -> None:
    counter = Counter()
    counter.faults["event-001"] = Unprocessable("there is no kettle")

    assert counter.receive(message(tea(1)), message(tea(2))) == []

    assert counter.dead_letters.reasons == ["there is no kettle"]
    assert counter.handled == ["event-002"]
    assert counter.memory.done == {"event-002"}


def test_an_event_from_somebody_else_in_the_kitchen_s_name_is_poison() -> None:
    counter = Counter()
    forged = message(tea(1)).replace(
        '"source": "matinee.kitchen", "occ', '"source": "matinee.x", "occ'
    )

    assert counter.receive(forged) == []

    assert counter.handled == []
    assert "published by matinee.kitchen alone" in counter.dead_letters.reasons[0]


def test_an_event_with_more_than_its_contract_is_read() -> None:
    counter = Counter()
    event = json.loads(message(tea(1)))
    event["detail"]["data"]["sugar"] = True
    event["detail"]["metadata"]["tenant"] = "x"

    assert counter.receive(json.dumps(event)) == []
    assert counter.handled == ["event-001"]


def test_a_mixed_batch_comes_to_what_each_of_it_comes_to() -> None:
    counter = Counter()
    counter.faults["event-003"] = Unavailable()

    failures = counter.receive(
        message(tea(1)), "poison", message(tea(3)), message(tea(1)), message(tea(4))
    )

    assert failures == ["3"]
    assert counter.handled == ["event-001", "event-004"]
    assert len(counter.dead_letters) == 1


def test_a_failure_to_bury_keeps_the_message_in_its_queue() -> None:
    counter = Counter()

    def fail(**_: Any) -> None:  # noqa: ANN401 - as boto3 has it
        raise ConnectionError

    counter.dead_letters.send_message = fail  # type: ignore[assignment,method-assign]

    assert counter.receive("poison", message(tea(2))) == ["1"]


def test_every_memory_learns_of_each_invocation() -> None:
    counter = Counter()

    counter.receive(message(tea(1)))
    counter.receive(message(tea(2)))

    assert len(counter.memory.invocations) == len(counter.further.invocations) == 2


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    stream = StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", stream)
    return stream


def test_logs_each_event_once_with_what_became_of_it(log: StringIO) -> None:
    counter = Counter()
    counter.faults = {"event-002": Unavailable(), "event-003": Unprocessable("there is no kettle")}

    counter.receive(*(message(tea(number)) for number in (1, 1, 2, 3)))

    first, again, failed, rejected = [json.loads(line) for line in log.getvalue().splitlines()]
    assert first["message"] == again["message"] == "event_handled"
    assert [first["outcome"], again["outcome"]] == ["handled", "repeated"]
    assert first["event_id"] == "event-001"
    assert first["event_type"] == "TeaServed"
    assert first["correlation_id"] == tea(1).metadata.correlation_id
    assert first["duration_ms"] >= 0
    assert [failed["message"], rejected["message"]] == ["event_failed", "message_rejected"]
