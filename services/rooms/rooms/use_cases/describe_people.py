"""Describe the people of a room: as much as was asked for, as each part costs a request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matinee.clock import Clock, utc_now
from rooms.domain.person import Person
from rooms.domain.presence import Participant, Presence, progress_of
from rooms.domain.room import DELETED_USER, Room
from rooms.ports import PresenceRepository, VoteRepository


@dataclass(frozen=True, slots=True)
class PeopleQuery:
    """Looks up who is in a room."""

    presence: PresenceRepository
    votes: VoteRepository
    now: Clock = utc_now

    def __call__(
        self, room: Room, names: Mapping[str, Person], *, presence: bool, progress: bool
    ) -> Sequence[Participant]:
        """Return a room's participants in the order of joining, with their names."""
        users = [user_id for user_id in room.participants if user_id != DELETED_USER]
        heard = self.presence.find(room.id, users) if presence else {}
        voted = progress_of(room, self.votes.list_tallies(room.id)) if progress else {}
        now = self.now()
        return [
            Participant(
                user_id,
                user_id == room.host_id,
                heard.get(user_id, Presence()).is_present(now),
                names.get(user_id),
                heard.get(user_id, Presence()),
                voted.get(user_id),
            )
            for user_id in room.participants
        ]
