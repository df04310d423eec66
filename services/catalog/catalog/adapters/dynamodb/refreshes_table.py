"""What the repositories in the Refreshes table have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from catalog.domain.errors import CatalogBusy
from matinee.clock import Clock
from matinee.dynamodb.transactions import Action, WriteConflict, transact_write
from matinee.retry import Backoff

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BACKOFF = Backoff(attempts=6, initial=0.05, longest=2.0)


@dataclass(frozen=True, slots=True)
class RefreshesTable:
    """The Refreshes table, and the clock that its items are written by."""

    table: str
    dynamodb: DynamoDBClient
    now: Clock
    backoff: Backoff = field(default=BACKOFF)

    def _write(self, actions: Sequence[Action]) -> None:
        """Commit actions; raise ConditionFailed, or CatalogBusy when others hold an item."""
        try:
            transact_write(self.dynamodb, actions, self.backoff)
        except WriteConflict as error:
            raise CatalogBusy from error
