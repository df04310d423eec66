"""The tables of the rooms service as dictionaries, with the conditions that the real ones check.

Every write checks versions and stores state and event in one step, as a transaction does; every
read and write has a checkpoint before it, and every write one after it, so that a schedule can let
others act in between, or end the process there. A read of several items is several reads: the real
one promises no common moment either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from matinee.errors import Unavailable
from matinee.events.contract import Contract, Envelope
from matinee.ids import first_id_at
from rooms.domain.anonymization import ERASED
from rooms.domain.errors import AccountDeleted
from rooms.domain.room import Match, MediaType, Movie, Room, Tally, Vote
from rooms.ports import CodeTaken, Contended
from tests.fakes.clock import FakeClock
from tests.fakes.schedule import WROTE, checkpoint


@dataclass
class World:
    """Everything that is stored. `outbox` holds every event ever committed, in order.

    The next `conflicts` writes are refused, as when another transaction holds one of the items.
    """

    now: FakeClock = field(default_factory=FakeClock)
    rooms: dict[str, Room] = field(default_factory=dict)
    codes: dict[str, Room] = field(default_factory=dict)
    candidates: dict[str, Sequence[Movie]] = field(default_factory=dict)
    participations: dict[tuple[str, str], int] = field(default_factory=dict)
    tallies: dict[tuple[str, int], Tally] = field(default_factory=dict)
    votes: dict[tuple[str, str, int], Vote] = field(default_factory=dict)
    matches: dict[tuple[str, int], Match] = field(default_factory=dict)
    inboxes: dict[str, dict[str, Match]] = field(default_factory=dict)
    visits: set[tuple[str, str]] = field(default_factory=set)
    barred: dict[str, datetime] = field(default_factory=dict)
    outbox: list[Envelope[Contract]] = field(default_factory=list)
    reads: Counter[str] = field(default_factory=Counter)
    conflicts: int = 0
    after_commit: Callable[[Envelope[Contract] | None], None] | None = None

    def events[C: Contract](self, contract: type[C]) -> list[C]:
        """Answer the data of all events of one type, in the order in which they happened."""
        return [event.data for event in self.outbox if isinstance(event.data, contract)]

    def reading(self, what: str) -> None:
        """Stand before a read."""
        checkpoint(f"read {what}")
        self.reads[what] += 1

    def writing(self, what: str) -> None:
        """Stand before a write; raises Contended when somebody else holds one of the items."""
        checkpoint(f"write {what}")
        if self.conflicts:
            self.conflicts -= 1
            raise Contended

    def committed(self, what: str, event: Envelope[Contract] | None = None) -> None:
        """Take the event of the write that has just been made, and stand behind the write."""
        if event:
            self.outbox.append(event)
        if self.after_commit:
            self.after_commit(event)
        checkpoint(f"{WROTE} {what}")

    def is_at(self, room: Room, version: int) -> bool:
        """Tell whether a room has a version."""
        stored = self.rooms.get(room.id)
        return stored is not None and stored.version == version


@dataclass
class FakeRooms:
    """The rooms."""

    world: World

    def __len__(self) -> int:
        return len(self.world.rooms)

    def __contains__(self, room_id: object) -> bool:
        return room_id in self.world.rooms

    def open(self, room: Room, candidates: Sequence[Movie], event: Envelope[Contract]) -> None:
        world = self.world
        world.writing("room")
        if room.host_id in world.barred:
            raise AccountDeleted
        holder = world.codes.get(room.code)
        if holder and holder.expires_at > world.now():
            raise CodeTaken
        world.codes[room.code] = room
        world.rooms[room.id] = room
        world.candidates[room.id] = tuple(candidates)
        world.participations[room.id, room.host_id] = room.version
        world.visits.add((room.host_id, room.id))
        for position, movie in enumerate(candidates):
            world.tallies[room.id, movie.id] = Tally(
                room.id,
                movie.id,
                position,
                movie.title,
                movie.poster_path,
                media_type=movie.media_type,
            )
        world.committed("room", event)

    def find(self, room_id: str) -> Room | None:
        self.world.reading("room")
        return self.world.rooms.get(room_id)

    def find_by_code(self, code: str) -> Room | None:
        self.world.reading("code")
        holder = self.world.codes.get(code)
        return self.find(holder.id) if holder else None

    def candidates(self, room_id: str) -> Sequence[Movie]:
        self.world.reading("candidates")
        return self.world.candidates.get(room_id, ())

    def admit(self, user_id: str, room: Room, event: Envelope[Contract]) -> None:
        self._change(user_id, room)
        self.world.participations[room.id, user_id] = room.version
        self.world.visits.add((user_id, room.id))
        self.world.committed("joined", event)

    def dismiss(self, user_id: str, room: Room, event: Envelope[Contract]) -> None:
        self.strike(user_id, room, event)

    def strike(self, user_id: str, room: Room, event: Envelope[Contract] | None) -> None:
        self._change(user_id, room, while_open=event is not None)
        self.world.participations.pop((room.id, user_id), None)
        self.world.committed("left", event)

    def of_user(
        self, user_id: str, since: datetime, limit: int, after: str | None
    ) -> Sequence[Room]:
        self.world.reading("rooms of user")
        first = first_id_at(since)
        mine = (
            room_id
            for room_id, user in self.world.participations
            if user == user_id and room_id >= first and (after is None or room_id < after)
        )
        return [self.world.rooms[room_id] for room_id in sorted(mine, reverse=True)[:limit]]

    def _change(self, user_id: str, room: Room, *, while_open: bool = True) -> None:
        world = self.world
        world.writing("membership")
        if user_id in room.participants and user_id in world.barred:
            raise AccountDeleted
        if not world.is_at(room, room.version - 1):
            raise Contended
        if while_open and world.rooms[room.id].expires_at <= world.now():
            raise Contended
        stayers = [other for other in room.participants if other not in (user_id, ERASED)]
        if any((room.id, other) not in world.participations for other in stayers):
            raise Contended
        stored = world.rooms[room.id]
        world.rooms[room.id] = replace(
            stored,
            participants=room.participants,
            host_id=room.host_id,
            expires_at=room.expires_at,
            version=room.version,
        )
        for other in stayers:
            world.participations[room.id, other] = room.version


@dataclass
class FakeVotes:
    """The votes and their tallies."""

    world: World

    def __len__(self) -> int:
        return len(self.world.votes)

    def ballot(self, room_id: str, movie_id: int) -> tuple[Room | None, Tally | None]:
        self.world.reading("ballot's room")
        room = self.world.rooms.get(room_id)
        self.world.reading("ballot's tally")
        return room, self.world.tallies.get((room_id, movie_id))

    def tally(self, room_id: str, movie_id: int) -> Tally | None:
        self.world.reading("tally")
        return self.world.tallies.get((room_id, movie_id))

    def tallies(self, room_id: str) -> Sequence[Tally]:
        found = []
        for key in [key for key in self.world.tallies if key[0] == room_id]:
            self.world.reading("one of the tallies")
            found.append(self.world.tallies[key])
        return found

    def cast(self, vote: Vote, room: Room, tally: Tally, event: Envelope[Contract]) -> None:
        world = self.world
        world.writing("vote")
        key = (vote.room_id, vote.movie_id)
        stored = world.tallies.get(key)
        if world.participations.get((room.id, vote.user_id)) != room.version:
            raise Contended
        if room.expires_at <= world.now():
            raise Contended
        if stored is None or stored.version != tally.version - 1:
            raise Contended
        counted = stored.voted(vote.user_id, yes=vote.yes)
        world.tallies[key] = replace(counted, agreement=tally.agreement or stored.agreement)
        world.votes[vote.room_id, vote.user_id, vote.movie_id] = vote
        world.committed("vote", event)

    def find(self, room_id: str, user_id: str, movie_id: int) -> Vote | None:
        self.world.reading("vote")
        return self.world.votes.get((room_id, user_id, movie_id))

    def withdraw(self, user_id: str, tallies: Sequence[Tally]) -> None:
        world = self.world
        world.writing("withdrawal")
        stored = [world.tallies.get((tally.room_id, tally.movie_id)) for tally in tallies]
        for before, after in zip(stored, tallies, strict=True):
            if before is None or before.version != after.version - 1:
                raise Contended
        for tally in tallies:
            world.tallies[tally.room_id, tally.movie_id] = tally
            world.votes.pop((tally.room_id, user_id, tally.movie_id), None)
        world.committed("withdrawal")


@dataclass
class FakeMatches:
    """The matches, and every user's own list of them."""

    world: World

    def __len__(self) -> int:
        return len(self.world.matches)

    def __contains__(self, movie_id: object) -> bool:
        return any(movie_id == key[1] for key in self.world.matches)

    def record(self, match: Match, event: Envelope[Contract]) -> bool:
        try:
            self.world.writing("match")
            self._store(match)
        except Contended:
            if self.find(match.room_id, match.movie_id) is None:
                raise
            return False
        self.world.committed("match", event)
        return True

    def settle(self, room: Room, tally: Tally, match: Match, event: Envelope[Contract]) -> None:
        world = self.world
        world.writing("settled match")
        key = (room.id, tally.movie_id)
        stored = world.tallies.get(key)
        if not world.is_at(room, room.version) or stored is None:
            raise Contended
        if stored.version != tally.version - 1:
            raise Contended
        self._store(match)
        world.tallies[key] = replace(stored, agreement=tally.agreement, version=tally.version)
        world.committed("settled match", event)

    def find(self, room_id: str, movie_id: int) -> Match | None:
        self.world.reading("match")
        return self.world.matches.get((room_id, movie_id))

    def of_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Match]:
        self.world.reading("matches of user")
        mine = self.world.inboxes.get(user_id, {})
        ids = sorted((key for key in mine if after is None or key < after), reverse=True)
        return [mine[match_id] for match_id in ids[:limit]]

    def disown(self, user_id: str, match: Match, before: Match | None) -> None:
        world = self.world
        world.writing("disowned match")
        if before:
            others = [user for user in match.matched_users if user != ERASED]
            if world.matches.get((match.room_id, match.movie_id)) != before:
                raise Contended
            if any(match.match_id not in world.inboxes.get(user, {}) for user in others):
                raise Contended
            world.matches[match.room_id, match.movie_id] = match
            for user in others:
                world.inboxes[user][match.match_id] = match
        world.inboxes.get(user_id, {}).pop(match.match_id, None)
        world.committed("disowned match")

    def _store(self, match: Match) -> None:
        key = (match.room_id, match.movie_id)
        if key in self.world.matches:
            raise Contended
        self.world.matches[key] = match
        for user in match.matched_users:
            assert user != ERASED, "nobody has a list"
            self.world.inboxes.setdefault(user, {})[match.match_id] = match


@dataclass
class FakeVisits:
    """Who has been in which rooms, and who may not visit any more."""

    world: World

    def __contains__(self, user_id: object) -> bool:
        return any(user_id == user for user, _ in self.world.visits)

    def bar(self, user_id: str, until: datetime) -> None:
        self.world.writing("bar")
        self.world.barred[user_id] = until
        self.world.committed("bar")

    def of_user(self, user_id: str, limit: int, after: str | None) -> Sequence[str]:
        self.world.reading("visits")
        mine = sorted(room_id for user, room_id in self.world.visits if user == user_id)
        return [room_id for room_id in mine if after is None or room_id > after][:limit]

    def forget(self, user_id: str, room_id: str) -> None:
        self.world.writing("visit")
        self.world.visits.discard((user_id, room_id))
        self.world.committed("visit")


@dataclass
class FakeCatalogue:
    """Offers the same candidates to everybody, or fails."""

    offers: Sequence[Movie] = ()
    error: Exception | None = None
    asked: list[tuple[MediaType, tuple[int, ...], str]] = field(default_factory=list)

    def discover(
        self, media_type: MediaType, genre_ids: Sequence[int], correlation_id: str
    ) -> Sequence[Movie]:
        self.asked.append((media_type, tuple(genre_ids), correlation_id))
        if self.error:
            raise self.error
        return self.offers


@dataclass
class FakePhones:
    """Remembers whom it told of what; whoever is in `unreachable` cannot be told."""

    told: list[tuple[str, str, int]] = field(default_factory=list)
    correlation_ids: list[str] = field(default_factory=list)
    unreachable: set[str] = field(default_factory=set)

    def __contains__(self, user_id: object) -> bool:
        return any(user_id == told[0] for told in self.told)

    def tell(self, user_id: str, room_id: str, movie_id: int, correlation_id: str) -> None:
        checkpoint(f"tell {user_id}")
        if user_id in self.unreachable:
            message = f"{user_id} cannot be reached"
            raise Unavailable(message)
        self.told.append((user_id, room_id, movie_id))
        self.correlation_ids.append(correlation_id)


@dataclass
class FakeMemory:
    """Does a thing once for a key; while one does it, another is turned away."""

    done: set[str] = field(default_factory=set)
    in_progress: set[str] = field(default_factory=set)

    def __call__(self, key: str, action: Callable[[], None]) -> None:
        if key in self.done:
            return
        if key in self.in_progress:
            raise Unavailable
        self.in_progress.add(key)
        try:
            action()
            self.done.add(key)
        finally:
            self.in_progress.remove(key)


@dataclass
class FakeResumption:
    """Keeps what goes on later."""

    waiting: list[Envelope[Contract]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.waiting)

    def resume(self, event: Envelope[Contract]) -> None:
        checkpoint("resume")
        self.waiting.append(event)


def films(number: int, media_type: MediaType = MediaType.MOVIE) -> list[Movie]:
    """Answer as many invented films, with ids from 101 on."""
    return [
        Movie(
            id=100 + n,
            title=f"Film {n}",
            overview=f"What happens in film {n}.",
            media_type=media_type,
            genre_ids=(28, 12),
            poster_path=f"/{n}.jpg",
            release_date="2024-05-17",
            vote_average=7.5,
            vote_count=1200,
        )
        for n in range(1, number + 1)
    ]
