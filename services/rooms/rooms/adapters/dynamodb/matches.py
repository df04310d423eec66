"""The matches, in DynamoDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matinee.dynamodb.items import Item, to_item
from matinee.events.contract import Contract, Envelope
from matinee.events.outbox import put_event
from rooms.adapters.dynamodb.items import (
    agreement_value,
    film,
    match_item,
    match_key,
    read_match,
    room_key,
    user_match_item,
    user_match_key,
    votes_key,
)
from rooms.adapters.dynamodb.tables import Tables, delete, put, write
from rooms.domain.anonymization import ERASED
from rooms.domain.room import Match, Room, Tally
from rooms.ports import Contended

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class DynamoMatches:
    """The matches, in DynamoDB."""

    tables: Tables
    client: DynamoDBClient

    def record(self, match: Match, event: Envelope[Contract]) -> bool:
        """Store a match once, for the room and for each user; tells whether it was new."""
        try:
            write(self.client, self._actions(match, event), refused=lambda _: Contended())
        except Contended:
            if self.find(match.room_id, match.movie_id) is None:
                raise
            return False
        return True

    def settle(self, room: Room, tally: Tally, match: Match, event: Envelope[Contract]) -> None:
        """Store a match together with its tally's agreement.

        Raises Contended unless the room has its version still and the tally the one before.
        """
        assert_room = {
            "ConditionCheck": {
                "TableName": self.tables.rooms,
                "Key": room_key(room.id),
                "ConditionExpression": "version = :seen",
                "ExpressionAttributeValues": to_item({":seen": room.version}),
            }
        }
        agreement = agreement_value(tally.agreement) if tally.agreement else None
        note = {
            "Update": {
                "TableName": self.tables.votes,
                "Key": votes_key(room.id, film(tally.movie_id)),
                "UpdateExpression": "SET agreement = :agreement, version = :version",
                "ConditionExpression": "version = :seen",
                "ExpressionAttributeValues": to_item(
                    {
                        ":agreement": agreement,
                        ":version": tally.version,
                        ":seen": tally.version - 1,
                    }
                ),
            }
        }
        actions = [assert_room, note, *self._actions(match, event)]
        write(self.client, actions, refused=lambda _: Contended())

    def find(self, room_id: str, movie_id: int) -> Match | None:
        """Return a room's match on a film."""
        answer = self.client.get_item(
            TableName=self.tables.matches, Key=match_key(room_id, movie_id), ConsistentRead=True
        )
        return read_match(answer["Item"]) if "Item" in answer else None

    def of_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Match]:
        """Return a user's matches, newest first, after a match id."""
        page: dict[str, Any] = {}
        if after:
            page["ExclusiveStartKey"] = user_match_key(user_id, after)
        answer = self.client.query(
            TableName=self.tables.user_matches,
            KeyConditionExpression="userId = :user",
            ExpressionAttributeValues=to_item({":user": user_id}),
            ScanIndexForward=False,
            Limit=limit,
            ConsistentRead=True,
            **page,
        )
        return [read_match(item) for item in answer["Items"]]

    def disown(self, user_id: str, match: Match, before: Match | None) -> None:
        """Take a match from a user's list; the others' records change from `before` to `match`.

        Only his own list changes when there is no `before`. Raises Contended unless the record
        is still the one before.
        """
        names = {":names": match.matched_users}
        actions: list[Mapping[str, Any]] = [
            delete(self.tables.user_matches, user_match_key(user_id, match.match_id))
        ]
        if before:
            seen = names | {":seen": before.matched_users}
            key = match_key(match.room_id, match.movie_id)
            actions.append(_rename(self.tables.matches, key, "matchedUsers = :seen", seen))
            actions += [
                _rename(
                    self.tables.user_matches,
                    user_match_key(other, match.match_id),
                    "attribute_exists(userId)",
                    names,
                )
                for other in match.matched_users
                if other != ERASED
            ]
        write(self.client, actions, refused=lambda _: Contended())

    def _actions(self, match: Match, event: Envelope[Contract]) -> Sequence[Mapping[str, Any]]:
        return [
            put(self.tables.matches, match_item(match), condition="attribute_not_exists(roomId)"),
            *(
                put(self.tables.user_matches, user_match_item(match, user))
                for user in match.matched_users
                if user != ERASED
            ),
            put_event(self.tables.outbox, event),
        ]


def _rename(
    table: str, key: Item, condition: str, values: Mapping[str, object]
) -> Mapping[str, Any]:
    """Store who agreed on a match."""
    return {
        "Update": {
            "TableName": table,
            "Key": key,
            "UpdateExpression": "SET matchedUsers = :names",
            "ConditionExpression": condition,
            "ExpressionAttributeValues": to_item(values),
        }
    }
