"""Pages kept in an instance's memory for a while: popular tastes ask TMDB for the same ones."""

from collections import OrderedDict
from collections.abc import Sequence

from catalog.deadline import Deadline, Monotonic
from catalog.domain import Page
from catalog.ports import PageRequest, TitlePages

PAGES = 400
"""About 10 MB."""


class RememberedPages:
    """`TitlePages` that asks another one only for what it does not remember.

    `kept_for` is in seconds; 0 remembers nothing.
    """

    def __init__(self, pages: TitlePages, kept_for: float, monotonic: Monotonic) -> None:
        self._pages = pages
        self._kept_for = kept_for
        self._monotonic = monotonic
        self._known: OrderedDict[PageRequest, tuple[float, Page]] = OrderedDict()

    async def fetch(self, requests: Sequence[PageRequest], deadline: Deadline) -> Sequence[Page]:
        """Answer what is remembered, fetch the rest together; see the port."""
        found = {request: page for request in requests if (page := self._recall(request))}
        missing = [request for request in requests if request not in found]
        if missing:
            fetched = await self._pages.fetch(missing, deadline)
            for request, page in zip(missing, fetched, strict=True):
                found[request] = page
                self._remember(request, page)
        return [found[request] for request in requests]

    def _recall(self, request: PageRequest) -> Page | None:
        kept_until, page = self._known.get(request, (0.0, None))
        return page if self._monotonic() < kept_until else None

    def _remember(self, request: PageRequest, page: Page) -> None:
        self._known.pop(request, None)
        self._known[request] = (self._monotonic() + self._kept_for, page)
        while len(self._known) > PAGES:
            self._known.popitem(last=False)
