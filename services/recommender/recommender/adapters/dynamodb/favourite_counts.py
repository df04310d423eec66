"""What training has counted of each user, beside their taste in DynamoDB."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matinee.dynamodb.items import from_item, to_item
from matinee.media import MediaType, TitleKey
from recommender.adapters.dynamodb.items import (
    COUNTED,
    FIRST_FAVOURITE,
    LAST_FAVOURITE,
    item_key,
    parse_entry,
    query_pages,
)
from recommender.domain.training_state import MAX_COUNTED_FAVOURITES, CountedFavourites, Keys

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class FavouriteCountsRepository:
    """Users' favourites, stored and counted, over the tastes' table."""

    table: str
    client: DynamoDBClient

    def favourites(self, user_id: str) -> Keys:
        """Return a user's present favourites, at most the latest MAX_COUNTED_FAVOURITES."""
        present = sorted(
            (values["addedAt"], parse_entry(values)[1].key)
            for items, _ in query_pages(
                self.client, self.table, user_id, FIRST_FAVOURITE, LAST_FAVOURITE
            )
            for values in items
            if "addedAt" in values
        )
        return frozenset(key for _, key in present[-MAX_COUNTED_FAVOURITES:])

    def get_counted(self, user_id: str) -> CountedFavourites | None:
        """Return what was counted of a user, None when nothing was."""
        found = self.client.get_item(
            TableName=self.table, Key=item_key(user_id, COUNTED), ConsistentRead=True
        ).get("Item")
        if found is None:
            return None
        values = from_item(found)
        return CountedFavourites(
            keys=_unpack(values.get("keys")),
            run=values["run"],
            keys_before=_unpack(values.get("keysBefore")),
            run_before=values.get("runBefore", ""),
        )

    def put_counted(self, user_id: str, counted: CountedFavourites) -> None:
        """Store what is counted of a user."""
        self.client.put_item(
            TableName=self.table,
            Item=to_item(
                {
                    "userId": user_id,
                    "entry": COUNTED,
                    "keys": _pack(counted.keys),
                    "run": counted.run,
                    "keysBefore": _pack(counted.keys_before),
                    "runBefore": counted.run_before or None,
                }
            ),
        )

    def delete_counted(self, user_id: str) -> None:
        """Delete what was counted of a user who has no favourites any more."""
        self.client.delete_item(TableName=self.table, Key=item_key(user_id, COUNTED))

    def list_users(self) -> Iterator[str]:
        """Iterate over every user of whom something is stored: a scan, for a count from scratch."""
        pages = self.client.get_paginator("scan").paginate(
            TableName=self.table, ProjectionExpression="userId", ConsistentRead=True
        )
        last = None
        for page in pages:
            for item in page["Items"]:
                user_id = item["userId"]["S"]
                if user_id != last:
                    yield user_id
                last = user_id


def _pack(keys: Keys) -> bytes:
    """Serialize keys in four bytes each: the lowest bit is 1 for a series."""
    return array(
        "I", sorted(2 * key.id + (key.media_type is MediaType.TV) for key in keys)
    ).tobytes()


def _unpack(content: bytes | None) -> Keys:
    return frozenset(
        TitleKey(MediaType.TV if number % 2 else MediaType.MOVIE, number // 2)
        for number in array("I", content or b"")
    )
