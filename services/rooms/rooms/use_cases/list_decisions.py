"""Look up decisions: a room's, those of a user, and one for its notification."""

from collections.abc import Sequence
from dataclasses import dataclass

from rooms.domain.decision import Decision
from rooms.domain.errors import AccountDeleted, DecisionNotFound
from rooms.domain.room import Room
from rooms.ports import DecisionInbox, DecisionRepository


@dataclass(frozen=True, slots=True)
class DecisionQueries:
    """Looks up decisions."""

    decisions: DecisionRepository
    inbox: DecisionInbox

    def get_by_room(self, room: Room) -> Decision | None:
        """Return what a room has decided, if it has."""
        return self.decisions.get(room.id).decision

    def list_by_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Decision]:
        """Return a page of the decisions of the user's rooms, newest first."""
        return self.inbox.list_by_user(user_id, limit, after)

    def get_for_user(self, user_id: str, room_id: str) -> Decision:
        """Return a room's decision to a user who was in the room.

        Raises DecisionNotFound, or AccountDeleted when the user is none of them any more.
        """
        decision = self.decisions.get(room_id).decision
        if decision is None:
            raise DecisionNotFound
        if not self.inbox.has(user_id, decision.decision_id):
            raise AccountDeleted
        return decision
