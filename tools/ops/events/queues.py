"""Reading a queue until it is empty."""

from collections.abc import Iterator
from typing import Any

MESSAGES_PER_CALL = 10
EMPTY_ANSWERS = 3
WAIT_SECONDS = 2


def drain(
    sqs: Any,  # noqa: ANN401 - boto3's client
    url: str,
    *,
    wait_seconds: int = WAIT_SECONDS,
    empty_answers: int = EMPTY_ANSWERS,
) -> Iterator[dict[str, Any]]:
    """Yield a queue's messages until so many answers in a row were empty.

    The caller deletes them; what it does not delete comes back after the queue's visibility
    timeout. Each poll waits: a short one asks some of SQS's servers only, and what it does not find
    may be there; and even after a long one a message that was just sent may not be seen.
    """
    empty = 0
    while empty < empty_answers:
        answer = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=MESSAGES_PER_CALL,
            WaitTimeSeconds=wait_seconds,
            MessageAttributeNames=["All"],
        )
        messages = answer.get("Messages", ())
        empty = 0 if messages else empty + 1
        yield from messages
