"""Smart Discovery's pages, from /discover."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.deadline import Deadline
from catalog.domain import Page
from catalog.ports import PageRequest
from catalog.tmdb.client import TmdbClient
from catalog.tmdb.questions import discovered


@dataclass(frozen=True, slots=True)
class TmdbPages:
    """`TitlePages` from TMDB."""

    client: TmdbClient

    async def fetch(self, requests: Sequence[PageRequest], deadline: Deadline) -> Sequence[Page]:
        """Fetch pages at the same time; see the port."""
        return await self.client.all([discovered(request) for request in requests], deadline)
