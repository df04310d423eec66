"""Look up crews and invitations: those of a user, and one invitation for its notification."""

from collections.abc import Sequence
from dataclasses import dataclass

from rooms.domain.crew import Crew, Invitation
from rooms.domain.errors import InvitationNotFound
from rooms.ports import Accounts, CrewRepository, InvitationInbox


@dataclass(frozen=True, slots=True)
class CrewQueries:
    """Looks up crews and invitations for those whose they are."""

    crews: CrewRepository
    invitations: InvitationInbox
    accounts: Accounts

    def list_by_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Crew]:
        """Return a page of the crews that the user is in, newest first; raise AccountDeleted."""
        found = self.crews.list_by_user(user_id, limit, after)
        if not found:
            self.accounts.require(user_id)
        return found

    def list_invitations(self, user_id: str, limit: int, after: str | None) -> Sequence[Invitation]:
        """Return a page of the user's invitations, newest first."""
        return self.invitations.list_by_user(user_id, limit, after)

    def get_invitation(self, user_id: str, room_id: str) -> Invitation:
        """Return a user's invitation to a room; raise InvitationNotFound, once they are deleted."""
        invitation = self.invitations.get(user_id, room_id)
        if invitation is None:
            raise InvitationNotFound
        return invitation
