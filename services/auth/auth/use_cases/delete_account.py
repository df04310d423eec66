"""Delete an account in five steps. A process may end after any of them; none can be undone.

    begin      recorded in the profile: sign-ins are refused from here on
    disable    the user pool refuses the user and revokes their refresh tokens
    erase      profile and username deleted, UserDeleted in the outbox: one transaction
    delete     the user pool forgets the user; the address may open another account
    finish     only the id is left, for 30 days

The user is disabled before their data is erased, so nobody signs in to an account without its data.
Each step is idempotent: wherever a deletion ended, it is repeated from the beginning, by the
user's next request or by the scheduled sweep (docs/adr/0010).
"""

from dataclasses import dataclass
from datetime import timedelta

from auth.domain.account import Account, AccountDeletion
from auth.domain.errors import TRANSIENT_ERRORS, DeletionUnfinished
from auth.ports import DeletionLog, EventFactory, UserDirectory
from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count, logger

SWEEP_AFTER = timedelta(minutes=1)
"""A younger deletion is left to the request that began it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteAccount:
    """The use cases of deleting an account."""

    deletions: DeletionLog
    directory: UserDirectory
    events: EventFactory
    clock: Clock = utc_now

    def delete(self, account: Account, trace: Trace, *, of_guest: bool = False) -> None:
        """Delete an account. Idempotent. One `of_guest` is spared once it is that of a user.

        Raises AccountsUnavailable when nothing has begun, and DeletionUnfinished when the sweep
        will do the rest.
        """
        deletion = self.deletions.begin(account, self.clock(), of_guest=of_guest)
        if deletion is None:
            return
        try:
            self._run(deletion, trace)
        except TRANSIENT_ERRORS:
            logger.warning("deletion_unfinished", extra={"user_id": account.user_id})
            raise DeletionUnfinished from None

    def sweep(self, trace: Trace) -> int:
        """Complete the unfinished deletions; return how many could not be completed."""
        left = 0
        for deletion in self.deletions.unfinished(self.clock() - SWEEP_AFTER):
            try:
                self._run(deletion, trace)
            except TRANSIENT_ERRORS:
                left += 1
                logger.warning("deletion_unfinished", extra={"user_id": deletion.account.user_id})
        count("DeletionsUnfinished", left)
        return left

    def _run(self, deletion: AccountDeletion, trace: Trace) -> None:
        account = deletion.account
        self.directory.disable(account.cognito_username)
        if not deletion.erased:
            now = self.clock()
            event = self.events.user_deleted(account.user_id, now, trace)
            self.deletions.erase(deletion, now, event)
        self.directory.delete(account.cognito_username)
        self.deletions.finish(deletion, self.clock())
        count("UserDeleted")
