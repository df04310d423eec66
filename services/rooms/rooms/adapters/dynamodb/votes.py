"""The votes and their tallies, in DynamoDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matinee.clock import Clock, epoch_seconds, utc_now
from matinee.dynamodb.items import to_item
from matinee.events.contract import Contract, Envelope
from matinee.events.outbox import put_event
from rooms.adapters.dynamodb.items import (
    FILM_PREFIX,
    PARTICIPATION,
    agreement_value,
    ballot,
    film,
    read_room,
    read_tally,
    read_vote,
    room_key,
    vote_item,
    votes_key,
)
from rooms.adapters.dynamodb.tables import Tables, batch, delete, put, write
from rooms.domain.room import Room, Tally, Vote
from rooms.ports import Contended

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class DynamoVotes:
    """The votes and their tallies, in DynamoDB."""

    tables: Tables
    client: DynamoDBClient
    now: Clock = utc_now

    def ballot(self, room_id: str, movie_id: int) -> tuple[Room | None, Tally | None]:
        """Return a room and what it thinks of one film, both as of now, in one request."""
        rooms, votes = self.tables.rooms, self.tables.votes
        wanted = {
            rooms: {"Keys": [room_key(room_id)], "ConsistentRead": True},
            votes: {"Keys": [votes_key(room_id, film(movie_id))], "ConsistentRead": True},
        }
        room: Room | None = None
        tally: Tally | None = None
        for table, item in batch(self.client, wanted):
            if table == votes:
                tally = read_tally(item)
            elif "code" in item:
                room = read_room(item)
        return room, tally

    def tally(self, room_id: str, movie_id: int) -> Tally | None:
        """Return what a room thinks of one film, as of now."""
        item = self._item(room_id, film(movie_id))
        return read_tally(item) if item else None

    def tallies(self, room_id: str) -> Sequence[Tally]:
        """Return what a room thinks of each of its candidates, as of now."""
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
            put(self.tables.votes, vote_item(room, vote)),
            put_event(self.tables.outbox, event),
        ]
        write(self.client, actions, refused=lambda _: Contended())

    def find(self, room_id: str, user_id: str, movie_id: int) -> Vote | None:
        """Return a user's latest vote on a film."""
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
                delete(
                    self.tables.votes, votes_key(tally.room_id, ballot(user_id, tally.movie_id))
                ),
            )
        ]
        write(self.client, actions, refused=lambda _: Contended())

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
