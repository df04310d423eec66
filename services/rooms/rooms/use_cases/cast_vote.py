"""Vote on a candidate."""

from dataclasses import dataclass, field

from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.ids import NewId, new_id
from matinee.observability import count
from matinee.retry import OptimisticRetry, WriteConflict
from rooms.domain.errors import NotACandidate
from rooms.domain.match import Match, apply_vote, match_of
from rooms.domain.room import require_open_room
from rooms.domain.tally import Tally, Vote
from rooms.ports import EventFactory, VoteRepository
from rooms.use_cases.retry import optimistic_retry


@dataclass(frozen=True, slots=True)
class VoteCaster:
    """Stores votes, each with the tally after it."""

    votes: VoteRepository
    events: EventFactory
    retry: OptimisticRetry = field(default_factory=optimistic_retry)
    now: Clock = utc_now
    new_id: NewId = new_id

    def __call__(
        self,
        user_id: str,
        room_id: str,
        movie_id: int,
        trace: Trace,
        *,
        yes: bool | None,
        seen: bool | None = None,
    ) -> tuple[Vote, Match | None]:
        """Store a first or changed vote; return it, and the match if the user is one of its users.

        `yes` None takes a vote back. Who came later learns of earlier matches by the list of the
        room's, as everybody does. The same vote again changes nothing. Raises RoomNotFound,
        RoomExpired, NotAParticipant, NotACandidate, RoomBusy.
        """
        vote, tally = self.retry(
            lambda: self._cast(Vote(room_id, user_id, movie_id, yes, self.now(), seen), trace)
        )
        match = match_of(tally)
        return vote, match if match and user_id in match.matched_users else None

    def _cast(self, vote: Vote, trace: Trace) -> tuple[Vote, Tally]:
        found, tally = self.votes.get_room_and_tally(vote.room_id, vote.movie_id)
        room = require_open_room(found, self.now())
        room.require_participant(vote.user_id)
        if tally is None:
            raise NotACandidate
        if tally.vote_of(vote.user_id) is vote.yes:
            stored = vote if vote.yes is None else self._stored_vote(vote)
            if vote.seen in (None, stored.seen):
                return stored, tally
        after = apply_vote(room, tally, vote, self.new_id())
        self.votes.save_vote(vote, room, after, self.events.vote_cast(vote, after, trace))
        count("VotesCast")
        return vote, after

    def _stored_vote(self, vote: Vote) -> Vote:
        stored = self.votes.get_vote(vote.room_id, vote.user_id, vote.movie_id)
        if stored is None:
            raise WriteConflict
        return stored
