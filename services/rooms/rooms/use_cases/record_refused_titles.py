"""Record what a room of a crew said no to, once it has closed.

Votes are final then: whoever records it, and however often, records the same, but for those who are
deleted meanwhile. So the first record stays.
"""

from dataclasses import dataclass

from matinee.clock import Clock, utc_now
from matinee.observability import count
from rooms.domain.crew import Crew
from rooms.domain.refused import REFUSED_FOR, refused_titles
from rooms.domain.room import Room
from rooms.ports import RefusedTitles, RoomRepository, VoteCounter


@dataclass(frozen=True, slots=True)
class RefusalRecorder:
    """Records the titles that a crew is not dealt for a while."""

    rooms: RoomRepository
    votes: VoteCounter
    refused: RefusedTitles
    now: Clock = utc_now

    def after_closing(self, room_id: str) -> None:
        """Record what a closed room refused, if it was started for a crew."""
        room = self.rooms.get(room_id)
        if room and room.crew_id:
            self._record(room.crew_id, room)

    def of_first_room(self, crew: Crew) -> None:
        """Record what the room refused that a crew was made of, as long as it is kept."""
        room = self.rooms.get(crew.made_of)
        if room:
            self._record(crew.id, room)

    def _record(self, crew_id: str, room: Room) -> None:
        now, until = self.now(), room.expires_at + REFUSED_FOR
        if room.is_open(now) or now >= until:
            return
        titles = refused_titles(room, self.votes.list_tallies(room.id))
        if titles and self.refused.record(crew_id, room.id, titles, until):
            count("TitlesRefused", len(titles))
