"""The event factory: the one place that maps a change in a room to its event."""

from collections.abc import Sequence
from dataclasses import dataclass

from matinee.events import factory
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace
from rooms.domain.crew import Invitation
from rooms.domain.decision import Decision, Proposals
from rooms.domain.life import CloseReason
from rooms.domain.match import Match
from rooms.domain.room import DELETED_USER, Movie, Room
from rooms.domain.tally import Tally, Vote
from rooms.events.published import (
    CrewInvited,
    DeckDealt,
    MatchFound,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantRemoved,
    RoomClosed,
    RoomCreated,
    RoomDecided,
    RoomExtended,
    TitleProposed,
    VoteCast,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomEventFactory(factory.EventFactory):
    """Creates the event of each change, within the trace of the request or event behind it."""

    def room_created(self, room: Room, candidates: int, trace: Trace) -> Envelope[Contract]:
        """Create the event of a new room with so many candidates."""
        data = RoomCreated(
            room_id=room.id,
            host_id=room.host_id,
            media_type=room.media_type,
            genre_ids=list(room.genre_ids[:2]),
            further_genre_ids=list(room.genre_ids[2:]) or None,
            candidate_count=candidates,
            min_participants=room.min_participants,
            max_participants=room.max_participants,
            expires_at=room.expires_at,
            media_types=list(room.media_types) if room.both_types else None,
        )
        return self.create(data, room.created_at, trace, f"room-created:{room.id}")

    def deck_dealt(
        self, room: Room, dealt: Sequence[Movie], candidates: int, trace: Trace
    ) -> Envelope[Contract]:
        """Create the event of titles that were dealt; the room now has so many candidates."""
        data = DeckDealt(
            room_id=room.id,
            movie_ids=[movie.id for movie in dealt],
            media_type=dealt[0].media_type,
            candidate_count=candidates,
            media_types=[movie.media_type for movie in dealt] if room.both_types else None,
        )
        return self.create(data, self.now(), trace, f"deck-dealt:{room.id}:{candidates}")

    def participant_joined(self, room: Room, user_id: str, trace: Trace) -> Envelope[Contract]:
        """Create the event of a user who joined; `room` has them."""
        return self._membership(ParticipantJoined, room, user_id, trace)

    def participant_left(
        self, room: Room, user_id: str, trace: Trace, *, removed: bool = False
    ) -> Envelope[Contract]:
        """Create the event of a user who left, or was removed; `room` does not have them."""
        return self._membership(ParticipantLeft, room, user_id, trace, removed=removed or None)

    def participant_removed(self, room: Room, user_id: str, trace: Trace) -> Envelope[Contract]:
        """Create the event of a user whom the host removed; `room` does not have them."""
        data = ParticipantRemoved(
            room_id=room.id,
            user_id=user_id,
            removed_by=room.host_id,
            participant_count=len(room.participants),
            room_version=room.version,
        )
        return self.create(data, self.now(), trace, f"removal:{room.id}:{room.version}")

    def room_extended(self, room: Room, trace: Trace) -> Envelope[Contract]:
        """Create the event of a room that has got a later closing time."""
        data = RoomExtended(room_id=room.id, expires_at=room.expires_at, room_version=room.version)
        return self.create(data, self.now(), trace, f"extension:{room.id}:{room.version}")

    def room_closed(self, room: Room, reason: CloseReason, trace: Trace) -> Envelope[Contract]:
        """Create the event of a room that has closed at its `expires_at`."""
        data = RoomClosed(
            room_id=room.id,
            reason=reason,
            closed_at=room.expires_at,
            participant_count=len(room.participants),
            room_version=room.version,
        )
        return self.create(data, self.now(), trace, f"closing:{room.id}")

    def vote_cast(self, vote: Vote, tally: Tally, trace: Trace) -> Envelope[Contract]:
        """Create the event of a changed vote; `tally` includes it."""
        data = VoteCast(
            room_id=vote.room_id,
            user_id=vote.user_id,
            movie_id=vote.movie_id,
            vote=vote.yes is True,
            tally_version=tally.version,
            withdrawn=True if vote.yes is None else None,
            seen=vote.seen,
            media_type=tally.media_type,
            agreed=tally.agreement is not None,
            title=tally.title if vote.seen else None,
            poster_path=tally.poster_path if vote.seen else None,
        )
        key = f"vote:{vote.room_id}:{vote.movie_id}:{tally.version}"
        return self.create(data, vote.at, trace, key)

    def match_found(self, match: Match, trace: Trace) -> Envelope[Contract]:
        """Create the event of a room's agreement on a title."""
        data = MatchFound(
            match_id=match.match_id,
            room_id=match.room_id,
            movie_id=match.movie_id,
            media_type=match.media_type,
            title=match.title,
            poster_path=match.poster_path,
            matched_users=list(match.matched_users),
            matched_at=match.at,
            rule=match.rule.kind,
            at_least=match.rule.at_least,
            likes=match.likes or len(match.matched_users),
        )
        return self.create(data, match.at, trace, f"match:{match.room_id}:{match.movie_id}")

    def room_decided(self, decision: Decision, room: Room, trace: Trace) -> Envelope[Contract]:
        """Create the event of a decision; `room` has those who are told."""
        data = RoomDecided(
            decision_id=decision.decision_id,
            room_id=decision.room_id,
            movie_id=decision.movie_id,
            media_type=decision.media_type,
            title=decision.title,
            poster_path=decision.poster_path,
            decided_by=decision.by,
            participants=[user for user in room.participants if user != DELETED_USER],
            decided_at=decision.at,
        )
        return self.create(data, decision.at, trace, f"decision:{decision.room_id}")

    def title_proposed(
        self, proposals: Proposals, room: Room, tally: Tally, trace: Trace
    ) -> Envelope[Contract]:
        """Create the event of a proposal; `proposals` have it. It does not say whose it is."""
        data = TitleProposed(
            room_id=room.id,
            movie_id=tally.movie_id,
            media_type=tally.media_type,
            title=tally.title,
            poster_path=tally.poster_path,
            supporters=proposals.count(room, tally.movie_id),
            participant_count=len(room.participants),
            proposals_version=proposals.version,
        )
        key = f"proposal:{room.id}:{proposals.version}"
        return self.create(data, self.now(), trace, key)

    def crew_invited(
        self, invitation: Invitation, host_id: str, invited: Sequence[str], trace: Trace
    ) -> Envelope[Contract]:
        """Create the event of an invitation to those who are invited."""
        data = CrewInvited(
            room_id=invitation.room_id,
            crew_id=invitation.crew_id,
            invited_by=host_id,
            invited=list(invited),
            invited_at=invitation.at,
        )
        return self.create(data, invitation.at, trace, f"invitation:{invitation.room_id}")

    def _membership(
        self,
        contract: type[ParticipantJoined | ParticipantLeft],
        room: Room,
        user_id: str,
        trace: Trace,
        **further: bool | None,
    ) -> Envelope[Contract]:
        data = contract(
            room_id=room.id,
            user_id=user_id,
            participant_count=len(room.participants),
            room_version=room.version,
            **further,
        )
        return self.create(data, self.now(), trace, f"membership:{room.id}:{room.version}")
