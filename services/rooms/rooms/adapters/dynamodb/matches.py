"""The matches, in DynamoDB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matinee.dynamodb.items import Item, to_item
from matinee.dynamodb.transactions import Action, check, delete, put, update
from matinee.events.contract import Contract, Envelope
from matinee.events.outbox import put_event
from matinee.retry import WriteConflict
from rooms.adapters.dynamodb.items import (
    DECISION_PREFIX,
    agreement_value,
    match_item,
    match_key,
    parse_match,
    room_key,
    tally_name,
    user_match_item,
    user_match_key,
    votes_key,
)
from rooms.adapters.dynamodb.tables import Tables, write
from rooms.domain.match import Match
from rooms.domain.room import DELETED_USER, Room
from rooms.domain.tally import Tally

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class DynamoMatchRepository:
    """The matches, and every user's own list of them."""

    tables: Tables
    client: DynamoDBClient

    def record(self, match: Match, event: Envelope[Contract]) -> bool:
        """Store a match once, for the room and for each user; return whether it was new."""
        try:
            write(self.client, self._record(match, event))
        except WriteConflict:
            if self.get(match.room_id, match.movie_id) is None:
                raise
            return False
        return True

    def record_with_agreement(
        self, room: Room, tally: Tally, match: Match, event: Envelope[Contract]
    ) -> None:
        """Store a match together with its tally's agreement.

        Raises WriteConflict unless the room still has its version and the tally the one before.
        """
        same_room = check(
            self.tables.rooms,
            room_key(room.id),
            condition="version = :read",
            values={":read": room.version},
        )
        agreement = update(
            self.tables.votes,
            votes_key(room.id, tally_name(tally.movie_id)),
            "SET agreement = :agreement, version = :version",
            condition="version = :read",
            values={
                ":agreement": agreement_value(tally.agreement) if tally.agreement else None,
                ":version": tally.version,
                ":read": tally.version - 1,
            },
        )
        write(self.client, [same_room, agreement, *self._record(match, event)])

    def get(self, room_id: str, movie_id: int) -> Match | None:
        """Return a room's match on a title."""
        response = self.client.get_item(
            TableName=self.tables.matches, Key=match_key(room_id, movie_id), ConsistentRead=True
        )
        return parse_match(response["Item"]) if "Item" in response else None

    def list_by_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Match]:
        """Return a user's matches, newest first, after a match id."""
        page: dict[str, Any] = {}
        if after:
            page["ExclusiveStartKey"] = user_match_key(user_id, after)
        response = self.client.query(
            TableName=self.tables.user_matches,
            KeyConditionExpression="userId = :user AND matchId < :decisions",
            ExpressionAttributeValues=to_item({":user": user_id, ":decisions": DECISION_PREFIX}),
            ScanIndexForward=False,
            Limit=limit,
            ConsistentRead=True,
            **page,
        )
        return [parse_match(item) for item in response["Items"]]

    def list_by_room(self, room_id: str) -> Sequence[Match]:
        """Return a room's matches, newest first: at most one for each candidate."""
        response = self.client.query(
            TableName=self.tables.matches,
            KeyConditionExpression="roomId = :room",
            ExpressionAttributeValues=to_item({":room": room_id}),
            ConsistentRead=True,
        )
        matches = map(parse_match, response["Items"])
        return sorted(matches, key=lambda match: match.match_id, reverse=True)

    def anonymize(self, user_id: str, match: Match, before: Match | None) -> None:
        """Delete a match from a user's list; change the others' records from `before` to `match`.

        Without `before` only the user's own list changes. Raises WriteConflict unless the record is
        still `before`.
        """
        actions = [delete(self.tables.user_matches, user_match_key(user_id, match.match_id))]
        if before:
            users = {":users": match.matched_users}
            actions.append(
                _set_users(
                    self.tables.matches,
                    match_key(match.room_id, match.movie_id),
                    "matchedUsers = :read",
                    users | {":read": before.matched_users},
                )
            )
            actions += [
                _set_users(
                    self.tables.user_matches,
                    user_match_key(other, match.match_id),
                    "attribute_exists(userId)",
                    users,
                )
                for other in match.matched_users
                if other != DELETED_USER
            ]
        write(self.client, actions)

    def _record(self, match: Match, event: Envelope[Contract]) -> Sequence[Action]:
        return [
            put(self.tables.matches, match_item(match), condition="attribute_not_exists(roomId)"),
            *(
                put(self.tables.user_matches, user_match_item(match, user))
                for user in match.matched_users
                if user != DELETED_USER
            ),
            put_event(self.tables.outbox, event),
        ]


def _set_users(table: str, key: Item, condition: str, values: dict[str, tuple[str, ...]]) -> Action:
    return update(table, key, "SET matchedUsers = :users", condition=condition, values=values)
