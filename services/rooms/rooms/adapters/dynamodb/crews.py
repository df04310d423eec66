"""The crews and the invitations to their rooms, in DynamoDB.

    <crew>, crew                    a crew
    <user>, crew#<crew>             that the user is in the crew
    <user>, invitation#<room>       the user's invitation to a room; it expires with the room

An invitation names nobody: the erasure of one user changes no other user's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matinee.clock import from_iso, iso
from matinee.dynamodb.items import Item, from_item, to_item
from matinee.dynamodb.transactions import (
    NO_RETRY,
    ConditionFailed,
    WriteConflict,
    check,
    delete,
    put,
    transact_write,
)
from matinee.events.contract import Contract, Envelope
from matinee.filters import Filters
from matinee.media import MediaType
from rooms.adapters.dynamodb.items import (
    BLOCK,
    expiry_of,
    parse_rule,
    room_key,
    rule_values,
    visit_key,
)
from rooms.adapters.dynamodb.rooms import DynamoRoomRepository
from rooms.adapters.dynamodb.tables import Tables, read_batch, write
from rooms.domain.crew import Crew, Invitation
from rooms.domain.deal import DeckSource, DeckWish, HideSeen
from rooms.domain.errors import AccountDeleted
from rooms.domain.room import Movie, Room

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_CREW = "crew"
_MEMBERSHIPS = "crew#"
_INVITATIONS = "invitation#"
_SAME_VERSION = "version = :read"


@dataclass(frozen=True, slots=True)
class DynamoCrewRepository:
    """The crews."""

    tables: Tables
    client: DynamoDBClient

    def get(self, crew_id: str) -> Crew | None:
        """Return a crew by id, strongly consistent."""
        item = _get(self.client, self.tables.crews, _key(crew_id, _CREW))
        return _parse_crew(item) if item else None

    def list_by_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Crew]:
        """Return the crews that a user is in, newest first, after a crew id."""
        table = self.tables.crews
        entries = _page(self.client, table, user_id, _MEMBERSHIPS, limit, after)
        ids = [_name(entry, _MEMBERSHIPS) for entry in entries]
        keys = [_key(crew_id, _CREW) for crew_id in ids]
        wanted = {table: {"Keys": keys, "ConsistentRead": True}} if keys else {}
        crews = (_parse_crew(item) for _, item in read_batch(self.client, wanted))
        found = {crew.id: crew for crew in crews}
        return [found[crew_id] for crew_id in ids if crew_id in found]

    def list_ids_by_user(self, user_id: str) -> Iterator[str]:
        """Yield the ids of the crews that a user is in, strongly consistent."""
        pages = self.client.get_paginator("query").paginate(
            **_query(self.tables.crews, user_id, _MEMBERSHIPS)
        )
        for page in pages:
            yield from (_name(entry, _MEMBERSHIPS) for entry in page["Items"])

    def create(self, user_id: str, crew: Crew, room: Room) -> None:
        """Store a new crew that a user makes of a room.

        Raises AccountDeleted, and WriteConflict unless the room still has its version and there is
        no such crew.
        """
        table = self.tables.crews
        actions = [
            check(
                self.tables.rooms,
                room_key(room.id),
                condition=_SAME_VERSION,
                values={":read": room.version},
            ),
            put(table, _crew_item(crew), condition="attribute_not_exists(ownerId)"),
            *(put(table, _key(user, f"{_MEMBERSHIPS}{crew.id}")) for user in crew.members),
            check(
                self.tables.visits,
                visit_key(user_id, BLOCK),
                condition="attribute_not_exists(userId)",
            ),
        ]
        try:
            transact_write(self.client, actions, NO_RETRY)
        except ConditionFailed as error:
            raise (AccountDeleted if error.failed[-1] else WriteConflict) from error

    def remove_member(self, user_id: str, crew: Crew) -> None:
        """Store a crew that a member has left, or delete it after the last; raise WriteConflict."""
        table, read = self.tables.crews, {":read": crew.version - 1}
        if crew.members:
            change = put(table, _crew_item(crew), condition=_SAME_VERSION, values=read)
        else:
            change = delete(table, _key(crew.id, _CREW), condition=_SAME_VERSION, values=read)
        write(self.client, [change, delete(table, _key(user_id, f"{_MEMBERSHIPS}{crew.id}"))])


@dataclass(frozen=True, slots=True)
class DynamoInvitationInbox:
    """Every user's own list of invitations."""

    table: str
    client: DynamoDBClient

    def get(self, user_id: str, room_id: str) -> Invitation | None:
        """Return a user's invitation to a room, strongly consistent."""
        item = _get(self.client, self.table, _key(user_id, f"{_INVITATIONS}{room_id}"))
        return _parse_invitation(item) if item else None

    def list_by_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Invitation]:
        """Return a user's invitations, newest first, after a room id."""
        entries = _page(self.client, self.table, user_id, _INVITATIONS, limit, after)
        return [_parse_invitation(entry) for entry in entries]

    def delete(self, user_id: str, room_id: str) -> None:
        """Delete an invitation from a user's list; raise WriteConflict."""
        write(self.client, [delete(self.table, _key(user_id, f"{_INVITATIONS}{room_id}"))])


@dataclass(frozen=True, slots=True)
class DynamoCrewRoomRepository:
    """The rooms that are started for crews."""

    table: str
    rooms: DynamoRoomRepository

    def create_for_crew(
        self,
        crew: Crew,
        room: Room,
        candidates: Sequence[Movie],
        events: Sequence[Envelope[Contract]],
        invitation: Invitation,
    ) -> None:
        """Store a new room, and an invitation to it in the list of each other member.

        Raises CodeTaken, also unless the crew still has its version, AccountDeleted, WriteConflict.
        """
        same_crew = check(
            self.table,
            _key(crew.id, _CREW),
            condition=_SAME_VERSION,
            values={":read": crew.version},
        )
        invitations = [
            put(self.table, _invitation_item(user, invitation, expiry_of(room)))
            for user in crew.others(room.host_id)
        ]
        self.rooms.create_with([same_crew, *invitations], room, candidates, *events)

    def get_by_code(self, code: str) -> Room | None:
        """Return a room by code, strongly consistent."""
        return self.rooms.get_by_code(code)

    def list_candidates(
        self, room_id: str, *, at_least: int = 1, consistent: bool = False
    ) -> Sequence[Movie]:
        """Return a room's candidates in its order: `at_least` so many, if it has them."""
        return self.rooms.list_candidates(room_id, at_least=at_least, consistent=consistent)


def _key(owner_id: str, entry: str) -> Item:
    return to_item({"ownerId": owner_id, "entry": entry})


def _name(item: Mapping[str, Any], prefix: str) -> str:
    """Return what an entry's name says after its prefix."""
    return str(item["entry"]["S"]).removeprefix(prefix)


def _get(client: DynamoDBClient, table: str, key: Item) -> Mapping[str, Any] | None:
    return client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")


def _query(table: str, owner_id: str, prefix: str) -> dict[str, Any]:
    return {
        "TableName": table,
        "KeyConditionExpression": "ownerId = :owner AND begins_with(entry, :prefix)",
        "ExpressionAttributeValues": to_item({":owner": owner_id, ":prefix": prefix}),
        "ConsistentRead": True,
    }


def _page(  # noqa: PLR0913, PLR0917 - a query's
    client: DynamoDBClient, table: str, owner_id: str, prefix: str, limit: int, after: str | None
) -> Sequence[Mapping[str, Any]]:
    page = {"ExclusiveStartKey": _key(owner_id, f"{prefix}{after}")} if after else {}
    query = _query(table, owner_id, prefix) | page
    response = client.query(**query, ScanIndexForward=False, Limit=limit)
    return response["Items"]


def _crew_item(crew: Crew) -> Item:
    return _key(crew.id, _CREW) | to_item(
        {
            "name": crew.name,
            "hostId": crew.host_id,
            "members": crew.members,
            "mediaTypes": [media_type.value for media_type in crew.wish.media_types],
            "genreIds": crew.wish.genre_ids,
            "filters": crew.wish.filters.as_values() or None,
            "source": crew.wish.source.value,
            "hideSeen": crew.wish.hide_seen.value,
            "minParticipants": crew.min_participants,
            "maxParticipants": crew.max_participants,
            "createdAt": iso(crew.created_at),
            "madeOf": crew.made_of,
            "version": crew.version,
            **rule_values(crew.rule),
        }
    )


def _parse_crew(item: Mapping[str, Any]) -> Crew:
    values = from_item(item)
    return Crew(
        id=values["ownerId"],
        name=values["name"],
        host_id=values["hostId"],
        members=tuple(values["members"]),
        wish=DeckWish(
            tuple(map(MediaType, values["mediaTypes"])),
            tuple(values["genreIds"]),
            Filters.from_values(values.get("filters", {})),
            DeckSource(values["source"]),
            HideSeen(values["hideSeen"]),
        ),
        min_participants=values["minParticipants"],
        max_participants=values["maxParticipants"],
        created_at=from_iso(values["createdAt"]),
        made_of=values["madeOf"],
        rule=parse_rule(values),
        version=values["version"],
    )


def _invitation_item(user_id: str, invitation: Invitation, ttl: int) -> Item:
    return _key(user_id, f"{_INVITATIONS}{invitation.room_id}") | to_item(
        {
            "roomId": invitation.room_id,
            "crewId": invitation.crew_id,
            "crewName": invitation.crew_name,
            "code": invitation.code,
            "closesAt": iso(invitation.closes_at),
            "timestamp": iso(invitation.at),
            "ttl": ttl,
        }
    )


def _parse_invitation(item: Mapping[str, Any]) -> Invitation:
    values = from_item(item)
    return Invitation(
        room_id=values["roomId"],
        crew_id=values["crewId"],
        crew_name=values["crewName"],
        code=values["code"],
        closes_at=from_iso(values["closesAt"]),
        at=from_iso(values["timestamp"]),
    )
