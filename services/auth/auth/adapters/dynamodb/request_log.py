"""The log of requests that a client may repeat. Table AuthAttempts: `attempt`, `began`, `ttl`.

A request's key is a slow hash of its values, so the table reveals no address, password or code.
Access pattern: one conditional UpdateItem for each request, one more when it is refused.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from auth.adapters.dynamodb.hashed_keys import KeyHasher
from matinee.clock import Clock, epoch_seconds, from_iso, iso, utc_now
from matinee.dynamodb.items import Item, from_item, to_item
from matinee.dynamodb.transactions import ConditionFailed, translate_client_errors
from matinee.errors import Unavailable
from matinee.observability import logger

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

REPEATED_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class DynamoRequestLog:
    """The requests of the last minutes. While it is unavailable, every request is the first."""

    table: str
    client: DynamoDBClient
    hasher: KeyHasher
    clock: Clock = utc_now

    def begin(self, *request: str) -> datetime | None:
        """Record a request; return when it was first made, None when this is the first time."""
        now = self.clock()
        try:
            with translate_client_errors(Unavailable):
                self.client.update_item(
                    TableName=self.table,
                    Key=self._key(request),
                    UpdateExpression="SET began = :now, #ttl = :ttl",
                    ConditionExpression="attribute_not_exists(began) OR began < :oldest",
                    ExpressionAttributeNames={"#ttl": "ttl"},
                    ExpressionAttributeValues=to_item(
                        {
                            ":now": iso(now),
                            ":oldest": iso(now - REPEATED_WITHIN),
                            ":ttl": epoch_seconds(now + REPEATED_WITHIN),
                        }
                    ),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ConditionFailed as failure:
            found = failure.items[0]
            return from_iso(from_item(found)["began"]) if found else None
        except Unavailable:
            logger.warning("request_not_recorded", extra={"request": request[0]})
        return None

    def forget(self, *request: str) -> None:
        """Forget a request that was refused."""
        try:
            with suppress(ConditionFailed), translate_client_errors(Unavailable):
                self.client.update_item(
                    TableName=self.table,
                    Key=self._key(request),
                    UpdateExpression="REMOVE began",
                    ConditionExpression="attribute_exists(began)",
                )
        except Unavailable:
            logger.warning("request_not_forgotten", extra={"request": request[0]})

    def _key(self, request: tuple[str, ...]) -> Item:
        name, *values = request
        return to_item({"attempt": f"{name}#request#{self.hasher.hash_slowly(name, *values)}"})
