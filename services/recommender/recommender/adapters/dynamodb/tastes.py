"""Users' tastes in DynamoDB: the projection of the library's events.

One partition per user, one item per title and list. An item tells since when the title is in the
list (`addedAt`), or up to which addition it is known to be removed (`removedUpTo`), so that what is
stored does not depend on the order in which events arrive. Whoever is erased leaves an item that
bars him; every write is conditional on there being none.
"""

from __future__ import annotations

import random
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from matinee.clock import Clock, epoch_seconds, utc_now
from matinee.dynamodb.items import Item, from_item, to_item
from matinee.dynamodb.transactions import cancellation_reasons, is_conflict
from matinee.errors import Unavailable
from matinee.ids import NewId, new_id
from recommender.adapters.dynamodb.training_log import mark
from recommender.domain.preferences import Preferences
from recommender.domain.taste import ListEntry, Taste
from recommender.domain.titles import MediaType, TitleKey
from recommender.ports import (
    MAX_COUNTED_FAVOURITES,
    CountedFavourites,
    Keys,
    TasteList,
    TastesUnavailable,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PREFERENCES = "preferences"
BLOCKED = "blocked"
COUNTED = "counted"
"""The other items of a partition. The last two stand before the lists: who reads a taste skips
them."""

TOMBSTONE_TTL = timedelta(days=100)
"""How long removals and erasures are known: longer than any event can be late. The bus keeps its
archive for 90 days, an outbox 30, a queue and its dead letters 18."""

MAX_PAGES = 2
"""A page is a megabyte: thousands of entries. Favourites beyond count for no request; preferences
and a page of the watchlist, which stand behind them, are read all the same."""

ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class TasteRepository:
    """The tastes, as requests, events, the eraser and the trainer need them."""

    table: str
    training_table: str
    client: DynamoDBClient
    now: Clock = utc_now
    new_id: NewId = new_id
    pause: Callable[[float], None] = time.sleep

    # ── For a request ──

    def of(self, user_id: str) -> Taste:
        """Return what is stored of a user; raise TastesUnavailable."""
        favourites: list[ListEntry] = []
        watchlist: list[ListEntry] = []
        preferences = Preferences()
        try:
            for values in self._entries(user_id, pages=MAX_PAGES):
                if values["entry"] == PREFERENCES:
                    preferences = Preferences.from_mapping(values["preferences"])
                elif "addedAt" in values:
                    which, liked = _liked(values)
                    (favourites if which is TasteList.FAVOURITES else watchlist).append(liked)
        except (ClientError, BotoCoreError) as error:
            raise TastesUnavailable from error
        return Taste(tuple(favourites), tuple(watchlist), preferences)

    # ── For the library's events ──

    def add(self, user_id: str, which: TasteList, entry: ListEntry) -> bool:
        """Take in an entry, unless it is known to be removed or a later one is there."""
        values = {
            "addedAt": _moment(entry.added_at or self.now()),
            "title": entry.title,
            "genreIds": list(entry.genre_ids) or None,
        }
        kept = {name: value for name, value in values.items() if value is not None}
        lost = ["#ttl", *(f"#{name}" for name in values if name not in kept)]
        return self._change(
            user_id,
            which,
            {
                "Update": {
                    "TableName": self.table,
                    "Key": _key(user_id, _entry(which, entry.key)),
                    "UpdateExpression": "SET "
                    + ", ".join(f"#{name} = :{name}" for name in kept)
                    + f" REMOVE {', '.join(lost)}",
                    "ConditionExpression": "(attribute_not_exists(#addedAt) OR #addedAt < :addedAt)"
                    " AND (attribute_not_exists(removedUpTo) OR removedUpTo < :addedAt)",
                    "ExpressionAttributeNames": {
                        "#ttl": "ttl",
                        **{f"#{name}": name for name in values},
                    },
                    "ExpressionAttributeValues": to_item(
                        {f":{name}": value for name, value in kept.items()}
                    ),
                }
            },
        )

    def remove(self, user_id: str, which: TasteList, key: TitleKey, added_at: datetime) -> bool:
        """Close every entry of the title that was added no later than `added_at`.

        If a later one is there, nothing needs to be remembered: it outlives the closed ones.
        """
        return self._change(
            user_id,
            which,
            {
                "Update": {
                    "TableName": self.table,
                    "Key": _key(user_id, _entry(which, key)),
                    "UpdateExpression": "SET removedUpTo = :upTo, #ttl = :ttl"
                    " REMOVE addedAt, title, genreIds",
                    "ConditionExpression": "(attribute_not_exists(addedAt) OR addedAt <= :upTo)"
                    " AND (attribute_not_exists(removedUpTo) OR removedUpTo < :upTo)",
                    "ExpressionAttributeNames": {"#ttl": "ttl"},
                    "ExpressionAttributeValues": to_item(
                        {
                            ":upTo": _moment(added_at),
                            ":ttl": epoch_seconds(self.now() + TOMBSTONE_TTL),
                        }
                    ),
                }
            },
        )

    def prefer(self, user_id: str, version: int, preferences: Mapping[str, object]) -> bool:
        """Take in stated preferences, unless later ones are there."""
        return self._transact(
            {
                "Put": {
                    "TableName": self.table,
                    "Item": to_item(
                        {
                            "userId": user_id,
                            "entry": PREFERENCES,
                            "version": version,
                            "preferences": preferences,
                        }
                    ),
                    "ConditionExpression": "attribute_not_exists(entry) OR version < :version",
                    "ExpressionAttributeValues": to_item({":version": version}),
                }
            },
            self._not_barred(user_id),
        )

    # ── For the eraser ──

    def block(self, user_id: str) -> None:
        """See to it that nothing more is stored of a user, however late an event comes."""
        until = epoch_seconds(self.now() + TOMBSTONE_TTL)
        self.client.put_item(
            TableName=self.table,
            Item=to_item({"userId": user_id, "entry": BLOCKED, "ttl": until}),
        )

    def erase(self, user_id: str) -> int:
        """Delete what is stored of a barred user; answer how many entries.

        The mark for the next training comes last, and always: a training that is under way may
        have read the favourites and count them yet.
        """
        erased = 0
        for values in self._entries(user_id, keys_only=True):
            self.client.delete_item(TableName=self.table, Key=_key(user_id, values["entry"]))
            erased += 1
        self.client.put_item(TableName=self.training_table, Item=mark(user_id, self.new_id()))
        return erased

    # ── For the trainer ──

    def favourites(self, user_id: str) -> Keys:
        """Return a user's favourites as of now, of very many the latest MOST_COUNTED."""
        live = [
            (values["addedAt"], _liked(values)[1].key)
            for values in self._entries(user_id, TasteList.FAVOURITES)
            if "addedAt" in values
        ]
        return frozenset(key for _, key in sorted(live)[-MAX_COUNTED_FAVOURITES:])

    def counted(self, user_id: str) -> CountedFavourites | None:
        """Return what was counted of a user, None when nothing was."""
        found = self.client.get_item(
            TableName=self.table, Key=_key(user_id, COUNTED), ConsistentRead=True
        ).get("Item")
        if found is None:
            return None
        values = from_item(found)
        return CountedFavourites(
            keys=_unpacked(values.get("keys")),
            run=values["run"],
            keys_before=_unpacked(values.get("keysBefore")),
            run_before=values.get("runBefore", ""),
        )

    def count(self, user_id: str, counted: CountedFavourites) -> None:
        """Store what is counted of a user."""
        self.client.put_item(
            TableName=self.table,
            Item=to_item(
                {
                    "userId": user_id,
                    "entry": COUNTED,
                    "keys": _packed(counted.keys),
                    "run": counted.run,
                    "keysBefore": _packed(counted.keys_before),
                    "runBefore": counted.run_before or None,
                }
            ),
        )

    def forget(self, user_id: str) -> None:
        """Delete what was counted of a user who has no favourites any more."""
        self.client.delete_item(TableName=self.table, Key=_key(user_id, COUNTED))

    def users(self) -> Iterator[str]:
        """Iterate over every user of whom something is stored: a scan, for counting anew alone."""
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

    # ── How it is done ──

    def _entries(
        self,
        user_id: str,
        which: TasteList | None = None,
        *,
        pages: int | None = None,
        keys_only: bool = False,
    ) -> Iterator[dict[str, Any]]:
        first, last = (which, which) if which else (TasteList.FAVOURITES, TasteList.WATCHLIST)
        lower = f"{first}#"
        names = {"ProjectionExpression": "entry"} if keys_only else {}
        start: dict[str, Any] = {}
        while pages is None or pages > 0:
            page = self.client.query(
                TableName=self.table,
                KeyConditionExpression="userId = :user AND entry BETWEEN :first AND :last",
                ExpressionAttributeValues=to_item(
                    {":user": user_id, ":first": lower, ":last": f"{last}$"}
                ),
                ConsistentRead=True,
                **names,  # type: ignore[arg-type]
                **start,
            )
            yield from map(from_item, page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
            pages = None if pages is None else pages - 1
            reached = from_item(page["LastEvaluatedKey"])["entry"]
            if pages == 0 and which is None and lower < PREFERENCES and reached < PREFERENCES:
                lower, start, pages = PREFERENCES, {}, 1

    def _change(self, user_id: str, which: TasteList, update: Item) -> bool:
        """Write an entry; a favourite with the mark by which the trainer hears of it."""
        marks: Iterable[Item] = ()
        if which is TasteList.FAVOURITES:
            token = mark(user_id, self.new_id())
            marks = ({"Put": {"TableName": self.training_table, "Item": token}},)
        return self._transact(update, self._not_barred(user_id), *marks)

    def _not_barred(self, user_id: str) -> Item:
        return {
            "ConditionCheck": {
                "TableName": self.table,
                "Key": _key(user_id, BLOCKED),
                "ConditionExpression": "attribute_not_exists(entry)",
            }
        }

    def _transact(self, *actions: Item) -> bool:
        """Commit all or nothing; answer False when a condition forbids it, whichever it is."""
        for attempt in range(ATTEMPTS):
            if attempt:
                self.pause(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - no secret
            try:
                self.client.transact_write_items(TransactItems=list(actions))  # type: ignore[arg-type]
            except ClientError as error:
                if "ConditionalCheckFailed" in cancellation_reasons(error):
                    return False
                if not is_conflict(error):
                    raise
            else:
                return True
        message = "others write of the same user again and again"
        raise Unavailable(message)


def _key(user_id: str, entry: str) -> Item:
    return to_item({"userId": user_id, "entry": entry})


def _entry(which: TasteList, key: TitleKey) -> str:
    return f"{which}#{key.media_type}#{key.id}"


def _liked(values: Mapping[str, Any]) -> tuple[TasteList, ListEntry]:
    which, media_type, media_id = values["entry"].split("#")
    liked = ListEntry(
        key=TitleKey(MediaType(media_type), int(media_id)),
        added_at=datetime.fromisoformat(values["addedAt"]) if "addedAt" in values else None,
        title=values.get("title"),
        genre_ids=tuple(values.get("genreIds", ())),
    )
    return TasteList(which), liked


def _moment(moment: datetime) -> str:
    """Write a moment so that the order of texts is the order of time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _packed(keys: Keys) -> bytes:
    """Write keys in four bytes each: the lowest bit tells series from films."""
    numbers = sorted(key.id << 1 | (key.media_type is MediaType.TV) for key in keys)
    return array("I", numbers).tobytes()


def _unpacked(content: bytes | None) -> Keys:
    numbers: Sequence[int] = array("I", content or b"")
    return frozenset(
        TitleKey(MediaType.TV if number & 1 else MediaType.MOVIE, number >> 1) for number in numbers
    )
