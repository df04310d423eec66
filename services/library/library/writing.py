"""Asking DynamoDB, and what its refusals mean here."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from random import SystemRandom
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from library.domain.errors import LibraryBusy, LibraryUnavailable
from matinee.dynamodb.batches import Pause, UnprocessedItems
from matinee.dynamodb.items import Item
from matinee.dynamodb.transactions import is_conflict
from matinee.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ATTEMPTS = 12
FIRST_PAUSE = 0.02
LONGEST_PAUSE = 1.0
"""Seconds at most before the second attempt; doubled each time, and drawn at random below that.

All changes of a user look at the same mark, and DynamoDB lets one of two transactions go that hold
an item: a page that adds sixty titles at once has every one of them stored, within four seconds.
"""

CHECK_FAILED = "ConditionalCheckFailed"

_random = SystemRandom()


class ConditionFailed(Exception):
    """Conditions do not hold. `found` has for each action whether its own failed, and the item."""

    def __init__(self, found: Sequence[tuple[bool, Item | None]]) -> None:
        self.found = found
        super().__init__("a condition does not hold")


@contextmanager
def answering() -> Iterator[None]:
    """Turn what DynamoDB cannot do now into LibraryUnavailable, or LibraryBusy for contention."""
    try:
        yield
    except ClientError as error:
        if is_conflict(error):
            raise LibraryBusy from error
        raise _broken(error.response["Error"]["Code"]) from error
    except BotoCoreError as error:
        raise _broken(type(error).__name__) from error
    except UnprocessedItems as left:
        raise LibraryBusy from left


def write(
    client: DynamoDBClient, actions: Sequence[Mapping[str, Any]], pause: Pause = time.sleep
) -> None:
    """Commit actions together, again after a pause while others hold one of the items.

    Raises ConditionFailed, LibraryBusy, LibraryUnavailable.
    """
    for attempt in range(ATTEMPTS):
        if attempt:
            pause(_random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1))))
        try:
            client.transact_write_items(TransactItems=actions)  # type: ignore[arg-type]
        except ClientError as error:
            found = _failed_conditions(error)
            if any(failed for failed, _ in found):
                raise ConditionFailed(found) from error
            if not is_conflict(error):
                raise _broken(error.response["Error"]["Code"]) from error
        except BotoCoreError as error:
            raise _broken(type(error).__name__) from error
        else:
            return
    raise LibraryBusy


def _failed_conditions(error: ClientError) -> Sequence[tuple[bool, Item | None]]:
    reasons: Sequence[Mapping[str, Any]] = error.response.get("CancellationReasons", ())
    return [(reason.get("Code") == CHECK_FAILED, reason.get("Item")) for reason in reasons]


def _broken(reason: str) -> LibraryUnavailable:
    logger.error("library_table_failed", extra={"reason": reason})
    return LibraryUnavailable()
