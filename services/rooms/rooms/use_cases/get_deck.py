"""Get the candidates that a participant should vote on next."""

from collections.abc import Sequence
from dataclasses import dataclass

from matinee.clock import Clock, utc_now
from rooms.domain.deck import deck_order
from rooms.domain.room import Movie, require_open_room
from rooms.ports import RoomRepository, VoteRepository


@dataclass(frozen=True, slots=True)
class DeckQuery:
    """Orders the candidates that a participant has not voted on."""

    rooms: RoomRepository
    votes: VoteRepository
    now: Clock = utc_now

    def __call__(self, user_id: str, room_id: str, limit: int) -> Sequence[Movie]:
        """Return the user's next candidates, the most promising first.

        Raises RoomNotFound, RoomExpired, NotAParticipant.
        """
        room = require_open_room(self.rooms.get(room_id), self.now())
        room.require_participant(user_id)
        tallies = self.votes.list_tallies(room_id)
        order = deck_order(room, user_id, tallies)[:limit]
        if not order:
            return []
        found = self.rooms.list_candidates(room_id, at_least=len(tallies))
        candidates = {movie.id: movie for movie in found}
        return [candidates[movie_id] for movie_id in order]
