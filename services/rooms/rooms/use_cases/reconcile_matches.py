"""Matches that come about without a vote: somebody leaves, or comes back, and the rest agree."""

from dataclasses import dataclass

from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.ids import NewId, new_id
from matinee.observability import count
from rooms.domain.room import Agreement, Room, Tally, match_of, unsettled
from rooms.events.factory import Announcer
from rooms.ports import Matches, Votes


@dataclass(frozen=True, slots=True)
class Settler:
    """Looks through all films of a room for agreements that nobody has noticed yet."""

    votes: Votes
    matches: Matches
    announce: Announcer
    now: Clock = utc_now
    new_id: NewId = new_id

    def settle(self, room: Room, trace: Trace) -> int:
        """Record every match of the room as it is; return how many were new.

        Raises Contended when somebody votes on such a film, comes or goes at the same time: the
        caller looks again at the room and calls again.
        """
        found = unsettled(room, self.votes.tallies(room.id))
        for tally in found:
            self._record(room, tally, trace)
        return len(found)

    def _record(self, room: Room, tally: Tally, trace: Trace) -> None:
        agreed = tally.settled(Agreement(self.new_id(), room.participants, self.now()))
        match = match_of(agreed)
        if match is None:
            return
        self.matches.settle(room, agreed, match, self.announce.match_found(match, trace))
        count("MatchesFound")
