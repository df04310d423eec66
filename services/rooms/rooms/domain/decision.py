"""Decisions: what a room will watch, at most once, by its host or by a majority.

A decision holds at an instant, as a match does (`rooms.domain.match`): a pair of the room's version
and that of its proposals. Whoever ends an instant, by proposing, deciding, joining or leaving,
commits only if both versions are still those that they have read, and records before what a
majority of that instant had proposed.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from matinee.media import MediaType
from rooms.domain.room import Room


class DecidedBy(StrEnum):
    """Who has decided."""

    HOST = "host"
    MAJORITY = "majority"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a room decided to watch. `title` and `poster_path` are the candidate's."""

    decision_id: str
    room_id: str
    movie_id: int
    media_type: MediaType
    title: str
    poster_path: str | None
    by: DecidedBy
    at: datetime


@dataclass(frozen=True, slots=True)
class Proposals:
    """Each participant's latest proposal, also of those who left, and the decision.

    `version` counts the changes.
    """

    room_id: str
    of_users: Mapping[str, int] = field(default_factory=dict)
    version: int = 0
    decision: Decision | None = None

    def count(self, room: Room, movie_id: int) -> int:
        """Return how many of those who are in the room propose a title."""
        return self._counted(room)[movie_id]

    def majority(self, room: Room) -> int | None:
        """Return the title that more than half of those who are in the room propose, if any."""
        for movie_id, supporters in self._counted(room).items():
            if 2 * supporters > len(room.participants):
                return movie_id
        return None

    def next_version(self) -> Self:
        """Return the same proposals as their next version."""
        return replace(self, version=self.version + 1)

    def with_proposal(self, user_id: str, movie_id: int) -> Self:
        """Return the next version, with a user's latest proposal."""
        return replace(self.next_version(), of_users={**self.of_users, user_id: movie_id})

    def without_user(self, user_id: str) -> Self:
        """Return the next version, without a user."""
        others = {user: movie for user, movie in self.of_users.items() if user != user_id}
        return replace(self.next_version(), of_users=others)

    def with_decision(self, decision: Decision) -> Self:
        """Return the proposals with a decision; the first one stays."""
        return self if self.decision else replace(self, decision=decision)

    def _counted(self, room: Room) -> Counter[int]:
        return Counter(self.of_users[user] for user in room.participants if user in self.of_users)
