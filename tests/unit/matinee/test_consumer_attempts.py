"""What goes on without a message, and when one that has failed is shown again."""

import json
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError
from mypy_boto3_sqs import SQSClient

from matinee.events.consumer import (
    MAX_BACKOFF_SECONDS,
    Attempts,
    Backoff,
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


class Kitchen:
    """A consumer whose events lead to one another, if they are `dependent`.

    `fault` is what handling ends with.
    """

    def __init__(self, fault: Exception | None = None, *, dependent: bool = True) -> None:
        self.story: list[str] = []
        self.fault = fault
        self.refusal: Exception | None = None
        self.queue = FakeQueue()
        self.attempts = Attempts(MOST, self._give_up) if dependent else None
        sqs = cast("SQSClient", self.queue)
        self.consumer = Consumer(
            contracts=KITCHEN,
            handle=self._handle,
            guard=cast("IdempotencyGuard", FakeMemory()),
            dead_letters=DeadLetterQueue("https://queue/dead", sqs),
            backoff=Backoff("https://queue/work", sqs),
            attempts=self.attempts,
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
    assert kitchen.queue.hidden == [2]


def test_a_message_that_cannot_be_understood_is_put_away_alone() -> None:
    kitchen = Kitchen()

    assert not kitchen.receive(1, "not JSON")
    assert kitchen.story == []
    assert kitchen.queue.reasons == ["the message is not JSON"]


@pytest.mark.parametrize("dependent", [True, False])
@pytest.mark.parametrize(
    ("times", "seconds"),
    [(1, 2), (2, 10), (3, 50), (4, 250), (5, MAX_BACKOFF_SECONDS), (20, MAX_BACKOFF_SECONDS)],
)
def test_a_failed_message_is_shown_again_within_seconds_then_later(
    times: int,
    seconds: int,
    dependent: bool,  # noqa: FBT001
) -> None:
    kitchen = Kitchen(OSError(), dependent=dependent)

    assert kitchen.receive(times)
    assert kitchen.queue.hidden == [seconds]


def test_a_message_that_cannot_be_postponed_is_left_to_its_queue() -> None:
    kitchen = Kitchen(OSError(), dependent=False)

    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "ReceiptHandleIsInvalid"}}, "ChangeMessageVisibility")

    kitchen.queue.change_message_visibility = refuse  # type: ignore[method-assign]

    assert kitchen.receive(1)
    assert len(kitchen.queue) == 0


def test_a_message_that_succeeds_is_not_hidden() -> None:
    kitchen = Kitchen()

    assert not kitchen.receive(1)
    assert kitchen.queue.hidden == []
