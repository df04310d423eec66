"""Single flight: a response that many need at the same time is fetched from TMDB once.

The first caller acquires a lease in the cache that all instances share, for as long as a response
can take; the others wait for the result within their own deadlines. A lease whose owner has crashed
expires.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from catalog.domain.deadline import Deadline, Sleep
from catalog.domain.errors import TmdbUnavailable
from catalog.ports import CachedResponse, Fetch, MaxAge, ResponseCache
from matinee.clock import Clock
from matinee.errors import MatineeError
from matinee.observability import count, logger

LEASE_TTL = timedelta(seconds=6)
"""Longer than the deadline of any caller."""

INITIAL_POLL_SECONDS = 0.05
MAX_POLL_SECONDS = 0.4
"""The bounds of the growing pause between two looks at what another caller is fetching."""


@dataclass(frozen=True, slots=True)
class SingleFlightCache:
    """`SingleFlight` over a `ResponseCache`.

    `stale_ttl` is how long a response may be served, as stale, while TMDB gives no newer one; with
    zero it is served only while it is fresh.
    """

    cache: ResponseCache
    now: Clock
    stale_ttl: timedelta
    sleep: Sleep = asyncio.sleep
    _in_flight: dict[str, asyncio.Task[CachedResponse]] = field(default_factory=dict)

    async def get(
        self, key: str, max_age: MaxAge, fetch: Fetch, deadline: Deadline
    ) -> CachedResponse:
        """Return a response; see the port, and `CachedResponse.fetched_at` for its age."""
        task = self._in_flight.get(key)
        if task is None:
            task = asyncio.ensure_future(self._get(key, max_age, fetch, deadline))
            self._in_flight[key] = task
            task.add_done_callback(lambda _: self._in_flight.pop(key, None))
        return await asyncio.shield(task)

    async def _get(
        self, key: str, max_age: MaxAge, fetch: Fetch, deadline: Deadline
    ) -> CachedResponse:
        pause = INITIAL_POLL_SECONDS
        while True:
            cached = await self.cache.get(key)
            if cached and self._age(cached) >= max(self.stale_ttl, max_age(cached.body)):
                cached = None
            if cached and self._age(cached) < max_age(cached.body):
                count("CachedResponsesServed")
                return cached
            until = self.now() + LEASE_TTL
            acquired, found = await self.cache.acquire_lease(key, until)
            if acquired:
                if found and self._age(found) < max_age(found.body):  # since it was read above
                    await self.cache.release_lease(key, until)
                    return found
                return await self._fetch(key, until, max_age, fetch, cached)
            if cached:
                return cached
            if not deadline.allows(pause):
                raise TmdbUnavailable
            await self.sleep(pause)
            pause = min(MAX_POLL_SECONDS, pause * 2)

    async def _fetch(
        self,
        key: str,
        until: datetime,
        max_age: MaxAge,
        fetch: Fetch,
        cached: CachedResponse | None,
    ) -> CachedResponse:
        try:
            body = await fetch()
        except MatineeError as error:
            await self.cache.release_lease(key, until)
            if cached is None:
                raise
            logger.info("stale_response_served", extra={"code": error.code})
            count("StaleResponsesServed")
            return cached
        except BaseException:
            await self.cache.release_lease(key, until)
            raise
        return await self.cache.put(key, 1, body, max(self.stale_ttl, max_age(body)))

    def _age(self, cached: CachedResponse) -> timedelta:
        return self.now() - cached.fetched_at
