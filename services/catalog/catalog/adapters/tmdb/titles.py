"""TMDB's lists, details and search, for the cache."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.adapters.tmdb.client import TmdbClient
from catalog.adapters.tmdb.requests import GONE, detailed, listed, searched
from catalog.domain import Details, Enrichment, ListKey, MediaType, Page, TitleId
from catalog.domain.deadline import Deadline
from catalog.domain.errors import TmdbUnreadable
from matinee.errors import MatineeError


@dataclass(frozen=True, slots=True)
class TmdbTitles:
    """`TitleSource` and `TitleSearch` from TMDB."""

    client: TmdbClient

    @property
    def requests(self) -> int:
        """How many requests have been sent so far; see the port."""
        return self.client.requests

    async def list_page(self, key: ListKey, page: int, deadline: Deadline) -> Page:
        """Return one page of a list; see the port."""
        [answer] = await self.client.all([listed(key, page)], deadline)
        return answer

    async def search(
        self, media_types: Sequence[MediaType], text: str, page: int, deadline: Deadline
    ) -> Sequence[Page]:
        """Return a page of what a text finds among each media type; see the port."""
        asks = [searched(media_type, text, page) for media_type in media_types]
        return await self.client.all(asks, deadline)

    async def details(self, wanted: Sequence[TitleId], deadline: Deadline) -> Enrichment:
        """Fetch the details of some titles; see the port."""
        outcomes = await self.client.each([detailed(one) for one in wanted], deadline)
        found: dict[TitleId, Details] = {}
        gone: set[TitleId] = set()
        fault: MatineeError | None = None
        for one, outcome in zip(wanted, outcomes, strict=True):
            if isinstance(outcome, Details):
                found[one] = outcome
            elif outcome is GONE:
                gone.add(one)
            elif isinstance(outcome, MatineeError) and not isinstance(outcome, TmdbUnreadable):
                fault = fault or outcome
        return Enrichment(found, frozenset(gone), fault)
