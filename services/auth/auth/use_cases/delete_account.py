"""How people go: in steps, of which each may be the last of a process and none can be undone.

    begun      noted in the profile: signing in is refused from here on
    barred     the pool lets the user in no more, and his refresh tokens are void
    erased     profile and username gone, UserDeleted on its way: one commit
    removed    the pool knows nothing of him; the address may open another account
    finished   nothing is left but the id, and that for a month

Whoever is barred before he is erased never signs in to an account without its data. Each step
changes nothing when repeated, so that a deletion goes on from the beginning wherever it ended: by
the user's own next request, or by the sweep, which needs nobody.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from auth.domain.account import Account, Departure
from auth.domain.errors import DeletionUnfinished
from auth.events.factory import Announcer
from auth.ports import Departures, Exit
from auth.use_cases.sign_up import PASSING
from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count, logger

SWEEP_AFTER = timedelta(minutes=1)
"""A deletion younger than this is the business of the request that began it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """The use cases of who goes."""

    departures: Departures
    exit: Exit
    announce: Announcer = field(default_factory=Announcer)
    clock: Clock = utc_now

    def delete(self, account: Account, trace: Trace) -> None:
        """Delete an account; who is gone already stays gone.

        Raises AccountsUnavailable when nothing has begun, and DeletionUnfinished when the rest will
        be done by the sweep.
        """
        departure = self.departures.begin(account, self.clock())
        if departure is None:
            return
        try:
            self._carry_out(departure, trace)
        except PASSING:
            logger.warning("deletion_unfinished", extra={"user_id": account.user_id})
            raise DeletionUnfinished from None

    def sweep(self, trace: Trace) -> int:
        """Finish what was left unfinished; return how many could not be finished now either."""
        left = 0
        for departure in self.departures.unfinished(self.clock() - SWEEP_AFTER):
            try:
                self._carry_out(departure, trace)
            except PASSING:
                left += 1
                logger.warning("deletion_unfinished", extra={"user_id": departure.account.user_id})
        count("DeletionsUnfinished", left)
        return left

    def _carry_out(self, departure: Departure, trace: Trace) -> None:
        account = departure.account
        self.exit.bar(account.known_as)
        if not departure.erased:
            now = self.clock()
            event = self.announce.deleted(account.user_id, now, trace)
            self.departures.erase(departure, now, event)
        self.exit.remove(account.known_as)
        self.departures.finish(departure, self.clock())
        count("UserDeleted")
