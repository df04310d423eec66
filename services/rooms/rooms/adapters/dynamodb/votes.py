"""The votes and their tallies, in DynamoDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matinee.clock import Clock, epoch_seconds, utc_now
from matinee.dynamodb.items import to_item
from matinee.dynamodb.transactions import Action, check, delete, put, update
from matinee.events.contract import Contract, Envelope
from matinee.events.outbox import put_event
from rooms.adapters.dynamodb.items import (
    agreement_value,
    parse_room,
    parse_tally,
    parse_vote,
    participation_key,
    room_key,
    tally_name,
    vote_item,
    vote_name,
    votes_key,
)
from rooms.adapters.dynamodb.tables import Tables, list_tallies, read_batch, write
from rooms.domain.room import Room
from rooms.domain.tally import Tally, Vote

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


MOVES: Mapping[bool | None, str] = {
    True: "ADD likes :voter DELETE dislikes :voter",
    False: "ADD dislikes :voter DELETE likes :voter",
    None: "DELETE likes :voter, dislikes :voter",
}
"""What a vote does to the sets of a tally."""


@dataclass(frozen=True, slots=True)
class DynamoVoteRepository:
    """The votes and their tallies."""

    tables: Tables
    client: DynamoDBClient
    now: Clock = utc_now

    def get_room_and_tally(self, room_id: str, movie_id: int) -> tuple[Room | None, Tally | None]:
        """Return a room and its tally of one candidate, in one strongly consistent request."""
        rooms, votes = self.tables.rooms, self.tables.votes
        wanted = {
            rooms: {"Keys": [room_key(room_id)], "ConsistentRead": True},
            votes: {"Keys": [votes_key(room_id, tally_name(movie_id))], "ConsistentRead": True},
        }
        room: Room | None = None
        tally: Tally | None = None
        for table, item in read_batch(self.client, wanted):
            if table == votes:
                tally = parse_tally(item)
            elif "code" in item:
                room = parse_room(item)
        return room, tally

    def get_tally(self, room_id: str, movie_id: int) -> Tally | None:
        """Return a room's tally of one candidate, strongly consistent."""
        item = self._item(room_id, tally_name(movie_id))
        return parse_tally(item) if item else None

    def list_tallies(self, room_id: str) -> Sequence[Tally]:
        """Return a room's tallies of all its candidates, strongly consistent."""
        return list_tallies(self.client, self.tables.votes, room_id)

    def save_vote(self, vote: Vote, room: Room, tally: Tally, event: Envelope[Contract]) -> None:
        """Store a vote with the tally after it, or delete the one that is taken back.

        Raises WriteConflict unless the room still has its version and the tally the one before.
        """
        same_room = check(
            self.tables.votes,
            participation_key(room.id, vote.user_id),
            condition="roomVersion = :read AND expiresAt > :now",
            values={":read": room.version, ":now": epoch_seconds(self.now())},
        )
        own = votes_key(room.id, vote_name(vote.user_id, vote.movie_id))
        actions = [
            same_room,
            self._move_vote(vote.user_id, tally, MOVES[vote.yes]),
            delete(self.tables.votes, own)
            if vote.yes is None
            else put(self.tables.votes, vote_item(room, vote)),
            put_event(self.tables.outbox, event),
        ]
        write(self.client, actions)

    def get_vote(self, room_id: str, user_id: str, movie_id: int) -> Vote | None:
        """Return a user's latest vote on a candidate."""
        item = self._item(room_id, vote_name(user_id, movie_id))
        return parse_vote(item) if item else None

    def list_by_user(self, room_id: str, user_id: str) -> Sequence[Vote]:
        """Return a user's latest votes in a room, strongly consistent, in no order."""
        response = self.client.query(
            TableName=self.tables.votes,
            KeyConditionExpression="roomId = :room AND begins_with(userMovieId, :own)",
            ExpressionAttributeValues=to_item({":room": room_id, ":own": vote_name(user_id, "")}),
            ConsistentRead=True,
        )
        return [parse_vote(item) for item in response["Items"] if "vote" in item]

    def count_by_user(self, room_id: str, user_id: str) -> int:
        """Return on how many candidates a user has voted, strongly consistent."""
        response = self.client.query(
            TableName=self.tables.votes,
            KeyConditionExpression="roomId = :room AND begins_with(userMovieId, :own)",
            FilterExpression="attribute_exists(vote)",
            ExpressionAttributeValues=to_item({":room": room_id, ":own": vote_name(user_id, "")}),
            Select="COUNT",
            ConsistentRead=True,
        )
        return response["Count"]

    def delete_votes(self, user_id: str, tallies: Sequence[Tally]) -> None:
        """Delete a user's votes on up to 25 candidates of a room, with the tallies after it.

        Raises WriteConflict unless each tally is still the one before.
        """
        actions: list[Action] = []
        for tally in tallies:
            key = votes_key(tally.room_id, vote_name(user_id, tally.movie_id))
            actions += [
                self._move_vote(user_id, tally, MOVES[None]),
                delete(self.tables.votes, key),
            ]
        write(self.client, actions)

    def _move_vote(self, user_id: str, tally: Tally, move: str) -> Action:
        """Store the next version of a tally; its size grows with the voters alone.

        `move` changes the sets of those who like and dislike, in which the user is `:voter`.
        """
        values: dict[str, object] = {
            ":voter": {user_id},
            ":version": tally.version,
            ":read": tally.version - 1,
        }
        agreement = ""
        if tally.agreement:
            agreement = ", agreement = :agreement"
            values[":agreement"] = agreement_value(tally.agreement)
        return update(
            self.tables.votes,
            votes_key(tally.room_id, tally_name(tally.movie_id)),
            f"SET version = :version{agreement} {move}",
            condition="version = :read",
            values=values,
        )

    def _item(self, room_id: str, name: str) -> Mapping[str, Any] | None:
        response = self.client.get_item(
            TableName=self.tables.votes, Key=votes_key(room_id, name), ConsistentRead=True
        )
        return response.get("Item")
