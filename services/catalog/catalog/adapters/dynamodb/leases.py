"""Who fetches which title's details, in the Refreshes table.

Two pages that show the same new title at the same moment would both ask for it. The one whose
claim is written asks; the other one's list shows what its own row says meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from catalog.adapters.dynamodb.refresh_items import claim_key
from catalog.domain import TitleId
from catalog.domain.errors import CacheContended
from matinee.clock import Clock, epoch_seconds
from matinee.dynamodb.items import to_item
from matinee.dynamodb.transactions import cancellation_reasons

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ATTEMPTS = 6
FIRST_PAUSE = 0.05
"""Seconds; doubled each time that a write meets another one."""

_CONDITION = "ConditionalCheckFailed"


@dataclass(frozen=True, slots=True)
class DynamoClaims:
    """`Claims` in a table. What has expired may be claimed anew."""

    table: str
    dynamodb: DynamoDBClient
    now: Clock
    pause: Callable[[float], None] = time.sleep

    def claim(self, wanted: Sequence[TitleId], holder: str, until: datetime) -> Sequence[TitleId]:
        """Claim what nobody else has claimed, all in one write; see the port."""
        left = list(wanted)
        for attempt in range(ATTEMPTS):
            if not left:
                return []
            if attempt:
                self.pause(FIRST_PAUSE * 2 ** (attempt - 1))
            try:
                self.dynamodb.transact_write_items(
                    TransactItems=[self._claim(title, holder, until) for title in left]  # type: ignore[misc]
                )
            except ClientError as error:
                if not (reasons := cancellation_reasons(error)):
                    raise
                taken = zip(left, reasons, strict=True)
                left = [title for title, reason in taken if reason != _CONDITION]
            else:
                return left
        raise CacheContended

    def _claim(self, title: TitleId, holder: str, until: datetime) -> Mapping[str, Any]:
        return {
            "Update": {
                "TableName": self.table,
                "Key": claim_key(title),
                "UpdateExpression": "SET holder = :holder, #ttl = :until",
                "ConditionExpression": (
                    "attribute_not_exists(part) OR holder = :holder OR #ttl < :now"
                ),
                "ExpressionAttributeNames": {"#ttl": "ttl"},
                "ExpressionAttributeValues": to_item(
                    {
                        ":holder": holder,
                        ":until": epoch_seconds(until),
                        ":now": epoch_seconds(self.now()),
                    }
                ),
            }
        }
