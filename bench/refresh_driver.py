"""A worker of the refresh in a process of its own: it takes its messages from the queue itself.

Lambda polls the queue with several pollers and has a worker for each message at once; the local
emulator hands out one message a poll. Here the worker's own loop is what is measured.

python -m bench.refresh_driver   in the environment of RefreshWorkerFunction; until it is ended

Then it prints how many slots of the rate it has missed.
"""

import importlib
import os
import signal
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn, cast

import boto3

from bench.surroundings import prepare

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_WAIT_SECONDS = 1
_CONTEXT = SimpleNamespace(
    function_name="RefreshWorkerFunction",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:eu-west-1:000000000000:function:RefreshWorkerFunction",
    aws_request_id="00000000-0000-4000-8000-000000000000",
    get_remaining_time_in_millis=lambda: 60_000,
)


def main() -> None:
    """Take a message, handle it, delete it unless the handler wants it again; and the next one."""
    prepare()
    missed = _counting("TmdbSlotsMissed")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        _work()
    finally:
        print(len(missed), flush=True)


def _work() -> NoReturn:
    from catalog.handlers.refresh_worker import handler  # noqa: PLC0415 - importable only now

    queue_url = os.environ["QUEUE_URL"]
    sqs = boto3.client("sqs")
    context = cast("LambdaContext", _CONTEXT)
    while True:
        received = sqs.receive_message(
            QueueUrl=queue_url,
            WaitTimeSeconds=_WAIT_SECONDS,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        for message in received.get("Messages", []):
            answer = handler({"Records": [_record(message, queue_url)]}, context)
            if not answer["batchItemFailures"]:
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])


def _counting(metric: str) -> list[object]:
    """Return a list that grows with each count of a metric."""
    counted: list[object] = []

    def add(*, name: str, **_: object) -> None:
        if name == metric:
            counted.append(name)

    importlib.import_module("matinee.observability").metrics.add_metric = add
    return counted


def _record(message: "MessageTypeDef", queue_url: str) -> dict[str, Any]:
    """Return a message as an event source mapping hands it to a function."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {
            name: {
                "stringValue": value["StringValue"],
                "dataType": value["DataType"],
                "stringListValues": [],
                "binaryListValues": [],
            }
            for name, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:eu-west-1:000000000000:{queue_url.rsplit('/', 1)[-1]}",
        "awsRegion": "eu-west-1",
    }


if __name__ == "__main__":
    main()
