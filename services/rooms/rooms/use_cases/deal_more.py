"""Deal more candidates to a room: the same for everybody, after those that are there.

two ask at the same time      the room's candidates are as many as were read, in one transaction;
                              the later one finds more of them, and deals none
asked again, answer lost      `known` says how many candidates the asker has seen
a crash at any point          candidates, tallies and event are one transaction
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count
from matinee.retry import OptimisticRetry
from rooms.domain.errors import DeckExhausted, NoCandidates
from rooms.domain.room import MAX_DEALT_AT_ONCE, MAX_DECK, Movie, Room, require_open_room
from rooms.ports import DeckEvents, DeckRepository
from rooms.use_cases.find_candidates import CandidateFinder
from rooms.use_cases.retry import optimistic_retry


@dataclass(frozen=True, slots=True)
class MoreDealer:
    """Deals more candidates."""

    rooms: DeckRepository
    find: CandidateFinder
    events: DeckEvents
    retry: OptimisticRetry = field(default_factory=optimistic_retry)
    now: Clock = utc_now

    def __call__(
        self, user_id: str, room_id: str, known: int | None, trace: Trace
    ) -> tuple[Room, Sequence[Movie]]:
        """Add candidates to a room unless it has more than `known`; return it with all of them.

        Raises RoomNotFound, RoomExpired, NotAParticipant, DeckExhausted, NoCandidates, RoomBusy and
        the catalog's errors.
        """
        seen = known

        def deal() -> tuple[Room, Sequence[Movie]]:
            nonlocal seen
            room = require_open_room(self.rooms.get(room_id), self.now())
            room.require_participant(user_id)
            before = self.rooms.list_candidates(room_id, consistent=True)
            seen = len(before) if seen is None else seen
            if len(before) > seen:
                return room, before
            return room, self._deal(room, before, trace)

        return self.retry(deal)

    def _deal(self, room: Room, before: Sequence[Movie], trace: Trace) -> Sequence[Movie]:
        places = min(MAX_DEALT_AT_ONCE, MAX_DECK - len(before))
        if places <= 0:
            raise DeckExhausted
        known = {movie.id for movie in before}
        found = self.find(room.wish, room.participants, trace.correlation_id, known)
        if not found:
            raise NoCandidates
        added = found[:places]
        after = [*before, *added]
        event = self.events.deck_dealt(room, added, len(after), trace)
        self.rooms.add_candidates(room, before, added, event)
        count("DecksDealt")
        return after
