"""The rooms and their participants, in DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import TYPE_CHECKING, Any

from matinee.clock import Clock, epoch_seconds, utc_now
from matinee.dynamodb.items import Item, to_item
from matinee.dynamodb.transactions import (
    NO_RETRY,
    Action,
    ConditionFailed,
    check,
    delete,
    put,
    transact_write,
    update,
)
from matinee.events.contract import Contract, Envelope
from matinee.events.outbox import put_event
from matinee.ids import first_id_at
from matinee.retry import WriteConflict
from rooms.adapters.dynamodb.items import (
    BLOCK,
    CANDIDATES_NAME,
    MEMBER_INDEX,
    candidate_values,
    candidates_item,
    code_item,
    code_key,
    parse_candidates,
    parse_room,
    participation_item,
    participation_key,
    room_item,
    room_key,
    tally_item,
    tally_name,
    visit_item,
    visit_key,
    votes_key,
)
from rooms.adapters.dynamodb.tables import Tables, list_tallies, read_batch, write
from rooms.domain.errors import AccountDeleted
from rooms.domain.redeal import Redeal
from rooms.domain.room import DELETED_USER, Movie, Room
from rooms.domain.tally import Tally
from rooms.ports import CodeTaken

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


MAX_MARKED = 50
"""Candidates that are marked in one transaction."""


@dataclass(frozen=True, slots=True)
class DynamoRoomRepository:
    """The rooms, their candidates and participants."""

    tables: Tables
    client: DynamoDBClient
    now: Clock = utc_now

    def create(self, room: Room, candidates: Sequence[Movie], event: Envelope[Contract]) -> None:
        """Store a new room with its candidates, found by its codes.

        Raises CodeTaken, AccountDeleted, WriteConflict.
        """
        self.create_with((), room, candidates, event)

    def create_with(
        self,
        further: Sequence[Action],
        room: Room,
        candidates: Sequence[Movie],
        *events: Envelope[Contract],
    ) -> None:
        """Store a new room together with what else belongs to it.

        Raises CodeTaken, also where a condition of `further` does not hold, AccountDeleted,
        WriteConflict.
        """
        votes = self.tables.votes
        reservations = [
            put(
                self.tables.rooms,
                code_item(room, code),
                condition="attribute_not_exists(id) OR expiresAt <= :now",
                values={":now": epoch_seconds(self.now())},
            )
            for code in room.codes
        ]
        actions = [
            *reservations,
            put(self.tables.rooms, room_item(room), condition="attribute_not_exists(id)"),
            put(votes, candidates_item(room, candidates)),
            put(votes, participation_item(room, room.host_id, self.now())),
            *(put(votes, tally_item(room, n, movie)) for n, movie in enumerate(candidates)),
            *(put_event(self.tables.outbox, event) for event in events),
            *further,
        ]
        self._write_unless_blocked(room.host_id, room, actions, otherwise=CodeTaken)

    def get(self, room_id: str) -> Room | None:
        """Return a room by id, strongly consistent."""
        item = self._room_or_code(room_key(room_id))
        return parse_room(item) if item and "code" in item else None

    def get_by_code(self, code: str) -> Room | None:
        """Return a room by code, strongly consistent."""
        reservation = self._room_or_code(code_key(code))
        return self.get(reservation["roomId"]["S"]) if reservation else None

    def list_candidates(
        self, room_id: str, *, at_least: int = 1, consistent: bool = False
    ) -> Sequence[Movie]:
        """Return a room's candidates in its order.

        Read consistently only when fewer are seen than there are at least: more are dealt seldom.
        """
        key = votes_key(room_id, CANDIDATES_NAME)
        candidates: Sequence[Movie] = ()
        for consistently in (True,) if consistent else (False, True):
            response = self.client.get_item(
                TableName=self.tables.votes, Key=key, ConsistentRead=consistently
            )
            candidates = parse_candidates(response["Item"]) if "Item" in response else ()
            if len(candidates) >= at_least:
                break
        return candidates

    def add_candidates(
        self,
        room: Room,
        before: Sequence[Movie],
        added: Sequence[Movie],
        event: Envelope[Contract],
    ) -> None:
        """Store further candidates, their tallies and the event; see the port."""
        votes = self.tables.votes
        actions = [
            check(
                self.tables.rooms,
                room_key(room.id),
                condition="expiresAt > :now AND attribute_not_exists(closed)",
                values={":now": epoch_seconds(self.now())},
            ),
            update(
                votes,
                votes_key(room.id, CANDIDATES_NAME),
                "SET candidates = list_append(candidates, :added)",
                condition="size(candidates) = :before",
                values={":added": candidate_values(added), ":before": len(before)},
            ),
            *(
                put(
                    votes,
                    tally_item(room, position, movie),
                    condition="attribute_not_exists(roomId)",
                )
                for position, movie in enumerate(added, len(before))
            ),
            put_event(self.tables.outbox, event),
        ]
        write(self.client, actions)

    def list_tallies(self, room_id: str) -> Sequence[Tally]:
        """Return a room's tallies of all its candidates, strongly consistent."""
        return list_tallies(self.client, self.tables.votes, room_id)

    def mark_shown(self, room_id: str, movie_ids: Sequence[int]) -> None:
        """Store that candidates are shown; raise WriteConflict if one is none any more."""
        for some in batched(movie_ids, MAX_MARKED, strict=False):
            actions = [
                update(
                    self.tables.votes,
                    votes_key(room_id, tally_name(movie_id)),
                    "SET shown = :yes",
                    condition="attribute_exists(roomId)",
                    values={":yes": True},
                )
                for movie_id in some
            ]
            write(self.client, actions)

    def replace_unseen(self, room: Room, deal: Redeal) -> None:
        """Store other candidates in place of some that nobody has seen; see the port."""
        votes = self.tables.votes
        dealt = {movie.id: movie for movie in deal.after if movie.id in deal.positions}
        unseen = "version = :unvoted AND attribute_not_exists(shown)"
        values = {":version": room.version, ":now": epoch_seconds(self.now())}
        outdated = "(attribute_not_exists(dealtVersion) OR dealtVersion < :version)"
        still = f"version = :version AND expiresAt > :now AND {outdated}"
        key = room_key(room.id)
        actions = [
            update(
                self.tables.rooms,
                key,
                "SET dealtVersion = :version",
                condition=still,
                values=values,
            )
            if deal.is_done
            else check(self.tables.rooms, key, condition=still, values=values),
            update(
                votes,
                votes_key(room.id, CANDIDATES_NAME),
                "SET candidates = :after",
                condition="size(candidates) = :before",
                values={":after": candidate_values(deal.after), ":before": len(deal.before)},
            ),
            *(
                delete(
                    votes,
                    votes_key(room.id, tally_name(movie_id)),
                    condition=unseen,
                    values={":unvoted": 0},
                )
                for movie_id in deal.removed
            ),
            *(
                put(
                    votes,
                    tally_item(room, position, dealt[movie_id]),
                    condition=f"attribute_not_exists(roomId) OR ({unseen})",
                    values={":unvoted": 0},
                )
                for movie_id, position in deal.positions.items()
            ),
        ]
        write(self.client, actions)

    def add_participant(self, user_id: str, room: Room, event: Envelope[Contract]) -> None:
        """Store a room with its new participant; raise WriteConflict, AccountDeleted."""
        actions = [
            self._change_room(room, while_open=True),
            put(self.tables.votes, participation_item(room, user_id, self.now())),
            *self._update_versions(room, besides=user_id),
            put_event(self.tables.outbox, event),
        ]
        self._write_unless_blocked(user_id, room, actions, otherwise=WriteConflict)

    def remove_participant(self, user_id: str, room: Room, *events: Envelope[Contract]) -> None:
        """Store a room that a participant has left, or was removed from; raise WriteConflict."""
        self._remove(user_id, room, events)

    def remove_deleted_user(
        self, user_id: str, room: Room, event: Envelope[Contract] | None
    ) -> None:
        """Store a room without a deleted user; raise WriteConflict.

        With an event the room must be open still: the user leaves it.
        """
        self._remove(user_id, room, [event] if event else [])

    def _remove(self, user_id: str, room: Room, events: Sequence[Envelope[Contract]]) -> None:
        participation = participation_key(room.id, user_id)
        actions = [
            self._change_room(room, while_open=bool(events)),
            delete(self.tables.votes, participation),
            *self._update_versions(room, besides=user_id),
            *(put_event(self.tables.outbox, event) for event in events),
        ]
        write(self.client, actions)

    def list_by_user(
        self, user_id: str, since: datetime, limit: int, after: str | None
    ) -> Sequence[Room]:
        """Return rooms a user is in, created since a time, newest first, after a room id."""
        first = first_id_at(since)
        if after and after < first:
            return ()
        page: dict[str, Any] = {}
        if after:
            key = participation_key(after, user_id)
            page["ExclusiveStartKey"] = key | to_item({"memberId": user_id})
        response = self.client.query(
            TableName=self.tables.votes,
            IndexName=MEMBER_INDEX,
            KeyConditionExpression="memberId = :user AND roomId >= :first",
            ExpressionAttributeValues=to_item({":user": user_id, ":first": first}),
            ScanIndexForward=False,
            Limit=limit,
            **page,
        )
        ids = [entry["roomId"]["S"] for entry in response["Items"]]
        wanted = (
            {self.tables.rooms: {"Keys": [room_key(room_id) for room_id in ids]}} if ids else {}
        )
        found = {
            room.id: room
            for room in (parse_room(item) for _, item in read_batch(self.client, wanted))
        }
        return [found[room_id] for room_id in ids if room_id in found]

    def _write_unless_blocked(
        self, user_id: str, room: Room, actions: Sequence[Action], otherwise: type[Exception]
    ) -> None:
        """Write, and add the room to a user's history; raise AccountDeleted for a blocked user.

        Raises `otherwise` when another condition does not hold.
        """
        visits = self.tables.visits
        visit = put(visits, visit_item(room, user_id))
        unblocked = check(
            visits, visit_key(user_id, BLOCK), condition="attribute_not_exists(userId)"
        )
        try:
            transact_write(self.client, [*actions, visit, unblocked], NO_RETRY)
        except ConditionFailed as error:
            raise (AccountDeleted if error.failed[-1] else otherwise) from error

    def _change_room(self, room: Room, *, while_open: bool) -> Action:
        """Store participants, host and closing time, if the room is still the one before."""
        values: dict[str, object] = {
            ":participants": room.participants,
            ":host": room.host_id,
            ":expires": epoch_seconds(room.expires_at),
            ":removed": room.removed,
            ":version": room.version,
            ":read": room.version - 1,
        }
        if while_open:
            values[":now"] = epoch_seconds(self.now())
        return update(
            self.tables.rooms,
            room_key(room.id),
            "SET participants = :participants, hostId = :host, expiresAt = :expires,"
            " removed = :removed, version = :version",
            condition="version = :read AND expiresAt > :now" if while_open else "version = :read",
            values=values,
        )

    def _update_versions(self, room: Room, besides: str) -> Iterator[Action]:
        """Store the room's new version in the participations of everybody who stays."""
        for user_id in room.participants:
            if user_id not in (besides, DELETED_USER):
                yield update(
                    self.tables.votes,
                    participation_key(room.id, user_id),
                    "SET roomVersion = :version",
                    condition="attribute_exists(roomId)",
                    values={":version": room.version},
                )

    def _room_or_code(self, key: Item) -> Mapping[str, Any] | None:
        response = self.client.get_item(TableName=self.tables.rooms, Key=key, ConsistentRead=True)
        return response.get("Item")
