"""Items of the tastes' table: their keys, their form, and the query of a user's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from matinee.dynamodb.items import Item, from_item, to_item
from matinee.media import MediaType, TitleKey
from recommender.domain.taste import ListEntry, Opinion, Swipe, TasteList

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PREFERENCES = "preferences"
BLOCKED = "blocked"
COUNTED = "counted"
"""The other items of a partition. The last two sort before the lists: a taste's query skips
them."""

FIRST_ENTRY = f"{TasteList.DISMISSED}#"
FIRST_FAVOURITE = f"{TasteList.FAVOURITES}#"
LAST_FAVOURITE = f"{TasteList.FAVOURITES}$"
LAST_ENTRY = f"{TasteList.WATCHLIST}$"
"""Bounds of the sort keys: the dismissed titles, the favourites, the preferences, the seen titles,
the swipes, the watchlist, in this order."""

type Page = tuple[Sequence[Mapping[str, Any]], str | None]
"""A page's items, and the sort key after which there are more; None on the last page."""


def query_pages(
    client: DynamoDBClient, table: str, user_id: str, first: str, last: str
) -> Iterator[Page]:
    """Yield the pages of a user's items between two sort keys, read consistently."""
    start: Any = {}
    while True:
        page = client.query(
            TableName=table,
            KeyConditionExpression="userId = :user AND entry BETWEEN :first AND :last",
            ExpressionAttributeValues=to_item({":user": user_id, ":first": first, ":last": last}),
            ConsistentRead=True,
            **start,
        )
        reached = page.get("LastEvaluatedKey")
        yield list(map(from_item, page["Items"])), from_item(reached)["entry"] if reached else None
        if not reached:
            return
        start = {"ExclusiveStartKey": reached}


def item_key(user_id: str, entry: str) -> Item:
    """Return the key of an item."""
    return to_item({"userId": user_id, "entry": entry})


def entry_name(which: TasteList, key: TitleKey) -> str:
    """Return the sort key of an entry: `favourite#movie#550`."""
    return f"{which}#{key}"


def swipe_name(swipe: Swipe) -> str:
    """Return the sort key of a swipe: that of an entry, and the room."""
    return f"{entry_name(TasteList.SWIPES, swipe.key)}#{swipe.room_id}"


def parse_entry(values: Mapping[str, Any]) -> tuple[TasteList, ListEntry]:
    """Parse an entry of a list, or a swipe."""
    which, media_type, number, *_ = values["entry"].split("#")
    entry = ListEntry(
        key=TitleKey(MediaType(media_type), int(number)),
        added_at=datetime.fromisoformat(values["addedAt"]) if "addedAt" in values else None,
        title=values.get("title"),
        genre_ids=tuple(values.get("genreIds", ())),
        opinion=Opinion(values["opinion"]) if "opinion" in values else None,
    )
    return TasteList(which), entry


def sortable(moment: datetime) -> str:
    """Format a time so that the order of texts is that of times, to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
