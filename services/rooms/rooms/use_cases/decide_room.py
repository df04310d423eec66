"""Decide what a room will watch: the host alone, or a majority by its proposals."""

from dataclasses import dataclass, field

from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.retry import OptimisticRetry, WriteConflict
from rooms.domain.decision import DecidedBy, Decision, Proposals
from rooms.domain.errors import AlreadyDecided, NotACandidate, NotTheHost
from rooms.domain.room import Room, require_open_room
from rooms.domain.tally import Tally
from rooms.ports import DecisionRepository, VoteRepository
from rooms.use_cases.record_decision import DecisionRecorder
from rooms.use_cases.retry import optimistic_retry


@dataclass(frozen=True, slots=True)
class RoomDecider:
    """Takes proposals and decisions. The first decision stays; the same one again returns it.

    Raises RoomNotFound, RoomExpired, NotAParticipant, NotACandidate, AlreadyDecided, RoomBusy.
    """

    votes: VoteRepository
    decisions: DecisionRepository
    recorder: DecisionRecorder
    retry: OptimisticRetry = field(default_factory=optimistic_retry)
    now: Clock = utc_now

    def decide(self, user_id: str, room_id: str, movie_id: int, trace: Trace) -> Decision:
        """Decide for a title as the host, and return the decision; raise NotTheHost."""
        return self.retry(lambda: self._decide(user_id, room_id, movie_id, trace))

    def propose(
        self, user_id: str, room_id: str, movie_id: int, trace: Trace
    ) -> tuple[Room, Proposals]:
        """Store a participant's proposal, and the decision if it makes a majority."""
        return self.retry(lambda: self._propose(user_id, room_id, movie_id, trace))

    def _decide(self, user_id: str, room_id: str, movie_id: int, trace: Trace) -> Decision:
        room, tally, proposals = self._read(user_id, room_id, movie_id, trace)
        if user_id != room.host_id:
            raise NotTheHost
        return proposals.decision or self.recorder.record(
            room, proposals.next_version(), tally, DecidedBy.HOST, trace
        )

    def _propose(
        self, user_id: str, room_id: str, movie_id: int, trace: Trace
    ) -> tuple[Room, Proposals]:
        room, tally, proposals = self._read(user_id, room_id, movie_id, trace)
        if proposals.decision or proposals.of_users.get(user_id) == movie_id:
            return room, proposals
        after = proposals.with_proposal(user_id, movie_id)
        if after.majority(room) is None:
            self.recorder.propose(room, after, tally, trace)
            return room, after
        decision = self.recorder.record(room, after, tally, DecidedBy.MAJORITY, trace)
        return room, after.with_decision(decision)

    def _read(
        self, user_id: str, room_id: str, movie_id: int, trace: Trace
    ) -> tuple[Room, Tally, Proposals]:
        """Return the room, the title's tally and the proposals, once no decision is outstanding."""
        found, tally = self.votes.get_room_and_tally(room_id, movie_id)
        room = require_open_room(found, self.now())
        room.require_participant(user_id)
        if tally is None:
            raise NotACandidate
        if self.recorder.reconcile(room, trace):
            raise WriteConflict  # Read again: a majority has decided before.
        proposals = self.decisions.get(room_id)
        if proposals.decision and proposals.decision.movie_id != movie_id:
            raise AlreadyDecided
        return room, tally, proposals
