"""What users show of themselves, many at once. Access pattern: BatchGetItem, one read unit each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auth.adapters.dynamodb.items import Tables, read_profile, user_key
from auth.domain.errors import AccountGone, AccountsUnavailable
from matinee.dynamodb.batches import UnprocessedItems, batch_get
from matinee.dynamodb.transactions import translate_client_errors

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from auth.domain.display_name import PublicProfile


@dataclass(frozen=True, slots=True)
class DynamoPublicProfiles:
    """The public part of the profiles in their table."""

    tables: Tables
    client: DynamoDBClient

    def list_public(self, user_ids: Collection[str]) -> Iterator[PublicProfile]:
        """See PublicProfiles."""
        keys = [user_key(user_id) for user_id in user_ids]
        try:
            with translate_client_errors(AccountsUnavailable):
                for _, item in batch_get(self.client, {self.tables.profiles: {"Keys": keys}}):
                    try:
                        profile = read_profile(item)
                    except AccountGone:
                        continue
                    if profile and profile.public:
                        yield profile.public
        except UnprocessedItems as error:
            raise AccountsUnavailable from error
