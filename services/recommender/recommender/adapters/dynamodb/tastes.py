"""Users' tastes in DynamoDB: the projection of the library's events, and of the rooms' votes.

One partition per user, one item per title and list. An item has the time since which the title is
in the list (`addedAt`), or up to which its additions are known to be removed (`removedUpTo`), so
that what is stored does not depend on the order in which events arrive. A swipe has an item for
each room, ordered by its version; one without `addedAt` is no yes, or none any more. A deleted user
leaves an item that blocks them; every write is conditional on its absence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from matinee.clock import Clock, epoch_seconds, utc_now
from matinee.dynamodb.items import to_item
from matinee.dynamodb.transactions import (
    Action,
    ConditionFailed,
    WriteConflict,
    check,
    put,
    transact_write,
    update,
)
from matinee.errors import Unavailable
from matinee.ids import NewId, new_id
from matinee.media import TitleKey
from matinee.retry import Backoff
from recommender.adapters.dynamodb.items import (
    BLOCKED,
    FIRST_ENTRY,
    LAST_ENTRY,
    PREFERENCES,
    Page,
    entry_name,
    item_key,
    parse_entry,
    query_pages,
    sortable,
    swipe_name,
)
from recommender.adapters.dynamodb.training_log import dirty_mark
from recommender.domain.errors import AccountDeleted
from recommender.domain.preferences import Preferences
from recommender.domain.taste import ListEntry, Swipe, Taste, TasteList
from recommender.ports import TastesUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TOMBSTONE_TTL = timedelta(days=100)
"""How long removals and deleted users are known: longer than any event can be late. The bus keeps
its archive for 90 days, an outbox 30, a queue and its dead letters 18."""

SWIPE_TTL = timedelta(days=365)
"""How long a yes is learnt from. It bounds what a request reads."""

MAX_PAGES = 3
"""A page is a megabyte: thousands of entries. Entries beyond are not used in a request; the
preferences and a page of what sorts after them are read all the same."""

BACKOFF = Backoff(attempts=5, initial=0.04)


@dataclass(frozen=True, slots=True)
class TasteRepository:
    """The tastes, as recommendations, the library's events and the deletion of users need them."""

    table: str
    training_table: str
    client: DynamoDBClient
    now: Clock = utc_now
    new_id: NewId = new_id
    backoff: Backoff = BACKOFF

    def get(self, user_id: str) -> Taste:
        """Return a user's taste, empty if nothing is stored.

        Raises AccountDeleted for a blocked user without a taste, TastesUnavailable.
        """
        entries: dict[TasteList, list[ListEntry]] = {which: [] for which in TasteList}
        preferences = Preferences()
        try:
            for values in self._taste_items(user_id):
                if values["entry"] == PREFERENCES:
                    preferences = Preferences.from_mapping(values["preferences"])
                elif "addedAt" in values:
                    which, entry = parse_entry(values)
                    entries[which].append(entry)
        except (ClientError, BotoCoreError) as error:
            raise TastesUnavailable from error
        taste = Taste(
            tuple(entries[TasteList.FAVOURITES]),
            tuple(entries[TasteList.WATCHLIST]),
            preferences,
            tuple(entries[TasteList.SEEN]),
            tuple(entries[TasteList.DISMISSED]),
            tuple(entries[TasteList.SWIPES]),
        )
        if taste == Taste():
            self.require_account(user_id)
        return taste

    def require_account(self, user_id: str) -> None:
        """Raise AccountDeleted for a blocked user; TastesUnavailable."""
        try:
            items, _ = next(query_pages(self.client, self.table, user_id, BLOCKED, BLOCKED))
        except (ClientError, BotoCoreError) as error:
            raise TastesUnavailable from error
        if items:
            raise AccountDeleted

    def add_entry(self, user_id: str, which: TasteList, entry: ListEntry) -> bool:
        """Store an entry, unless it is known to be removed or a later one is stored."""
        values = {
            "addedAt": sortable(entry.added_at or self.now()),
            "title": entry.title,
            "genreIds": list(entry.genre_ids) or None,
            "opinion": entry.opinion.value if entry.opinion else None,
        }
        present = {name: value for name, value in values.items() if value is not None}
        absent = ["#ttl", *(f"#{name}" for name in values if name not in present)]
        assignments = ", ".join(f"#{name} = :{name}" for name in present)
        change = update(
            self.table,
            item_key(user_id, entry_name(which, entry.key)),
            f"SET {assignments} REMOVE {', '.join(absent)}",
            condition="(attribute_not_exists(#addedAt) OR #addedAt < :addedAt)"
            " AND (attribute_not_exists(removedUpTo) OR removedUpTo < :addedAt)",
            names={"#ttl": "ttl", **{f"#{name}": name for name in values}},
            values={f":{name}": value for name, value in present.items()},
        )
        return self._change_list(user_id, which, change)

    def remove_entry(
        self, user_id: str, which: TasteList, key: TitleKey, added_at: datetime
    ) -> bool:
        """Remove every entry of the title that was added no later than `added_at`.

        If a later one is stored, nothing needs to be remembered: it outlives the removed ones.
        """
        change = update(
            self.table,
            item_key(user_id, entry_name(which, key)),
            "SET removedUpTo = :upTo, #ttl = :ttl REMOVE addedAt, title, genreIds, opinion",
            condition="(attribute_not_exists(addedAt) OR addedAt <= :upTo)"
            " AND (attribute_not_exists(removedUpTo) OR removedUpTo < :upTo)",
            names={"#ttl": "ttl"},
            values={":upTo": sortable(added_at), ":ttl": self._tombstone_end()},
        )
        return self._change_list(user_id, which, change)

    def update_preferences(
        self, user_id: str, version: int, preferences: Mapping[str, object]
    ) -> bool:
        """Store stated preferences, unless later ones are stored."""
        item = {
            "userId": user_id,
            "entry": PREFERENCES,
            "version": version,
            "preferences": preferences,
        }
        condition = "attribute_not_exists(entry) OR version < :version"
        return self._write(
            user_id,
            put(self.table, to_item(item), condition=condition, values={":version": version}),
        )

    def put_swipe(self, user_id: str, swipe: Swipe) -> bool:
        """Store a swipe, unless a later one is stored: a yes for a year, the others as removals."""
        until = swipe.at + SWIPE_TTL if swipe.yes else self.now() + TOMBSTONE_TTL
        item = {
            "userId": user_id,
            "entry": swipe_name(swipe),
            "version": swipe.version,
            "ttl": epoch_seconds(until),
            **({"addedAt": sortable(swipe.at)} if swipe.yes else {}),
        }
        condition = "attribute_not_exists(entry) OR version < :version"
        values = {":version": swipe.version}
        return self._write(
            user_id, put(self.table, to_item(item), condition=condition, values=values)
        )

    def block(self, user_id: str) -> None:
        """Prevent that anything is stored of a user, however late an event arrives."""
        blocked = {"userId": user_id, "entry": BLOCKED, "ttl": self._tombstone_end()}
        self.client.put_item(TableName=self.table, Item=to_item(blocked))

    def erase(self, user_id: str) -> int:
        """Delete what is stored of a blocked user; return how many entries.

        The mark for the next training is written last, and always: a training that is under way may
        have read the favourites and count them yet.
        """
        erased = 0
        for items, _ in self._pages(user_id, FIRST_ENTRY):
            for item in items:
                self.client.delete_item(TableName=self.table, Key=item_key(user_id, item["entry"]))
                erased += 1
        mark = dirty_mark(user_id, self.new_id())
        self.client.put_item(TableName=self.training_table, Item=mark)
        return erased

    def _change_list(self, user_id: str, which: TasteList, change: Action) -> bool:
        """Write an entry; a favourite together with the mark that training reads."""
        if which is not TasteList.FAVOURITES:
            return self._write(user_id, change)
        mark = dirty_mark(user_id, self.new_id())
        return self._write(user_id, change, put(self.training_table, mark))

    def _write(self, user_id: str, *actions: Action) -> bool:
        """Commit changes of a user who is not blocked; return False if a condition fails."""
        first, *others = actions
        not_blocked = check(
            self.table, item_key(user_id, BLOCKED), condition="attribute_not_exists(entry)"
        )
        try:
            transact_write(self.client, [first, not_blocked, *others], self.backoff)
        except ConditionFailed:
            return False
        except WriteConflict as error:
            message = "other writes of the same user are in progress"
            raise Unavailable(message) from error
        return True

    def _taste_items(self, user_id: str) -> Iterator[Mapping[str, Any]]:
        """Yield MAX_PAGES pages, and one of what follows if the favourites filled them all."""
        reached: str | None = None
        for items, reached in islice(self._pages(user_id, FIRST_ENTRY), MAX_PAGES):  # noqa: B007 - the last one
            yield from items
        if reached and reached < PREFERENCES:
            items, _ = next(self._pages(user_id, PREFERENCES))
            yield from items

    def _pages(self, user_id: str, first: str) -> Iterator[Page]:
        return query_pages(self.client, self.table, user_id, first, LAST_ENTRY)

    def _tombstone_end(self) -> int:
        return epoch_seconds(self.now() + TOMBSTONE_TTL)
