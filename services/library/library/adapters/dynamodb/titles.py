"""The catalogue's titles in DynamoDB: the projection of its events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import TYPE_CHECKING, Any

from library.adapters.dynamodb.items import read_local, read_title, title_item, title_key
from library.adapters.dynamodb.requests import WRITE_BACKOFF, translated
from library.domain.titles import CachedTitle, Title
from library.ports import MAX_TITLES_READ
from matinee.clock import Clock, iso, utc_now
from matinee.dynamodb.batches import batch_get
from matinee.dynamodb.items import Item, to_item
from matinee.dynamodb.provider_names import ProviderNames
from matinee.dynamodb.transactions import ConditionFailed
from matinee.media import TitleKey
from matinee.retry import Backoff

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


_ONLY_LOCAL: Mapping[str, Any] = {
    "ProjectionExpression": "titleKey, #local, #ttl",
    "ExpressionAttributeNames": {"#local": "local", "#ttl": "ttl"},
}


@dataclass(frozen=True, slots=True)
class DynamoDBTitleFacts:
    """What the catalogue knows of titles: one item for each."""

    table: str
    client: DynamoDBClient
    now: Clock = utc_now
    backoff: Backoff = WRITE_BACKOFF
    _names: ProviderNames = field(init=False)

    def __post_init__(self) -> None:
        """Keep the providers' names in the same table."""
        names = ProviderNames(self.table, self.client, self.backoff.sleep)
        object.__setattr__(self, "_names", names)

    def get(self, keys: Sequence[TitleKey]) -> Mapping[TitleKey, Title]:
        """Get the items of titles; see the port. Eventually consistent, as the other reads."""
        titles = (read_title(item, self.now()) for item in self._items(keys))
        return {title.key: title for title in titles if title}

    def get_providers(
        self, keys: Sequence[TitleKey], country: str
    ) -> Mapping[TitleKey, Sequence[int]]:
        """Get of titles who streams them; see the port."""
        found = (read_local(item, self.now()) for item in self._items(keys, **_ONLY_LOCAL))
        return {key: local.providers(country) for key, local in filter(None, found)}

    def get_names(self) -> Mapping[int, str]:
        """Get the item of names."""
        with translated():
            return self._names.get()

    def add_names(self, names: Mapping[int, str]) -> None:
        """Update the item of names."""
        with translated():
            self._names.add(names)

    def save(self, cached: CachedTitle) -> bool:
        """Put an item unless a later one is there."""
        try:
            with translated():
                self.client.put_item(
                    TableName=self.table,
                    Item=title_item(cached),
                    ConditionExpression="attribute_not_exists(cachedAt) OR cachedAt < :cachedAt",
                    ExpressionAttributeValues=to_item({":cachedAt": iso(cached.cached_at)}),
                )
        except ConditionFailed:
            return False
        return True

    def _items(self, keys: Sequence[TitleKey], **options: Any) -> Iterator[Item]:  # noqa: ANN401 - boto3's
        for chunk in batched(keys, MAX_TITLES_READ, strict=False):
            wanted = {"Keys": [title_key(key) for key in chunk], **options}
            with translated():
                for _, item in batch_get(self.client, {self.table: wanted}, self.backoff.sleep):
                    yield item
