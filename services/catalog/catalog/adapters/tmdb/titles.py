"""TMDB's lists, details, search and lookups by other sites' ids."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from catalog.adapters.tmdb.client import TmdbClient
from catalog.adapters.tmdb.requests import (
    GONE,
    details_request,
    list_request,
    lookup_request,
    search_request,
)
from catalog.domain import Details, Enrichment, ListKey, TitlePage
from catalog.domain.deadline import Deadline
from catalog.domain.errors import TmdbUnreadable
from catalog.domain.resolution import Matches
from catalog.ports import Lookup
from matinee.errors import MatineeError
from matinee.media import MediaType, TitleKey

LOOKUP_FLOWS = 3


@dataclass(frozen=True, slots=True)
class TmdbTitles:
    """`TitleSource`, `TitleSearch` and `TitleFinder` from TMDB."""

    client: TmdbClient

    @property
    def requests(self) -> int:
        """How many requests have been sent so far; see the port."""
        return self.client.requests

    async def list_page(self, key: ListKey, page: int, deadline: Deadline) -> TitlePage:
        """Return one page of a list; see the port."""
        [response] = await self.client.fetch_all([list_request(key, page)], deadline)
        return response

    async def search(
        self, media_types: Sequence[MediaType], text: str, page: int, deadline: Deadline
    ) -> Sequence[TitlePage]:
        """Return a page of results for each media type; see the port."""
        requests = [search_request(media_type, text, page) for media_type in media_types]
        return await self.client.fetch_all(requests, deadline)

    async def find(
        self, lookups: Sequence[Lookup], deadline: Deadline
    ) -> Sequence[Matches | MatineeError]:
        """Look titles up, each with one request; see the port.

        In several flows, so that the rate is used while the last responses of one arrive.
        """
        requests = list(map(lookup_request, lookups))
        flows = [requests[start::LOOKUP_FLOWS] for start in range(LOOKUP_FLOWS)]
        found = await asyncio.gather(*(self.client.fetch_each(flow, deadline) for flow in flows))
        in_turns = zip_longest(*found)  # the first flows may have one more
        return [result for turn in in_turns for result in turn if result is not None]

    async def details(self, wanted: Sequence[TitleKey], deadline: Deadline) -> Enrichment:
        """Fetch the details of some titles; see the port."""
        outcomes = await self.client.fetch_each(list(map(details_request, wanted)), deadline)
        found: dict[TitleKey, Details] = {}
        gone: set[TitleKey] = set()
        fault: MatineeError | None = None
        for key, outcome in zip(wanted, outcomes, strict=True):
            if isinstance(outcome, Details):
                found[key] = outcome
            elif outcome is GONE:
                gone.add(key)
            elif isinstance(outcome, MatineeError) and not isinstance(outcome, TmdbUnreadable):
                fault = fault or outcome
        return Enrichment(found, frozenset(gone), fault)
