"""The public catalogue for a function that is called one request at a time."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.api.schemas import ListQuery
from catalog.domain import CachedTitle, ListPage, MediaType, Title, TitleId
from catalog.domain.deadline import Deadline, Monotonic
from catalog.use_cases.browse_media import Media, Served
from matinee.dynamodb.cursor import decode, encode
from matinee.events.envelope import Trace


@dataclass(frozen=True, slots=True)
class Browsing:
    """`Media`, each use within `seconds`.

    One event loop serves all requests of an instance, so that connections to TMDB stay open.
    """

    media: Media
    seconds: float
    runner: asyncio.Runner
    monotonic: Monotonic = time.monotonic

    def part_of_list(self, query: ListQuery) -> tuple[Served[ListPage | None], str | None]:
        """Return a part of a list, and the cursor of the next one.

        Raises InvalidInput naming "cursor" when that is of another list.
        """
        scope = ("media", query.key.name)
        after = decode(scope, query.cursor) if query.cursor else None
        served = self.media.part_of_list(query.key, query.limit, after, query.exclude_ids)
        follows = served.value.after if served.value else None
        return served, encode(scope, follows) if follows else None

    def title(self, wanted: TitleId, trace: Trace) -> Served[CachedTitle]:
        """Return a title; see `Media`."""
        return self.runner.run(self.media.title(wanted, trace, self._deadline()))

    def search(self, text: str, media_types: Sequence[MediaType]) -> Served[Sequence[Title]]:
        """Return what a text finds; see `Media`."""
        return self.runner.run(self.media.search(text, media_types, self._deadline()))

    def _deadline(self) -> Deadline:
        return Deadline.after(self.seconds, self.monotonic)
