"""From what happened in a room to the event that tells it: the one place that knows both."""

from dataclasses import dataclass
from datetime import datetime

from matinee.clock import Clock, utc_now
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace, create_envelope
from matinee.ids import NewId, new_id
from rooms.domain.room import Match, Room, Tally, Vote
from rooms.events.published import (
    MatchFound,
    ParticipantJoined,
    ParticipantLeft,
    RoomCreated,
    VoteCast,
)


@dataclass(frozen=True, slots=True)
class Announcer:
    """Makes the event of each change, within the thread that a request or an event began."""

    now: Clock = utc_now
    new_id: NewId = new_id

    def room_created(self, room: Room, candidates: int, trace: Trace) -> Envelope[Contract]:
        """Tell that a room was opened."""
        data = RoomCreated(
            room_id=room.id,
            host_id=room.host_id,
            media_type=room.media_type,
            genre_ids=list(room.genre_ids),
            candidate_count=candidates,
            min_participants=room.min_participants,
            max_participants=room.max_participants,
            expires_at=room.expires_at,
        )
        return self._envelope(data, room.created_at, trace, f"room-created:{room.id}")

    def joined(self, room: Room, user_id: str, trace: Trace) -> Envelope[Contract]:
        """Tell that a user joined; `room` is as it is with him."""
        data = ParticipantJoined(
            room_id=room.id,
            user_id=user_id,
            participant_count=len(room.participants),
            room_version=room.version,
        )
        return self._envelope(data, self.now(), trace, f"membership:{room.id}:{room.version}")

    def left(self, room: Room, user_id: str, trace: Trace) -> Envelope[Contract]:
        """Tell that a user left; `room` is as it is without him."""
        data = ParticipantLeft(
            room_id=room.id,
            user_id=user_id,
            participant_count=len(room.participants),
            room_version=room.version,
        )
        return self._envelope(data, self.now(), trace, f"membership:{room.id}:{room.version}")

    def vote_cast(self, vote: Vote, tally: Tally, trace: Trace) -> Envelope[Contract]:
        """Tell that a vote changed; `tally` is as it is with it."""
        data = VoteCast(
            room_id=vote.room_id,
            user_id=vote.user_id,
            movie_id=vote.movie_id,
            vote=vote.yes,
            tally_version=tally.version,
        )
        key = f"vote:{vote.room_id}:{vote.movie_id}:{tally.version}"
        return self._envelope(data, vote.at, trace, key)

    def match_found(self, match: Match, trace: Trace) -> Envelope[Contract]:
        """Tell that a room agreed on a film."""
        data = MatchFound(
            match_id=match.match_id,
            room_id=match.room_id,
            movie_id=match.movie_id,
            media_type=match.media_type,
            title=match.title,
            poster_path=match.poster_path,
            matched_users=list(match.matched_users),
            matched_at=match.at,
        )
        return self._envelope(data, match.at, trace, f"match:{match.room_id}:{match.movie_id}")

    def _envelope(
        self, data: Contract, occurred_at: datetime, trace: Trace, key: str
    ) -> Envelope[Contract]:
        return create_envelope(
            data,
            event_id=self.new_id(),
            occurred_at=occurred_at,
            trace=trace,
            idempotency_key=key,
        )
