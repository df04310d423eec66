"""The notifier: every matched user's phones hear of the match, once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from matinee.clock import Clock, utc_now
from matinee.errors import Unavailable
from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract, Envelope, EventMetadata
from matinee.ids import created_at
from matinee.observability import count, logger, measure
from rooms.events.published import MatchFound
from rooms.ports import Phones

type DoOnce = Callable[[str, Callable[[], None]], None]
"""Does something under a key unless it has been done; a failure leaves it to be done again."""

AT_A_TIME = 8
"""Users who are told at the same moment: nobody waits for fifty others."""

BACKLOG = timedelta(hours=1)
"""Older than this is what was redriven or stood still. It says nothing of how fast we are now: one
such notification would ring, and take back a deployment."""


@dataclass(frozen=True, slots=True)
class Notifier:
    """Tells each matched user of a match."""

    phones: Phones
    once: DoOnce
    now: Clock = utc_now

    def handle(self, event: Envelope[Contract]) -> None:
        """Tell everybody who has not been told; one failure does not keep it from the others.

        Raises Unavailable when somebody could not be told: the queue shows the event again.
        """
        match = event.data
        if not isinstance(match, MatchFound):
            message = f"{match.event_type} is none of the notifier's business"
            raise Unprocessable(message)
        with ThreadPoolExecutor(AT_A_TIME) as threads:
            told = threads.map(
                lambda user: self._told(user, match, event.metadata.correlation_id),
                match.matched_users,
            )
        untold = list(told).count(False)
        count("UsersNotified", len(match.matched_users) - untold)
        if untold:
            message = f"{untold} of {len(match.matched_users)} could not be told"
            raise Unavailable(message)
        _measure(event.metadata, self.now())

    def _told(self, user_id: str, match: MatchFound, correlation_id: str) -> bool:
        """Tell one user. Whatever fails fails for this one alone, and is raised for all later."""
        try:
            self.once(
                f"{match.match_id}:{user_id}",
                lambda: self.phones.tell(user_id, match.room_id, match.movie_id, correlation_id),
            )
        except Exception:
            logger.exception("user_not_told", extra={"match_id": match.match_id})
            return False
        return True


def _measure(metadata: EventMetadata, now: datetime) -> None:
    """Note how long everybody has waited since the vote.

    The match was caused by the vote's event, whose identifier carries the moment of the vote. A
    match that no event caused was made with the vote itself.
    """
    voted_at = created_at(metadata.causation_id or "") or metadata.occurred_at
    waited = now - voted_at
    if waited > BACKLOG:
        logger.info("notified_from_backlog", extra={"seconds": round(waited.total_seconds())})
        count("MatchesToldFromBacklog")
        return
    measure("VoteToNotification", max(0.0, waited.total_seconds() * 1000))
