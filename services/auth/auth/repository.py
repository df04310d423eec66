"""Profiles in DynamoDB. Table UserProfiles: partition key `sub`; `email`, `createdAt` beside it.

Access patterns: one profile by user, and nothing else: nobody is looked up by address here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from auth.domain import Profile
from auth.errors import AccountsUnavailable
from matinee.clock import iso
from matinee.dynamodb import Item, to_item
from matinee.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoProfiles:
    """The profiles in one table."""

    dynamodb: DynamoDBClient
    table: str

    def create(self, profile: Profile) -> bool:
        """Keep a profile unless the user has one, in one conditional write (1 write unit)."""
        try:
            self.dynamodb.put_item(
                TableName=self.table,
                Item=_item(profile),
                ConditionExpression="attribute_not_exists(#sub)",
                ExpressionAttributeNames={"#sub": "sub"},
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "ConditionalCheckFailedException":
                return False
            raise _broken(code) from error
        except BotoCoreError as error:
            raise _broken(type(error).__name__) from error
        return True


def _item(profile: Profile) -> Item:
    return to_item(
        {
            "sub": profile.account.user_id,
            "email": profile.account.email,
            "createdAt": iso(profile.created_at),
        }
    )


def _broken(reason: str) -> AccountsUnavailable:
    logger.error("profile_not_written", extra={"reason": reason})
    return AccountsUnavailable()
