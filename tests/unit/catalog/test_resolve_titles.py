"""Which titles rows of other sites' files mean, over the TMDB stand-in, in process."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import httpx
import pytest

from catalog.adapters.tmdb import TmdbClient, TmdbTitles
from catalog.adapters.tmdb.throttle.priority import IMPORT
from catalog.domain import CachedTitle, Facts
from catalog.domain.resolution import Match, Outcome, TitleRef, choose_match, normalize_name
from catalog.use_cases.resolve_titles import Resolutions, ResolveTitles
from matinee.events.envelope import Trace
from matinee.media import MediaType, TitleKey
from tests.unit.catalog.fakes import (
    FakeRateLimiter,
    FakeResponseCache,
    FakeTime,
    a_title,
    seeded,
)
from tools.tmdb.app import create_app
from tools.tmdb.catalogue.builder import CatalogueBuilder

MOVIE, TV = MediaType.MOVIE, MediaType.TV


class StoredTitles:
    """The titles that the catalogue has."""

    def __init__(self, *titles: CachedTitle) -> None:
        self.titles = {title.key: title for title in titles}

    def get(self, key: TitleKey, *, consistent: bool = False) -> CachedTitle | None:  # noqa: ARG002
        return self.titles.get(key)

    def get_many(self, keys: Collection[TitleKey]) -> Mapping[TitleKey, CachedTitle]:
        return {key: self.titles[key] for key in keys if key in self.titles}

    def store(self, titles: Sequence[CachedTitle], trace: Trace) -> None:  # noqa: ARG002
        raise AssertionError


class Catalogue:
    """The use case over a stand-in with some titles."""

    def __init__(self, builder: CatalogueBuilder, *stored: CachedTitle) -> None:
        self.time = FakeTime()
        self.app = create_app(builder.build(), rate_limit=0, clock=self.time.monotonic)
        client = TmdbClient(
            http=httpx.AsyncClient(
                base_url="http://tmdb.test/3", transport=httpx.ASGITransport(self.app)
            ),
            key=self._key,
            limiter=FakeRateLimiter(self.time.now),
            random=seeded(1),
            now=self.time.now,
            sleep=self.time.sleep,
            priority=IMPORT,
        )
        self.titles = ResolveTitles(
            StoredTitles(*stored),
            TmdbTitles(client),
            FakeResponseCache(self.time.now),
            "tmdb.test",
        )

    async def _key(self) -> str:
        return "any"

    async def resolve(self, *refs: TitleRef, seconds: float = 20) -> Resolutions:
        return await self.titles.resolve(refs, self.time.deadline(seconds))

    async def keys(self, *refs: TitleRef) -> list[str]:
        """Return the key that each reference is resolved to, or the outcome."""
        resolved = await self.resolve(*refs)
        return [str(it.title.key) if it.title else it.outcome.value for it in resolved.outcomes]

    @property
    def requests(self) -> int:
        number: int = self.app.state.server.count.snapshot()["requests"]
        return number


def films() -> CatalogueBuilder:
    builder = CatalogueBuilder()
    builder.film("Se7en", id=807, released=date(1995, 9, 22))
    builder.film("Amélie", id=194, original_title="Le Fabuleux Destin", released=date(2001, 4, 25))
    builder.film("Solaris", id=593, released=date(1972, 3, 20))
    builder.film("Solaris", id=2103, released=date(2002, 11, 27))
    builder.show("Chernobyl", id=87108, released=date(2019, 5, 6))
    builder.film("Chernobyl Diaries", id=1, released=date(2012, 5, 1))
    return builder


async def test_an_imdb_id_decides_whatever_the_name() -> None:
    catalogue = Catalogue(films())

    found = await catalogue.keys(
        TitleRef(imdb_id="tt10000807", name="Seven Samurai"), TitleRef(imdb_id="tt20087108")
    )

    assert found == ["movie#807", "tv#87108"]
    assert catalogue.requests == 2


@pytest.mark.parametrize(
    ("name", "year", "key"),
    [
        ("Solaris", 1972, "movie#593"),
        ("solaris", 2002, "movie#2103"),
        ("Solaris", 2003, "movie#2103"),  # years of two sites differ by one
        ("Amelie", 2001, "movie#194"),
        ("Le fabuleux destin", 2001, "movie#194"),
        ("Chernobyl", 2019, "tv#87108"),  # Letterboxd has some series
        ("Solaris", None, "ambiguous"),
        ("Solaris", 1999, "notFound"),
        ("Nothing of this name", 1999, "notFound"),
    ],
)
async def test_a_name_and_year_mean_one_title_or_none(
    name: str, year: int | None, key: str
) -> None:
    assert await Catalogue(films()).keys(TitleRef(name=name, year=year)) == [key]


async def test_suggests_what_an_unclear_name_may_mean() -> None:
    resolved = await Catalogue(films()).resolve(TitleRef(name="Solaris"), TitleRef(name="Chernob"))

    unclear, unknown = resolved.outcomes
    assert {title.id for title in unclear.suggestions} == {593, 2103}
    assert {title.id for title in unknown.suggestions} <= {1, 87108}
    assert unknown.suggestions


async def test_a_stored_title_costs_no_request_and_a_known_answer_neither() -> None:
    stored = CachedTitle(a_title(5, title="Stored"), Facts(), FakeTime().now())
    builder = films()
    catalogue = Catalogue(builder, stored)

    assert await catalogue.keys(TitleRef(key=TitleKey(MOVIE, 5))) == ["movie#5"]
    assert catalogue.requests == 0
    ref = TitleRef(name="Solaris", year=1972)
    assert await catalogue.keys(ref, ref) == ["movie#593"] * 2
    assert catalogue.requests == 1
    assert await catalogue.keys(TitleRef(name="SOLARIS ", year=1972)) == ["movie#593"]
    assert catalogue.requests == 1


async def test_a_key_that_tmdb_no_longer_has_falls_back_to_the_rest() -> None:
    gone = TitleKey(MOVIE, 99)
    catalogue = Catalogue(films())

    found = await catalogue.keys(
        TitleRef(key=gone, imdb_id="tt10000807"),
        TitleRef(key=gone, name="Solaris", year=1972),
        TitleRef(key=gone, media_type=MOVIE),
        TitleRef(key=TitleKey(MOVIE, 807)),
    )

    assert found == ["movie#807", "movie#593", "notFound", "movie#807"]


async def test_what_tmdb_cannot_answer_now_is_unavailable_and_not_remembered() -> None:
    catalogue = Catalogue(films())
    catalogue.app.state.server.faults.change({"down": True})
    ref = TitleRef(imdb_id="tt10000807")

    assert await catalogue.keys(ref) == ["unavailable"]

    catalogue.app.state.server.faults.reset()
    assert await catalogue.keys(ref) == ["movie#807"]


async def test_says_when_to_come_back_after_a_429() -> None:
    catalogue = Catalogue(films())
    catalogue.app.state.server.faults.change(
        {"fail_next": 9, "error_status": 429, "retry_after": 30}
    )

    resolved = await catalogue.resolve(TitleRef(imdb_id="tt10000807"))

    assert [it.outcome for it in resolved.outcomes] == [Outcome.UNAVAILABLE]
    assert resolved.retry_after == 30


async def test_a_title_for_adults_is_not_found() -> None:
    builder = CatalogueBuilder()
    builder.film("Blue", id=3, adult=True)
    catalogue = Catalogue(builder)

    assert (
        await catalogue.keys(
            TitleRef(key=TitleKey(MOVIE, 3)), TitleRef(imdb_id="tt10000003"), TitleRef(name="Blue")
        )
        == ["notFound"] * 3
    )


def test_the_title_that_everybody_means_wins_over_its_namesakes() -> None:
    famous = Match(a_title(1, title="It", release_date="2017-09-06", vote_count=20_000))
    small = Match(a_title(2, title="It", release_date="2017-01-01", vote_count=10))
    ref = TitleRef(name="It", year=2017)

    assert choose_match(ref, [small, famous]).title == famous.title
    rival = Match(a_title(3, title="It", release_date="2017-05-05", vote_count=15_000))
    assert choose_match(ref, [small, famous, rival]).outcome is Outcome.AMBIGUOUS


def test_the_only_title_of_a_year_may_have_another_spelling() -> None:
    only = Match(a_title(1, title="Se7en", release_date="1995-09-22"))

    assert choose_match(TitleRef(name="Seven", year=1995), [only]).title == only.title
    assert choose_match(TitleRef(name="Seven"), [only]).outcome is Outcome.NOT_FOUND
    assert choose_match(TitleRef(name="Up", year=1995), [only]).outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("WALL·E", "wall e"),
        ("Fast & Furious", "Fast and Furious"),
        ("Amélie", "AMELIE"),
        ("千と千尋の神隠し", "千と千尋の神隠し "),
        ("Mission: Impossible", "Mission Impossible"),
        ("?", "?"),
    ],
)
def test_names_are_compared_as_people_write_them(one: str, other: str) -> None:
    assert normalize_name(one) == normalize_name(other)
    assert normalize_name(one)
