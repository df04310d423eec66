"""List a participant's own votes."""

from collections.abc import Sequence
from dataclasses import dataclass

from rooms.domain.room import require_room
from rooms.domain.tally import Vote
from rooms.ports import RoomRepository, VoteReader


@dataclass(frozen=True, slots=True)
class VoteQueries:
    """Looks up votes for the one who cast them."""

    rooms: RoomRepository
    votes: VoteReader

    def list_by_user(self, user_id: str, room_id: str) -> Sequence[Vote]:
        """Return the participant's latest votes, newest first.

        Raises RoomNotFound, NotAParticipant.
        """
        require_room(self.rooms.get(room_id)).require_participant(user_id)
        votes = self.votes.list_by_user(room_id, user_id)
        return sorted(votes, key=lambda vote: (vote.at, vote.movie_id), reverse=True)
