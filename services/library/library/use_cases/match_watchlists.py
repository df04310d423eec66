"""Notify those who wait for a title that they can stream it now.

A title may be on a hundred thousand watchlists: each message deals with a part of them. Whatever is
delivered twice makes the same events, with the same ids.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from library.domain.availability import AvailabilityChange
from library.ports import AvailabilityEventFactory, WatcherRepository
from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count, logger

MAX_WATCHERS = 100
"""Of one read: their preferences are one batch."""

MAX_PAGES = 5
"""Of one message: up to 500 watchers, of whom each that is told takes a transaction."""


MAX_AGE = timedelta(days=1)
"""Of a change: what a replay of the bus, or a queue that was repaired late, tells is no news."""


@dataclass(frozen=True, slots=True)
class WatchlistMatcher:
    """Compares a change with the preferences of those on whose watchlist the title is."""

    watchers: WatcherRepository
    events: AvailabilityEventFactory
    now: Clock = utc_now

    def __call__(
        self, change: AvailabilityChange, trace: Trace, after: str | None = None
    ) -> str | None:
        """Notify a part of the watchers, from a position on; return where the next part begins."""
        if not change.is_news:
            return None
        if self.now() - change.changed_at > MAX_AGE:
            count("AvailabilitiesTooOld")
            return None
        read = told = 0
        for _ in range(MAX_PAGES):
            page, after = self.watchers.list_watchers(change.key, after, MAX_WATCHERS)
            read += len(page)
            told += sum(self._tell(page, change, trace))
            if after is None:
                break
        logger.info("watchlists_matched", extra={"read": read, "told": told})
        count("WatchersTold", told)
        return after

    def _tell(
        self, page: Sequence[str], change: AvailabilityChange, trace: Trace
    ) -> Iterator[bool]:
        """Yield for each watcher who can stream it now whether they were told."""
        for user_id, answers in self.watchers.get_answers(page).items():
            if platforms := change.platforms_for(answers):
                notice = change.notice(answers["region"], platforms)
                event = self.events.title_available(user_id, notice, trace)
                yield self.watchers.tell(user_id, notice, event)
