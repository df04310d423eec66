"""Record a room's decision, once."""

from dataclasses import dataclass

from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.ids import NewId, new_id
from matinee.observability import count
from rooms.domain.decision import DecidedBy, Decision, Proposals
from rooms.domain.room import Room
from rooms.domain.tally import Tally
from rooms.ports import DecisionEventFactory, DecisionRepository, VoteRepository


@dataclass(frozen=True, slots=True)
class DecisionRecorder:
    """Stores decisions: the host's, and those that a majority has brought about."""

    decisions: DecisionRepository
    votes: VoteRepository
    events: DecisionEventFactory
    now: Clock = utc_now
    new_id: NewId = new_id

    def reconcile(self, room: Room, trace: Trace) -> bool:
        """Record what a majority of the room as it is proposes; return whether it was new.

        Raises WriteConflict when somebody proposes, joins or leaves at the same time.
        """
        proposals = self.decisions.get(room.id)
        movie_id = None if proposals.decision else proposals.majority(room)
        tally = None if movie_id is None else self.votes.get_tally(room.id, movie_id)
        if tally is None:
            return False
        self.record(room, proposals.next_version(), tally, DecidedBy.MAJORITY, trace)
        return True

    def propose(self, room: Room, proposals: Proposals, tally: Tally, trace: Trace) -> None:
        """Store proposals with one for a title, which decides nothing; raise WriteConflict."""
        event = self.events.title_proposed(proposals, room, tally, trace)
        self.decisions.save(room, proposals, event)

    def record(
        self, room: Room, proposals: Proposals, tally: Tally, by: DecidedBy, trace: Trace
    ) -> Decision:
        """Store the decision for a title with the next version of the proposals.

        Raises WriteConflict unless the room and the proposals are still those that were read.
        """
        decision = Decision(
            decision_id=self.new_id(),
            room_id=room.id,
            movie_id=tally.movie_id,
            media_type=tally.media_type,
            title=tally.title,
            poster_path=tally.poster_path,
            by=by,
            at=self.now(),
        )
        event = self.events.room_decided(decision, room, trace)
        self.decisions.save(room, proposals.with_decision(decision), event)
        count("RoomsDecided")
        return decision
