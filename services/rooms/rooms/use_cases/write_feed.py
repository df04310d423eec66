"""Write a room's feed: append each change once, and publish every entry, in order.

    append    one transaction: the entry by the next number, the feed by its version, and a mark of
              the change, so that an event that is delivered again appends nothing
    publish   what is not published yet, unless another one does (`rooms.domain.feed`); then the
              feed says so, by its version: whoever appended in between is published, too

A crash before the append changes nothing. After it, the event is delivered again: it is marked, and
what is left is published. A crash between publishing and saying so publishes one entry twice: it
has a number, and whoever has seen it ignores it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from matinee.clock import Clock, utc_now
from matinee.events.consumer import Unprocessable
from matinee.events.contract import EventMetadata
from matinee.observability import count
from matinee.retry import OptimisticRetry, WriteConflict
from rooms.domain.feed import PUBLISHING_BUDGET, EntryKind, Feed, FeedEntry, ToldProgress
from rooms.domain.presence import Progress
from rooms.domain.room import Room
from rooms.ports import (
    AlreadyAppended,
    FeedPublisher,
    FeedRepository,
    RoomHistory,
    RoomRepository,
    VoteCounter,
)
from rooms.use_cases.retry import optimistic_retry


@dataclass(frozen=True, slots=True)
class FeedWriter:
    """Appends to feeds, and publishes what is appended.

    Raises RoomBusy, Unavailable, and Unprocessable when the room is gone.
    """

    rooms: RoomRepository
    votes: VoteCounter
    feeds: FeedRepository
    history: RoomHistory
    publisher: FeedPublisher
    retry: OptimisticRetry = field(default_factory=optimistic_retry)
    now: Clock = utc_now

    def append(self, entry: FeedEntry, event: EventMetadata, candidates: int | None = None) -> bool:
        """Append the entry of an event, once; return whether nothing is left to publish.

        `candidates` are how many the room has by then.
        """
        feed = self.retry(lambda: self._append(entry, event, candidates))
        return self._publish(feed, event)

    def append_progress(self, room_id: str, user_id: str, event: EventMetadata) -> bool:
        """Append how far somebody has come; return whether nothing is left to tell or publish.

        Nothing is appended of what was told already, nor of whoever is not in the room; and what
        follows too early is left.
        """
        feed, is_told = self.retry(lambda: self._append_progress(room_id, user_id, event))
        return self._publish(feed, event) and is_told

    def _append(self, entry: FeedEntry, event: EventMetadata, candidates: int | None) -> Feed:
        room = self._room(entry.room_id)
        feed = self.feeds.get(room.id)
        # After the feed was read: an erasure changes its version once it has blocked the user.
        is_gone = entry.user_id and not self.history.has(entry.user_id, room.id)
        numbered = replace(entry.anonymous() if is_gone else entry, seq=feed.last + 1)
        after = feed.with_entry(event.event_id, self.now(), candidates)
        try:
            self.feeds.append(room, numbered, after, change=event.idempotency_key)
        except AlreadyAppended:
            return self._resume(feed, event)
        count("FeedEntries")
        return after

    def _append_progress(
        self, room_id: str, user_id: str, event: EventMetadata
    ) -> tuple[Feed, bool]:
        room = self._room(room_id)
        feed = self.feeds.get(room_id)
        told = self.feeds.get_told_progress(room_id, user_id)
        voted = self.votes.count_by_user(room_id, user_id)
        is_here = user_id in room.participants and self.history.has(user_id, room_id)
        now = self.now()
        if voted == told.voted or not is_here:
            return self._resume(feed, event), True
        if told.is_recent(now):
            return self._resume(feed, event), False
        candidates = feed.candidates or len(self.votes.list_tallies(room_id))
        entry = FeedEntry(
            room_id=room_id,
            kind=EntryKind.PROGRESS,
            at=now,
            seq=feed.last + 1,
            user_id=user_id,
            progress=Progress(voted, candidates),
        )
        after = feed.with_entry(event.event_id, now, candidates)
        self.feeds.append(room, entry, after, told=ToldProgress(voted, now))
        count("FeedEntries")
        # Of a vote since the count, the event may have been handled before this was told.
        return after, self.votes.count_by_user(room_id, user_id) == voted

    def _room(self, room_id: str) -> Room:
        room = self.rooms.get(room_id)
        if room is None:
            message = "this room is gone"
            raise Unprocessable(message)
        return room

    def _resume(self, feed: Feed, event: EventMetadata) -> Feed:
        """Return the feed with the event's handler as its publisher, where one is missing."""
        now = self.now()
        if feed.is_published or not feed.may_publish(event.event_id, now):
            return feed
        after = feed.with_publisher(event.event_id, now)
        self.feeds.save(after)
        return after

    def _publish(self, feed: Feed, event: EventMetadata) -> bool:
        """Publish until everything is, or another one does; return False when time is over."""
        end = self.now() + PUBLISHING_BUDGET
        while feed.publisher == event.event_id:
            if self.now() >= end:
                self._change(feed, Feed.without_publisher)
                return False
            seq = feed.published + 1
            self.publisher.publish(feed.room_id, seq, event.correlation_id)
            feed = self._change(feed, partial(Feed.with_published, seq=seq))
        return True

    def _change(self, feed: Feed, change: Callable[[Feed], Feed]) -> Feed:
        """Store a change of a feed, also after changes by others; return what is stored."""
        latest = [feed]

        def attempt() -> Feed:
            after = change(latest[-1])
            try:
                self.feeds.save(after)
            except WriteConflict:
                latest.append(self.feeds.get(feed.room_id))
                raise
            return after

        return self.retry(attempt)
