"""The invariants of a room's matches, derived from its history alone.

The oracle sees every committed state and derives from the membership and every user's latest vote
on which titles the room agreed at that instant. It does not read tallies or agreements: those are
what it checks.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from matinee.events.contract import Contract, Envelope
from rooms.domain.anonymization import references_user
from rooms.domain.decision import Proposals
from rooms.domain.feed import PROGRESS_INTERVAL, EntryKind, FeedEntry
from rooms.domain.match import Match
from rooms.domain.room import DELETED_USER, Room
from rooms.domain.rule import RuleKind
from rooms.events.consumed import CONSUMERS
from rooms.events.published import (
    MatchFound,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantRemoved,
    RoomClosed,
    RoomDecided,
    RoomExtended,
    VoteCast,
)
from tests.fakes.rooms_app import RoomsApp

type Film = tuple[str, int]
"""A room and a movie id."""


type Agreed = Callable[[Sequence[bool | None], Room], bool]
"""Whether the latest votes of everybody in a room, None for no vote, are an agreement."""

AGREED: Mapping[RuleKind, Agreed] = {
    RuleKind.ALL: lambda votes, _: all(vote is True for vote in votes),
    RuleKind.AT_LEAST: lambda votes, room: votes.count(True) >= (room.rule.at_least or 0),
    RuleKind.NO_VETO: lambda votes, room: (
        False not in votes and votes.count(True) >= room.min_participants
    ),
}


@dataclass
class Oracle:
    """Observes an app from the first commit on; its rooms have one rule."""

    app: RoomsApp
    rule: RuleKind = RuleKind.ALL
    agreed: dict[Film, set[tuple[tuple[str, ...], int]]] = field(
        default_factory=lambda: defaultdict(set)
    )
    answered: list[Match] = field(default_factory=list)
    majorities: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    decided: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.app.tables.after_commit = self.observe

    def observe(self, event: Envelope[Contract] | None) -> None:
        """Record which titles the rooms agree on at this instant; check the event by the state."""
        if event:
            self._check_event(event.data)
        tables = self.app.tables
        for room in tables.rooms.values():
            assert len(room.participants) <= room.max_participants
            people = [user for user in room.participants if user != DELETED_USER]
            assert len(set(people)) == len(people)
            assert not room.participants or room.host_id in room.participants
            assert not {*room.participants} & {*room.removed}, "who is removed stays out"
            self._observe_decision(room)
            if len(room.participants) < room.min_participants or not room.is_open(tables.now()):
                continue
            assert room.rule.kind is self.rule
            for movie in tables.candidates[room.id]:
                cast = [tables.votes.get((room.id, user, movie.id)) for user in room.participants]
                votes = [vote.yes if vote else None for vote in cast]
                if AGREED[self.rule](votes, room):
                    self.agreed[room.id, movie.id].add((room.participants, votes.count(True)))

    def _observe_decision(self, room: Room) -> None:
        """Record what a majority proposes at this instant; hold the room to its first decision."""
        proposals = self.app.tables.proposals.get(room.id, Proposals(room.id))
        if proposals.decision:
            first = self.decided.setdefault(room.id, proposals.decision.movie_id)
            assert proposals.decision.movie_id == first, "a decision stays"
            return
        cast = Counter(proposals.of_users.get(user) for user in room.participants)
        for movie_id, supporters in cast.items():
            if movie_id is not None and supporters > len(room.participants) - supporters:
                self.majorities[room.id].append(movie_id)

    def _judge_decisions(self) -> None:
        """Check that each decision was told once, and that no majority was passed over."""
        tables = self.app.tables
        told = tables.events(RoomDecided)
        assert {event.room_id: event.movie_id for event in told} == self.decided
        assert len(told) == len(self.decided)
        for room_id, movies in self.majorities.items():
            assert self.decided.get(room_id) == movies[0], "the first majority decides"
        erased = tables.blocked.keys()
        expected = Counter((user, event.room_id) for event in told for user in event.participants)
        notified = Counter(self.app.publisher.decisions)
        assert {key: n for key, n in notified.items() if key[0] not in erased} == {
            key: n for key, n in expected.items() if key[0] not in erased
        }
        listed = {
            (user, decision.room_id, decision.movie_id)
            for user, inbox in tables.user_decisions.items()
            for decision in inbox.values()
        }
        assert listed == {
            (user, event.room_id, event.movie_id)
            for event in told
            for user in event.participants
            if user not in erased
        }
        for event in told:
            assert tables.proposals[event.room_id].decision is not None

    def _judge_closings(self) -> None:
        """Check that each room that has closed was told once, and that nobody acts in it after."""
        tables, closed = self.app.tables, set[str]()
        for event in tables.outbox:
            match event.data:
                case RoomClosed(room_id=room_id):
                    assert room_id not in closed, "a room closes once"
                    closed.add(room_id)
                case (
                    VoteCast()
                    | ParticipantJoined()
                    | ParticipantLeft()
                    | ParticipantRemoved()
                    | RoomExtended()
                ) as act:
                    assert act.room_id not in closed, "nobody acts in a room that has closed"
                case _:
                    pass
        assert closed == {room.id for room in tables.rooms.values() if room.closed}

    def _judge_feeds(self) -> None:
        """Check that every event is told once, in numbers without gaps, to everybody in order."""
        self.app.tell_everything()
        tables = self.app.tables
        told = CONSUMERS["FeedWriterFunction"]
        expected = {
            event.metadata.idempotency_key
            for event in tables.outbox
            if isinstance(event.data, told) and not isinstance(event.data, VoteCast)
        }
        assert {change for _, change in tables.told} == expected, "no event is lost, none is new"
        progress = 0
        for room_id, entries in tables.entries.items():
            assert list(entries) == list(range(1, len(entries) + 1)), "there is no gap"
            sent = list(dict.fromkeys(self.app.feed_publisher.of(room_id)))
            assert sent == list(entries), "everything is published, in order"
            self._judge_progress(tables.rooms[room_id], entries.values())
            progress += sum(entry.kind is EntryKind.PROGRESS for entry in entries.values())
        assert sum(map(len, tables.entries.values())) == len(expected) + progress

    def _judge_progress(self, room: Room, entries: Iterable[FeedEntry]) -> None:
        """Check that progress is told at most once a second, and at last as it is."""
        last: dict[str, FeedEntry] = {}
        for entry in entries:
            if entry.kind is not EntryKind.PROGRESS or entry.user_id in (None, DELETED_USER):
                continue
            if before := last.get(entry.user_id or ""):
                assert entry.at - before.at >= PROGRESS_INTERVAL
                assert entry.progress != before.progress
            last[entry.user_id or ""] = entry
        for user in room.participants:
            votes = [key for key in self.app.tables.votes if key[:2] == (room.id, user)]
            shown = last[user].progress if user in last else None
            assert (shown.voted if shown else 0) == len(votes), f"the progress of {user}"

    def judge(self) -> None:
        """Check the invariants of matches, lists, events and notifications, all being delivered."""
        self._judge_decisions()
        self._judge_closings()
        self._judge_feeds()
        tables, published = self.app.tables, self.app.publisher.published
        assert set(tables.matches) == set(self.agreed), "a match exactly where there was agreement"
        found = tables.events(MatchFound)
        assert len(found) == len(tables.matches)
        for key, match in tables.matches.items():
            agreed = {(self._nameless(users), likes) for users, likes in self.agreed[key]}
            likes = match.likes or len(match.matched_users)
            assert (self._nameless(match.matched_users), likes) in agreed, "together, agreeing"
            assert match.rule.kind is self.rule
            assert [
                event.match_id for event in found if (event.room_id, event.movie_id) == key
            ] == [match.match_id]
        expected = Counter(
            (user, match.room_id, match.movie_id)
            for match in tables.matches.values()
            for user in match.matched_users
            if user != DELETED_USER
        )
        erased = self.app.tables.blocked.keys()
        notified = Counter(call for call in published if call[0] not in erased)
        assert notified == expected, "each matched user is notified once, and nobody else"
        assert all(times == 1 for times in Counter(published).values())
        listed = Counter(
            (user, match.room_id, match.movie_id)
            for user, inbox in tables.user_matches.items()
            for match in inbox.values()
        )
        assert listed == expected, "each matched user finds the match in their list, once"
        for match in self.answered:
            stored = tables.matches[match.room_id, match.movie_id]
            assert self._nameless(stored.matched_users) == self._nameless(match.matched_users)
            assert replace(stored, matched_users=match.matched_users) == match, "as the vote said"
        self._nothing_holds_an_erased_user()
        event_ids = [event.metadata.event_id for event in tables.outbox]
        assert len(set(event_ids)) == len(event_ids)
        changes = [event.metadata.idempotency_key for event in tables.outbox]
        assert len(set(changes)) == len(changes), "one event for one change"

    def _nameless(self, users: Iterable[str]) -> tuple[str, ...]:
        """Return users with the placeholder instead of those who are erased."""
        return tuple(DELETED_USER if user in self.app.tables.blocked else user for user in users)

    def _nothing_holds_an_erased_user(self) -> None:
        """Check that nothing has the id of an erased user; events may, they are in transit."""
        tables = self.app.tables
        for user in tables.blocked:
            held = [
                *(
                    room
                    for room in tables.rooms.values()
                    if user in (room.host_id, *room.participants, *room.removed)
                ),
                *(key for key in (*tables.participations, *tables.visits) if user in key),
                *(key for key in tables.votes if user in key),
                *(tally for tally in tables.tallies.values() if references_user(tally, user)),
                *(match for match in tables.matches.values() if user in match.matched_users),
                *tables.user_matches.get(user, {}).values(),
                *tables.user_decisions.get(user, {}).values(),
                *(one for one in tables.proposals.values() if user in one.of_users),
                *(key for key in tables.told_progress if user in key),
                *(
                    entry
                    for entries in tables.entries.values()
                    for entry in entries.values()
                    if entry.user_id == user
                ),
                *(
                    match
                    for inbox in tables.user_matches.values()
                    for match in inbox.values()
                    if user in match.matched_users
                ),
            ]
            assert not held, f"{user} is gone"

    def _check_event(self, data: Contract) -> None:
        tables = self.app.tables
        match data:
            case VoteCast(room_id=room_id, user_id=user_id, movie_id=movie_id):
                stored = tables.votes.get((room_id, user_id, movie_id))
                told = None if data.withdrawn else data.vote
                assert (stored.yes if stored else None) is told
                assert not (data.withdrawn and data.vote)
                assert user_id in tables.rooms[room_id].participants
                assert movie_id in {movie.id for movie in tables.candidates[room_id]}
                assert tables.rooms[room_id].is_open(tables.now())
                tally = tables.tallies[room_id, movie_id]
                assert tally.vote_of(user_id) is told
            case ParticipantJoined(room_id=room_id, user_id=user_id):
                assert user_id in tables.rooms[room_id].participants
                assert data.participant_count == len(tables.rooms[room_id].participants)
            case ParticipantLeft(room_id=room_id, user_id=user_id):
                assert user_id not in tables.rooms[room_id].participants
                assert data.participant_count == len(tables.rooms[room_id].participants)
            case ParticipantRemoved(room_id=room_id, user_id=user_id):
                assert user_id in tables.rooms[room_id].removed
                assert data.removed_by == tables.rooms[room_id].host_id
            case RoomExtended(room_id=room_id):
                assert data.expires_at == tables.rooms[room_id].expires_at > tables.now()
            case RoomClosed(room_id=room_id):
                room = tables.rooms[room_id]
                assert (data.reason, data.closed_at) == (room.closed, room.expires_at)
                assert data.closed_at <= tables.now()
            case MatchFound(room_id=room_id, movie_id=movie_id):
                match = tables.matches[room_id, movie_id]
                assert data.match_id == match.match_id
                assert tuple(data.matched_users) == match.matched_users
                assert data.likes == match.likes or data.likes == len(match.matched_users)
            case _:
                pass
