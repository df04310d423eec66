"""Erase a user's data when their account is deleted.

    1  block           no room that they create or join later can hold their id: their history has
                       every room by now, and gets no further one
    2  room by room    they leave it (`rooms.domain.anonymization`); what the room has agreed on
                       with them becomes a match, if it is none yet; their votes are deleted; its
                       feed names DELETED_USER; then the room is deleted from their history
    3  match by match  their own list is deleted, and the others' records name DELETED_USER
    4  by decision     their own list is deleted; no other record of a decision names anybody
    5  what else       that nobody else sees: their devices (`others`)

Every step is one transaction, and the record of what is left to do is deleted last. So a crash
leaves the rest to be found again, and repeating everything changes nothing.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import batched
from operator import attrgetter

from matinee.clock import Clock, utc_now
from matinee.erasure import BLOCK_TTL, DeadlineExceeded, ErasureRun, Timer
from matinee.events.envelope import Trace
from matinee.retry import OptimisticRetry, WriteConflict
from rooms.domain.anonymization import (
    anonymize_match,
    anonymize_room,
    anonymize_tally,
    is_agreed_by,
    references_user,
)
from rooms.domain.decision import Decision
from rooms.domain.match import Match, match_of
from rooms.domain.room import Room
from rooms.domain.tally import Tally
from rooms.ports import (
    DecisionInbox,
    DecisionRepository,
    EventFactory,
    FeedEraser,
    MatchRepository,
    ParticipantRepository,
    RoomHistory,
    VoteEraser,
)
from rooms.use_cases.count_match import count_match
from rooms.use_cases.reconcile_matches import MatchReconciler
from rooms.use_cases.retry import optimistic_retry

PAGE_SIZE = 25
"""Rooms of the history, or matches, that are read at a time."""

MAX_VOTES_PER_TRANSACTION = 25
"""In a closed room. While it is open, each vote is a transaction of its own: others vote, too."""


MAX_ENTRIES_PER_TRANSACTION = 25


@dataclass(frozen=True, slots=True)
class UserDataEraser:
    """Erases the data of deleted users."""

    participants: ParticipantRepository
    votes: VoteEraser
    matches: MatchRepository
    history: RoomHistory
    decisions: DecisionRepository
    inbox: DecisionInbox
    feeds: FeedEraser
    events: EventFactory
    reconciler: MatchReconciler
    others: Sequence[Callable[[ErasureRun], None]] = ()
    retry: OptimisticRetry = field(default_factory=optimistic_retry)
    now: Clock = utc_now
    timer: Timer = time.monotonic

    def erase(self, user_id: str, trace: Trace) -> bool:
        """Erase a user's data; return whether all of it is erased, or time ran out before.

        Raises Unavailable when something could not be erased: the queue delivers the event again.
        """
        run = ErasureRun(user_id, self.timer)
        self.retry(lambda: self.history.block(user_id, self.now() + BLOCK_TTL))
        try:
            run.each(self._rooms(user_id), partial(self._erase_from_room, trace))
            run.each(self._matches(user_id), self._erase_from_match, key=attrgetter("match_id"))
            run.each(self._decided(user_id), self._erase_decision, key=attrgetter("decision_id"))
            for erase in self.others:
                erase(run)
        except DeadlineExceeded:
            run.require_progress()
            return False
        self.retry(lambda: self.history.unbind(user_id))
        run.finish()
        return True

    def _rooms(self, user_id: str) -> Iterator[str]:
        """Yield the ids of the rooms that the user has ever been in."""
        after = None
        while page := self.history.list_by_user(user_id, PAGE_SIZE, after):
            yield from page
            after = page[-1]

    def _matches(self, user_id: str) -> Iterator[Match]:
        """Yield the user's own list of matches."""
        after = None
        while page := self.matches.list_by_user(user_id, PAGE_SIZE, after):
            yield from page
            after = page[-1].match_id

    def _decided(self, user_id: str) -> Iterator[Decision]:
        """Yield the user's own list of decisions."""
        after = None
        while page := self.inbox.list_by_user(user_id, PAGE_SIZE, after):
            yield from page
            after = page[-1].decision_id

    def _erase_from_room(self, trace: Trace, run: ErasureRun, room_id: str) -> None:
        room = self.retry(lambda: self._leave(run.user_id, room_id, trace))
        if room:
            left = [
                tally
                for tally in self.votes.list_tallies(room_id)
                if references_user(tally, run.user_id)
            ]
            size = 1 if room.is_open(self.now()) else MAX_VOTES_PER_TRANSACTION
            for tallies in batched(left, size, strict=False):
                run.check_deadline()
                self._delete_votes(run.user_id, tallies, trace)
                run.done += 1
            self.retry(lambda: self._delete_proposal(run.user_id, room_id))
            self._erase_from_feed(run, room)
        self.retry(lambda: self.history.delete(run.user_id, room_id))

    def _leave(self, user_id: str, room_id: str, trace: Trace) -> Room | None:
        """Return the room without the user, or None when it is gone.

        A room past its retention counts as gone: its items expire one by one, in no known order.
        """
        room, now = self.participants.get(room_id), self.now()
        if room is None or now >= room.kept_until:
            return None
        without = anonymize_room(room, user_id, now)
        if without is None:
            return room
        self.reconciler.reconcile(room, trace)
        leaves = user_id in room.participants and room.is_open(now)
        event = self.events.participant_left(without, user_id, trace) if leaves else None
        self.participants.remove_deleted_user(user_id, without, event)
        return without

    def _delete_votes(self, user_id: str, tallies: Sequence[Tally], trace: Trace) -> None:
        """Delete votes on some candidates: with the tallies as they were read, else as they are."""
        try:
            self._anonymize_tallies(user_id, tallies, trace)
        except WriteConflict:
            self.retry(
                lambda: self._anonymize_tallies(
                    user_id, list(self._read_again(user_id, tallies)), trace
                )
            )

    def _read_again(self, user_id: str, tallies: Sequence[Tally]) -> Iterator[Tally]:
        for tally in tallies:
            again = self.votes.get_tally(tally.room_id, tally.movie_id)
            if again and references_user(again, user_id):
                yield again

    def _anonymize_tallies(self, user_id: str, tallies: Sequence[Tally], trace: Trace) -> None:
        """Delete the user's votes from tallies; record before what was agreed on with them.

        The match detector might come too late: it would find an agreement that does not name them.
        """
        for tally in tallies:
            match = match_of(tally)
            if match and is_agreed_by(tally, user_id):
                event = self.events.match_found(match, trace)
                if self.matches.record(match, event):
                    count_match()
        if tallies:
            self.votes.delete_votes(user_id, [anonymize_tally(tally, user_id) for tally in tallies])

    def _delete_proposal(self, user_id: str, room_id: str) -> None:
        proposals = self.decisions.get(room_id)
        if user_id in proposals.of_users:
            self.decisions.anonymize(proposals.without_user(user_id))

    def _erase_from_feed(self, run: ErasureRun, room: Room) -> None:
        """Anonymize the entries that name the user; none is appended after they were listed."""
        self.retry(lambda: self.feeds.interrupt_appends(room))
        seqs = [entry.seq for entry in self.feeds.list_by_user(room.id, run.user_id)]
        for some in batched(seqs, MAX_ENTRIES_PER_TRANSACTION, strict=False):
            run.check_deadline()
            self.retry(partial(self.feeds.anonymize, room.id, run.user_id, some))

    def _erase_decision(self, run: ErasureRun, decision: Decision) -> None:
        self.retry(lambda: self.inbox.delete(run.user_id, decision.decision_id))

    def _erase_from_match(self, run: ErasureRun, entry: Match) -> None:
        def attempt() -> None:
            match = self.matches.get(entry.room_id, entry.movie_id)
            self.matches.anonymize(
                run.user_id, anonymize_match(match or entry, run.user_id), before=match
            )

        self.retry(attempt)
