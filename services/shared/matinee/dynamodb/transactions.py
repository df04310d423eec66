"""Transactions: conditional writes that commit together, retried while others hold an item.

A use case's write is one call of `transact_write`. It ends in one of four ways: committed; a
condition does not hold (`ConditionFailed`, with the item that was found); another writer holds an
item for longer than the retries last (`WriteConflict`); DynamoDB fails (its own error).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as AwsConnectionError

from matinee.dynamodb.batches import UnprocessedItems
from matinee.dynamodb.items import Item, to_item
from matinee.errors import MatineeError
from matinee.observability import logger
from matinee.retry import DEFAULT_BACKOFF, Backoff, WriteConflict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = [
    "CONDITION_FAILED",
    "NO_RETRY",
    "Action",
    "Condition",
    "ConditionFailed",
    "WriteConflict",
    "cancellation_reasons",
    "check",
    "delete",
    "is_conflict",
    "is_unavailable",
    "put",
    "transact_write",
    "translate_client_errors",
    "update",
]

type Action = Mapping[str, Any]
"""One element of TransactItems."""

CONDITION_FAILED = "ConditionalCheckFailed"

_CONFLICTS = frozenset(
    {
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingError",
        "ThrottlingException",
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)

NO_RETRY = Backoff(attempts=1)


class Condition(TypedDict, total=False):
    """The condition of an action. `values` are plain; `return_existing` asks for the item found."""

    condition: str
    names: Mapping[str, str]
    values: Mapping[str, object]
    return_existing: bool


class ConditionFailed(Exception):
    """A condition of the transaction, or of a single write, does not hold. Nothing was written.

    `failed` tells for each action, in order, whether its own condition failed; `items` has what was
    found instead, where the action asked for it (ReturnValuesOnConditionCheckFailure).
    """

    def __init__(self, failed: Sequence[bool], items: Sequence[Item | None]) -> None:
        self.failed = tuple(failed)
        self.items = tuple(items)
        super().__init__("a condition of the transaction does not hold")


def transact_write(
    client: DynamoDBClient, actions: Sequence[Action], backoff: Backoff = DEFAULT_BACKOFF
) -> None:
    """Commit actions together, again after a pause while another writer holds an item.

    Raises ConditionFailed, WriteConflict, ClientError, BotoCoreError.
    """
    for attempt in range(1, backoff.attempts + 1):
        try:
            client.transact_write_items(TransactItems=actions)  # type: ignore[arg-type]
        except ClientError as error:
            if CONDITION_FAILED in cancellation_reasons(error):
                raise _condition_failed(error) from error
            if not is_conflict(error):
                raise
            if attempt == backoff.attempts:
                raise WriteConflict from error
            backoff.wait(attempt)
        else:
            return


def put(table: str, item: Item, **condition: Unpack[Condition]) -> Action:
    """Return the action that stores an item."""
    return {"Put": {"TableName": table, "Item": item, **_expressions(condition)}}


def update(table: str, key: Item, expression: str, **condition: Unpack[Condition]) -> Action:
    """Return the action that changes attributes of an item; `values` serve both expressions."""
    change = {"TableName": table, "Key": key, "UpdateExpression": expression}
    return {"Update": change | _expressions(condition)}


def delete(table: str, key: Item, **condition: Unpack[Condition]) -> Action:
    """Return the action that deletes an item."""
    return {"Delete": {"TableName": table, "Key": key, **_expressions(condition)}}


def check(table: str, key: Item, **condition: Unpack[Condition]) -> Action:
    """Return the action that changes nothing and demands that a condition holds."""
    return {"ConditionCheck": {"TableName": table, "Key": key, **_expressions(condition)}}


@contextmanager
def translate_client_errors(
    unavailable: type[MatineeError], busy: type[MatineeError] | None = None
) -> Iterator[None]:
    """Raise `unavailable` for what DynamoDB cannot do now, and `busy` for contention.

    The reason is logged under `table_failed`; the caller's error does not show it. A single write
    whose condition does not hold raises ConditionFailed, as a transaction does.
    """
    contended = busy or unavailable
    try:
        yield
    except (WriteConflict, UnprocessedItems) as error:
        raise contended from error
    except (ClientError, BotoCoreError) as error:
        if isinstance(error, ClientError):
            if error.response["Error"]["Code"] == f"{CONDITION_FAILED}Exception":
                found: Item | None = error.response.get("Item")  # type: ignore[assignment]
                raise ConditionFailed([True], [found]) from error
            if is_conflict(error):
                raise contended from error
        logger.error("table_failed", extra={"reason": error_code(error)})
        raise unavailable from error


def error_code(error: ClientError | BotoCoreError) -> str:
    """Return the code of AWS's error, or the name of the client library's own."""
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"]
    return type(error).__name__


def is_unavailable(error: Exception) -> bool:
    """Return whether a call of AWS got no response, or one by which it may succeed later."""
    if not isinstance(error, ClientError):
        return isinstance(error, AwsConnectionError | HTTPClientError)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return is_conflict(error) or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def cancellation_reasons(error: ClientError) -> Sequence[str]:
    """Return why a transaction was cancelled, one code for each of its actions.

    Empty when the error is no cancellation. Codes: None, ConditionalCheckFailed,
    TransactionConflict, ThrottlingError, ...
    """
    return tuple(reason.get("Code", "None") for reason in _reasons(error))


def is_conflict(error: ClientError) -> bool:
    """Return whether a request lost a race, or was throttled, and may succeed if repeated."""
    code = error.response["Error"]["Code"]
    return code in _CONFLICTS or any(reason in _CONFLICTS for reason in cancellation_reasons(error))


def _condition_failed(error: ClientError) -> ConditionFailed:
    reasons = _reasons(error)
    return ConditionFailed(
        [reason.get("Code") == CONDITION_FAILED for reason in reasons],
        [reason.get("Item") for reason in reasons],
    )


def _reasons(error: ClientError) -> Sequence[Mapping[str, Any]]:
    if error.response["Error"]["Code"] != "TransactionCanceledException":
        return ()
    reasons: Sequence[Mapping[str, Any]] = error.response.get("CancellationReasons", ())
    return reasons


def _expressions(condition: Condition) -> dict[str, Any]:
    expressions: dict[str, Any] = {}
    if "condition" in condition:
        expressions["ConditionExpression"] = condition["condition"]
    if names := condition.get("names"):
        expressions["ExpressionAttributeNames"] = dict(names)
    if values := condition.get("values"):
        expressions["ExpressionAttributeValues"] = to_item(values)
    if condition.get("return_existing"):
        expressions["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return expressions
