"""The match detector: from a vote or a change of membership to a match, found once."""

from dataclasses import dataclass, field

from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace
from matinee.observability import count, logger
from rooms.domain.room import match_of
from rooms.events.factory import Announcer
from rooms.events.published import ParticipantJoined, ParticipantLeft, VoteCast
from rooms.ports import Contended, Matches, Rooms, Votes
from rooms.use_cases.create_room import Retry
from rooms.use_cases.reconcile_matches import Settler


@dataclass(frozen=True, slots=True)
class Detector:
    """Reacts to votes, joins and leaves."""

    rooms: Rooms
    votes: Votes
    matches: Matches
    announce: Announcer
    settler: Settler
    retry: Retry = field(default_factory=Retry)

    def handle(self, event: Envelope[Contract]) -> None:
        """Find the matches that an event may have brought about.

        Raises RoomBusy, a passing fault, when others are in the way each time it looks.
        """
        self.retry(lambda: self._look(event.data, Trace.caused_by(event)))

    def _look(self, data: Contract, trace: Trace) -> None:
        match data:
            case VoteCast():
                self._after_vote(data, trace)
            case ParticipantJoined() | ParticipantLeft():
                self._after_membership_changed(data, trace)
            case other:
                message = f"{other.event_type} is none of the detector's business"
                raise Unprocessable(message)

    def _after_vote(self, vote: VoteCast, trace: Trace) -> None:
        """Record the agreement that the vote's own transaction has found, if it found one."""
        tally = self.votes.tally(vote.room_id, vote.movie_id)
        if tally is None:
            message = "the room of this vote is gone"
            raise Unprocessable(message)
        _require_caught_up(tally.version, vote.tally_version)
        match = match_of(tally)
        if match and self.matches.record(match, self.announce.match_found(match, trace)):
            logger.info("match_found", extra={"room_id": match.room_id, "match_id": match.match_id})
            count("MatchesFound")

    def _after_membership_changed(
        self, change: ParticipantJoined | ParticipantLeft, trace: Trace
    ) -> None:
        """Look through all films for those who are in the room now."""
        room = self.rooms.find(change.room_id)
        if room is None:
            message = "this room is gone"
            raise Unprocessable(message)
        _require_caught_up(room.version, change.room_version)
        self.settler.settle(room, trace)


def _require_caught_up(seen: int, told: int) -> None:
    """Raise Contended when a stream was faster than the commit that it tells of."""
    if seen < told:
        raise Contended
