"""Reconcile matches and the decision: record what comes about when somebody leaves or returns."""

from dataclasses import dataclass

from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.ids import NewId, new_id
from rooms.domain.match import agreement_of, apply_agreement, match_of, unrecorded_matches
from rooms.domain.room import Room
from rooms.domain.tally import Tally
from rooms.ports import EventFactory, MatchRepository, VoteRepository
from rooms.use_cases.count_match import count_match
from rooms.use_cases.record_decision import DecisionRecorder


@dataclass(frozen=True, slots=True)
class MatchReconciler:
    """Checks a room for matches on all its candidates, and a decision, that are not recorded."""

    votes: VoteRepository
    matches: MatchRepository
    events: EventFactory
    decisions: DecisionRecorder
    now: Clock = utc_now
    new_id: NewId = new_id

    def reconcile(self, room: Room, trace: Trace) -> int:
        """Record every match of the room as it is, and its decision; return how many were new.

        Raises WriteConflict when somebody votes on such a candidate, proposes, joins or leaves at
        the same time: the caller reads the room again and repeats the call.
        """
        found = unrecorded_matches(room, self.votes.list_tallies(room.id))
        for tally in found:
            self._record(room, tally, trace)
        return len(found) + self.decisions.reconcile(room, trace)

    def _record(self, room: Room, tally: Tally, trace: Trace) -> None:
        agreed = apply_agreement(tally, agreement_of(room, tally, self.new_id(), self.now()))
        match = match_of(agreed)
        if match is None:
            return
        event = self.events.match_found(match, trace)
        self.matches.record_with_agreement(room, agreed, match, event)
        count_match()
