"""The match detector: from a vote or a change of membership to a match, found once."""

from collections.abc import Callable
from dataclasses import dataclass, field

from matinee.contract import Contract, Envelope
from matinee.envelope import Trace
from matinee.observability import count, logger
from rooms.contracts import ParticipantJoined, ParticipantLeft, VoteCast
from rooms.domain import match_of
from rooms.events import Announcer
from rooms.ports import Matches, Rooms, Votes
from rooms.service import Retry
from rooms.settling import Settler


@dataclass(frozen=True, slots=True)
class Detector:
    """Reacts to votes, joins and leaves."""

    rooms: Rooms
    votes: Votes
    matches: Matches
    announce: Announcer
    settler: Settler
    retry: Callable[[Callable[[], int]], int] = field(default_factory=Retry)

    def handle(self, event: Envelope[Contract]) -> None:
        """Find the matches that an event may have brought about."""
        match event.data:
            case VoteCast(room_id=room_id, movie_id=movie_id):
                self._after_vote(room_id, movie_id, Trace.after(event))
            case ParticipantJoined(room_id=room_id) | ParticipantLeft(room_id=room_id):
                self._after_membership_changed(room_id, Trace.after(event))
            case other:
                message = f"{other.event_type} is none of the detector's business"
                raise TypeError(message)

    def _after_vote(self, room_id: str, movie_id: int, trace: Trace) -> None:
        """Record the agreement that the vote's own transaction has found, if it found one."""
        tally = self.votes.tally(room_id, movie_id)
        if tally is None or tally.agreement is None:
            return
        room = self.rooms.find(room_id)
        match = match_of(room, tally) if room else None
        if match and self.matches.record(match, self.announce.match_found(match, trace)):
            logger.info("match_found", extra={"room_id": room_id, "match_id": match.match_id})
            count("MatchesFound")

    def _after_membership_changed(self, room_id: str, trace: Trace) -> None:
        """Look through all films for those who are in the room now."""

        def attempt() -> int:
            room = self.rooms.find(room_id)
            return self.settler.settle(room, trace) if room else 0

        self.retry(attempt)
