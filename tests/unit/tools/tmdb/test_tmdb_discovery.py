from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.tools.tmdb.connecting import Connect
from tools.tmdb.catalogue import CatalogueBuilder, MediaType, Title, generate
from tools.tmdb.catalogue.collection import TitleCollection
from tools.tmdb.certifications import certification
from tools.tmdb.discovery import discover
from tools.tmdb.offers import watch_providers
from tools.tmdb.parameters import Parameters

_GENRES = [18, 28, 35, 53, 80, 10749]


@cache
def _small() -> TitleCollection:
    return generate(400, 0, seed=3).movies


def _ids(page: dict[str, Any]) -> list[int]:
    return [row["id"] for row in page["results"]]


async def test_a_comma_is_and_with_exactly_60_results(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.films(60, genres=(18, 16))
    builder.films(200, genres=(18,))
    builder.films(100, genres=(16, 35))
    client = connect(builder.build())

    pages = [
        (await client.get("/3/discover/movie", params={"with_genres": "18,16", "page": n})).json()
        for n in (1, 2, 3, 4)
    ]

    assert {page["total_results"] for page in pages} == {60}
    assert {page["total_pages"] for page in pages} == {3}
    assert [len(page["results"]) for page in pages] == [20, 20, 20, 0]
    assert len({title_id for page in pages for title_id in _ids(page)}) == 60


async def test_a_comma_is_and_with_exactly_23_results_and_a_pipe_is_or(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.films(23, genres=(18, 16))
    builder.films(40, genres=(18,))
    builder.films(30, genres=(16,))
    builder.films(10, genres=(35,))
    client = connect(builder.build())

    both = (await client.get("/3/discover/movie", params={"with_genres": "18,16"})).json()
    either = (await client.get("/3/discover/movie", params={"with_genres": "18|16"})).json()

    assert both["total_results"] == 23
    assert either["total_results"] == 93


async def test_a_genre_of_30_films_has_30(connect: Connect, builder: CatalogueBuilder) -> None:
    builder.films(30, genres=(37,))
    builder.films(500, genres=(18,))

    page = (await connect(builder.build()).get("/3/discover/movie?with_genres=37")).json()

    assert (page["total_results"], page["total_pages"]) == (30, 2)


async def test_a_comma_and_a_pipe_together_are_and_of_either(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    wanted = [builder.film(genres=(18, 16)), builder.film(genres=(18, 35))]
    builder.film(genres=(18,))
    builder.film(genres=(16, 35))

    page = (await connect(builder.build()).get("/3/discover/movie?with_genres=18,16|35")).json()

    assert _ids(page) == [title.id for title in wanted]


async def test_an_unknown_genre_has_nothing_and_still_one_page(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.films(3, genres=(18,))

    page = (await connect(builder.build()).get("/3/discover/movie?with_genres=4711")).json()

    assert page == {"page": 1, "results": [], "total_pages": 1, "total_results": 0}


async def test_genres_can_be_excluded(connect: Connect, builder: CatalogueBuilder) -> None:
    kept = builder.film(genres=(18,))
    builder.film(genres=(18, 27))
    builder.film(genres=(53,))

    page = (await connect(builder.build()).get("/3/discover/movie?without_genres=27,53")).json()

    assert _ids(page) == [kept.id]


async def test_films_for_adults_come_only_when_asked_for(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.film(adult=True)
    grown = builder.film()
    client = connect(builder.build())

    usual = (await client.get("/3/discover/movie")).json()
    explicit = (await client.get("/3/discover/movie?include_adult=true")).json()
    refused = (await client.get("/3/discover/movie?include_adult=false")).json()

    assert _ids(usual) == _ids(refused) == [grown.id]
    assert explicit["total_results"] == 2


async def test_languages_can_be_joined_by_a_pipe(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    wanted = [builder.film(language="ja"), builder.film(language="ko")]
    builder.film(language="en")

    response = await connect(builder.build()).get("/3/discover/movie?with_original_language=ja|ko")

    assert _ids(response.json()) == [title.id for title in wanted]


async def test_people_and_keywords_can_be_asked_for(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    plays = builder.film(cast=("Ada", "Bo"), keywords=("heist",))
    directs = builder.film(directors=("Ada",), keywords=("heist", "night train"))
    builder.film(cast=("Bo",))
    client = connect(builder.build())
    ada, heist = builder.person_id("Ada"), builder.keyword_id("heist")
    train = builder.keyword_id("night train")

    async def found(query: str) -> list[int]:
        return _ids((await client.get(f"/3/discover/movie?{query}")).json())

    assert await found(f"with_people={ada}") == [plays.id, directs.id]
    assert await found(f"with_cast={ada}") == [plays.id]
    assert await found(f"with_crew={ada}") == [directs.id]
    assert await found(f"with_keywords={heist},{train}") == [directs.id]
    assert await found(f"with_keywords={heist}&without_keywords={train}") == [plays.id]


async def test_series_are_filtered_by_when_they_were_first_aired(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    old = builder.show(released=date(1999, 5, 1), last_aired=date(2003, 1, 1))
    new = builder.show(released=date(2021, 5, 1), last_aired=date(2021, 8, 1))
    builder.show(released=None)
    client = connect(builder.build())

    async def found(query: str) -> list[int]:
        return _ids((await client.get(f"/3/discover/tv?{query}")).json())

    assert await found("first_air_date.gte=2000-01-01") == [new.id]
    assert await found("first_air_date.lte=2000-01-01") == [old.id]
    assert await found("first_air_date_year=2021") == [new.id]
    assert await found("air_date.gte=2002-01-01&air_date.lte=2002-12-31") == [old.id]


async def test_filters_of_films_mean_nothing_for_series(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.show(released=date(1999, 5, 1))

    response = await connect(builder.build()).get("/3/discover/tv?primary_release_year=2021")

    assert response.json()["total_results"] == 1


@pytest.mark.parametrize(
    ("sort_by", "order"),
    [
        ("", [1, 2, 3]),
        ("popularity.desc", [1, 2, 3]),
        ("popularity.asc", [3, 2, 1]),
        ("vote_average.desc", [3, 1, 2]),
        ("vote_average.asc", [2, 1, 3]),
        ("vote_count.desc", [2, 3, 1]),
        ("vote_count.asc", [1, 3, 2]),
        ("primary_release_date.desc", [3, 1, 2]),
        ("primary_release_date.asc", [1, 3, 2]),
        ("title.asc", [2, 3, 1]),
        ("title.desc", [1, 3, 2]),
    ],
)
async def test_films_come_in_the_order_asked_for_and_undated_ones_last(
    connect: Connect, builder: CatalogueBuilder, sort_by: str, order: list[int]
) -> None:
    builder.film("Zero", vote_average=6, vote_count=10, released=date(2001, 1, 1))
    builder.film("alpha", vote_average=5, vote_count=30, released=None)
    builder.film("Beta", vote_average=9, vote_count=20, released=date(2011, 1, 1))

    response = await connect(builder.build()).get("/3/discover/movie", params={"sort_by": sort_by})

    assert _ids(response.json()) == order


async def test_series_are_ordered_by_name_and_first_air_date(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.show("Zero", released=date(2001, 1, 1))
    builder.show("Alpha", released=date(2011, 1, 1))
    client = connect(builder.build())

    named = await client.get("/3/discover/tv?sort_by=name.asc")
    aired = await client.get("/3/discover/tv?sort_by=first_air_date.asc")

    assert (_ids(named.json()), _ids(aired.json())) == ([2, 1], [1, 2])


@pytest.mark.parametrize(
    ("query", "status_code", "status"),
    [
        ("sort_by=shoe_size.desc", 5, 422),
        ("sort_by=popularity", 5, 422),
        ("sort_by=first_air_date.desc", 5, 422),
        ("with_genres=drama", 5, 422),
        ("vote_count.gte=many", 5, 422),
        ("vote_average.gte=nan", 5, 422),
        ("primary_release_year=0", 5, 422),
        ("primary_release_date.gte=01/02/2020", 23, 400),
        ("primary_release_date.lte=2020-13-01", 23, 400),
    ],
)
async def test_a_value_that_cannot_be_read_is_refused(
    connect: Connect, builder: CatalogueBuilder, query: str, status_code: int, status: int
) -> None:
    response = await connect(builder.build()).get(f"/3/discover/movie?{query}")

    assert response.status_code == status
    assert response.json()["status_code"] == status_code
    assert response.json()["success"] is False


@pytest.mark.parametrize(
    "query", ["with_shoes=brown", "with_genres=", "vote_count.gte=", "region=ES"]
)
async def test_an_unknown_or_empty_parameter_is_ignored(
    connect: Connect, builder: CatalogueBuilder, query: str
) -> None:
    builder.films(3, genres=(18,))

    response = await connect(builder.build()).get(f"/3/discover/movie?{query}")

    assert response.json()["total_results"] == 3


_filters: dict[str, tuple[st.SearchStrategy[Any], Callable[[Title, Any], bool]]] = {
    "vote_count.gte": (st.integers(0, 300), lambda t, v: t.vote_count >= v),
    "vote_count.lte": (st.integers(0, 300), lambda t, v: t.vote_count <= v),
    "vote_average.gte": (st.floats(0, 10), lambda t, v: t.vote_average >= v),
    "vote_average.lte": (st.floats(0, 10), lambda t, v: t.vote_average <= v),
    "with_original_language": (
        st.sampled_from(["en", "fr", "ja"]),
        lambda t, v: t.language == v,
    ),
    "with_origin_country": (st.sampled_from(["US", "FR"]), lambda t, v: v in t.countries),
    "with_runtime.gte": (st.integers(60, 130), lambda t, v: t.runtime >= v),
    "without_genres": (st.sampled_from(_GENRES), lambda t, v: v not in t.genres),
    "primary_release_year": (
        st.integers(2010, 2026),
        lambda t, v: t.released is not None and t.released.year == v,
    ),
    "primary_release_date.gte": (
        st.dates(date(1980, 1, 1), date(2026, 1, 1)),
        lambda t, v: t.released is not None and t.released >= v,
    ),
    "release_date.lte": (
        st.dates(date(1980, 1, 1), date(2026, 1, 1)),
        lambda t, v: t.released is not None and t.released <= v,
    ),
}


@settings(max_examples=150, deadline=None)
@given(
    wanted=st.fixed_dictionaries(
        {}, optional={name: strategy for name, (strategy, _) in _filters.items()}
    ),
    genres=st.lists(st.sampled_from(_GENRES), max_size=2, unique=True),
    joined_by=st.sampled_from([",", "|"]),
)
def test_any_filters_find_what_a_full_scan_finds(
    wanted: dict[str, Any], genres: list[int], joined_by: str
) -> None:
    query = {name: str(value) for name, value in wanted.items()}
    query["with_genres"] = joined_by.join(map(str, genres))

    selection = discover(_small(), MediaType.MOVIE, Parameters(query))
    pages = [selection.page(number) for number in range(1, len(selection) // 20 + 2)]

    quantifier = all if joined_by == "," else any
    expected = [
        title.id
        for title in _small().titles
        if not title.adult
        and (not genres or quantifier(genre in title.genres for genre in genres))
        and all(_filters[name][1](title, value) for name, value in wanted.items())
    ]
    assert [title.id for page in pages for title in page] == expected
    assert len(selection) == len(expected)


@pytest.mark.parametrize(
    ("filters", "ways"),
    [
        ({"with_watch_providers": "8|337"}, {"flatrate", "rent", "buy"}),
        ({"with_watch_providers": "8", "with_watch_monetization_types": "rent"}, {"rent"}),
        ({"with_watch_monetization_types": "flatrate|free|ads"}, {"flatrate", "free", "ads"}),
        ({"with_watch_providers": "8", "with_watch_monetization_types": "flatrate"}, {"flatrate"}),
    ],
)
def test_a_region_and_its_providers_leave_what_they_offer(
    filters: dict[str, str], ways: set[str]
) -> None:
    wanted = {int(id_) for id_ in filters.get("with_watch_providers", "").split("|") if id_}
    collection = _small()

    found = discover(collection, MediaType.MOVIE, Parameters({"watch_region": "DE", **filters}))

    offering = {
        title.id
        for title in collection.titles
        if not title.adult
        for way, offers in watch_providers(title)["results"].get("DE", {}).items()
        if way in ways and any(not wanted or row["provider_id"] in wanted for row in offers)
    }
    shown = {t.id for page in range(1, 21) for t in found.page(page)}
    assert shown == offering


def test_providers_without_a_region_filter_nothing() -> None:
    everything = discover(_small(), MediaType.MOVIE, Parameters({}))

    found = discover(_small(), MediaType.MOVIE, Parameters({"with_watch_providers": "8"}))

    assert len(found) == len(everything)


def test_a_certification_leaves_the_films_up_to_it_in_its_country() -> None:
    def shown(**filters: str) -> set[int]:
        given = {name.replace("_lte", ".lte"): value for name, value in filters.items()}
        found = discover(_small(), MediaType.MOVIE, Parameters(given))
        return {title.id for page in range(1, 21) for title in found.page(page)}

    rated = {title.id: certification(title, "US") for title in _small().titles if not title.adult}

    up_to = shown(certification_country="US", certification_lte="PG-13")
    assert up_to == {id_ for id_, name in rated.items() if name in {"G", "PG", "PG-13"}}
    exact = shown(certification_country="US", certification="R|NC-17")
    assert exact == {id_ for id_, name in rated.items() if name in {"R", "NC-17"}}
    assert shown(certification_country="US", certification_lte="FSK 12") == set()
    assert shown(certification_lte="PG-13") == shown()


def test_series_have_no_filter_of_certifications() -> None:
    series = generate(0, 200, seed=3).series
    query = {"certification_country": "US", "certification.lte": "TV-G"}

    found = discover(series, MediaType.TV, Parameters(query))

    assert len(found) == len(discover(series, MediaType.TV, Parameters({})))
