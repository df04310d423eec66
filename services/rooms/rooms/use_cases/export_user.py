"""Export what is stored of a user: rooms with votes, matches, decisions, devices, crews."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rooms.domain.crew import Crew, Invitation
from rooms.domain.decision import Decision
from rooms.domain.device import Device
from rooms.domain.feed import FeedEntry
from rooms.domain.match import Match
from rooms.domain.presence import Presence
from rooms.domain.room import Room
from rooms.domain.tally import Vote
from rooms.ports import (
    Accounts,
    CrewRepository,
    DecisionInbox,
    DecisionRepository,
    DeviceRepository,
    FeedEraser,
    InvitationInbox,
    MatchReader,
    PresenceRepository,
    RoomHistory,
    RoomRepository,
    VoteReader,
)

MAX_ROOMS_PER_PART = 20
"""At most 4,000 votes and some more entries of feeds: some 2 of the 6 MB of a response."""

MAX_MATCHES_PER_PART = 100
"""And as many decisions."""

MAX_CREWS_PER_PART = 100
"""And as many invitations: DynamoDB returns no more crews at once."""

ROOMS, MATCHES, DECISIONS = "rooms", "matches", "decisions"


@dataclass(frozen=True, slots=True)
class ExportedRoom:
    """A room that the user is or was in, and what is stored of them there."""

    room: Room
    votes: Sequence[Vote]
    proposal: int | None
    presence: Presence
    entries: Sequence[FeedEntry]


@dataclass(frozen=True, slots=True)
class UserDataPart:
    """A part of an export; the last one has no `next`."""

    rooms: Sequence[ExportedRoom] = ()
    matches: Sequence[Match] = ()
    decisions: Sequence[Decision] = ()
    devices: Sequence[Device] = ()
    crews: Sequence[Crew] = ()
    invitations: Sequence[Invitation] = ()
    next: str | None = None


@dataclass(frozen=True, slots=True)
class UserDataExporter:
    """Exports a user's rooms, votes, matches and decisions to themselves, part by part.

    The first part has their devices, crews and invitations, too, which are few.
    """

    rooms: RoomRepository
    votes: VoteReader
    matches: MatchReader
    proposals: DecisionRepository
    decisions: DecisionInbox
    history: RoomHistory
    accounts: Accounts
    devices: DeviceRepository
    presence: PresenceRepository
    feeds: FeedEraser
    crews: CrewRepository
    invitations: InvitationInbox

    def __call__(self, user_id: str, cursor: str | None) -> UserDataPart:
        """Return the first part, or the one at a cursor. Raises AccountDeleted."""
        kind, _, after = (cursor or f"{ROOMS}:").partition(":")
        if kind == ROOMS:
            self.accounts.require(user_id)
            part = self._rooms(user_id, after or None)
            return part if after else self._with_few(part, user_id)
        if kind == MATCHES:
            return self._matches(user_id, after or None)
        return self._decisions(user_id, after or None)

    def _rooms(self, user_id: str, after: str | None) -> UserDataPart:
        ids = self.history.list_by_user(user_id, MAX_ROOMS_PER_PART, after)
        rooms = [
            ExportedRoom(
                room,
                self.votes.list_by_user(room.id, user_id),
                self.proposals.get(room.id).of_users.get(user_id),
                self.presence.find(room.id, [user_id]).get(user_id, Presence()),
                [*self.feeds.list_by_user(room.id, user_id)],
            )
            for room in map(self.rooms.get, ids)
            if room
        ]
        is_full = len(ids) == MAX_ROOMS_PER_PART
        return UserDataPart(rooms=rooms, next=f"{ROOMS}:{ids[-1]}" if is_full else f"{MATCHES}:")

    def _with_few(self, part: UserDataPart, user_id: str) -> UserDataPart:
        return replace(
            part,
            devices=self.devices.list_by_user(user_id),
            crews=self.crews.list_by_user(user_id, MAX_CREWS_PER_PART, None),
            invitations=self.invitations.list_by_user(user_id, MAX_CREWS_PER_PART, None),
        )

    def _matches(self, user_id: str, after: str | None) -> UserDataPart:
        found = self.matches.list_by_user(user_id, MAX_MATCHES_PER_PART, after)
        is_full = len(found) == MAX_MATCHES_PER_PART
        return UserDataPart(
            matches=found, next=f"{MATCHES}:{found[-1].match_id}" if is_full else f"{DECISIONS}:"
        )

    def _decisions(self, user_id: str, after: str | None) -> UserDataPart:
        found = self.decisions.list_by_user(user_id, MAX_MATCHES_PER_PART, after)
        is_full = len(found) == MAX_MATCHES_PER_PART
        return UserDataPart(
            decisions=found, next=f"{DECISIONS}:{found[-1].decision_id}" if is_full else None
        )
