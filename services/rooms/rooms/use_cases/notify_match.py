"""Notify each matched user of a match, once."""

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from matinee.clock import Clock, utc_now
from matinee.errors import Unavailable
from matinee.events.contract import EventMetadata
from matinee.ids import created_at
from matinee.observability import count, logger, measure
from rooms.domain.match import Match
from rooms.ports import Idempotently, MatchPublisher

MAX_PARALLEL_NOTIFICATIONS = 8
"""So that nobody waits for fifty others."""

BACKLOG_AGE = timedelta(hours=1)
"""An event older than this was redriven or waited for a repair. Its age is no measure of the
present latency: one such notification would raise an alarm, and roll back a deployment."""


@dataclass(frozen=True, slots=True)
class MatchNotifier:
    """Publishes a match to each matched user."""

    publisher: MatchPublisher
    once: Idempotently
    now: Clock = utc_now
    threads: Executor = field(
        default_factory=lambda: ThreadPoolExecutor(MAX_PARALLEL_NOTIFICATIONS)
    )

    def notify(self, match: Match, metadata: EventMetadata) -> None:
        """Notify every matched user who has not been notified; a failure does not stop the others.

        Raises Unavailable when somebody could not be notified: the queue delivers the event again.
        """
        results = self.threads.map(
            lambda user: self._notify(user, match, metadata.correlation_id), match.matched_users
        )
        failed = list(results).count(False)
        count("UsersNotified", len(match.matched_users) - failed)
        if failed:
            message = f"{failed} of {len(match.matched_users)} users could not be notified"
            raise Unavailable(message)
        _measure(metadata, self.now())

    def _notify(self, user_id: str, match: Match, correlation_id: str) -> bool:
        """Return whether a user is notified. Errors are logged; `notify` raises one for all."""
        try:
            self.once(
                f"{match.match_id}:{user_id}",
                lambda: self.publisher.publish(
                    user_id, match.room_id, match.movie_id, correlation_id
                ),
            )
        except Exception:
            logger.exception("user_not_notified", extra={"match_id": match.match_id})
            return False
        return True


def _measure(metadata: EventMetadata, now: datetime) -> None:
    """Record how long the users have waited since the vote.

    The match was caused by the vote's event, whose identifier carries the time of the vote. A match
    that no event caused was recorded together with the vote or the change of membership itself.
    """
    voted_at = created_at(metadata.causation_id or "") or metadata.occurred_at
    waited = now - voted_at
    if waited > BACKLOG_AGE:
        logger.info("notified_from_backlog", extra={"seconds": round(waited.total_seconds())})
        count("MatchesNotifiedFromBacklog")
        return
    measure("VoteToNotification", max(0.0, waited.total_seconds() * 1000))
