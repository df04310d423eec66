"""The events that rooms consumes: which contracts each consumer reads, and what it does.

| function | contracts | use case |
| --- | --- | --- |
| MatchDetectorFunction | VoteCast, ParticipantJoined, ParticipantLeft | detect_match |
| | RoomClosed | record_refused_titles |
| NotifierFunction | MatchFound, RoomDecided, CrewInvited | notify_match |
| PushSenderFunction | the same, and library's WatchlistTitleAvailable | push_notification |
| EraserFunction | UserDeleted, of auth | erase_user |
| FeedWriterFunction | what feeds tell (`feed_entries`), and VoteCast | write_feed |
"""

from collections.abc import Callable, Mapping
from typing import ClassVar

from pydantic import Field

from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace
from rooms.domain.match import Match
from rooms.domain.push import Notification, PushKind
from rooms.domain.room import DELETED_USER
from rooms.domain.rule import Rule, RuleKind
from rooms.events.feed_entries import feed_entry
from rooms.events.notices import WatchlistTitleAvailable
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
    VoteCast,
)
from rooms.ports import CrewReader
from rooms.use_cases.detect_match import MatchDetector
from rooms.use_cases.erase_user import UserDataEraser
from rooms.use_cases.notify_match import MatchNotifier
from rooms.use_cases.push_notification import DevicePusher
from rooms.use_cases.record_refused_titles import RefusalRecorder
from rooms.use_cases.write_feed import FeedWriter

type Handle = Callable[[Envelope[Contract]], None]
"""Handles one event; raises Unprocessable for one that can never be handled."""


class UserDeleted(Contract):
    """An account was deleted: auth's contract, as far as rooms reads it."""

    source: ClassVar[str] = "matinee.auth"

    user_id: str = Field(min_length=1, description="The Cognito sub of the deleted user.")


CONSUMERS: Mapping[str, tuple[type[Contract], ...]] = {
    "MatchDetectorFunction": (VoteCast, ParticipantJoined, ParticipantLeft, RoomClosed),
    "NotifierFunction": (MatchFound, RoomDecided, CrewInvited),
    "PushSenderFunction": (MatchFound, RoomDecided, CrewInvited, WatchlistTitleAvailable),
    "EraserFunction": (UserDeleted,),
    "FeedWriterFunction": (
        RoomCreated,
        ParticipantJoined,
        ParticipantLeft,
        VoteCast,
        DeckDealt,
        MatchFound,
        TitleProposed,
        RoomDecided,
        RoomExtended,
        RoomClosed,
        CrewInvited,
    ),
}
"""The contracts that each consumer reads, by its function in the template."""


def detect_match(detector: MatchDetector, recorder: RefusalRecorder) -> Handle:
    """Return what the match detector does with an event."""

    def handle(event: Envelope[Contract]) -> None:
        trace = Trace.caused_by(event)
        match event.data:
            case VoteCast() as vote:
                detector.after_vote(vote.room_id, vote.movie_id, vote.tally_version, trace)
            case ParticipantJoined() | ParticipantLeft() as change:
                detector.after_membership_change(change.room_id, change.room_version, trace)
            case RoomClosed() as closed:
                recorder.after_closing(closed.room_id)
            case other:
                raise _unexpected(other, "match detector")

    return handle


def notify_match(notifier: MatchNotifier) -> Handle:
    """Return what the notifier does with an event."""

    def handle(event: Envelope[Contract]) -> None:
        match event.data:
            case MatchFound() as found:
                notifier.notify(_match(found), event.metadata)
            case RoomDecided() as decided:
                notifier.notify_decision(
                    decided.decision_id,
                    decided.room_id,
                    decided.participants,
                    event.metadata.correlation_id,
                )
            case CrewInvited() as invited:
                notifier.notify_invitation(
                    invited.room_id, invited.invited, event.metadata.correlation_id
                )
            case other:
                raise _unexpected(other, "notifier")

    return handle


def push_to_devices(pusher: DevicePusher, crews: CrewReader) -> Handle:
    """Return what the push sender does with an event."""

    def handle(event: Envelope[Contract]) -> None:
        match event.data:
            case WatchlistTitleAvailable() as available:
                notice = available.to_notice()
                pusher.push(notice, [notice.user_id], event.metadata.occurred_at)
                return
            case MatchFound() as found:
                people = found.matched_users
                notification = _notification(PushKind.MATCH, found, found.match_id)
            case RoomDecided() as found:
                people = found.participants
                notification = _notification(PushKind.DECISION, found, found.decision_id)
            case CrewInvited() as invited:
                crew = crews.get(invited.crew_id)
                if crew is None:
                    return  # Everybody has left it, or is deleted.
                people = [user for user in invited.invited if user in crew.members]
                notification = Notification(
                    kind=PushKind.INVITATION,
                    told_id=invited.room_id,
                    room_id=invited.room_id,
                    movie_id=None,
                    media_type=None,
                    title=crew.name,
                    poster_path=None,
                    at=invited.invited_at,
                    crew_id=crew.id,
                )
            case other:
                raise _unexpected(other, "push sender")
        pusher.push(notification, people, event.metadata.occurred_at)

    return handle


def erase_user(eraser: UserDataEraser, requeue: Handle) -> Handle:
    """Return what the eraser does with an event; `requeue` continues a long erasure later."""

    def handle(event: Envelope[Contract]) -> None:
        match event.data:
            case UserDeleted(user_id=user_id) if user_id == DELETED_USER:
                message = "this is no user's id"
                raise Unprocessable(message)
            case UserDeleted(user_id=user_id):
                if not eraser.erase(user_id, Trace.caused_by(event)):
                    requeue(event)
            case other:
                raise _unexpected(other, "eraser")

    return handle


def write_feed(writer: FeedWriter, requeue: Handle) -> Handle:
    """Return what the feed writer does with an event; `requeue` continues a little later."""

    def handle(event: Envelope[Contract]) -> None:
        match event.data:
            case VoteCast() as vote:
                done = writer.append_progress(vote.room_id, vote.user_id, event.metadata)
            case ParticipantJoined() as joined:  # Maybe again, and their votes count again.
                done = writer.append(feed_entry(event), event.metadata)
                done &= writer.append_progress(joined.room_id, joined.user_id, event.metadata)
            case RoomCreated() | DeckDealt() as dealt:
                done = writer.append(feed_entry(event), event.metadata, dealt.candidate_count)
            case _:
                done = writer.append(feed_entry(event), event.metadata)
        if not done:
            requeue(event)

    return handle


def _notification(kind: PushKind, found: MatchFound | RoomDecided, told_id: str) -> Notification:
    return Notification(
        kind=kind,
        told_id=told_id,
        room_id=found.room_id,
        movie_id=found.movie_id,
        media_type=found.media_type,
        title=found.title,
        poster_path=found.poster_path,
        at=found.matched_at if isinstance(found, MatchFound) else found.decided_at,
    )


def _match(found: MatchFound) -> Match:
    return Match(
        match_id=found.match_id,
        room_id=found.room_id,
        movie_id=found.movie_id,
        media_type=found.media_type,
        title=found.title,
        poster_path=found.poster_path,
        matched_users=tuple(found.matched_users),
        at=found.matched_at,
        rule=Rule(found.rule or RuleKind.ALL, found.at_least),
        likes=None if found.likes == len(found.matched_users) else found.likes,
    )


def _unexpected(data: Contract, consumer: str) -> Unprocessable:
    return Unprocessable(f"the {consumer} does not read {data.event_type}")
