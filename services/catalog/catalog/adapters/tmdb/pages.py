"""Smart Discovery's pages, from TMDB's /discover."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.adapters.tmdb.client import TmdbClient
from catalog.adapters.tmdb.requests import discover_request
from catalog.domain import TitlePage
from catalog.domain.deadline import Deadline
from catalog.ports import PageRequest


@dataclass(frozen=True, slots=True)
class TmdbPages:
    """`DiscoverPageSource` from TMDB."""

    client: TmdbClient

    async def fetch(
        self, requests: Sequence[PageRequest], deadline: Deadline
    ) -> Sequence[TitlePage]:
        """Fetch pages concurrently; see the port."""
        return await self.client.fetch_all(map(discover_request, requests), deadline)
