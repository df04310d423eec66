"""Discovery over the TMDB stand-in, in process: the client, its retries and the rules together."""

import asyncio
import time
from collections.abc import Mapping, Sequence

import httpx
import pytest
from starlette.applications import Starlette

from catalog.deadline import Deadline
from catalog.domain import Discovery, MediaType, Strategy, Taste
from catalog.errors import TmdbKeyRefused, TmdbRateLimited, TmdbUnavailable
from catalog.ports import RequestRate
from catalog.service import SmartDiscovery
from catalog.shelves import SharedShelves
from catalog.tmdb import TmdbClient, TmdbPages
from matinee.clock import utc_now
from tests.unit.catalog.fakes import FakeAnswers, FakeRate, FakeTime, seeded
from tools.tmdb.app import create_app
from tools.tmdb.catalogue.builder import CatalogueBuilder

DRAMA, ANIMATION, WESTERN, DOCUMENTARY, SCI_FI_TV = 18, 16, 37, 99, 10765
PAIR = Taste(MediaType.MOVIE, (ANIMATION, DRAMA))


class StandIn:
    """A catalogue behind the stand-in, and a discovery that asks it."""

    def __init__(
        self,
        shelf: CatalogueBuilder,
        faults: Mapping[str, object] | None = None,
        *,
        key: str = "any",
        rate_limit: float = 0,
    ) -> None:
        self.clock = FakeTime()
        self.app: Starlette = create_app(
            shelf.build(), rate_limit=rate_limit, clock=self.clock.monotonic
        )
        self.app.state.server.faults.change(dict(faults or {}))
        self.answers = FakeAnswers(self.clock.now)
        self._key = key

    async def discover(self, taste: Taste = PAIR, *, seed: int = 1) -> Discovery:
        """Discover while the clock moves by what is slept alone; nothing is at hand."""
        self.answers = FakeAnswers(self.clock.now)
        return await self.discover_again(taste, seed=seed)

    async def discover_again(self, taste: Taste = PAIR, *, seed: int = 1) -> Discovery:
        """Discover on another instance, with what others have asked at hand."""
        rate = FakeRate(self.clock.now)
        discovery = SmartDiscovery(self.shelves(rate, seed), seeded(seed))
        return await discovery.discover(taste, self.clock.deadline(4.5))

    def shelves(self, rate: RequestRate, seed: int = 1) -> SharedShelves:
        return shelves(self.pages(rate, seed), self.answers, self.clock)

    def pages(self, rate: RequestRate, seed: int) -> TmdbPages:
        client = TmdbClient(
            http=httpx.AsyncClient(
                base_url="http://tmdb.test/3", transport=httpx.ASGITransport(self.app)
            ),
            key=self._read_key,
            rate=rate,
            random=seeded(seed),
            now=self.clock.now,
            sleep=self.clock.sleep,
        )
        return TmdbPages(client)

    async def _read_key(self) -> str:
        return self._key

    @property
    def requests(self) -> int:
        number: int = self.app.state.server.count.snapshot()["requests"]
        return number

    @property
    def statuses(self) -> dict[str, int]:
        return dict(self.app.state.server.count.snapshot()["by_status"])


def shelves(pages: TmdbPages, answers: FakeAnswers, clock: FakeTime) -> SharedShelves:
    return SharedShelves(pages, answers, "tmdb.test", clock.now, clock.monotonic, 600)


def a_shelf(
    both: int, one: int = 400, genres: Sequence[int] = (DRAMA, ANIMATION)
) -> CatalogueBuilder:
    shelf = CatalogueBuilder()
    first, second = genres
    shelf.films(one // 2, genres=(first,))
    shelf.films(both, genres=(*genres, 35))
    shelf.films(one // 2, genres=(second,))
    return shelf


def spoil(shelf: CatalogueBuilder, genres: Sequence[int]) -> None:
    """Add titles that no room may see, one for each filter, more popular than all others."""
    shelf.film("千と千尋", genres=genres, popularity=9000.0)
    shelf.film(genres=genres, popularity=9001.0, language="ja")
    shelf.film(genres=genres, popularity=9002.0, has_poster=False)
    shelf.film(genres=genres, popularity=9003.0, vote_count=49)
    shelf.film(genres=genres, popularity=9004.0, adult=True)
    shelf.film(genres=genres, popularity=9005.0, overview="")


@pytest.mark.parametrize("seed", range(10))
async def test_exactly_sixty_with_both_genres_give_fifty_of_them(seed: int) -> None:
    tmdb = StandIn(a_shelf(both=60))

    found = await tmdb.discover(seed=seed)

    assert len({title.id for title in found.candidates}) == 50
    assert all(PAIR.is_met_by(title) for title in found.candidates)
    assert found.strategy is Strategy.AND
    assert tmdb.requests <= 4


@pytest.mark.parametrize("both", [2, 23, 49])
async def test_a_rare_pair_comes_whole_and_first_and_is_filled_up(both: int) -> None:
    shelf = a_shelf(both)
    spoil(shelf, (DRAMA, ANIMATION))
    tmdb = StandIn(shelf)

    found = await tmdb.discover()

    met = [PAIR.is_met_by(title) for title in found.candidates]
    assert met == [True] * both + [False] * (50 - both)
    assert len({title.id for title in found.candidates}) == 50
    assert all(title.is_presentable() for title in found.candidates)
    assert tmdb.requests <= 6


async def test_a_genre_of_thirty_gives_thirty() -> None:
    shelf = a_shelf(both=30, one=0, genres=(WESTERN, DOCUMENTARY))
    spoil(shelf, (WESTERN,))

    found = await StandIn(shelf).discover(Taste(MediaType.MOVIE, (WESTERN,)))

    assert len(found.candidates) == 30


async def test_a_title_in_latin_script_with_accents_is_a_candidate() -> None:
    shelf = CatalogueBuilder()
    shelf.film("Amélie à l'Œuvre", genres=(DRAMA,), language="fr")

    found = await StandIn(shelf).discover(Taste(MediaType.MOVIE, (DRAMA,)))

    assert [title.title for title in found.candidates] == ["Amélie à l'Œuvre"]


async def test_series_are_found_by_their_own_genres() -> None:
    shelf = CatalogueBuilder()
    shelf.films(60, genres=(SCI_FI_TV,))
    for _ in range(55):
        shelf.show(genres=(SCI_FI_TV, ANIMATION))

    found = await StandIn(shelf).discover(Taste(MediaType.TV, (ANIMATION, SCI_FI_TV)))

    assert len(found.candidates) == 50
    assert {title.media_type for title in found.candidates} == {MediaType.TV}


async def test_no_genre_gives_any_fifty() -> None:
    found = await StandIn(a_shelf(both=100)).discover(Taste(MediaType.MOVIE))

    assert len(found.candidates) == 50
    assert found.strategy is Strategy.ANY


async def test_one_answer_in_ten_failing_or_cut_short_changes_nothing() -> None:
    tmdb = StandIn(a_shelf(both=200), {"error_rate": 0.05, "malformed_rate": 0.05})

    for seed in range(40):
        assert len((await tmdb.discover(seed=seed)).candidates) == 50

    assert tmdb.statuses["500"] > 0
    assert tmdb.requests > 40 * 4


async def test_a_429_is_waited_for_and_the_room_gets_its_fifty() -> None:
    tmdb = StandIn(a_shelf(both=200), {"fail_next": 3, "error_status": 429, "retry_after": 1})

    assert len((await tmdb.discover()).candidates) == 50
    assert 1 <= tmdb.clock.seconds <= 4.5


async def test_a_limit_that_tmdb_keeps_and_we_do_not_know_is_survived() -> None:
    tmdb = StandIn(a_shelf(both=200), rate_limit=2)

    assert len((await tmdb.discover()).candidates) == 50
    assert tmdb.statuses["429"] > 0


async def test_a_tmdb_that_only_says_429_is_a_typed_error_before_the_deadline() -> None:
    tmdb = StandIn(a_shelf(both=200), {"error_rate": 1, "error_status": 429, "retry_after": 1})

    with pytest.raises(TmdbRateLimited):
        await tmdb.discover()

    assert tmdb.clock.seconds <= 4.5


@pytest.mark.parametrize("fault", [{"down": True}, {"error_rate": 1}, {"malformed_rate": 1}])
async def test_a_tmdb_that_is_down_is_a_typed_error_before_the_deadline(
    fault: dict[str, object],
) -> None:
    tmdb = StandIn(a_shelf(both=200), fault)

    with pytest.raises(TmdbUnavailable):
        await tmdb.discover()

    assert tmdb.clock.seconds <= 4.5


async def test_a_tmdb_that_hangs_is_a_typed_error_at_the_deadline() -> None:
    tmdb = StandIn(a_shelf(both=200), {"hang": True})
    began = time.monotonic()

    with pytest.raises(TmdbUnavailable):
        await SmartDiscovery(tmdb.shelves(FakeRate(utc_now)), seeded(1)).discover(
            PAIR, Deadline.after(0.3, time.monotonic)
        )

    assert time.monotonic() - began < 1


async def test_a_key_that_tmdb_does_not_know_is_refused() -> None:
    with pytest.raises(TmdbKeyRefused):
        await StandIn(a_shelf(both=60), key="invalid").discover()


async def test_rooms_opened_at_once_by_many_instances_never_hear_a_429() -> None:
    limit = 40
    rate = FakeRate(utc_now, requests_per_second=limit)
    app = create_app(a_shelf(both=400).build(), rate_limit=limit)

    async def read_key() -> str:
        return "any"

    async def open_room(seed: int) -> Discovery:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(base_url="http://tmdb.test/3", transport=transport) as http:
            client = TmdbClient(
                http=http, key=read_key, rate=rate, random=seeded(seed), now=utc_now
            )
            pages = TmdbPages(client)
            deadline = Deadline.after(4.5, time.monotonic)
            nothing = FakeAnswers(utc_now)
            discovery = SmartDiscovery(shelves(pages, nothing, FakeTime()), seeded(seed))
            return await discovery.discover(PAIR, deadline)

    rooms = await asyncio.gather(*(open_room(seed) for seed in range(15)))

    assert {len(room.candidates) for room in rooms} == {50}
    seen = app.state.server.count.snapshot()
    assert set(seen["by_status"]) == {"200"}
    assert seen["max_in_one_second"] <= limit
