"""Smart Discovery's pages, from /discover."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.adapters.tmdb.client import TmdbClient
from catalog.adapters.tmdb.requests import discovered
from catalog.domain import Page
from catalog.domain.deadline import Deadline
from catalog.ports import PageRequest


@dataclass(frozen=True, slots=True)
class TmdbPages:
    """`TitlePages` from TMDB."""

    client: TmdbClient

    async def fetch(self, requests: Sequence[PageRequest], deadline: Deadline) -> Sequence[Page]:
        """Fetch pages at the same time; see the port."""
        return await self.client.all([discovered(request) for request in requests], deadline)
