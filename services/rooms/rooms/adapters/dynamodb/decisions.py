"""The proposals and decisions, in DynamoDB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matinee.dynamodb.items import to_item
from matinee.dynamodb.transactions import Action, check, delete, put, update
from matinee.events.contract import Contract, Envelope
from matinee.events.outbox import put_event
from rooms.adapters.dynamodb.items import (
    DECISION_PREFIX,
    decision_item,
    parse_decision,
    parse_proposals,
    proposals_item,
    proposals_key,
    room_key,
    user_decision_key,
)
from rooms.adapters.dynamodb.tables import Tables, write
from rooms.domain.decision import Decision, Proposals
from rooms.domain.room import DELETED_USER, Room

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class DynamoDecisionRepository:
    """The proposals and the decision of each room, and every user's own list of decisions."""

    tables: Tables
    client: DynamoDBClient

    def get(self, room_id: str) -> Proposals:
        """Return a room's proposals, none where nobody has made one, strongly consistent."""
        response = self.client.get_item(
            TableName=self.tables.rooms, Key=proposals_key(room_id), ConsistentRead=True
        )
        return parse_proposals(response["Item"]) if "Item" in response else Proposals(room_id)

    def save(
        self, room: Room, proposals: Proposals, event: Envelope[Contract] | None = None
    ) -> None:
        """Store proposals with their event; a decision's also in each participant's own list.

        Raises WriteConflict unless the room still has its version and the proposals the one before.
        """
        same_room = check(
            self.tables.rooms,
            room_key(room.id),
            condition="version = :read",
            values={":read": room.version},
        )
        stored = put(
            self.tables.rooms,
            proposals_item(room, proposals),
            condition="attribute_not_exists(id) OR version = :read",
            values={":read": proposals.version - 1},
        )
        write(self.client, [same_room, stored, *self._tell(room, proposals.decision, event)])

    def anonymize(self, proposals: Proposals) -> None:
        """Store proposals without a deleted user; raise WriteConflict."""
        change = update(
            self.tables.rooms,
            proposals_key(proposals.room_id),
            "SET proposals = :proposals, version = :version",
            condition="version = :read",
            values={
                ":proposals": dict(proposals.of_users),
                ":version": proposals.version,
                ":read": proposals.version - 1,
            },
        )
        write(self.client, [change])

    def has(self, user_id: str, decision_id: str) -> bool:
        """Return whether a decision is in a user's list."""
        response = self.client.get_item(
            TableName=self.tables.user_matches,
            Key=user_decision_key(user_id, decision_id),
            ConsistentRead=True,
        )
        return "Item" in response

    def list_by_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Decision]:
        """Return a user's decisions, newest first, after a decision id."""
        page: dict[str, Any] = {}
        if after:
            page["ExclusiveStartKey"] = user_decision_key(user_id, after)
        response = self.client.query(
            TableName=self.tables.user_matches,
            KeyConditionExpression="userId = :user AND begins_with(matchId, :decisions)",
            ExpressionAttributeValues=to_item({":user": user_id, ":decisions": DECISION_PREFIX}),
            ScanIndexForward=False,
            Limit=limit,
            ConsistentRead=True,
            **page,
        )
        return [parse_decision(item) for item in response["Items"]]

    def delete(self, user_id: str, decision_id: str) -> None:
        """Delete a decision from a user's list; raise WriteConflict."""
        key = user_decision_key(user_id, decision_id)
        write(self.client, [delete(self.tables.user_matches, key)])

    def _tell(
        self, room: Room, decision: Decision | None, event: Envelope[Contract] | None
    ) -> Sequence[Action]:
        if event is None:
            return ()
        return [
            *(
                put(self.tables.user_matches, decision_item(decision, user))
                for user in room.participants
                if decision and user != DELETED_USER
            ),
            put_event(self.tables.outbox, event),
        ]
