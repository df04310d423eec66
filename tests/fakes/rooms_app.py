"""The rooms service put together over the fakes, as bootstrap.py does it over the real ones."""

from dataclasses import dataclass, field
from random import Random

from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace, create_envelope
from rooms.domain.room import Codes, MediaType, Room
from rooms.events.factory import Announcer
from rooms.events.published import MatchFound, RoomCreated, UserDeleted
from rooms.use_cases.create_room import Opening, Retry, RoomService
from rooms.use_cases.detect_match import Detector
from rooms.use_cases.erase_user import Eraser
from rooms.use_cases.notify_match import Notifier
from rooms.use_cases.reconcile_matches import Settler
from tests.fakes.clock import FakeIds, no_pause
from tests.fakes.rooms import (
    FakeCatalogue,
    FakeMatches,
    FakeMemory,
    FakePhones,
    FakeResumption,
    FakeRooms,
    FakeVisits,
    FakeVotes,
    World,
    films,
)

TRACE = Trace("a-correlation-id")


@dataclass
class House:
    """One service, its detector and its notifier, all over one world."""

    world: World = field(default_factory=World)
    catalogue: FakeCatalogue = field(default_factory=lambda: FakeCatalogue(films(3)))
    phones: FakePhones = field(default_factory=FakePhones)
    memory: FakeMemory = field(default_factory=FakeMemory)
    codes: Codes = field(default_factory=lambda: Codes(Random(1)))  # noqa: S311 - repeatable
    pauses: list[float] = field(default_factory=list)
    delivered: int = 0
    resumption: FakeResumption = field(default_factory=FakeResumption)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        world = self.world
        self.ids = FakeIds(world.now)
        self.rooms = FakeRooms(world)
        self.votes = FakeVotes(world)
        self.matches = FakeMatches(world)
        announce = Announcer(world.now, self.ids)
        settler = Settler(self.votes, self.matches, announce, world.now, self.ids)
        self.service = RoomService(
            rooms=self.rooms,
            votes=self.votes,
            matches=self.matches,
            catalogue=self.catalogue,
            announce=announce,
            settler=settler,
            codes=self.codes,
            retry=Retry(pause=self.pauses.append, jitter=lambda _, most: most),
            now=world.now,
            new_id=self.ids,
        )
        self.detector = Detector(
            rooms=self.rooms,
            votes=self.votes,
            matches=self.matches,
            announce=announce,
            settler=settler,
            retry=Retry(pause=no_pause),
        )
        self.notifier = Notifier(self.phones, self.memory)
        self.eraser = Eraser(
            rooms=self.rooms,
            votes=self.votes,
            matches=self.matches,
            visits=FakeVisits(world),
            announce=announce,
            settler=settler,
            resumption=self.resumption,
            retry=Retry(pause=no_pause),
            now=world.now,
            timer=lambda: self.seconds,
        )

    def room(self, *users: str, at_least: int = 2, at_most: int = 10) -> Room:
        """Open a room, the first user its host, and let the others join; answers it as it is."""
        host, *others = users
        opening = Opening(MediaType.MOVIE, (28,), at_least, at_most)
        room, _ = self.service.open(host, opening, TRACE)
        for user in others:
            self.service.join(user, room.code, TRACE)
        return self.world.rooms[room.id]

    def vote(self, room: Room, movie_id: int, *yes: str, no: tuple[str, ...] = ()) -> None:
        """Let some vote yes and then some no."""
        for user in (*yes, *no):
            self.service.vote(user, room.id, movie_id, TRACE, yes=user in yes)

    def account_deleted(self, user_id: str) -> Envelope[Contract]:
        """Answer the event that auth sends when a user's account is gone."""
        return create_envelope(
            UserDeleted(user_id=user_id),
            event_id=self.ids(),
            occurred_at=self.world.now(),
            trace=TRACE,
            idempotency_key=f"user-deleted:{user_id}",
        )

    def erase(self, *users: str) -> None:
        """Erase some users, whatever number of invocations that takes."""
        for user in users:
            self.eraser.handle(self.account_deleted(user))
            while self.resumption.waiting:
                self.eraser.handle(self.resumption.waiting.pop())

    def deliver(self) -> None:
        """Hand every event, also those that come of it, to whom it concerns, in order."""
        while self.delivered < len(self.world.outbox):
            event = self.world.outbox[self.delivered]
            self.delivered += 1
            self.react(event)

    def react(self, event: Envelope[Contract]) -> None:
        """Hand an event to whom it concerns."""
        if isinstance(event.data, UserDeleted):
            self.eraser.handle(event)
        elif isinstance(event.data, MatchFound):
            self.notifier.handle(event)
        elif not isinstance(event.data, RoomCreated):
            self.detector.handle(event)
