"""All profiles, for the reconciliation with the user pool.

Access pattern: Scan, a page at a time, from a random place on, so that each run of a large table
checks other profiles and no place has to be remembered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auth.adapters.dynamodb.items import NOT_BEING_DELETED, Tables, read_profile, user_key
from auth.domain.errors import AccountsUnavailable
from matinee.dynamodb.transactions import translate_client_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from auth.domain.account import Profile

_PAGE_ITEMS = 100


@dataclass(frozen=True, slots=True)
class DynamoProfiles:
    """The profiles in their table."""

    tables: Tables
    client: DynamoDBClient

    def everybody(self, start: str) -> Iterator[Profile]:
        """Yield every profile once, beginning after the place of an id in the table's order."""
        seen = set()
        for profile in self._from(user_key(start)):
            seen.add(profile.account.user_id)
            yield profile
        for profile in self._from(None):
            if profile.account.user_id in seen:  # the place where it began
                return
            yield profile

    def _from(self, start: Any) -> Iterator[Profile]:  # noqa: ANN401 - a key as boto3 has it
        while True:
            place = {"ExclusiveStartKey": start} if start else {}
            with translate_client_errors(AccountsUnavailable):
                page = self.client.scan(
                    TableName=self.tables.profiles,
                    FilterExpression=NOT_BEING_DELETED,
                    Limit=_PAGE_ITEMS,
                    **place,
                )
            for item in page["Items"]:
                if profile := read_profile(item):
                    yield profile
            start = page.get("LastEvaluatedKey")
            if not start:
                return
