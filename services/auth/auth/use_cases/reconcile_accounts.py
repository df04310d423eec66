"""Reconcile accounts: delete who has been deleted in the user pool, and guests after their time.

An app that talks to the pool itself, or an operator, may delete a user without our route. The pool
calls no trigger for that, so the profiles are compared with it by a schedule (docs/adr/0079).
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from auth.domain.account import Account
from auth.domain.errors import DeletionUnfinished
from auth.domain.guest import GUEST_TTL
from auth.ports import Profiles, UserDirectory
from auth.use_cases.delete_account import DeleteAccount
from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count, logger

TIME_BUDGET = timedelta(seconds=30)
"""After which a run ends. The next one begins elsewhere."""

SETTLED_AFTER = timedelta(minutes=2)
"""The age of a profile from which on the pool lists its user for certain."""

MAX_DELETIONS = 50
"""In one run. More at once are a wrong pool rather than people who leave; of guests the others
have their turn in the next run."""


class TooManyMissing(Exception):
    """So many users are missing that the pool is doubted: nobody is deleted any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileAccounts:
    """The use case of the schedule."""

    profiles: Profiles
    directory: UserDirectory
    delete_account: DeleteAccount
    clock: Clock = utc_now
    anywhere: Callable[[], object] = uuid4

    def run(self, trace: Trace) -> int:
        """Delete the accounts of users whom the pool no longer has; return how many.

        Guests whose time is over are deleted besides, however many there are missing.

        Raises TooManyMissing before the first of too many is deleted, and AccountsUnavailable.
        """
        began, missing, over = self.clock(), [], []
        for profile in self.profiles.everybody(str(self.anywhere())):
            now = self.clock()
            if now - began > TIME_BUDGET:
                break
            age, user_id = now - profile.created_at, profile.account.user_id
            if profile.is_guest and age > GUEST_TTL:
                over.append(profile.account)
            elif age > SETTLED_AFTER and self.directory.find_by_id(user_id) is None:
                missing.append(profile.account)
            if len(missing) > MAX_DELETIONS:
                logger.error("too_many_missing", extra={"missing": len(missing)})
                raise TooManyMissing
        for account in missing:
            logger.info("deleted_by_the_pool", extra={"user_id": account.user_id})
            self._delete(account, trace)
        guests = [account for account in over[:MAX_DELETIONS] if not self._becomes_user(account)]
        for account in guests:
            self._delete(account, trace, of_guest=True)
        count("AccountsDeletedByThePool", len(missing))
        count("GuestsDeleted", len(guests))
        return len(missing)

    def _becomes_user(self, account: Account) -> bool:
        """Return whether a guest has verified an address: their next sign-in does the rest."""
        user = self.directory.find_by_id(account.user_id)
        return user is not None and user.has_verified_address

    def _delete(self, account: Account, trace: Trace, *, of_guest: bool = False) -> None:
        with suppress(DeletionUnfinished):  # the sweep does the rest
            self.delete_account.delete(account, trace, of_guest=of_guest)
