"""Detect matches: after a vote or a change of membership, each match is recorded once."""

from dataclasses import dataclass, field

from matinee.events.consumer import Unprocessable
from matinee.events.envelope import Trace
from matinee.observability import logger
from matinee.retry import OptimisticRetry, WriteConflict
from rooms.domain.match import match_of
from rooms.ports import EventFactory, MatchRepository, RoomRepository, VoteRepository
from rooms.use_cases.count_match import count_match
from rooms.use_cases.reconcile_matches import MatchReconciler
from rooms.use_cases.retry import optimistic_retry


@dataclass(frozen=True, slots=True)
class MatchDetector:
    """Reacts to votes, joins and leaves.

    Raises RoomBusy, a transient fault, when others interfere at every attempt, and Unprocessable
    when the room is gone.
    """

    rooms: RoomRepository
    votes: VoteRepository
    matches: MatchRepository
    events: EventFactory
    reconciler: MatchReconciler
    retry: OptimisticRetry = field(default_factory=optimistic_retry)

    def after_vote(self, room_id: str, movie_id: int, tally_version: int, trace: Trace) -> None:
        """Record the agreement that the vote's own transaction has found, if it found one."""
        self.retry(lambda: self._record_agreement(room_id, movie_id, tally_version, trace))

    def after_membership_change(self, room_id: str, room_version: int, trace: Trace) -> None:
        """Check all candidates for the participants that the room has now."""
        self.retry(lambda: self._reconcile(room_id, room_version, trace))

    def _record_agreement(
        self, room_id: str, movie_id: int, tally_version: int, trace: Trace
    ) -> None:
        tally = self.votes.get_tally(room_id, movie_id)
        if tally is None:
            message = "the room of this vote is gone"
            raise Unprocessable(message)
        _require_version(tally.version, tally_version)
        match = match_of(tally)
        if match and self.matches.record(match, self.events.match_found(match, trace)):
            logger.info("match_found", extra={"room_id": match.room_id, "match_id": match.match_id})
            count_match()

    def _reconcile(self, room_id: str, room_version: int, trace: Trace) -> None:
        room = self.rooms.get(room_id)
        if room is None:
            message = "this room is gone"
            raise Unprocessable(message)
        _require_version(room.version, room_version)
        self.reconciler.reconcile(room, trace)


def _require_version(read: int, published: int) -> None:
    """Raise WriteConflict when a stream was faster than the commit that its event is about."""
    if read < published:
        raise WriteConflict
