"""Presence: who is at the room right now, and how far they have come.

A phone says every few seconds that it is there. Whoever is silent for longer shows as absent, and
keeps their seat: they are in the room until they leave it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rooms.domain.person import Person
from rooms.domain.room import Room
from rooms.domain.tally import Tally

PRESENCE_TIMEOUT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Presence:
    """When a participant joined, and when they were last heard of; None where it is not known."""

    joined_at: datetime | None = None
    seen_at: datetime | None = None

    def is_present(self, now: datetime) -> bool:
        """Return whether they were heard of in time."""
        return self.seen_at is not None and now < self.seen_at + PRESENCE_TIMEOUT


@dataclass(frozen=True, slots=True)
class Progress:
    """On how many of the candidates somebody has voted. It says neither which nor how."""

    voted: int
    of: int


@dataclass(frozen=True, slots=True)
class Participant:
    """A participant as the others see them, as far as it was asked for."""

    user_id: str
    is_host: bool
    is_present: bool = False
    person: Person | None = None
    presence: Presence = Presence()
    progress: Progress | None = None


def progress_of(room: Room, tallies: Iterable[Tally]) -> Mapping[str, Progress]:
    """Return the progress of everybody who is in a room."""
    voters = [tally.likes | tally.dislikes for tally in tallies]
    return {
        user_id: Progress(sum(user_id in voted for voted in voters), len(voters))
        for user_id in room.participants
    }
