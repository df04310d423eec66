"""Get the candidates that a participant should vote on next."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.media import TitleKey
from matinee.retry import OptimisticRetry
from rooms.domain.deal import DeckSource
from rooms.domain.deck import NO_SCORES, deck_order
from rooms.domain.room import Movie, Room, require_open_room
from rooms.domain.tally import Tally
from rooms.ports import OwnScores, RoomRepository, VoteRepository
from rooms.use_cases.reckon_group_deck import GroupReckoner
from rooms.use_cases.retry import optimistic_retry


@dataclass(frozen=True, slots=True)
class DeckQuery:
    """Orders the candidates that a participant has not voted on."""

    rooms: RoomRepository
    votes: VoteRepository
    reckoner: GroupReckoner
    scores: OwnScores
    retry: OptimisticRetry = field(default_factory=optimistic_retry)
    now: Clock = utc_now

    def __call__(self, user_id: str, room_id: str, limit: int, trace: Trace) -> Sequence[Movie]:
        """Return the user's next candidates, the most promising first.

        Raises RoomNotFound, RoomExpired, NotAParticipant, RoomBusy.
        """
        room = require_open_room(self.rooms.get(room_id), self.now())
        room.require_participant(user_id)
        self.reckoner.reckon(room, trace.correlation_id)
        return self.retry(lambda: self._next(room, user_id, limit, trace))

    def _next(self, room: Room, user_id: str, limit: int, trace: Trace) -> Sequence[Movie]:
        tallies = {tally.movie_id: tally for tally in self.votes.list_tallies(room.id)}
        own = self._own_scores(room, user_id, tallies.values(), trace)
        order = deck_order(room, user_id, tallies.values(), own)[:limit]
        if not order:
            return []
        self.reckoner.show(room, [tallies[movie_id] for movie_id in order])
        found = self._candidates(room, at_least=len(tallies))
        if not found.keys() >= set(order):
            found = self._candidates(room, consistent=True)
        return [found[movie_id] for movie_id in order]

    def _own_scores(
        self, room: Room, user_id: str, tallies: Collection[Tally], trace: Trace
    ) -> Mapping[int, float]:
        """Return how well titles suit the user; in a room of GROUP its order suits everybody."""
        if room.source is DeckSource.GROUP or not tallies:
            return NO_SCORES
        keys = {TitleKey(tally.media_type, tally.movie_id) for tally in tallies}
        found = self.scores.find(user_id, keys, trace.correlation_id)
        return {key.id: score for key, score in found.items()}

    def _candidates(self, room: Room, **how: Any) -> dict[int, Movie]:  # noqa: ANN401 - as the port
        return {movie.id: movie for movie in self.rooms.list_candidates(room.id, **how)}
