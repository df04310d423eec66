"""Fetch the details of titles on watchlists, though no list of TMDB shows them.

Who waits for a title wants to know within a day that it can be streamed. Each run takes what is
due, for as long as it has time, in what everybody else leaves of TMDB's rate; where it ends, the
next one goes on: what was looked at says so itself.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import batched

from catalog.domain import CachedTitle, Enrichment
from catalog.ports import TitleRepository, WatchedTitles
from matinee.clock import Clock
from matinee.events.envelope import Trace
from matinee.media import TitleKey
from matinee.observability import count, logger

WATCHED_MAX_AGE = timedelta(hours=20)
"""Below a day: once a day for each title, whatever the hour of the run that finds it due."""

BATCH = 20
"""Titles that are requested and stored together."""

type FetchDetails = Callable[[Sequence[TitleKey]], Enrichment]


@dataclass(frozen=True, slots=True)
class Checked:
    """How many titles a run looked at, and whether it came to the end of what was due."""

    titles: int
    requested: int
    is_complete: bool


@dataclass(frozen=True, slots=True)
class WatchedRefresher:
    """Refreshes titles on watchlists. `shards` is the number of their partitions."""

    fetch: FetchDetails
    titles: TitleRepository
    watched: WatchedTitles
    shards: int
    now: Clock

    def __call__(
        self, has_time: Callable[[], bool], trace: Trace, max_age: timedelta = WATCHED_MAX_AGE
    ) -> Checked:
        """Look at titles that were not looked at for `max_age`, until there is no more time."""
        done = Checked(0, 0, is_complete=True)
        for batch in batched(self._due(max_age), BATCH, strict=False):
            if not has_time():
                done = replace(done, is_complete=False)
                break
            stale = self._stale(batch, max_age)
            enrichment = self._store(stale, trace)
            missing = set(stale) - enrichment.found.keys() - enrichment.gone
            failed = missing if enrichment.fault else set()
            looked_at = [key for key in batch if key not in failed]
            self.watched.mark_checked(looked_at, self.now())
            done = Checked(
                done.titles + len(looked_at), done.requested + len(stale), is_complete=not failed
            )
            if failed:  # TMDB fails, or has no more requests for us: the next run goes on.
                logger.warning("watched_titles_postponed", extra={"titles": len(failed)})
                break
        count("WatchedTitlesChecked", done.titles)
        return done

    def _due(self, max_age: timedelta) -> Iterator[TitleKey]:
        """Yield what is due, beginning with another partition in each hour."""
        now = self.now()
        for offset in range(self.shards):
            yield from self.watched.list_unchecked((now.hour + offset) % self.shards, now - max_age)

    def _stale(self, keys: Sequence[TitleKey], max_age: timedelta) -> Sequence[TitleKey]:
        """Return those that a list's refresh has not fetched meanwhile."""
        cached, since = self.titles.get_many(keys), self.now() - max_age
        return [key for key in keys if key not in cached or cached[key].cached_at <= since]

    def _store(self, keys: Sequence[TitleKey], trace: Trace) -> Enrichment:
        if not keys:
            return Enrichment({})
        enrichment, now = self.fetch(keys), self.now()
        self.titles.store(
            [
                CachedTitle.fetched(details, now)
                for details in enrichment.found.values()
                if not details.title.adult
            ],
            trace,
        )
        return enrichment
