"""Leases to fetch titles' details, in the Refreshes table.

Two pages with the same new title at the same time would both request its details. The one that
holds the lease does; the other page's list shows its own row of the title meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.adapters.dynamodb.refresh_items import lease_key
from catalog.adapters.dynamodb.refreshes_table import RefreshesTable
from matinee.clock import epoch_seconds
from matinee.dynamodb.transactions import Action, ConditionFailed, update
from matinee.media import TitleKey


@dataclass(frozen=True, slots=True)
class DynamoLeases(RefreshesTable):
    """`LeaseRepository` in a table. An expired lease may be acquired by anybody."""

    def acquire(
        self, keys: Sequence[TitleKey], owner_id: str, until: datetime
    ) -> Sequence[TitleKey]:
        """Acquire all leases that are free in one transaction; see the port."""
        left = list(keys)
        while left:
            actions = [self._acquire(key, owner_id, until) for key in left]
            try:
                self._write(actions)
            except ConditionFailed as error:
                left = [key for key, failed in zip(left, error.failed, strict=True) if not failed]
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
