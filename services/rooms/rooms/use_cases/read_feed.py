"""Read a room's feed: after a number, or one entry for its publication."""

from collections.abc import Sequence
from dataclasses import dataclass

from matinee.clock import Clock, utc_now
from rooms.domain.errors import FeedEntryNotFound
from rooms.domain.feed import EntryKind, FeedEntry
from rooms.domain.room import require_room
from rooms.ports import FeedReader, RoomRepository


@dataclass(frozen=True, slots=True)
class FeedQuery:
    """Looks up entries for participants."""

    rooms: RoomRepository
    feeds: FeedReader
    now: Clock = utc_now

    def require_participant(self, user_id: str, room_id: str) -> None:
        """Raise RoomNotFound, NotAParticipant unless a user is in a room."""
        require_room(self.rooms.get(room_id)).require_participant(user_id)

    def list(self, user_id: str, room_id: str, after: int, limit: int) -> Sequence[FeedEntry]:
        """Return the entries that follow a number, in order.

        Begins with a RESET where the next one cannot be had: because it has expired, or because
        the feed has no such number. Its number is the one to go on from. Raises RoomNotFound,
        NotAParticipant.
        """
        self.require_participant(user_id, room_id)
        entries = self.feeds.list(room_id, after, limit)
        if entries and entries[0].seq == after + 1:
            return entries
        last = self.feeds.get(room_id).last
        if not entries and after == last:
            return ()
        if after > last:
            entries = self.feeds.list(room_id, 0, limit)
        begin = entries[0].seq - 1 if entries else last
        if begin == after:  # It was appended between the two reads.
            return entries
        reset = FeedEntry(room_id=room_id, kind=EntryKind.RESET, at=self.now(), seq=begin)
        return [reset, *entries]

    def get(self, room_id: str, seq: int) -> FeedEntry:
        """Return one entry; raise FeedEntryNotFound."""
        entry = self.feeds.get_entry(room_id, seq)
        if entry is None:
            raise FeedEntryNotFound
        return entry
