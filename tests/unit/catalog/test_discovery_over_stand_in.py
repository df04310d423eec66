"""Discovery over the TMDB stand-in, in process: the client, its retries and the rules together."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

import httpx
import pytest
from starlette.applications import Starlette

from catalog.adapters.tmdb import TmdbClient, TmdbPages
from catalog.adapters.tmdb.discover_page_cache import DiscoverPageCache
from catalog.domain import LANGUAGES, Discovery, RoomCriteria, Strategy
from catalog.domain.deadline import Deadline
from catalog.domain.errors import TmdbKeyRefused, TmdbRateLimited, TmdbUnavailable
from catalog.ports import RateLimiter
from catalog.use_cases.discover_candidates import SmartDiscovery
from matinee.filters import Filters
from matinee.media import MOVIE_GENRES, MediaType
from matinee.text import is_latin
from tests.fakes.clock import seconds_of
from tests.unit.catalog.fakes import FakeRateLimiter, FakeResponseCache, FakeTime, seeded
from tools.tmdb.app import create_app
from tools.tmdb.catalogue import Catalogue, CatalogueBuilder, generate
from tools.tmdb.catalogue import MediaType as StandInType
from tools.tmdb.certifications import at_most
from tools.tmdb.offers import streamed

DRAMA, ANIMATION, WESTERN, DOCUMENTARY, SCI_FI_TV = 18, 16, 37, 99, 10765
PAIR = RoomCriteria(MediaType.MOVIE, (ANIMATION, DRAMA))


class StandIn:
    """A catalogue behind the stand-in, and a discovery that asks it."""

    def __init__(
        self,
        builder: CatalogueBuilder | Catalogue,
        faults: Mapping[str, object] | None = None,
        *,
        key: str = "any",
        rate_limit: float = 0,
    ) -> None:
        self.clock = FakeTime()
        self.catalogue = builder if isinstance(builder, Catalogue) else builder.build()
        self.app: Starlette = create_app(
            self.catalogue, rate_limit=rate_limit, clock=self.clock.monotonic
        )
        self.app.state.server.faults.change(dict(faults or {}))
        self.responses = FakeResponseCache(self.clock.now)
        self._key = key

    async def discover(self, criteria: RoomCriteria = PAIR, *, seed: int = 1) -> Discovery:
        """Discover while the clock moves by what is slept alone; nothing is cached."""
        self.responses = FakeResponseCache(self.clock.now)
        return await self.discover_again(criteria, seed=seed)

    async def discover_again(self, criteria: RoomCriteria = PAIR, *, seed: int = 1) -> Discovery:
        """Discover on another instance, with what others have cached."""
        rate = FakeRateLimiter(self.clock.now)
        discovery = SmartDiscovery(self.page_cache(rate, seed), seeded(seed))
        return await discovery.discover(criteria, self.clock.deadline(4.5))

    def page_cache(self, rate: RateLimiter, seed: int = 1) -> DiscoverPageCache:
        return page_cache(self.pages(rate, seed), self.responses, self.clock)

    def pages(self, rate: RateLimiter, seed: int) -> TmdbPages:
        client = TmdbClient(
            http=httpx.AsyncClient(
                base_url="http://tmdb.test/3", transport=httpx.ASGITransport(self.app)
            ),
            key=self._read_key,
            limiter=rate,
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


GENERATED = StandIn(generate(2_000, 0))


def page_cache(
    pages: TmdbPages, responses: FakeResponseCache, clock: FakeTime
) -> DiscoverPageCache:
    return DiscoverPageCache(pages, responses, "tmdb.test", clock.now, clock.monotonic, 600)


def a_catalogue(
    both: int, one: int = 400, genres: Sequence[int] = (DRAMA, ANIMATION)
) -> CatalogueBuilder:
    builder = CatalogueBuilder()
    first, second = genres
    builder.films(one // 2, genres=(first,))
    builder.films(both, genres=(*genres, 35))
    builder.films(one // 2, genres=(second,))
    return builder


def spoil(builder: CatalogueBuilder, genres: Sequence[int]) -> None:
    """Add titles that no room may see, one for each filter, more popular than all others."""
    builder.film("千と千尋", genres=genres, popularity=9000.0)
    builder.film(genres=genres, popularity=9001.0, language="ja")
    builder.film(genres=genres, popularity=9002.0, has_poster=False)
    builder.film(genres=genres, popularity=9003.0, vote_count=49)
    builder.film(genres=genres, popularity=9004.0, adult=True)
    builder.film(genres=genres, popularity=9005.0, overview="")


@pytest.mark.parametrize("seed", range(10))
async def test_sixty_with_both_genres_give_fifty_of_them(seed: int) -> None:
    tmdb = StandIn(a_catalogue(both=60))

    found = await tmdb.discover(seed=seed)

    assert len({title.id for title in found.candidates}) == 50
    assert all(PAIR.is_met_by(title) for title in found.candidates)
    assert found.strategy is Strategy.AND
    assert tmdb.requests <= 4


@pytest.mark.parametrize("both", [2, 23, 49])
async def test_returns_all_of_a_rare_pair_first_and_fills_up(both: int) -> None:
    builder = a_catalogue(both)
    spoil(builder, (DRAMA, ANIMATION))
    tmdb = StandIn(builder)

    found = await tmdb.discover()

    met = [PAIR.is_met_by(title) for title in found.candidates]
    assert met == [True] * both + [False] * (50 - both)
    assert len({title.id for title in found.candidates}) == 50
    assert all(title.is_presentable() for title in found.candidates)
    assert tmdb.requests <= 6


async def test_a_genre_of_thirty_gives_thirty() -> None:
    builder = a_catalogue(both=30, one=0, genres=(WESTERN, DOCUMENTARY))
    spoil(builder, (WESTERN,))

    found = await StandIn(builder).discover(RoomCriteria(MediaType.MOVIE, (WESTERN,)))

    assert len(found.candidates) == 30


async def test_a_latin_title_with_accents_is_a_candidate() -> None:
    builder = CatalogueBuilder()
    builder.film("Amélie à l'Œuvre", genres=(DRAMA,), language="fr")

    found = await StandIn(builder).discover(RoomCriteria(MediaType.MOVIE, (DRAMA,)))

    assert [title.title for title in found.candidates] == ["Amélie à l'Œuvre"]


async def test_finds_series_by_their_own_genres() -> None:
    builder = CatalogueBuilder()
    builder.films(60, genres=(SCI_FI_TV,))
    for _ in range(55):
        builder.show(genres=(SCI_FI_TV, ANIMATION))

    found = await StandIn(builder).discover(RoomCriteria(MediaType.TV, (ANIMATION, SCI_FI_TV)))

    assert len(found.candidates) == 50
    assert {title.media_type for title in found.candidates} == {MediaType.TV}


FILTERS = [
    Filters(excluded_genre_ids=(27, 10752), year_from=1990, year_to=2015),
    Filters(min_rating=6.5, languages=("fr", "it")),
    Filters(languages=("ja",)),
    Filters(min_runtime=80, max_runtime=110),
    Filters(certification="PG-13", certification_country="US"),
    Filters(provider_ids=(8, 337), provider_country="DE"),
    Filters(max_runtime=100, min_rating=7.0, provider_ids=(9,), provider_country="US"),
    Filters(year_from=1960, year_to=1961, max_runtime=90, languages=("pt",)),
]


def admitted(catalogue: Catalogue, criteria: RoomCriteria) -> dict[int, int]:
    """Return by id what a room may get, and how many of its genres it has: one title at a time."""
    filters, found = criteria.filters, {}
    for title in catalogue.titles_of(StandInType(criteria.media_type)).titles:
        genres = len(set(criteria.genre_ids) & set(title.genres))
        country = filters.provider_country or ""
        keeps = (
            is_latin(title.title)
            and title.overview
            and title.has_poster
            and not title.adult
            and title.vote_count >= 50
            and title.language in (filters.languages or LANGUAGES)
            and not set(filters.excluded_genre_ids) & set(title.genres)
            and _within(getattr(title.released, "year", None), filters.year_from, filters.year_to)
            and _within(title.runtime, filters.min_runtime, filters.max_runtime)
            and title.vote_average >= (filters.min_rating or 0)
            and (not filters.certification or at_most(title, "US", filters.certification))
            and (not country or streamed(title, country) & set(filters.provider_ids))
        )
        if keeps and (genres or not criteria.genre_ids):
            found[title.id] = genres
    return found


def _within(value: int | None, least: int | None, most: int | None) -> bool:
    if least is None and most is None:
        return True
    return value is not None and (least or 0) <= value <= (most or 10_000)


@pytest.mark.parametrize("genres", [(), (18,), (18, 35, 28), tuple(sorted(MOVIE_GENRES))])
@pytest.mark.parametrize("filters", FILTERS, ids=str)
async def test_fifty_that_pass_every_filter_whenever_there_are_fifty(
    genres: tuple[int, ...], filters: Filters
) -> None:
    tmdb, criteria = GENERATED, RoomCriteria(MediaType.MOVIE, genres, filters)
    allowed = admitted(tmdb.catalogue, criteria)
    plain = RoomCriteria(MediaType.MOVIE, genres)
    await tmdb.discover_again(plain)  # What it cached is filtered alike.

    found = [title.id for title in (await tmdb.discover_again(criteria)).candidates]

    assert set(found) <= allowed.keys()
    assert len(set(found)) == len(found) == min(50, len(allowed))
    held = [allowed[id_] for id_ in found]
    every = sum(number == len(genres) for number in allowed.values())
    assert sum(number == len(genres) for number in held) == min(50, every)
    assert held == sorted(held, reverse=True)


@pytest.mark.parametrize("criteria", [PAIR, RoomCriteria(MediaType.MOVIE, (18,), FILTERS[0])])
async def test_what_a_room_has_is_not_found_again(criteria: RoomCriteria) -> None:
    tmdb, dealt = GENERATED, frozenset[int]()
    everything = len(admitted(tmdb.catalogue, criteria))

    while found := (await tmdb.discover_again(replace(criteria, exclude=dealt))).candidates:
        ids = {title.id for title in found}
        assert not ids & dealt
        assert len(ids) == min(50, everything - len(dealt))
        dealt |= ids

    assert dealt == admitted(tmdb.catalogue, criteria).keys()


async def test_the_second_room_of_the_same_filters_needs_no_request() -> None:
    tmdb, criteria = StandIn(generate(2_000, 0)), RoomCriteria(MediaType.MOVIE, (18,), FILTERS[4])
    rooms = [await tmdb.discover_again(criteria, seed=seed) for seed in range(6)]
    before = tmdb.requests

    again = await tmdb.discover_again(criteria, seed=9)

    assert tmdb.requests == before
    assert len(again.candidates) == 50
    assert again.candidates != rooms[0].candidates


async def test_names_the_filter_without_which_there_are_titles() -> None:
    builder = CatalogueBuilder()
    builder.films(5, genres=(WESTERN,), runtime=95, vote_average=5.0)
    builder.films(5, genres=(DRAMA,), runtime=200, vote_average=8.0)
    short, good = Filters(max_runtime=100), Filters(max_runtime=100, min_rating=7.5)
    tmdb = StandIn(builder)

    async def relax(genre: int, filters: Filters) -> tuple[str, ...]:
        criteria = RoomCriteria(MediaType.MOVIE, (genre,), filters)
        return (await tmdb.discover(criteria)).relax

    assert await relax(WESTERN, short) == ()
    assert await relax(WESTERN, good) == ("minRating",)
    assert await relax(DRAMA, good) == ("runtime",)
    assert await relax(DRAMA, short) == ("runtime", "genreIds")
    assert await relax(DOCUMENTARY, replace(good, year_from=2020)) == (
        "years",
        "runtime",
        "minRating",
        "genreIds",
    )


async def test_no_genre_gives_any_fifty() -> None:
    found = await StandIn(a_catalogue(both=100)).discover(RoomCriteria(MediaType.MOVIE))

    assert len(found.candidates) == 50
    assert found.strategy is Strategy.ANY


async def test_survives_one_failed_response_in_ten() -> None:
    tmdb = StandIn(a_catalogue(both=200), {"error_rate": 0.05, "malformed_rate": 0.05})

    for seed in range(40):
        assert len((await tmdb.discover(seed=seed)).candidates) == 50

    assert tmdb.statuses["500"] > 0
    assert tmdb.requests > 40 * 4


async def test_waits_after_a_429_and_returns_fifty() -> None:
    tmdb = StandIn(a_catalogue(both=200), {"fail_next": 3, "error_status": 429, "retry_after": 1})

    assert len((await tmdb.discover()).candidates) == 50
    assert 1 <= tmdb.clock.seconds <= 4.5


async def test_survives_a_lower_limit_of_tmdb() -> None:
    tmdb = StandIn(a_catalogue(both=200), rate_limit=2)

    assert len((await tmdb.discover()).candidates) == 50
    assert tmdb.statuses["429"] > 0


async def test_returns_rate_limited_before_the_deadline() -> None:
    tmdb = StandIn(a_catalogue(both=200), {"error_rate": 1, "error_status": 429, "retry_after": 1})

    with pytest.raises(TmdbRateLimited):
        await tmdb.discover()

    assert tmdb.clock.seconds <= 4.5


@pytest.mark.parametrize("fault", [{"down": True}, {"error_rate": 1}, {"malformed_rate": 1}])
async def test_returns_unavailable_before_the_deadline(
    fault: dict[str, object],
) -> None:
    tmdb = StandIn(a_catalogue(both=200), fault)

    with pytest.raises(TmdbUnavailable):
        await tmdb.discover()

    assert tmdb.clock.seconds <= 4.5


def test_returns_unavailable_at_the_deadline_when_tmdb_hangs() -> None:
    tmdb = StandIn(a_catalogue(both=200), {"hang": True})

    async def discover() -> None:
        pages = tmdb.page_cache(FakeRateLimiter(tmdb.clock.now))
        deadline = Deadline.after(0.3, asyncio.get_running_loop().time)
        with pytest.raises(TmdbUnavailable):
            await SmartDiscovery(pages, seeded(1)).discover(PAIR, deadline)

    assert seconds_of(discover()) == pytest.approx(0.3)


async def test_raises_when_tmdb_refuses_the_key() -> None:
    with pytest.raises(TmdbKeyRefused):
        await StandIn(a_catalogue(both=60), key="invalid").discover()


async def test_concurrent_rooms_of_many_instances_get_no_429() -> None:
    limit, clock = 40, FakeTime()
    rate = FakeRateLimiter(clock.now, requests_per_second=limit)
    app = create_app(a_catalogue(both=400).build(), rate_limit=limit, clock=clock.monotonic)

    async def read_key() -> str:
        return "any"

    async def open_room(seed: int) -> Discovery:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(base_url="http://tmdb.test/3", transport=transport) as http:
            client = TmdbClient(
                http=http,
                key=read_key,
                limiter=rate,
                random=seeded(seed),
                now=clock.now,
                sleep=clock.sleep,
            )
            pages = page_cache(TmdbPages(client), FakeResponseCache(clock.now), clock)
            return await SmartDiscovery(pages, seeded(seed)).discover(PAIR, clock.deadline(4.5))

    rooms = await asyncio.gather(*(open_room(seed) for seed in range(15)))

    assert {len(room.candidates) for room in rooms} == {50}
    seen = app.state.server.count.snapshot()
    assert set(seen["by_status"]) == {"200"}
    assert seen["max_in_one_second"] <= limit
