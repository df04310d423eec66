"""The names of providers in DynamoDB: one item of a service's table of titles.

Events name providers by id. Who shows them, or compares them with the words of a questionnaire,
needs the names: about a thousand, which change once in years.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import batched
from typing import TYPE_CHECKING

from matinee.dynamodb.batches import Pause, batch_get
from matinee.dynamodb.items import Item, from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NAMES_TTL_SECONDS = 600.0
"""For so long a process reuses the names that it has read, once there are any."""

MAX_NAMES_WRITTEN = 100
"""In one request: its expression has at most 4 KB."""

_KEY = to_item({"titleKey": "#providers"})


@dataclass(slots=True)
class ProviderNames:
    """The names by TMDB's ids: an attribute for each, so that writers need not agree."""

    table: str
    client: DynamoDBClient
    pause: Pause = time.sleep
    timer: Callable[[], float] = time.monotonic
    _names: dict[int, str] = field(default_factory=dict)
    _since: float = 0.0

    def get(self) -> Mapping[int, str]:
        """Return the names; raises what boto3 and `batch_get` raise."""
        if not self._names or self.timer() - self._since > NAMES_TTL_SECONDS:
            wanted = {self.table: {"Keys": [_KEY]}}
            found = [_names(item) for _, item in batch_get(self.client, wanted, self.pause)]
            self._names, self._since = dict(*found), self.timer()
        return self._names

    def add(self, names: Mapping[int, str]) -> None:
        """Store names; those that this process knows to be stored take no request."""
        new = [(id_, name) for id_, name in names.items() if self._names.get(id_) != name]
        for some in batched(new, MAX_NAMES_WRITTEN, strict=False):
            response = self.client.update_item(
                TableName=self.table,
                Key=_KEY,
                UpdateExpression="SET " + ", ".join(f"#n{id_} = :n{id_}" for id_, _ in some),
                ExpressionAttributeNames={f"#n{id_}": str(id_) for id_, _ in some},
                ExpressionAttributeValues=to_item({f":n{id_}": name for id_, name in some}),
                ReturnValues="ALL_NEW",
            )
            self._names |= _names(response["Attributes"])


def _names(item: Item) -> dict[int, str]:
    return {int(name): text for name, text in from_item(item).items() if name.isdigit()}
