"""Recover a request that was carried out although its author does not know: by what it left.

A call of the user pool may be carried out while its response is lost, because a trigger starts cold
or a connection breaks. Then the same request, in this attempt or in its author's next one, would
meet its own result and be refused as another user's (docs/adr/0078).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from auth.domain.errors import AccountsUnavailable, CodeNotSent
from auth.ports import RequestLog
from matinee.clock import Clock, utc_now
from matinee.errors import MatineeError
from matinee.observability import count, logger

CLOCK_SKEW = timedelta(seconds=5)
"""How far the user pool's clock may be behind ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecovery:
    """Carries out requests that must not fail because they have succeeded."""

    requests: RequestLog
    clock: Clock = utc_now

    def carry_out[Result](
        self,
        request: tuple[str, ...],
        act: Callable[[], Result],
        find_result: Callable[[datetime], Result | None],
        refusals: tuple[type[MatineeError], ...],
    ) -> Result:
        """Return what `act` returns, or what an attempt at the same request has left.

        `find_result` returns what was done since a time, None if nothing was. It is asked when the
        response is lost, and when a repeated request meets one of the `refusals`, by which the pool
        may refuse what it has done before. Raises what the two raise.
        """
        began = self.clock()
        earlier = self.requests.begin(*request)
        try:
            return act()
        except MatineeError as error:
            lost = isinstance(error, AccountsUnavailable) and error.response_lost
            refused = isinstance(error, refusals)
            since = earlier or began
            if lost or (refused and earlier):
                result = find_result(since - CLOCK_SKEW)
                if result is not None:
                    logger.info("request_recovered", extra={"request": request[0]})
                    count("RequestRecovered")
                    return result
            if refused or not (earlier or lost or isinstance(error, CodeNotSent)):
                self.requests.forget(*request)
            raise
