"""Notify matched users of a match, participants of a decision, and whoever is invited, once."""

from collections.abc import Callable, Sequence
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
    """Publishes a match, a decision or an invitation to each user it is for.

    Users who have been notified are left out, and a failure does not stop the others. Raises
    Unavailable when somebody could not be notified: the queue delivers the event again.
    """

    publisher: MatchPublisher
    once: Idempotently
    now: Clock = utc_now
    threads: Executor = field(
        default_factory=lambda: ThreadPoolExecutor(MAX_PARALLEL_NOTIFICATIONS)
    )

    def notify(self, match: Match, metadata: EventMetadata) -> None:
        """Notify every matched user of a match."""
        self._notify_all(
            match.match_id,
            match.matched_users,
            lambda user: self.publisher.publish(
                user, match.room_id, match.movie_id, metadata.correlation_id
            ),
            metric="UsersNotified",
        )
        _measure(metadata, self.now())

    def notify_decision(
        self, decision_id: str, room_id: str, users: Sequence[str], correlation_id: str
    ) -> None:
        """Notify everybody who was in a room of its decision."""
        self._notify_all(
            decision_id,
            users,
            lambda user: self.publisher.publish_decision(user, room_id, correlation_id),
            metric="UsersToldOfDecisions",
        )

    def notify_invitation(self, room_id: str, users: Sequence[str], correlation_id: str) -> None:
        """Notify everybody who is invited to a room."""
        self._notify_all(
            room_id,
            users,
            lambda user: self.publisher.publish_invitation(user, room_id, correlation_id),
            metric="UsersToldOfInvitations",
        )

    def _notify_all(
        self, told_id: str, users: Sequence[str], publish: Callable[[str], None], metric: str
    ) -> None:
        results = self.threads.map(lambda user: self._notify(told_id, user, publish), users)
        failed = list(results).count(False)
        count(metric, len(users) - failed)
        if failed:
            message = f"{failed} of {len(users)} users could not be notified"
            raise Unavailable(message)

    def _notify(self, told_id: str, user_id: str, publish: Callable[[str], None]) -> bool:
        """Return whether a user is notified. Errors are logged; the caller raises one for all."""
        try:
            self.once(f"{told_id}:{user_id}", lambda: publish(user_id))
        except Exception:
            logger.exception("user_not_notified", extra={"told_id": told_id})
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
