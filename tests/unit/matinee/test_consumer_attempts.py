"""What goes on without a message, and when one that has failed is shown again."""

import json
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from mypy_boto3_sqs import SQSClient

from matinee.events.consumer import (
    MAX_BACKOFF_SECONDS,
    Attempts,
    Consumer,
    DeadLetterQueue,
    Unprocessable,
)
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import detail
from matinee.events.idempotency import IdempotencyGuard
from tests.fakes.aws import FakeLambdaContext, FakeQueue, sqs_record
from tests.fakes.events import KITCHEN, tea

MOST = 4


class FakeMemory:
    """Remembers nothing."""

    def begin(self, context: object) -> None:
        """Learn of an invocation."""

    def __call__(self, _key: str, action: Any) -> None:  # noqa: ANN401 - a plain callable
        action()


class Queue(FakeQueue):
    """A queue that remembers for how long messages were hidden."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden: list[int] = []

    def change_message_visibility(self, **call: Any) -> None:  # noqa: ANN401 - as boto3 has it
        self.hidden.append(call["VisibilityTimeout"])


class Kitchen:
    """A consumer whose events lead to one another; `fault` is what handling ends with."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.story: list[str] = []
        self.fault = fault
        self.refusal: Exception | None = None
        self.queue = Queue()
        sqs = cast("SQSClient", self.queue)
        self.consumer = Consumer(
            contracts=KITCHEN,
            handle=self._handle,
            guard=cast("IdempotencyGuard", FakeMemory()),
            dead_letters=DeadLetterQueue("https://queue/dead", sqs),
            attempts=Attempts("https://queue/work", MOST, self._give_up, sqs),
        )

    def receive(self, times: int, body: str | None = None) -> bool:
        """Hand over an event for the n-th time; tells whether it must be shown again."""
        record = sqs_record(
            body or json.dumps({"detail": json.loads(detail(tea(1)))}), "the-message"
        )
        record["attributes"]["ApproximateReceiveCount"] = str(times)
        context = cast("LambdaContext", FakeLambdaContext())
        return bool(self.consumer({"Records": [record]}, context)["batchItemFailures"])

    def _handle(self, _: Envelope[Contract]) -> None:
        self.story.append("handled")
        if self.fault:
            raise self.fault

    def _give_up(self, _: Envelope[Contract]) -> None:
        self.story.append("gone on without")
        if self.refusal:
            raise self.refusal


def test_nothing_is_given_up_while_there_are_attempts() -> None:
    kitchen = Kitchen(OSError())

    assert kitchen.receive(MOST - 1)
    assert kitchen.story == ["handled"]


def test_before_the_last_attempt_things_go_on_without_the_message() -> None:
    kitchen = Kitchen(OSError())

    assert kitchen.receive(MOST)
    assert kitchen.story == ["gone on without", "handled"]


def test_the_last_attempt_may_still_succeed() -> None:
    kitchen = Kitchen()

    assert not kitchen.receive(MOST)
    assert kitchen.story == ["gone on without", "handled"]
    assert len(kitchen.queue) == 0


def test_before_a_message_is_put_away_things_go_on_without_it() -> None:
    kitchen = Kitchen(Unprocessable("burnt"))

    assert not kitchen.receive(1)
    assert kitchen.story == ["handled", "gone on without"]
    assert kitchen.queue.reasons == ["burnt"]


@pytest.mark.parametrize("times", [1, MOST])
def test_a_message_for_which_nothing_waits_is_put_away_all_the_same(times: int) -> None:
    kitchen = Kitchen(Unprocessable("burnt"))
    kitchen.refusal = Unprocessable("nothing waits for it")

    assert not kitchen.receive(times)
    assert len(kitchen.queue.reasons) == 1


def test_a_message_that_nothing_could_go_on_without_is_shown_again_after_a_pause() -> None:
    kitchen = Kitchen(Unprocessable("burnt"))
    kitchen.refusal = OSError()

    assert kitchen.receive(1)
    assert kitchen.queue.reasons == []
    assert kitchen.queue.hidden == [10]


def test_a_message_that_cannot_be_understood_is_put_away_alone() -> None:
    kitchen = Kitchen()

    assert not kitchen.receive(1, "not JSON")
    assert kitchen.story == []
    assert kitchen.queue.reasons == ["the message is not JSON"]


@pytest.mark.parametrize(
    ("times", "seconds"), [(1, 10), (2, 20), (3, 40), (20, MAX_BACKOFF_SECONDS)]
)
def test_a_failed_message_is_shown_again_after_a_pause_that_doubles(
    times: int, seconds: int
) -> None:
    kitchen = Kitchen(OSError())

    assert kitchen.receive(times)
    assert kitchen.queue.hidden == [seconds]


def test_a_message_that_succeeds_is_not_hidden() -> None:
    kitchen = Kitchen()

    assert not kitchen.receive(1)
    assert kitchen.queue.hidden == []
