"""The public's quota: its share of the rate to TMDB; rooms and the refresh keep the rest."""

import asyncio
from dataclasses import dataclass

from catalog.domain.deadline import Deadline, Sleep
from catalog.ports import RateLimiter, Reservation

PUBLIC_SHARE = 0.5
"""Of the limit: what all requests without a user may cause together."""

MAX_WAIT_SECONDS = 2.0
"""How long a request waits for the quota; later ones are told to come back."""


@dataclass(frozen=True, slots=True)
class PublicQuota:
    """A `RateLimiter` that first takes slots of a narrower one, the `quota`."""

    quota: RateLimiter
    limiter: RateLimiter
    sleep: Sleep = asyncio.sleep

    async def reserve(self, requests: int, deadline: Deadline) -> Reservation:
        """Reserve slots for as many requests as the quota allows; see the port."""
        wait = Deadline.after(min(MAX_WAIT_SECONDS, deadline.remaining()), deadline.monotonic)
        allowed = await self.quota.reserve(requests, wait)
        await self.sleep(allowed.waits[-1])
        return await self.limiter.reserve(len(allowed.waits), deadline)

    async def pause(self, seconds: float) -> None:
        """Move all slots behind a pause; see the port."""
        await self.limiter.pause(seconds)

    async def record_success(self) -> None:
        """Record a response; see the port."""
        await self.limiter.record_success()

    async def record_failure(self) -> None:
        """Record a failure; see the port."""
        await self.limiter.record_failure()
