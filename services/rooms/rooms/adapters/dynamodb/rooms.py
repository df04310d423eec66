"""The rooms, in DynamoDB."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from matinee.clock import Clock, epoch_seconds, utc_now
from matinee.dynamodb.items import Item, to_item
from matinee.events.contract import Contract, Envelope
from matinee.events.outbox import put_event
from matinee.ids import first_id_at
from rooms.adapters.dynamodb.items import (
    CANDIDATES_KEY,
    ERASURE,
    MEMBER_INDEX,
    PARTICIPATION,
    ballot,
    candidates_item,
    code_item,
    code_key,
    participation_item,
    read_candidates,
    read_room,
    room_item,
    room_key,
    tally_item,
    visit_item,
    visit_key,
    votes_key,
)
from rooms.adapters.dynamodb.tables import REFUSED, Tables, batch, delete, put, write
from rooms.domain.anonymization import ERASED
from rooms.domain.errors import AccountDeleted
from rooms.domain.room import Movie, Room
from rooms.ports import CodeTaken, Contended

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class DynamoRooms:
    """The rooms, in DynamoDB."""

    tables: Tables
    client: DynamoDBClient
    now: Clock = utc_now

    def open(self, room: Room, candidates: Sequence[Movie], event: Envelope[Contract]) -> None:
        """Store a new room with its candidates. Raises CodeTaken, AccountDeleted."""
        votes = self.tables.votes
        reservation = put(
            self.tables.rooms,
            code_item(room),
            condition="attribute_not_exists(id) OR expiresAt <= :now",
            values={":now": epoch_seconds(self.now())},
        )
        actions = [
            reservation,
            put(self.tables.rooms, room_item(room), condition="attribute_not_exists(id)"),
            put(votes, candidates_item(room, candidates)),
            put(votes, participation_item(room, room.host_id)),
            *(put(votes, tally_item(room, n, movie)) for n, movie in enumerate(candidates)),
            put_event(self.tables.outbox, event),
            *self._visit(room, room.host_id),
        ]
        write(self.client, actions, refused=_unless_erased(CodeTaken))

    def find(self, room_id: str) -> Room | None:
        """Return a room as of now, by id."""
        item = self._room_or_code(room_key(room_id))
        return read_room(item) if item and "code" in item else None

    def find_by_code(self, code: str) -> Room | None:
        """Return a room as of now, by code."""
        reservation = self._room_or_code(code_key(code))
        return self.find(reservation["roomId"]["S"]) if reservation else None

    def candidates(self, room_id: str) -> Sequence[Movie]:
        """Return a room's candidates in its order."""
        key = votes_key(room_id, CANDIDATES_KEY)
        for consistent in (False, True):  # it never changes, but a new room's may not be there yet
            answer = self.client.get_item(
                TableName=self.tables.votes, Key=key, ConsistentRead=consistent
            )
            if "Item" in answer:
                return read_candidates(answer["Item"])
        return ()

    def admit(self, user_id: str, room: Room, event: Envelope[Contract]) -> None:
        """Store a room that the user has just joined. Raises Contended, AccountDeleted."""
        actions = [
            self._change_room(room, while_open=True),
            put(self.tables.votes, participation_item(room, user_id)),
            *self._tell_version(room, but=user_id),
            put_event(self.tables.outbox, event),
            *self._visit(room, user_id),
        ]
        write(self.client, actions, refused=_unless_erased(Contended))

    def dismiss(self, user_id: str, room: Room, event: Envelope[Contract]) -> None:
        """Store a room that the user has just left. Raises Contended."""
        self.strike(user_id, room, event)

    def strike(self, user_id: str, room: Room, event: Envelope[Contract] | None) -> None:
        """Store a room as it is without an erased user.

        With an event he leaves an open room. Raises Contended.
        """
        actions = [
            self._change_room(room, while_open=event is not None),
            delete(self.tables.votes, votes_key(room.id, ballot(user_id, PARTICIPATION))),
            *self._tell_version(room, but=user_id),
            *([put_event(self.tables.outbox, event)] if event else []),
        ]
        write(self.client, actions, refused=lambda _: Contended())

    def of_user(
        self, user_id: str, since: datetime, limit: int, after: str | None
    ) -> Sequence[Room]:
        """Return the rooms a user is in that were opened since, newest first, after a room id."""
        first = first_id_at(since)
        if after and after < first:
            return ()
        page: dict[str, Any] = {}
        if after:
            page["ExclusiveStartKey"] = votes_key(after, ballot(user_id, PARTICIPATION)) | to_item(
                {"memberId": user_id}
            )
        answer = self.client.query(
            TableName=self.tables.votes,
            IndexName=MEMBER_INDEX,
            KeyConditionExpression="memberId = :user AND roomId >= :first",
            ExpressionAttributeValues=to_item({":user": user_id, ":first": first}),
            ScanIndexForward=False,
            Limit=limit,
            **page,
        )
        keys = [room_key(entry["roomId"]["S"]) for entry in answer["Items"]]
        found = {room.id: room for room in map(read_room, self._all(keys))}
        return [found[key["id"]["S"]] for key in keys if key["id"]["S"] in found]

    def _visit(self, room: Room, user_id: str) -> Sequence[Mapping[str, Any]]:
        """Note a visit, unless the visitor's account is gone: that is the last action."""
        visits = self.tables.visits
        return [
            put(visits, visit_item(room, user_id)),
            {
                "ConditionCheck": {
                    "TableName": visits,
                    "Key": visit_key(user_id, ERASURE),
                    "ConditionExpression": "attribute_not_exists(userId)",
                }
            },
        ]

    def _change_room(self, room: Room, *, while_open: bool) -> Mapping[str, Any]:
        """Store who is in the room, whose it is and until when, if it is still the one before."""
        values: dict[str, object] = {
            ":participants": room.participants,
            ":host": room.host_id,
            ":expires": epoch_seconds(room.expires_at),
            ":version": room.version,
            ":seen": room.version - 1,
        }
        if while_open:
            values[":now"] = epoch_seconds(self.now())
        return {
            "Update": {
                "TableName": self.tables.rooms,
                "Key": room_key(room.id),
                "UpdateExpression": (
                    "SET participants = :participants, hostId = :host, expiresAt = :expires,"
                    " version = :version"
                ),
                "ConditionExpression": (
                    "version = :seen AND expiresAt > :now" if while_open else "version = :seen"
                ),
                "ExpressionAttributeValues": to_item(values),
            }
        }

    def _tell_version(self, room: Room, but: str) -> Iterator[Mapping[str, Any]]:
        """Tell the room's new version to everybody who stays."""
        for user_id in room.participants:
            if user_id not in (but, ERASED):
                yield {
                    "Update": {
                        "TableName": self.tables.votes,
                        "Key": votes_key(room.id, ballot(user_id, PARTICIPATION)),
                        "UpdateExpression": "SET roomVersion = :version",
                        "ConditionExpression": "attribute_exists(roomId)",
                        "ExpressionAttributeValues": to_item({":version": room.version}),
                    }
                }

    def _room_or_code(self, key: Item) -> Mapping[str, Any] | None:
        answer = self.client.get_item(TableName=self.tables.rooms, Key=key, ConsistentRead=True)
        return answer.get("Item")

    def _all(self, keys: Sequence[Item]) -> Iterable[Mapping[str, Any]]:
        """Read rooms by their keys."""
        wanted = {self.tables.rooms: {"Keys": keys}} if keys else {}
        return (item for _, item in batch(self.client, wanted))


def _unless_erased(otherwise: type[Exception]) -> Callable[[Sequence[str]], Exception]:
    """Return what a refusal means whose last action asks whether the account is gone."""

    def meaning(reasons: Sequence[str]) -> Exception:
        return AccountDeleted() if reasons[-1] == REFUSED else otherwise()

    return meaning
