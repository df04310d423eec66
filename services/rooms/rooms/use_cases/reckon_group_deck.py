"""Deal a group's deck late: what nobody has seen is dealt anew as people come and go.

somebody joins, leaves          the next reader of the deck deals anew, once for each version of the
                                room: room, candidates and tallies change in one transaction
a title is shown meanwhile      it is marked before it is shown, and its tally must be unmarked to
                                be taken away: one of the two writes fails, and reads again
the recommender has nothing     what is there stays, and is not asked for again until who is in the
                                room changes
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from matinee.clock import Clock, utc_now
from matinee.observability import count
from matinee.retry import OptimisticRetry
from rooms.domain.deal import DeckSource
from rooms.domain.redeal import Redeal
from rooms.domain.room import Movie, Room
from rooms.domain.tally import Tally
from rooms.ports import ReckonedDeckRepository
from rooms.use_cases.find_candidates import CandidateFinder
from rooms.use_cases.retry import optimistic_retry


@dataclass(frozen=True, slots=True)
class GroupReckoner:
    """Deals what nobody has seen for those who are in a room now. Other rooms stay as they are."""

    decks: ReckonedDeckRepository
    find: CandidateFinder
    retry: OptimisticRetry = field(default_factory=optimistic_retry)
    now: Clock = utc_now

    def reckon(self, room: Room, correlation_id: str) -> None:
        """Deal anew if others are in the room than it was dealt for; raise RoomBusy."""
        if self._is_outdated(room):
            while not self.retry(lambda: self._reckon(room.id, correlation_id)):
                pass

    def show(self, room: Room, tallies: Collection[Tally]) -> None:
        """Mark candidates as seen, before they are shown; raise WriteConflict if one is gone."""
        if room.source is DeckSource.GROUP:
            unseen = [tally.movie_id for tally in tallies if not tally.is_seen]
            if unseen:
                self.decks.mark_shown(room.id, unseen)

    def show_all(self, room: Room, correlation_id: str) -> Sequence[Movie]:
        """Return a room's candidates, all of which are seen from now on; raise RoomBusy."""
        if room.source is not DeckSource.GROUP:
            return self.decks.list_candidates(room.id)
        self.reckon(room, correlation_id)
        return self.retry(lambda: self._show_all(room))

    def _show_all(self, room: Room) -> Sequence[Movie]:
        movies = self.decks.list_candidates(room.id, consistent=True)
        self.show(room, self.decks.list_tallies(room.id))
        return movies

    def _is_outdated(self, room: Room) -> bool:
        return (
            room.source is DeckSource.GROUP
            and room.dealt_version != room.version
            and room.is_open(self.now())
            and bool(room.participants)
        )

    def _reckon(self, room_id: str, correlation_id: str) -> bool:
        """Deal anew, or remove a part of what has to go; return whether it is done."""
        room = self.decks.get(room_id)
        if room is None or not self._is_outdated(room):
            return True
        tallies = self.decks.list_tallies(room_id)
        before = self.decks.list_candidates(room_id, consistent=True)
        seen = {tally.movie_id for tally in tallies if tally.is_seen}
        dealt = self.find.of_group(room.wish, room.participants, correlation_id, seen)
        redeal = Redeal.of(before, tallies, dealt) if dealt else Redeal.none(before)
        self.decks.replace_unseen(room, redeal)
        count("GroupDecksReckoned" if dealt else "GroupDecksLeft")
        return redeal.is_done
