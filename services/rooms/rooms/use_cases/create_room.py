"""Create a room, with its host in it and the first candidates."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.filters import NO_FILTERS, Filters
from matinee.ids import NewId, new_id
from matinee.media import MediaType
from matinee.observability import count
from matinee.retry import OptimisticRetry, WriteConflict
from rooms.domain.deal import DeckSource, DeckWish, HideSeen
from rooms.domain.life import closing_time
from rooms.domain.room import MAX_CANDIDATES, ROOM_TTL, Movie, Room
from rooms.domain.room_code import RoomCodeGenerator, request_code
from rooms.domain.rule import UNANIMOUS, Rule
from rooms.ports import CodeTaken, EventFactory, NewRoomRepository
from rooms.use_cases.find_candidates import CandidateFinder
from rooms.use_cases.retry import optimistic_retry


@dataclass(frozen=True, slots=True)
class CreateRoom:
    """The command to create a room."""

    media_type: MediaType
    genre_ids: tuple[int, ...]
    min_participants: int
    max_participants: int
    idempotency_key: str | None = None
    rule: Rule = UNANIMOUS
    filters: Filters = NO_FILTERS
    source: DeckSource = DeckSource.DISCOVER
    hide_seen: HideSeen = HideSeen.ANYBODY
    both_types: bool = False
    ttl: timedelta = ROOM_TTL
    crew_id: str | None = None

    @property
    def wish(self) -> DeckWish:
        """What the room's candidates are to be."""
        return DeckWish(
            tuple(MediaType) if self.both_types else (self.media_type,),
            self.genre_ids,
            self.filters,
            self.source,
            self.hide_seen,
            self.crew_id,
        )


@dataclass(frozen=True, slots=True)
class RoomCreator:
    """Creates rooms."""

    rooms: NewRoomRepository
    find: CandidateFinder
    events: EventFactory
    codes: RoomCodeGenerator = field(default_factory=RoomCodeGenerator)
    retry: OptimisticRetry = field(default_factory=optimistic_retry)
    now: Clock = utc_now
    new_id: NewId = new_id

    def __call__(
        self, host_id: str, command: CreateRoom, trace: Trace
    ) -> tuple[Room, Sequence[Movie]]:
        """Create a room and return it with its candidates.

        Repeated by the same host with the same idempotency key while that room is open, it returns
        the room that the first request has created. Raises NoCandidates, RoomBusy, AccountDeleted
        and the catalog's errors.
        """
        if created := self._created(host_id, command):
            return created, self.rooms.list_candidates(created.id)
        found = self.find(command.wish, [host_id], trace.correlation_id)
        candidates = found[:MAX_CANDIDATES]
        room = self.retry(lambda: self._create(host_id, command, candidates, trace))
        return room, self.rooms.list_candidates(room.id) if command.idempotency_key else candidates

    def _create(
        self, host_id: str, command: CreateRoom, candidates: Sequence[Movie], trace: Trace
    ) -> Room:
        if created := self._created(host_id, command):
            return created
        created_at = self.now()
        room = Room(
            id=self.new_id(),
            code=self.codes.generate(),
            host_id=host_id,
            media_type=command.media_type,
            genre_ids=command.genre_ids,
            participants=(host_id,),
            min_participants=command.min_participants,
            max_participants=command.max_participants,
            created_at=created_at,
            expires_at=closing_time(created_at, command.ttl),
            rule=command.rule,
            filters=command.filters,
            source=command.source,
            hide_seen=command.hide_seen,
            both_types=command.both_types,
            request=request_code(host_id, command.idempotency_key),
            crew_id=command.crew_id,
        )
        event = self.events.room_created(room, len(candidates), trace)
        try:
            self.rooms.create(room, candidates, event)
        except CodeTaken as error:
            raise WriteConflict from error
        count("RoomsOpened")
        return room

    def _created(self, host_id: str, command: CreateRoom) -> Room | None:
        """Return the open room that an earlier request with the same key has created."""
        request = request_code(host_id, command.idempotency_key)
        room = self.rooms.get_by_code(request) if request else None
        return room if room and room.is_open(self.now()) else None
