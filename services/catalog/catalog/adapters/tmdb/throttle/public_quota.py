"""What the public may ask of TMDB: a share of the rate; rooms and the refresh keep the rest."""

import asyncio
from dataclasses import dataclass

from catalog.domain.deadline import Deadline, Sleep
from catalog.ports import Places, RequestRate

PUBLIC_SHARE = 0.5
"""Of the limit: what everybody who is not signed in may cause, all together."""

PATIENCE = 2.0
"""Seconds that a request waits to be admitted; later ones are told to come back."""


@dataclass(frozen=True, slots=True)
class AdmittedRate:
    """A `RequestRate` behind another one that is narrower."""

    admission: RequestRate
    rate: RequestRate
    sleep: Sleep = asyncio.sleep

    async def reserve(self, requests: int, deadline: Deadline) -> Places:
        """Take places when so many requests have been admitted; see the port."""
        patience = Deadline.after(min(PATIENCE, deadline.remaining()), deadline.monotonic)
        admitted = await self.admission.reserve(requests, patience)
        await self.sleep(admitted.waits[-1])
        return await self.rate.reserve(len(admitted.waits), deadline)

    async def pause(self, seconds: float) -> None:
        """Let nobody have a place for a while; see the port."""
        await self.rate.pause(seconds)

    async def worked(self) -> None:
        """Note an answer; see the port."""
        await self.rate.worked()

    async def failed(self) -> None:
        """Note a failure; see the port."""
        await self.rate.failed()
