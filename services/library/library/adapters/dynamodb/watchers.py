"""Who waits for a title, in DynamoDB: an index of the watchlists by title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from library.adapters.dynamodb.items import list_key, preferences_key, read_preferences
from library.adapters.dynamodb.notices import notice_item
from library.adapters.dynamodb.requests import WRITE_BACKOFF, translated
from library.domain.notices import Notice
from library.domain.preferences import Answers
from matinee.dynamodb.batches import batch_get
from matinee.dynamodb.items import to_item
from matinee.dynamodb.transactions import ConditionFailed, check, put, transact_write
from matinee.events.contract import Contract, Envelope
from matinee.events.outbox import put_event
from matinee.media import TitleKey
from matinee.retry import Backoff

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WATCHERS_INDEX = "watchers"
"""Key: mediaKey, addedAt. It has the keys of what is on a watchlist, and nothing else."""


@dataclass(frozen=True, slots=True)
class DynamoDBWatcherRepository:
    """`WatcherRepository`: the watchlists by title, and the preferences of their users."""

    watchlist: str
    preferences: str
    notices: str
    outbox: str
    client: DynamoDBClient
    backoff: Backoff = WRITE_BACKOFF

    def list_watchers(
        self, key: TitleKey, after: str | None, limit: int
    ) -> tuple[Sequence[str], str | None]:
        """Query the index; see the port. A position is an entry's user and time."""
        start: dict[str, Any] = {}
        if after:
            user_id, added_at = after.rsplit(" ", 1)
            start = {"ExclusiveStartKey": list_key(user_id, key) | to_item({"addedAt": added_at})}
        with translated():
            response = self.client.query(
                TableName=self.watchlist,
                IndexName=WATCHERS_INDEX,
                KeyConditionExpression="mediaKey = :title",
                ExpressionAttributeValues=to_item({":title": str(key)}),
                Limit=limit,
                **start,
            )
        found = [item["userId"]["S"] for item in response["Items"]]
        last = response.get("LastEvaluatedKey")
        return found, f"{last['userId']['S']} {last['addedAt']['S']}" if last else None

    def get_answers(self, user_ids: Sequence[str]) -> Mapping[str, Answers]:
        """Get the items of users in batches; see the port."""
        if not user_ids:
            return {}
        wanted = {self.preferences: {"Keys": [preferences_key(user) for user in user_ids]}}
        with translated():
            items = [item for _, item in batch_get(self.client, wanted, self.backoff.sleep)]
        stored = {item["userId"]["S"]: read_preferences(item) for item in items}
        return {user: found.answers for user, found in stored.items() if found}

    def tell(self, user_id: str, notice: Notice, event: Envelope[Contract]) -> bool:
        """Store both with a check of the entry; see the port."""
        actions = [
            check(
                self.watchlist,
                list_key(user_id, notice.key),
                condition="attribute_exists(addedAt)",
            ),
            put(self.notices, notice_item(user_id, notice)),
            put_event(self.outbox, event),
        ]
        try:
            with translated():
                transact_write(self.client, actions, self.backoff)
        except ConditionFailed:
            return False
        return True
