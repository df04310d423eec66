"""Erase a user's crews and invitations when their account is deleted.

First the crews: whoever starts a room for one of them later does not find the user in it any more,
and invites them no further. Then the invitations that there are.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter

from matinee.erasure import ErasureRun
from matinee.retry import OptimisticRetry
from rooms.domain.crew import Invitation
from rooms.ports import CrewEraser, InvitationInbox
from rooms.use_cases.retry import optimistic_retry

PAGE_SIZE = 25
"""Invitations that are read at a time."""


@dataclass(frozen=True, slots=True)
class UserCrewEraser:
    """Removes deleted users from crews, and deletes their invitations."""

    crews: CrewEraser
    invitations: InvitationInbox
    retry: OptimisticRetry = field(default_factory=optimistic_retry)

    def __call__(self, run: ErasureRun) -> None:
        """Remove the user from their crews, within a run."""
        run.each(self.crews.list_ids_by_user(run.user_id), self._leave)
        run.each(self._invitations(run.user_id), self._delete, key=attrgetter("room_id"))

    def _leave(self, run: ErasureRun, crew_id: str) -> None:
        def attempt() -> None:
            crew = self.crews.get(crew_id)
            if crew and run.user_id in crew.members:
                self.crews.remove_member(run.user_id, crew.without_member(run.user_id))

        self.retry(attempt)

    def _invitations(self, user_id: str) -> Iterator[Invitation]:
        after = None
        while page := self.invitations.list_by_user(user_id, PAGE_SIZE, after):
            yield from page
            after = page[-1].room_id

    def _delete(self, run: ErasureRun, invitation: Invitation) -> None:
        self.retry(lambda: self.invitations.delete(run.user_id, invitation.room_id))
