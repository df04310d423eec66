"""The tables of the rooms service as dictionaries, with the conditions that the real ones check.

Every write checks versions and stores state and event in one step, as a transaction does; every
read and write has a checkpoint before it, and every write one after it, so that a schedule can let
others act in between, or end the process there. A read of several items is several reads: the real
one promises no common moment either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from matinee.errors import Unavailable
from matinee.events.contract import Contract, Envelope
from matinee.filters import Filters
from matinee.ids import first_id_at
from matinee.media import MediaType, TitleKey
from matinee.retry import WriteConflict
from rooms.domain.card import Card, Reader
from rooms.domain.crew import Crew, Invitation
from rooms.domain.deal import DeckWish
from rooms.domain.decision import Decision, Proposals
from rooms.domain.errors import (
    AccountDeleted,
    NoCandidates,
    NotAParticipant,
    PlatformsUnavailable,
    RoomExpired,
)
from rooms.domain.feed import Feed, FeedEntry, ToldProgress
from rooms.domain.match import Match
from rooms.domain.person import Person
from rooms.domain.presence import Presence
from rooms.domain.redeal import Redeal
from rooms.domain.room import DELETED_USER, Movie, Room
from rooms.domain.tally import Tally, Vote
from rooms.ports import AlreadyAppended, CodeTaken, GroupDeckUnavailable
from tests.fakes.clock import FakeClock
from tests.fakes.schedule import READ, WRITE, WROTE, checkpoint


@dataclass
class InMemoryTables:
    """Everything that is stored. `outbox` holds every event ever committed, in order.

    The next `conflicts` writes are refused, as when another transaction holds one of the items.
    """

    now: FakeClock = field(default_factory=FakeClock)
    rooms: dict[str, Room] = field(default_factory=dict)
    codes: dict[str, Room] = field(default_factory=dict)
    candidates: dict[str, Sequence[Movie]] = field(default_factory=dict)
    participations: dict[tuple[str, str], int] = field(default_factory=dict)
    presence: dict[tuple[str, str], Presence] = field(default_factory=dict)
    tallies: dict[tuple[str, int], Tally] = field(default_factory=dict)
    votes: dict[tuple[str, str, int], Vote] = field(default_factory=dict)
    matches: dict[tuple[str, int], Match] = field(default_factory=dict)
    user_matches: dict[str, dict[str, Match]] = field(default_factory=dict)
    proposals: dict[str, Proposals] = field(default_factory=dict)
    user_decisions: dict[str, dict[str, Decision]] = field(default_factory=dict)
    crews: dict[str, Crew] = field(default_factory=dict)
    invitations: dict[tuple[str, str], Invitation] = field(default_factory=dict)
    refused: dict[tuple[str, str], tuple[Sequence[TitleKey], datetime]] = field(
        default_factory=dict
    )
    visits: set[tuple[str, str]] = field(default_factory=set)
    bound: dict[str, str] = field(default_factory=dict)
    blocked: dict[str, datetime] = field(default_factory=dict)
    feeds: dict[str, Feed] = field(default_factory=dict)
    entries: dict[str, dict[int, FeedEntry]] = field(default_factory=dict)
    told: set[tuple[str, str]] = field(default_factory=set)
    told_progress: dict[tuple[str, str], ToldProgress] = field(default_factory=dict)
    outbox: list[Envelope[Contract]] = field(default_factory=list)
    reads: Counter[str] = field(default_factory=Counter)
    conflicts: int = 0
    after_commit: Callable[[Envelope[Contract] | None], None] | None = None

    def events[C: Contract](self, contract: type[C]) -> list[C]:
        """Return the data of all events of one type, in the order of their writes."""
        return [event.data for event in self.outbox if isinstance(event.data, contract)]

    def before_read(self, what: str, *tables: str) -> None:
        """Count a read of some tables, and stop before it."""
        checkpoint(f"{READ}{what}", frozenset(tables) or None)
        self.reads[what] += 1

    def before_write(self, what: str, *tables: str) -> None:
        """Stop before a write of some tables; raise WriteConflict while there are `conflicts`."""
        checkpoint(f"{WRITE}{what}", frozenset(tables) or None)
        if self.conflicts:
            self.conflicts -= 1
            raise WriteConflict

    def after_write(self, what: str, *events: Envelope[Contract] | None) -> None:
        """Store the events of the write that has just been made, and stop after it."""
        for event in events or (None,):
            if event:
                self.outbox.append(event)
            if self.after_commit:
                self.after_commit(event)
        checkpoint(f"{WROTE}{what}")

    def is_at(self, room: Room, version: int) -> bool:
        """Return whether a room has a version."""
        stored = self.rooms.get(room.id)
        return stored is not None and stored.version == version


@dataclass
class FakeRoomRepository:
    """The rooms."""

    tables: InMemoryTables

    def __len__(self) -> int:
        return len(self.tables.rooms)

    def __contains__(self, room_id: object) -> bool:
        return room_id in self.tables.rooms

    def create(self, room: Room, candidates: Sequence[Movie], event: Envelope[Contract]) -> None:
        self.create_with(lambda: None, room, candidates, event)

    def create_with(
        self,
        further: Callable[[], None],
        room: Room,
        candidates: Sequence[Movie],
        *events: Envelope[Contract],
    ) -> None:
        tables = self.tables
        tables.before_write(
            "room", "rooms", "codes", "candidates", "participations", "visits", "tallies", "crews"
        )
        if room.host_id in tables.blocked:
            raise AccountDeleted
        holders = [tables.codes[code] for code in room.codes if code in tables.codes]
        if any(holder.expires_at > tables.now() for holder in holders):
            raise CodeTaken
        further()
        tables.codes |= dict.fromkeys(room.codes, room)
        tables.rooms[room.id] = room
        tables.candidates[room.id] = tuple(candidates)
        tables.participations[room.id, room.host_id] = room.version
        tables.presence[room.id, room.host_id] = Presence(tables.now(), tables.now())
        tables.visits.add((room.host_id, room.id))
        for position, movie in enumerate(candidates):
            self._put_tally(room, position, movie)
        tables.after_write("room", *events)

    def get(self, room_id: str) -> Room | None:
        self.tables.before_read("room", "rooms")
        return self.tables.rooms.get(room_id)

    def get_by_code(self, code: str) -> Room | None:
        self.tables.before_read("code", "codes")
        holder = self.tables.codes.get(code)
        return self.get(holder.id) if holder else None

    def list_candidates(self, room_id: str, **_: object) -> Sequence[Movie]:
        self.tables.before_read("candidates", "candidates")
        return self.tables.candidates.get(room_id, ())

    def add_candidates(
        self,
        room: Room,
        before: Sequence[Movie],
        added: Sequence[Movie],
        event: Envelope[Contract],
    ) -> None:
        tables = self.tables
        tables.before_write("deal", "rooms", "candidates", "tallies")
        stored = tables.rooms[room.id]
        if not stored.is_open(tables.now()) or len(tables.candidates[room.id]) != len(before):
            raise WriteConflict
        tables.candidates[room.id] = (*before, *added)
        for position, movie in enumerate(added, len(before)):
            self._put_tally(room, position, movie)
        tables.after_write("deal", event)

    def list_tallies(self, room_id: str) -> Sequence[Tally]:
        return FakeVoteRepository(self.tables).list_tallies(room_id)

    def mark_shown(self, room_id: str, movie_ids: Sequence[int]) -> None:
        tallies = self.tables.tallies
        self.tables.before_write("shown", "tallies")
        if any((room_id, movie_id) not in tallies for movie_id in movie_ids):
            raise WriteConflict
        for movie_id in movie_ids:
            tallies[room_id, movie_id] = replace(tallies[room_id, movie_id], shown=True)
        self.tables.after_write("shown")

    def replace_unseen(self, room: Room, deal: Redeal) -> None:
        tables = self.tables
        tables.before_write("redeal", "rooms", "candidates", "tallies")
        stored = tables.rooms[room.id]
        held = stored.version == room.version > stored.dealt_version
        size = len(tables.candidates[room.id])
        if not (held and stored.is_open(tables.now()) and size == len(deal.before)):
            raise WriteConflict
        touched = [tables.tallies.get((room.id, one)) for one in (*deal.removed, *deal.positions)]
        gone = any((room.id, one) not in tables.tallies for one in deal.removed)
        if gone or any(tally.is_seen for tally in touched if tally):
            raise WriteConflict
        if deal.is_done:
            tables.rooms[room.id] = replace(stored, dealt_version=room.version)
        tables.candidates[room.id] = tuple(deal.after)
        for movie_id in deal.removed:
            del tables.tallies[room.id, movie_id]
        for movie in deal.after:
            if movie.id in deal.positions:
                self._put_tally(room, deal.positions[movie.id], movie)
        tables.after_write("redeal")

    def _put_tally(self, room: Room, position: int, movie: Movie) -> None:
        self.tables.tallies[room.id, movie.id] = Tally(
            room.id,
            movie.id,
            position,
            movie.title,
            movie.poster_path,
            media_type=movie.media_type,
        )

    def add_participant(self, user_id: str, room: Room, event: Envelope[Contract]) -> None:
        self._change(user_id, room)
        self.tables.participations[room.id, user_id] = room.version
        self.tables.presence[room.id, user_id] = Presence(self.tables.now(), self.tables.now())
        self.tables.visits.add((user_id, room.id))
        self.tables.after_write("joined", event)

    def remove_participant(self, user_id: str, room: Room, *events: Envelope[Contract]) -> None:
        self._change(user_id, room, while_open=bool(events))
        self.tables.participations.pop((room.id, user_id), None)
        self.tables.presence.pop((room.id, user_id), None)
        self.tables.after_write("left", *events)

    def remove_deleted_user(
        self, user_id: str, room: Room, event: Envelope[Contract] | None
    ) -> None:
        self.remove_participant(user_id, room, *([event] if event else []))

    def set_closing_time(self, room: Room, event: Envelope[Contract]) -> None:
        tables = self.tables
        tables.before_write("closing time", "rooms", "participations", "codes")
        self._require_unclosed(room)
        if tables.rooms[room.id].expires_at <= tables.now():
            raise WriteConflict
        tables.rooms[room.id] = room
        for user in room.participants:
            tables.participations[room.id, user] = room.version
        tables.codes |= dict.fromkeys(room.codes, room)
        tables.after_write("closing time", event)

    def list_expired(self, shard: int, now: datetime) -> Sequence[str]:
        self.tables.before_read("expired rooms", "rooms")
        rooms = [room for room in self.tables.rooms.values() if shard == 0 and not room.closed]
        expired = sorted((room.expires_at, room.id) for room in rooms if room.expires_at <= now)
        return [room_id for _, room_id in expired]

    def record_closed(self, room: Room, event: Envelope[Contract]) -> None:
        tables = self.tables
        tables.before_write("closed", "rooms")
        self._require_unclosed(room)
        if tables.rooms[room.id].expires_at > tables.now():
            raise WriteConflict
        tables.rooms[room.id] = room
        tables.after_write("closed", event)

    def _require_unclosed(self, room: Room) -> None:
        if not self.tables.is_at(room, room.version - 1) or self.tables.rooms[room.id].closed:
            raise WriteConflict

    def list_by_user(
        self, user_id: str, since: datetime, limit: int, after: str | None
    ) -> Sequence[Room]:
        self.tables.before_read("rooms of user", "participations", "rooms")
        first = first_id_at(since)
        mine = (
            room_id
            for room_id, user in self.tables.participations
            if user == user_id and room_id >= first and (after is None or room_id < after)
        )
        return [self.tables.rooms[room_id] for room_id in sorted(mine, reverse=True)[:limit]]

    def _change(self, user_id: str, room: Room, *, while_open: bool = True) -> None:
        tables = self.tables
        tables.before_write("membership", "rooms", "participations", "visits")
        if user_id in room.participants and user_id in tables.blocked:
            raise AccountDeleted
        if not tables.is_at(room, room.version - 1):
            raise WriteConflict
        if while_open and tables.rooms[room.id].expires_at <= tables.now():
            raise WriteConflict
        others = [other for other in room.participants if other not in (user_id, DELETED_USER)]
        if any((room.id, other) not in tables.participations for other in others):
            raise WriteConflict
        stored = tables.rooms[room.id]
        tables.rooms[room.id] = replace(
            stored,
            participants=room.participants,
            host_id=room.host_id,
            expires_at=room.expires_at,
            removed=room.removed,
            version=room.version,
        )
        for other in others:
            tables.participations[room.id, other] = room.version


@dataclass
class FakePresenceRepository:
    """When participants joined, and when they were last heard of."""

    tables: InMemoryTables

    def record(self, room_id: str, user_id: str, now: datetime) -> None:
        self.tables.before_write("presence", "presence")
        if (room_id, user_id) not in self.tables.participations:
            raise NotAParticipant
        if self.tables.rooms[room_id].expires_at <= now:
            raise RoomExpired
        stored = self.tables.presence[room_id, user_id]
        self.tables.presence[room_id, user_id] = replace(stored, seen_at=now)
        self.tables.after_write("presence")

    def find(self, room_id: str, user_ids: Collection[str]) -> Mapping[str, Presence]:
        self.tables.before_read("presence", "presence")
        return {
            user: self.tables.presence.get((room_id, user), Presence())
            for user in user_ids
            if (room_id, user) in self.tables.participations
        }


@dataclass
class FakeVoteRepository:
    """The votes and their tallies."""

    tables: InMemoryTables

    def __len__(self) -> int:
        return len(self.tables.votes)

    def get_room_and_tally(self, room_id: str, movie_id: int) -> tuple[Room | None, Tally | None]:
        self.tables.before_read("vote's room", "rooms")
        room = self.tables.rooms.get(room_id)
        self.tables.before_read("vote's tally", "tallies")
        return room, self.tables.tallies.get((room_id, movie_id))

    def get_tally(self, room_id: str, movie_id: int) -> Tally | None:
        self.tables.before_read("tally", "tallies")
        return self.tables.tallies.get((room_id, movie_id))

    def list_tallies(self, room_id: str) -> Sequence[Tally]:
        found = []
        for key in [key for key in self.tables.tallies if key[0] == room_id]:
            self.tables.before_read("one of the tallies", "tallies")
            found.append(self.tables.tallies[key])
        return found

    def save_vote(self, vote: Vote, room: Room, tally: Tally, event: Envelope[Contract]) -> None:
        tables = self.tables
        tables.before_write("vote", "tallies", "votes")
        key = (vote.room_id, vote.movie_id)
        stored = tables.tallies.get(key)
        if tables.participations.get((room.id, vote.user_id)) != room.version:
            raise WriteConflict
        if room.expires_at <= tables.now():
            raise WriteConflict
        if stored is None or stored.version != tally.version - 1:
            raise WriteConflict
        counted = stored.with_vote(vote.user_id, yes=vote.yes)
        tables.tallies[key] = replace(counted, agreement=tally.agreement or stored.agreement)
        own = (vote.room_id, vote.user_id, vote.movie_id)
        tables.votes.pop(own, None)
        if vote.yes is not None:
            tables.votes[own] = vote
        tables.after_write("vote", event)

    def get_vote(self, room_id: str, user_id: str, movie_id: int) -> Vote | None:
        self.tables.before_read("vote", "votes")
        return self.tables.votes.get((room_id, user_id, movie_id))

    def list_by_user(self, room_id: str, user_id: str) -> Sequence[Vote]:
        self.tables.before_read("votes of user", "votes")
        return [vote for key, vote in self.tables.votes.items() if key[:2] == (room_id, user_id)]

    def count_by_user(self, room_id: str, user_id: str) -> int:
        self.tables.before_read("number of votes", "votes")
        return sum(key[:2] == (room_id, user_id) for key in self.tables.votes)

    def delete_votes(self, user_id: str, tallies: Sequence[Tally]) -> None:
        tables = self.tables
        tables.before_write("deleted votes", "tallies", "votes")
        stored = [tables.tallies.get((tally.room_id, tally.movie_id)) for tally in tallies]
        for before, after in zip(stored, tallies, strict=True):
            if before is None or before.version != after.version - 1:
                raise WriteConflict
        for tally in tallies:
            tables.tallies[tally.room_id, tally.movie_id] = tally
            tables.votes.pop((tally.room_id, user_id, tally.movie_id), None)
        tables.after_write("deleted votes")


@dataclass
class FakeMatchRepository:
    """The matches, and every user's own list of them."""

    tables: InMemoryTables

    def __len__(self) -> int:
        return len(self.tables.matches)

    def __contains__(self, movie_id: object) -> bool:
        return any(movie_id == key[1] for key in self.tables.matches)

    def record(self, match: Match, event: Envelope[Contract]) -> bool:
        try:
            self.tables.before_write("match", "matches", "user_matches")
            self._store(match)
        except WriteConflict:
            if self.get(match.room_id, match.movie_id) is None:
                raise
            return False
        self.tables.after_write("match", event)
        return True

    def record_with_agreement(
        self, room: Room, tally: Tally, match: Match, event: Envelope[Contract]
    ) -> None:
        tables = self.tables
        tables.before_write("match with agreement", "tallies", "matches", "user_matches")
        key = (room.id, tally.movie_id)
        stored = tables.tallies.get(key)
        if not tables.is_at(room, room.version) or stored is None:
            raise WriteConflict
        if stored.version != tally.version - 1:
            raise WriteConflict
        self._store(match)
        tables.tallies[key] = replace(stored, agreement=tally.agreement, version=tally.version)
        tables.after_write("match with agreement", event)

    def get(self, room_id: str, movie_id: int) -> Match | None:
        self.tables.before_read("match", "matches")
        return self.tables.matches.get((room_id, movie_id))

    def list_by_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Match]:
        self.tables.before_read("matches of user", "user_matches")
        mine = self.tables.user_matches.get(user_id, {})
        ids = sorted((key for key in mine if after is None or key < after), reverse=True)
        return [mine[match_id] for match_id in ids[:limit]]

    def list_by_room(self, room_id: str) -> Sequence[Match]:
        self.tables.before_read("matches of room", "matches")
        found = [match for (room, _), match in self.tables.matches.items() if room == room_id]
        return sorted(found, key=lambda match: match.match_id, reverse=True)

    def anonymize(self, user_id: str, match: Match, before: Match | None) -> None:
        tables = self.tables
        tables.before_write("anonymized match", "matches", "user_matches")
        if before:
            others = [user for user in match.matched_users if user != DELETED_USER]
            if tables.matches.get((match.room_id, match.movie_id)) != before:
                raise WriteConflict
            if any(match.match_id not in tables.user_matches.get(user, {}) for user in others):
                raise WriteConflict
            tables.matches[match.room_id, match.movie_id] = match
            for user in others:
                tables.user_matches[user][match.match_id] = match
        tables.user_matches.get(user_id, {}).pop(match.match_id, None)
        tables.after_write("anonymized match")

    def _store(self, match: Match) -> None:
        key = (match.room_id, match.movie_id)
        if key in self.tables.matches:
            raise WriteConflict
        self.tables.matches[key] = match
        for user in match.matched_users:
            assert user != DELETED_USER, "nobody has a list"
            self.tables.user_matches.setdefault(user, {})[match.match_id] = match


@dataclass
class FakeDecisionRepository:
    """The proposals and the decision of each room, and every user's own list of decisions."""

    tables: InMemoryTables

    def __len__(self) -> int:
        return sum(proposals.decision is not None for proposals in self.tables.proposals.values())

    def get(self, room_id: str) -> Proposals:
        self.tables.before_read("proposals", "proposals")
        return self.tables.proposals.get(room_id, Proposals(room_id))

    def save(
        self, room: Room, proposals: Proposals, event: Envelope[Contract] | None = None
    ) -> None:
        tables = self.tables
        tables.before_write("proposals", "proposals", "user_decisions")
        self._require_version(proposals)
        if not tables.is_at(room, room.version):
            raise WriteConflict
        tables.proposals[room.id] = proposals
        if proposals.decision and event:
            for user in room.participants:
                if user != DELETED_USER:
                    mine = tables.user_decisions.setdefault(user, {})
                    mine[proposals.decision.decision_id] = proposals.decision
        tables.after_write("proposals", event)

    def anonymize(self, proposals: Proposals) -> None:
        self.tables.before_write("anonymized proposals", "proposals")
        self._require_version(proposals)
        self.tables.proposals[proposals.room_id] = proposals
        self.tables.after_write("anonymized proposals")

    def has(self, user_id: str, decision_id: str) -> bool:
        self.tables.before_read("decision of user", "user_decisions")
        return decision_id in self.tables.user_decisions.get(user_id, {})

    def list_by_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Decision]:
        self.tables.before_read("decisions of user", "user_decisions")
        mine = self.tables.user_decisions.get(user_id, {})
        ids = sorted((key for key in mine if after is None or key < after), reverse=True)
        return [mine[decision_id] for decision_id in ids[:limit]]

    def delete(self, user_id: str, decision_id: str) -> None:
        self.tables.before_write("decision of user", "user_decisions")
        self.tables.user_decisions.get(user_id, {}).pop(decision_id, None)
        self.tables.after_write("decision of user")

    def _require_version(self, proposals: Proposals) -> None:
        stored = self.tables.proposals.get(proposals.room_id, Proposals(proposals.room_id))
        if stored.version != proposals.version - 1:
            raise WriteConflict


@dataclass
class FakeRoomHistory:
    """The rooms that users have ever been in, and who is blocked."""

    tables: InMemoryTables

    def __contains__(self, user_id: object) -> bool:
        return any(user_id == user for user, _ in self.tables.visits)

    def block(self, user_id: str, until: datetime) -> None:
        self.tables.before_write("block", "blocked")
        self.tables.blocked[user_id] = until
        self.tables.after_write("block")

    def list_by_user(self, user_id: str, limit: int, after: str | None) -> Sequence[str]:
        self.tables.before_read("visits", "visits")
        mine = sorted(room_id for user, room_id in self.tables.visits if user == user_id)
        return [room_id for room_id in mine if after is None or room_id > after][:limit]

    def has(self, user_id: str, room_id: str) -> bool:
        self.tables.before_read("visit", "visits", "blocked")
        return (user_id, room_id) in self.tables.visits and user_id not in self.tables.blocked

    def require(self, user_id: str) -> None:
        self.tables.before_read("block", "blocked")
        if user_id in self.tables.blocked:
            raise AccountDeleted

    def bind(self, user_id: str, room_id: str, until: datetime) -> None:
        assert until > self.tables.now()
        self.tables.before_write("bound", "bound")
        self.tables.bound[user_id] = room_id
        self.tables.after_write("bound")

    def room_of(self, user_id: str) -> str | None:
        self.tables.before_read("bound", "bound")
        return self.tables.bound.get(user_id)

    def unbind(self, user_id: str) -> None:
        self.tables.before_write("unbound", "bound")
        self.tables.bound.pop(user_id, None)
        self.tables.after_write("unbound")

    def delete(self, user_id: str, room_id: str) -> None:
        self.tables.before_write("visit", "visits")
        self.tables.visits.discard((user_id, room_id))
        self.tables.after_write("visit")


@dataclass
class FakeFeedRepository:
    """The feeds of rooms, for those who write, read and erase them."""

    tables: InMemoryTables

    def get(self, room_id: str) -> Feed:
        self.tables.before_read("feed", "feeds")
        return self.tables.feeds.get(room_id, Feed(room_id))

    def get_entry(self, room_id: str, seq: int) -> FeedEntry | None:
        self.tables.before_read("entry", "entries")
        return self.tables.entries.get(room_id, {}).get(seq)

    def get_told_progress(self, room_id: str, user_id: str) -> ToldProgress:
        self.tables.before_read("told progress", "told_progress")
        return self.tables.told_progress.get((room_id, user_id), ToldProgress())

    def append(
        self,
        room: Room,
        entry: FeedEntry,
        feed: Feed,
        *,
        change: str | None = None,
        told: ToldProgress | None = None,
    ) -> None:
        tables = self.tables
        tables.before_write("entry", "feeds", "entries", "told", "told_progress")
        if change and (room.id, change) in tables.told:
            raise AlreadyAppended
        self._require_version(feed)
        assert entry.seq == feed.last
        assert entry.seq not in tables.entries.get(room.id, {})
        tables.feeds[room.id] = feed
        tables.entries.setdefault(room.id, {})[entry.seq] = entry
        if change:
            tables.told.add((room.id, change))
        if told and entry.user_id:
            tables.told_progress[room.id, entry.user_id] = told
        tables.after_write("entry")

    def save(self, feed: Feed) -> None:
        self.tables.before_write("feed", "feeds")
        self._require_version(feed)
        self.tables.feeds[feed.room_id] = feed
        self.tables.after_write("feed")

    def list(self, room_id: str, after: int, limit: int) -> Sequence[FeedEntry]:
        self.tables.before_read("entries", "entries")
        entries = self.tables.entries.get(room_id, {})
        return [entries[seq] for seq in sorted(entries) if seq > after][:limit]

    def list_by_user(self, room_id: str, user_id: str) -> Sequence[FeedEntry]:
        self.tables.before_read("entries of user", "entries")
        entries = self.tables.entries.get(room_id, {}).values()
        return [entry for entry in entries if entry.user_id == user_id]

    def interrupt_appends(self, room: Room) -> None:
        self.tables.before_write("feed", "feeds")
        stored = self.tables.feeds.get(room.id, Feed(room.id))
        self.tables.feeds[room.id] = stored.next_version()
        self.tables.after_write("feed")

    def anonymize(self, room_id: str, user_id: str, seqs: Sequence[int]) -> None:
        self.tables.before_write("anonymized entries", "entries", "told_progress")
        entries = self.tables.entries[room_id]
        for seq in seqs:
            assert entries[seq].user_id == user_id
            entries[seq] = entries[seq].anonymous()
        self.tables.told_progress.pop((room_id, user_id), None)
        self.tables.after_write("anonymized entries")

    def _require_version(self, feed: Feed) -> None:
        stored = self.tables.feeds.get(feed.room_id, Feed(feed.room_id))
        if stored.version != feed.version - 1:
            raise WriteConflict


@dataclass
class FakeFeedPublisher:
    """Remembers what it published; out of order, it publishes nothing; `slow` takes time."""

    published: list[tuple[str, int]] = field(default_factory=list)
    is_out_of_order: bool = False
    slow: tuple[FakeClock, timedelta] | None = None
    on_publish: Callable[[str, int, str], None] | None = None

    def publish(self, room_id: str, seq: int, correlation_id: str) -> None:
        checkpoint(f"{WRITE}publication", frozenset({"publications"}))
        assert correlation_id
        if self.is_out_of_order:
            message = "the API does not respond"
            raise Unavailable(message)
        if self.slow:
            clock, by = self.slow
            clock.advance(seconds=by.total_seconds())
        if self.on_publish:
            self.on_publish(room_id, seq, correlation_id)
        self.published.append((room_id, seq))
        checkpoint(f"{WROTE}publication")

    def of(self, room_id: str) -> list[int]:
        """Return the numbers of a room's entries, as they were published."""
        return [seq for room, seq in self.published if room == room_id]


class FakeNameDirectory:
    """Names of people, who are called by their ids; nobody is when it is out of order."""

    def __init__(self) -> None:
        self.asked: list[set[str]] = []
        self.is_out_of_order = False
        self.guests: set[str] = set()

    def find(self, user_ids: Collection[str], correlation_id: str) -> Mapping[str, Person]:
        assert correlation_id
        self.asked.append(set(user_ids))
        if self.is_out_of_order:
            return {}
        return {
            user_id: Person(user_id, user_id.title(), "owl", user_id in self.guests)
            for user_id in user_ids
        }


@dataclass
class FakeCardReader:
    """The cards of some titles."""

    cards: dict[TitleKey, Card] = field(default_factory=dict)
    asked: list[tuple[frozenset[TitleKey], Reader]] = field(default_factory=list)

    def find(
        self, keys: Collection[TitleKey], reader: Reader, correlation_id: str
    ) -> Mapping[TitleKey, Card]:
        assert correlation_id
        self.asked.append((frozenset(keys), reader))
        return {key: self.cards[key] for key in keys if key in self.cards}


@dataclass
class FakeOwnScores:
    """The scores of titles by user; of others nothing is known."""

    scores: dict[str, dict[int, float]] = field(default_factory=dict)

    def find(
        self, user_id: str, keys: Collection[TitleKey], correlation_id: str
    ) -> Mapping[TitleKey, float]:
        assert correlation_id
        known = self.scores.get(user_id, {})
        return {key: known[key.id] for key in keys if key.id in known}


@dataclass
class FakeOwnPlatforms:
    """Regions and platforms by user, while they can be asked for."""

    of: dict[str, tuple[str, tuple[int, ...]]] = field(default_factory=dict)
    is_down: bool = False

    def find(self, user_id: str, correlation_id: str) -> tuple[str, Sequence[int]] | None:
        assert correlation_id
        if self.is_down:
            raise PlatformsUnavailable
        return self.of.get(user_id)


@dataclass
class FakeCatalogClient:
    """Offers the same candidates to everybody, or fails."""

    offers: Sequence[Movie] = ()
    error: Exception | None = None
    asked: list[tuple[MediaType, tuple[int, ...], str]] = field(default_factory=list)
    filtered: list[Filters] = field(default_factory=list)
    excluded: list[Collection[int]] = field(default_factory=list)
    relax: tuple[str, ...] = ()

    def discover(
        self,
        media_type: MediaType,
        genre_ids: Sequence[int],
        filters: Filters,
        correlation_id: str,
        exclude: Collection[int] = (),
    ) -> Sequence[Movie]:
        self.asked.append((media_type, tuple(genre_ids), correlation_id))
        self.filtered.append(filters)
        self.excluded.append(exclude)
        if self.error:
            raise self.error
        offers = [
            movie
            for movie in self.offers
            if movie.id not in exclude and movie.media_type is media_type
        ]
        if not offers:
            raise NoCandidates(relax=list(self.relax))
        return offers


@dataclass
class FakeGroupDeckClient:
    """Offers the same deck to every group, or is unavailable."""

    deck: Sequence[Movie] = ()
    available: bool = True
    asked: list[tuple[DeckWish, tuple[str, ...]]] = field(default_factory=list)

    def deal(
        self,
        wish: DeckWish,
        user_ids: Sequence[str],
        limit: int,
        correlation_id: str,
        exclude: Collection[int] = (),
    ) -> Sequence[Movie]:
        assert correlation_id
        self.asked.append((wish, tuple(user_ids)))
        if not self.available:
            raise GroupDeckUnavailable
        return [movie for movie in self.deck if movie.id not in exclude][:limit]


@dataclass
class FakeMatchPublisher:
    """Remembers what it published to whom; users in `unreachable` cannot be notified."""

    published: list[tuple[str, str, int]] = field(default_factory=list)
    decisions: list[tuple[str, str]] = field(default_factory=list)
    invitations: list[tuple[str, str]] = field(default_factory=list)
    correlation_ids: list[str] = field(default_factory=list)
    unreachable: set[str] = field(default_factory=set)

    def __contains__(self, user_id: object) -> bool:
        return any(user_id == user for user, _, _ in self.published)

    def publish(self, user_id: str, room_id: str, movie_id: int, correlation_id: str) -> None:
        checkpoint(f"publish to {user_id}")
        if user_id in self.unreachable:
            message = f"{user_id} cannot be reached"
            raise Unavailable(message)
        self.published.append((user_id, room_id, movie_id))
        self.correlation_ids.append(correlation_id)

    def publish_decision(self, user_id: str, room_id: str, correlation_id: str) -> None:
        checkpoint(f"publish decision to {user_id}")
        if user_id in self.unreachable:
            message = f"{user_id} cannot be reached"
            raise Unavailable(message)
        self.decisions.append((user_id, room_id))
        self.correlation_ids.append(correlation_id)

    def publish_invitation(self, user_id: str, room_id: str, correlation_id: str) -> None:
        checkpoint(f"publish invitation to {user_id}")
        if user_id in self.unreachable:
            message = f"{user_id} cannot be reached"
            raise Unavailable(message)
        self.invitations.append((user_id, room_id))
        self.correlation_ids.append(correlation_id)


@dataclass
class FakeIdempotency:
    """Performs an action once for a key; refuses a second attempt during the first."""

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
class FakeContinuationQueue:
    """Keeps the events that are to be continued."""

    waiting: list[Envelope[Contract]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.waiting)

    def requeue(self, event: Envelope[Contract]) -> None:
        checkpoint("resume")
        self.waiting.append(event)


def films(number: int, media_type: MediaType = MediaType.MOVIE) -> list[Movie]:
    """Return so many invented films, with ids from 101 on."""
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
