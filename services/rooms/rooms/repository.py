"""The tables behind the ports. Every write is one transaction with the event that tells it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from matinee.clock import Clock, epoch_seconds, utc_now
from matinee.contract import Contract, Envelope
from matinee.dynamodb import Item, cancellation_reasons, to_item, was_contended
from matinee.ids import first_id_at
from matinee.outbox import put_event
from rooms.domain import Match, Movie, Room, Tally, Vote
from rooms.erased import ERASED
from rooms.errors import AccountDeleted, RoomBusy
from rooms.items import (
    CANDIDATES_KEY,
    ERASURE,
    FILM_PREFIX,
    MEMBER_INDEX,
    PARTICIPATION,
    agreement_value,
    ballot,
    candidates_item,
    code_item,
    code_key,
    erasure_item,
    film,
    match_item,
    match_key,
    participation_item,
    read_candidates,
    read_match,
    read_room,
    read_tally,
    read_vote,
    room_item,
    room_key,
    tally_item,
    user_match_item,
    user_match_key,
    visit_item,
    visit_key,
    vote_item,
    votes_key,
)
from rooms.ports import CodeTaken, Contended

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REFUSED = "ConditionalCheckFailed"

VAIN_ATTEMPTS = 6
FIRST_PAUSE = 0.05
"""Seconds before keys of which none was processed are asked for again; doubled each time."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The names of the service's tables."""

    rooms: str
    votes: str
    matches: str
    user_matches: str
    visits: str
    outbox: str


@dataclass(frozen=True, slots=True)
class DynamoRooms:
    """The rooms, in DynamoDB."""

    tables: Tables
    client: DynamoDBClient
    now: Clock = utc_now

    def open(self, room: Room, candidates: Sequence[Movie], event: Envelope[Contract]) -> None:
        """Store a new room with its candidates. Raises CodeTaken, AccountDeleted."""
        votes = self.tables.votes
        reservation = _put(
            self.tables.rooms,
            code_item(room),
            condition="attribute_not_exists(id) OR expiresAt <= :now",
            values={":now": epoch_seconds(self.now())},
        )
        actions = [
            reservation,
            _put(self.tables.rooms, room_item(room), condition="attribute_not_exists(id)"),
            _put(votes, candidates_item(room, candidates)),
            _put(votes, participation_item(room, room.host_id)),
            *(_put(votes, tally_item(room, n, movie)) for n, movie in enumerate(candidates)),
            put_event(self.tables.outbox, event),
            *self._visit(room, room.host_id),
        ]
        _write(self.client, actions, refused=_unless_erased(CodeTaken))

    def find(self, room_id: str) -> Room | None:
        """Answer a room as of now, by id."""
        item = self._room_or_code(room_key(room_id))
        return read_room(item) if item and "code" in item else None

    def find_by_code(self, code: str) -> Room | None:
        """Answer a room as of now, by code."""
        reservation = self._room_or_code(code_key(code))
        return self.find(reservation["roomId"]["S"]) if reservation else None

    def candidates(self, room_id: str) -> Sequence[Movie]:
        """Answer a room's candidates in its order."""
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
            _put(self.tables.votes, participation_item(room, user_id)),
            *self._tell_version(room, but=user_id),
            put_event(self.tables.outbox, event),
            *self._visit(room, user_id),
        ]
        _write(self.client, actions, refused=_unless_erased(Contended))

    def dismiss(self, user_id: str, room: Room, event: Envelope[Contract]) -> None:
        """Store a room that the user has just left. Raises Contended."""
        self.strike(user_id, room, event)

    def strike(self, user_id: str, room: Room, event: Envelope[Contract] | None) -> None:
        """Store a room as it is without an erased user.

        With an event he leaves an open room. Raises Contended.
        """
        actions = [
            self._change_room(room, while_open=event is not None),
            _delete(self.tables.votes, votes_key(room.id, ballot(user_id, PARTICIPATION))),
            *self._tell_version(room, but=user_id),
            *([put_event(self.tables.outbox, event)] if event else []),
        ]
        _write(self.client, actions, refused=lambda _: Contended())

    def of_user(
        self, user_id: str, since: datetime, limit: int, after: str | None
    ) -> Sequence[Room]:
        """Answer the rooms a user is in that were opened since, newest first, after a room id."""
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
            _put(visits, visit_item(room, user_id)),
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
        return (item for _, item in _batch(self.client, wanted))


@dataclass(frozen=True, slots=True)
class DynamoVotes:
    """The votes and their tallies, in DynamoDB."""

    tables: Tables
    client: DynamoDBClient
    now: Clock = utc_now

    def ballot(self, room_id: str, movie_id: int) -> tuple[Room | None, Tally | None]:
        """Answer a room and what it thinks of one film, both as of now, in one request."""
        rooms, votes = self.tables.rooms, self.tables.votes
        wanted = {
            rooms: {"Keys": [room_key(room_id)], "ConsistentRead": True},
            votes: {"Keys": [votes_key(room_id, film(movie_id))], "ConsistentRead": True},
        }
        room: Room | None = None
        tally: Tally | None = None
        for table, item in _batch(self.client, wanted):
            if table == votes:
                tally = read_tally(item)
            elif "code" in item:
                room = read_room(item)
        return room, tally

    def tally(self, room_id: str, movie_id: int) -> Tally | None:
        """Answer what a room thinks of one film, as of now."""
        item = self._item(room_id, film(movie_id))
        return read_tally(item) if item else None

    def tallies(self, room_id: str) -> Sequence[Tally]:
        """Answer what a room thinks of each of its candidates, as of now."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.tables.votes,
            KeyConditionExpression="roomId = :room AND begins_with(userMovieId, :film)",
            ExpressionAttributeValues=to_item({":room": room_id, ":film": FILM_PREFIX}),
            ConsistentRead=True,
        )
        return [read_tally(item) for page in pages for item in page["Items"]]

    def cast(self, vote: Vote, room: Room, tally: Tally, event: Envelope[Contract]) -> None:
        """Store a vote with the tally after it.

        Raises Contended unless the room has its version still and the tally the one before.
        """
        still_in_this_room = {
            "ConditionCheck": {
                "TableName": self.tables.votes,
                "Key": votes_key(room.id, ballot(vote.user_id, PARTICIPATION)),
                "ConditionExpression": "roomVersion = :seen AND expiresAt > :now",
                "ExpressionAttributeValues": to_item(
                    {":seen": room.version, ":now": epoch_seconds(self.now())}
                ),
            }
        }
        actions = [
            still_in_this_room,
            self._count(vote, tally),
            _put(self.tables.votes, vote_item(room, vote)),
            put_event(self.tables.outbox, event),
        ]
        _write(self.client, actions, refused=lambda _: Contended())

    def find(self, room_id: str, user_id: str, movie_id: int) -> Vote | None:
        """Answer a user's latest vote on a film."""
        item = self._item(room_id, ballot(user_id, movie_id))
        return read_vote(item) if item else None

    def withdraw(self, user_id: str, tallies: Sequence[Tally]) -> None:
        """Delete a user's votes on some films of a room, with the tallies after it; 25 at most.

        Raises Contended unless each tally is still the one before.
        """
        actions = [
            action
            for tally in tallies
            for action in (
                self._uncount(user_id, tally),
                _delete(
                    self.tables.votes, votes_key(tally.room_id, ballot(user_id, tally.movie_id))
                ),
            )
        ]
        _write(self.client, actions, refused=lambda _: Contended())

    def _uncount(self, user_id: str, tally: Tally) -> Mapping[str, Any]:
        """Take a voter out of a tally, and out of those who agreed on its film."""
        agreed = ", agreement = :agreement" if tally.agreement else ""
        values: dict[str, object] = {
            ":voter": {user_id},
            ":version": tally.version,
            ":seen": tally.version - 1,
        }
        if tally.agreement:
            values[":agreement"] = agreement_value(tally.agreement)
        return {
            "Update": {
                "TableName": self.tables.votes,
                "Key": votes_key(tally.room_id, film(tally.movie_id)),
                "UpdateExpression": (
                    f"SET version = :version{agreed} DELETE likes :voter, dislikes :voter"
                ),
                "ConditionExpression": "version = :seen",
                "ExpressionAttributeValues": to_item(values),
            }
        }

    def _item(self, room_id: str, name: str) -> Mapping[str, Any] | None:
        answer = self.client.get_item(
            TableName=self.tables.votes, Key=votes_key(room_id, name), ConsistentRead=True
        )
        return answer.get("Item")

    def _count(self, vote: Vote, tally: Tally) -> Mapping[str, Any]:
        """Move the voter to his side of the tally, whose size grows with the voters alone."""
        side, other = ("likes", "dislikes") if vote.yes else ("dislikes", "likes")
        agreed = ", agreement = :agreement" if tally.agreement else ""
        values: dict[str, object] = {
            ":voter": {vote.user_id},
            ":version": tally.version,
            ":seen": tally.version - 1,
        }
        if tally.agreement:
            values[":agreement"] = agreement_value(tally.agreement)
        return {
            "Update": {
                "TableName": self.tables.votes,
                "Key": votes_key(vote.room_id, film(vote.movie_id)),
                "UpdateExpression": (
                    f"SET version = :version{agreed} ADD {side} :voter DELETE {other} :voter"
                ),
                "ConditionExpression": "version = :seen",
                "ExpressionAttributeValues": to_item(values),
            }
        }


@dataclass(frozen=True, slots=True)
class DynamoMatches:
    """The matches, in DynamoDB."""

    tables: Tables
    client: DynamoDBClient

    def record(self, match: Match, event: Envelope[Contract]) -> bool:
        """Store a match once, for the room and for each user; tells whether it was new."""
        try:
            _write(self.client, self._actions(match, event), refused=lambda _: Contended())
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
        _write(self.client, actions, refused=lambda _: Contended())

    def find(self, room_id: str, movie_id: int) -> Match | None:
        """Answer a room's match on a film."""
        answer = self.client.get_item(
            TableName=self.tables.matches, Key=match_key(room_id, movie_id), ConsistentRead=True
        )
        return read_match(answer["Item"]) if "Item" in answer else None

    def of_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Match]:
        """Answer a user's matches, newest first, after a match id."""
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
            _delete(self.tables.user_matches, user_match_key(user_id, match.match_id))
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
        _write(self.client, actions, refused=lambda _: Contended())

    def _actions(self, match: Match, event: Envelope[Contract]) -> Sequence[Mapping[str, Any]]:
        return [
            _put(self.tables.matches, match_item(match), condition="attribute_not_exists(roomId)"),
            *(
                _put(self.tables.user_matches, user_match_item(match, user))
                for user in match.matched_users
                if user != ERASED
            ),
            put_event(self.tables.outbox, event),
        ]


@dataclass(frozen=True, slots=True)
class DynamoVisits:
    """Who has been in which rooms, in DynamoDB, in the order of the rooms' opening."""

    table: str
    client: DynamoDBClient

    def bar(self, user_id: str, until: datetime) -> None:
        """Let a user open and join no room from now on. Raises Contended."""
        self._commit(_put(self.table, erasure_item(user_id, until)))

    def of_user(self, user_id: str, limit: int, after: str | None) -> Sequence[str]:
        """Answer ids of rooms as of now, oldest first, after a room id."""
        answer = self.client.query(
            TableName=self.table,
            KeyConditionExpression="userId = :user AND roomId > :after",
            ExpressionAttributeValues=to_item({":user": user_id, ":after": after or ERASURE}),
            Limit=limit,
            ConsistentRead=True,
        )
        return [item["roomId"]["S"] for item in answer["Items"]]

    def forget(self, user_id: str, room_id: str) -> None:
        """Forget that a user has been in a room. Raises Contended."""
        self._commit(_delete(self.table, visit_key(user_id, room_id)))

    def _commit(self, action: Mapping[str, Any]) -> None:
        """Write as a transaction: its conflicts with others are told apart from other faults."""
        _write(self.client, [action], refused=lambda _: Contended())


def _unless_erased(otherwise: type[Exception]) -> Callable[[Sequence[str]], Exception]:
    """Answer what a refusal means whose last action asks whether the account is gone."""

    def meaning(reasons: Sequence[str]) -> Exception:
        return AccountDeleted() if reasons[-1] == REFUSED else otherwise()

    return meaning


def _delete(table: str, key: Item) -> Mapping[str, Any]:
    return {"Delete": {"TableName": table, "Key": key}}


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


def _batch(
    client: DynamoDBClient, wanted: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Read items of any tables by their keys; answers each with its table.

    What DynamoDB leaves unprocessed is asked for again, after pauses that double while it answers
    nothing at all. Raises RoomBusy when it goes on answering nothing.
    """
    vain = 0
    while wanted:
        if vain:
            time.sleep(FIRST_PAUSE * 2 ** (vain - 1))
        answer = client.batch_get_item(RequestItems=wanted)
        for table, items in answer["Responses"].items():
            yield from ((table, item) for item in items)
        vain = vain + 1 if answer["UnprocessedKeys"] == wanted else 0
        if vain == VAIN_ATTEMPTS:
            raise RoomBusy
        wanted = answer["UnprocessedKeys"]


def _put(
    table: str,
    item: Item,
    *,
    condition: str | None = None,
    values: Mapping[str, object] | None = None,
) -> Mapping[str, Any]:
    action: dict[str, Any] = {"TableName": table, "Item": item}
    if condition:
        action["ConditionExpression"] = condition
    if values:
        action["ExpressionAttributeValues"] = to_item(values)
    return {"Put": action}


def _write(
    client: DynamoDBClient,
    actions: Sequence[Mapping[str, Any]],
    *,
    refused: Callable[[Sequence[str]], Exception],
) -> None:
    """Commit actions together.

    Raises what `refused` makes of the reasons when a condition does not hold, and Contended when
    another transaction holds one of the items.
    """
    try:
        client.transact_write_items(TransactItems=actions)  # type: ignore[arg-type]
    except ClientError as error:
        reasons = cancellation_reasons(error)
        if REFUSED in reasons:
            raise refused(reasons) from error
        if was_contended(error):
            raise Contended from error
        raise
