"""What a room's feed tells of each event."""

from typing import Any

from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract, Envelope
from rooms.domain.feed import EntryKind, FeedEntry
from rooms.events.published import (
    CrewInvited,
    DeckDealt,
    MatchFound,
    ParticipantJoined,
    ParticipantLeft,
    RoomClosed,
    RoomCreated,
    RoomDecided,
    RoomExtended,
    TitleProposed,
)

FIRST_ROOM_VERSION = 1


def feed_entry(event: Envelope[Contract]) -> FeedEntry:
    """Return the entry of an event, without a number; raise Unprocessable where there is none."""
    details: dict[str, Any]
    match event.data:
        case RoomCreated() | ParticipantJoined() | ParticipantLeft() as data:
            details = _membership(data)
        case MatchFound() | TitleProposed() | RoomDecided() as data:
            details = _title(data)
        case DeckDealt() as data:
            details = {"kind": EntryKind.DEALT, "candidates": data.candidate_count}
        case CrewInvited() as data:
            details = {"kind": EntryKind.INVITED, "participants": len(data.invited)}
        case RoomExtended() as data:
            closing = {"closes_at": data.expires_at, "room_version": data.room_version}
            details = {"kind": EntryKind.EXTENDED, **closing}
        case RoomClosed() as data:
            closed = {"reason": data.reason, "room_version": data.room_version}
            details = {"kind": EntryKind.CLOSED, **closed}
        case other:
            message = f"no feed tells {other.event_type}"
            raise Unprocessable(message)
    return FeedEntry(room_id=data.room_id, at=event.metadata.occurred_at, **details)


def _membership(data: RoomCreated | ParticipantJoined | ParticipantLeft) -> dict[str, Any]:
    match data:
        case RoomCreated():
            kind, user_id, version = EntryKind.JOINED, data.host_id, FIRST_ROOM_VERSION
        case ParticipantJoined():
            kind, user_id, version = EntryKind.JOINED, data.user_id, data.room_version
        case ParticipantLeft():
            kind = EntryKind.REMOVED if data.removed else EntryKind.LEFT
            user_id, version = data.user_id, data.room_version
    return {"kind": kind, "user_id": user_id, "room_version": version}


def _title(data: MatchFound | TitleProposed | RoomDecided) -> dict[str, Any]:
    details: dict[str, Any]
    match data:
        case MatchFound():
            likes = data.likes or len(data.matched_users)
            details = {"kind": EntryKind.MATCH, "likes": likes}
        case TitleProposed():
            counts = {"supporters": data.supporters, "participants": data.participant_count}
            details = {"kind": EntryKind.PROPOSED, **counts}
        case RoomDecided():
            details = {"kind": EntryKind.DECIDED, "by": data.decided_by}
    return details | {
        "movie_id": data.movie_id,
        "media_type": data.media_type,
        "title": data.title,
        "poster_path": data.poster_path,
    }
