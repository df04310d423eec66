"""Leases to fetch titles' details, in the Refreshes table.

Two pages with the same new title at the same time would both request its details. The one that
holds the lease does; the other page's list shows its own row of the title meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from catalog.adapters.dynamodb.refresh_items import lease_key
from catalog.domain.errors import CatalogBusy
from matinee.clock import Clock, epoch_seconds
from matinee.dynamodb.transactions import (
    Action,
    ConditionFailed,
    WriteConflict,
    transact_write,
    update,
)
from matinee.media import TitleKey
from matinee.retry import Backoff

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BACKOFF = Backoff(attempts=6, initial=0.05, longest=2.0)


@dataclass(frozen=True, slots=True)
class DynamoLeases:
    """`LeaseRepository` in a table. An expired lease may be acquired by anybody."""

    table: str
    dynamodb: DynamoDBClient
    now: Clock
    backoff: Backoff = field(default=BACKOFF)

    def acquire(
        self, keys: Sequence[TitleKey], owner_id: str, until: datetime
    ) -> Sequence[TitleKey]:
        """Acquire all leases that are free in one transaction; see the port."""
        left = list(keys)
        while left:
            actions = [self._acquire(key, owner_id, until) for key in left]
            try:
                transact_write(self.dynamodb, actions, self.backoff)
            except ConditionFailed as error:
                left = [key for key, failed in zip(left, error.failed, strict=True) if not failed]
            except WriteConflict as error:
                raise CatalogBusy from error
            else:
                break
        return left

    def _acquire(self, key: TitleKey, owner_id: str, until: datetime) -> Action:
        return update(
            self.table,
            lease_key(key),
            "SET ownerId = :owner, #ttl = :until",
            condition="attribute_not_exists(part) OR ownerId = :owner OR #ttl < :now",
            names={"#ttl": "ttl"},
            values={
                ":owner": owner_id,
                ":until": epoch_seconds(until),
                ":now": epoch_seconds(self.now()),
            },
        )
