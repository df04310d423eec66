"""Stand-ins for the catalog service's ports, and titles to fill them with."""

import asyncio
import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from catalog.adapters.tmdb.throttle.gcra import GRACE, MICROSECONDS, Gcra
from catalog.domain import LAST_PAGE, TITLES_PER_PAGE, DiscoverQuery, Strategy, Title, TitlePage
from catalog.domain.deadline import Deadline
from catalog.domain.errors import TmdbRateLimited
from catalog.ports import CachedPages, CachedResponse, PageRequest, Reservation
from matinee.media import MediaType

type LogLines = Callable[[], list[dict[str, Any]]]
"""Returns what was logged so far, one mapping for each line."""

A_TITLE = Title(
    id=1,
    media_type=MediaType.MOVIE,
    title="The Long Way Home",
    overview="A postman takes the wrong train and stays on it.",
    poster_path="/home.jpg",
    release_date="2019-05-01",
    vote_average=7.1,
    vote_count=420,
    genre_ids=(18,),
    original_language="en",
    adult=False,
)


def a_title(id_: int = 1, *genre_ids: int, **changes: Any) -> Title:  # noqa: ANN401 - any field
    """Return a presentable title with some fields changed."""
    return replace(A_TITLE, id=id_, genre_ids=genre_ids or A_TITLE.genre_ids, **changes)


def titles(number: int, *genre_ids: int, first_id: int = 1, **changes: Any) -> list[Title]:  # noqa: ANN401
    """Return some presentable titles of the same genres."""
    return [a_title(first_id + index, *genre_ids, **changes) for index in range(number)]


def seeded(seed: int) -> Random:
    """Return a random source that a test can repeat."""
    return Random(seed)  # noqa: S311 - a draw of films is no secret


class FakeTmdb:
    """TMDB with a catalogue in its order of popularity. It filters by genre and votes alone."""

    def __init__(self, catalogue: Iterable[Title]) -> None:
        self.catalogue = list(catalogue)
        self._matching: dict[DiscoverQuery, list[Title]] = {}
        self.asked: list[PageRequest] = []
        self.rounds = 0

    async def fetch(
        self, requests: Sequence[PageRequest], deadline: Deadline
    ) -> Sequence[TitlePage]:
        assert deadline.remaining() > 0
        assert requests, "a round without a request"
        self.rounds += 1
        self.asked += requests
        return [self._page(request) for request in requests]

    async def get_cached(self, query: DiscoverQuery) -> CachedPages:  # noqa: ARG002 - nothing is at hand
        return CachedPages({}, {})

    def matching(self, query: DiscoverQuery) -> list[Title]:
        if query not in self._matching:
            self._matching[query] = [title for title in self.catalogue if _fits(title, query)]
        return self._matching[query]

    def asked_twice(self) -> list[PageRequest]:
        return [request for request, times in Counter(self.asked).items() if times > 1]

    def _page(self, request: PageRequest) -> TitlePage:
        found = self.matching(request.query)
        pages = -(-len(found) // TITLES_PER_PAGE)
        assert 1 <= request.page <= LAST_PAGE
        assert request.page == 1 or request.page <= pages, "a page that does not exist"
        start = (request.page - 1) * TITLES_PER_PAGE
        return TitlePage(tuple(found[start : start + TITLES_PER_PAGE]), pages, len(found))


def _fits(title: Title, query: DiscoverQuery) -> bool:
    if title.media_type is not query.media_type or title.vote_count < 50:
        return False
    matches = [genre in title.genre_ids for genre in query.genre_ids]
    match query.strategy:
        case Strategy.AND:
            return all(matches)
        case Strategy.OR:
            return any(matches)
        case Strategy.ANY:
            return True


TURNS = 20
"""So many turns of the event loop are left to those who are awake before time goes on."""


@dataclass
class FakeTime:
    """A clock that moves when somebody sleeps, and only then, for the first to wake."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)
    sleepers: list[tuple[float, int]] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime(2026, 1, 31, 12, tzinfo=UTC) + timedelta(seconds=self.seconds)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        me = (self.seconds + max(0.0, seconds), len(self.slept))
        heapq.heappush(self.sleepers, me)
        try:
            while True:
                for _ in range(TURNS):
                    await asyncio.sleep(0)
                if self.sleepers[0] == me:
                    self.seconds = max(self.seconds, me[0])
                    return
        finally:
            self.sleepers.remove(me)
            heapq.heapify(self.sleepers)

    def deadline(self, seconds: float = 4.5) -> Deadline:
        return Deadline.after(seconds, self.monotonic)


def first_slot(free_at: int, now: int) -> int:
    """Return the first free slot, in microseconds: slots of an idle time are not saved up."""
    return now if free_at < now - GRACE else free_at


class FakeRateLimiter:
    """The shared rate in memory. Without a limit every request may go at once."""

    def __init__(self, now: Callable[[], datetime], requests_per_second: float = 0) -> None:
        self._now = now
        self._pace = Gcra.for_limit(requests_per_second) if requests_per_second else None
        self._free_at = 0
        self.reserved: list[int] = []
        self.pauses: list[float] = []
        self.answered = 0
        self.failures = 0

    async def reserve(self, requests: int, deadline: Deadline) -> Reservation:
        self.reserved.append(requests)
        if self._pace is None:
            return Reservation((0.0,) * requests)
        now = self._microseconds()
        first = first_slot(self._free_at, now)
        waits = self._pace.waits(first, now, requests)
        if not deadline.allows(waits[-1]):
            raise TmdbRateLimited(retry_after=waits[-1])
        self._free_at = first + self._pace.cost(requests)
        return Reservation(tuple(max(0.0, wait) for wait in waits))

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        until = self._microseconds() + int(seconds * MICROSECONDS)
        self._free_at = max(self._free_at, until)

    async def record_success(self) -> None:
        self.answered += 1

    async def record_failure(self) -> None:
        self.failures += 1

    def _microseconds(self) -> int:
        return int(self._now().timestamp() * MICROSECONDS)


class FakeResponseCache:
    """The table of answers in memory."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.kept: dict[tuple[str, int], CachedResponse] = {}
        self.leases: dict[str, datetime] = {}
        self.reads = 0

    def __len__(self) -> int:
        return len(self.kept)

    async def get(self, key: str) -> CachedResponse | None:
        self.reads += 1
        return self.kept.get((key, 1))

    async def get_pages(self, key: str) -> Mapping[int, CachedResponse]:
        self.reads += 1
        return {page: kept for (asked, page), kept in self.kept.items() if asked == key}

    async def put(self, key: str, page: int, body: bytes, ttl: timedelta) -> CachedResponse:
        assert ttl > timedelta(0)
        self.kept[key, page] = CachedResponse(body, self._now())
        self.leases.pop(key, None)
        return self.kept[key, page]

    async def acquire_lease(self, key: str, until: datetime) -> tuple[bool, CachedResponse | None]:
        if self._now() < self.leases.get(key, self._now()):
            return False, None
        self.leases[key] = until
        return True, self.kept.get((key, 1))

    async def release_lease(self, key: str, until: datetime) -> None:
        if self.leases.get(key) == until:
            del self.leases[key]
