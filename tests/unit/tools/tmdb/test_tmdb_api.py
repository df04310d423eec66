from datetime import date

import httpx
import pytest
from starlette.applications import Starlette

from tests.unit.tools.tmdb.connecting import Connect
from tools.tmdb.app import create_app
from tools.tmdb.catalogue import Catalogue, CatalogueBuilder
from tools.tmdb.genres import FILM_GENRES, SERIES_GENRES

_FILM_ROW = {
    "adult",
    "backdrop_path",
    "genre_ids",
    "id",
    "original_language",
    "original_title",
    "overview",
    "popularity",
    "poster_path",
    "softcore",
    "release_date",
    "title",
    "video",
    "vote_average",
    "vote_count",
}
_SERIES_ROW = (_FILM_ROW - {"original_title", "release_date", "title", "video"}) | {
    "first_air_date",
    "name",
    "origin_country",
    "original_name",
}


def _keyless(app: Starlette) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://tmdb.test")


@pytest.mark.parametrize(
    ("query", "headers", "accepted"),
    [
        ({"api_key": "anything"}, {}, True),
        ({}, {"Authorization": "Bearer anything"}, True),
        ({}, {"Authorization": "bearer anything"}, True),
        ({"api_key": "invalid"}, {"Authorization": "Bearer good"}, True),
        ({}, {}, False),
        ({"api_key": ""}, {}, False),
        ({"api_key": "invalid"}, {}, False),
        ({}, {"Authorization": "Bearer invalid"}, False),
        ({}, {"Authorization": "Bearer "}, False),
        ({}, {"Authorization": "Basic anything"}, False),
    ],
)
async def test_a_key_in_the_query_or_as_a_bearer_token_opens_the_api(
    builder: CatalogueBuilder, query: dict[str, str], headers: dict[str, str], accepted: bool
) -> None:
    async with _keyless(create_app(builder.build())) as client:
        response = await client.get("/3/genre/movie/list", params=query, headers=headers)

    assert response.status_code == (200 if accepted else 401)
    if not accepted:
        assert response.json() == {
            "success": False,
            "status_code": 7,
            "status_message": "Invalid API key: You must be granted a valid key.",
        }


async def test_configured_keys_are_the_only_valid_ones(builder: CatalogueBuilder) -> None:
    app = create_app(builder.build(), keys=["one", "two"])
    async with _keyless(app) as client:
        statuses = [
            (await client.get("/3/configuration", params={"api_key": key})).status_code
            for key in ("one", "two", "three", "")
        ]

    assert statuses == [200, 200, 401, 401]


async def test_a_bad_key_is_reported_before_a_bad_path(builder: CatalogueBuilder) -> None:
    async with _keyless(create_app(builder.build())) as client:
        response = await client.get("/3/nothing")

    assert response.status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/3/movie/999999",
        "/3/movie/0",
        "/3/movie/-1",
        "/3/movie/abc",
        "/3/movie/99999999999999999999",
        "/3/movie/\u0665",
        "/3/book/popular",
        "/3/trending/movie/month",
        "/3/trending/person/day",
        "/3/discover/all",
        "/3/genre/all/list",
        "/3/nothing/at/all",
        "/3",
        "/3/",
    ],
)
async def test_what_does_not_exist_is_status_code_34(
    connect: Connect, builder: CatalogueBuilder, path: str
) -> None:
    builder.film(id=550)

    response = await connect(builder.build()).get(path)

    assert response.status_code == 404
    assert response.json() == {
        "success": False,
        "status_code": 34,
        "status_message": "The resource you requested could not be found.",
    }


async def test_only_reading_is_supported(connect: Connect, builder: CatalogueBuilder) -> None:
    response = await connect(builder.build()).post("/3/movie/popular")

    assert (response.status_code, response.json()["status_code"]) == (405, 42)


_LISTS = [
    "/3/movie/popular",
    "/3/tv/top_rated",
    "/3/discover/movie",
    "/3/trending/all/day",
    "/3/search/movie?query=film",
]


_NO_PAGES = ("0", "501", "-1", "1.5", "x", "", "99999999999999999999", "１")


@pytest.mark.parametrize(
    ("path", "page"),
    [*((_LISTS[0], page) for page in _NO_PAGES), *((path, "501") for path in _LISTS[1:])],
)
async def test_a_page_outside_1_to_500_is_refused_not_empty(
    connect: Connect, builder: CatalogueBuilder, path: str, page: str
) -> None:
    builder.film()
    url = httpx.URL(path).copy_merge_params({"page": page})

    response = await connect(builder.build()).get(url)

    assert response.status_code == 400
    assert response.json()["status_code"] == 22
    assert response.json()["status_message"].startswith("Invalid page: Pages start at 1 and max at")


@pytest.mark.parametrize("path", _LISTS)
async def test_a_page_after_the_last_is_empty(
    connect: Connect, builder: CatalogueBuilder, path: str
) -> None:
    builder.film("Film", vote_count=500)
    url = httpx.URL(path).copy_merge_params({"page": "500"})

    response = await connect(builder.build()).get(url)

    assert response.status_code == 200
    assert response.json()["results"] == []
    assert response.json()["page"] == 500


async def test_more_than_500_pages_are_announced_but_the_501st_is_refused(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.films(10_041, genres=(18,))
    client = connect(builder.build())

    first = (await client.get("/3/movie/popular")).json()
    last = await client.get("/3/movie/popular?page=500")
    beyond = await client.get("/3/movie/popular?page=501")

    assert (first["total_pages"], first["total_results"]) == (503, 10_041)
    assert len(last.json()["results"]) == 20
    assert beyond.status_code == 400


async def test_the_pages_of_a_list_hold_every_title_once(
    connect: Connect, generated: Catalogue
) -> None:
    client = connect(generated)
    first = (await client.get("/3/tv/popular")).json()

    seen = [
        row["id"]
        for page in range(1, first["total_pages"] + 1)
        for row in (await client.get("/3/tv/popular", params={"page": page})).json()["results"]
    ]

    assert len(seen) == len(set(seen)) == first["total_results"] == 1_500


async def test_a_row_of_films_has_exactly_tmdbs_fields(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.film(
        "Amélie's Café",
        id=550,
        original_title="Le Café d'Amélie",
        genres=(35, 10749),
        language="fr",
        released=date(2001, 4, 25),
        vote_average=7.9,
        vote_count=1_234,
        overview="",
    )

    (row,) = (await connect(builder.build()).get("/3/movie/popular")).json()["results"]

    assert set(row) == _FILM_ROW
    assert row["title"] == "Amélie's Café"
    assert row["original_title"] == "Le Café d'Amélie"
    assert row["genre_ids"] == [35, 10749]
    assert row["release_date"] == "2001-04-25"
    assert row["poster_path"] == "/m550.svg"
    assert (row["vote_average"], row["vote_count"], row["overview"]) == (7.9, 1_234, "")
    assert row["video"] is False


async def test_a_row_of_series_has_a_name_a_first_air_date_and_countries(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.show("The Marsh", id=550, countries=("GB", "US"), released=date(2020, 2, 3))

    (row,) = (await connect(builder.build()).get("/3/tv/popular")).json()["results"]

    assert set(row) == _SERIES_ROW
    assert (row["name"], row["original_name"]) == ("The Marsh", "The Marsh")
    assert (row["first_air_date"], row["origin_country"]) == ("2020-02-03", ["GB", "US"])
    assert row["poster_path"] == "/s550.svg"


async def test_a_title_without_poster_or_date_says_so_as_tmdb_does(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.film(has_poster=False, released=None)

    (row,) = (await connect(builder.build()).get("/3/movie/popular")).json()["results"]

    assert (row["poster_path"], row["backdrop_path"], row["release_date"]) == (None, None, "")


async def test_letters_are_sent_as_utf8(connect: Connect, builder: CatalogueBuilder) -> None:
    builder.film("霧の庭")

    response = await connect(builder.build()).get("/3/movie/popular")

    assert response.headers["content-type"] == "application/json;charset=utf-8"
    assert "霧の庭".encode() in response.content


async def test_film_550_and_series_550_are_two_titles(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.film("A film", id=550)
    builder.show("A series", id=550)
    client = connect(builder.build())

    film = (await client.get("/3/movie/550")).json()
    series = (await client.get("/3/tv/550")).json()

    assert (film["id"], film["title"]) == (550, "A film")
    assert (series["id"], series["name"]) == (550, "A series")


async def test_details_of_a_film_name_its_genres_instead_of_numbering_them(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.film(id=550, genres=(28, 878), runtime=139, language="en", countries=("US",))

    page = (await connect(builder.build()).get("/3/movie/550")).json()

    assert page["genres"] == [{"id": 28, "name": "Action"}, {"id": 878, "name": "Science Fiction"}]
    assert "genre_ids" not in page
    assert page["runtime"] == 139
    assert page["status"] == "Released"
    assert page["production_countries"] == [
        {"iso_3166_1": "US", "name": "United States of America"}
    ]
    assert page["spoken_languages"] == [
        {"english_name": "English", "iso_639_1": "en", "name": "English"}
    ]
    assert not {"credits", "keywords"} & set(page)


async def test_details_of_a_series_have_its_seasons_and_creators(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.show(
        id=550, genres=(10765,), seasons=2, episodes=17, directors=("Ada",), runtime=45,
        released=date(2010, 1, 1), last_aired=date(2011, 5, 1),
    )  # fmt: skip

    page = (await connect(builder.build()).get("/3/tv/550")).json()

    assert page["genres"] == [{"id": 10765, "name": "Sci-Fi & Fantasy"}]
    assert (page["number_of_seasons"], page["number_of_episodes"]) == (2, 17)
    assert [season["episode_count"] for season in page["seasons"]] == [9, 8]
    assert [person["name"] for person in page["created_by"]] == ["Ada"]
    assert (page["status"], page["in_production"]) == ("Ended", False)
    assert page["episode_run_time"] == [45]


async def test_credits_and_keywords_are_appended_when_asked_for(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.film(id=1, cast=("Ada", "Bo"), directors=("Cleo",), keywords=("heist",))
    builder.show(id=1, keywords=("heist",))
    client = connect(builder.build())
    query = {"append_to_response": "credits,keywords,nothing_known"}

    film = (await client.get("/3/movie/1", params=query)).json()
    series = (await client.get("/3/tv/1", params=query)).json()

    assert [(who["name"], who["order"]) for who in film["credits"]["cast"]] == [
        ("Ada", 0),
        ("Bo", 1),
    ]
    assert all(who["character"] for who in film["credits"]["cast"])
    assert [(w["name"], w["job"]) for w in film["credits"]["crew"]] == [
        ("Cleo", "Director"),
        ("Cleo", "Writer"),
    ]
    heist = {"id": builder.keyword_id("heist"), "name": "heist"}
    assert film["keywords"] == {"keywords": [heist]}
    assert series["keywords"] == {"results": [heist]}, "TMDB has another name for it there"
    assert "nothing_known" not in film


async def test_credits_and_keywords_have_paths_of_their_own(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.film(id=7, cast=("Ada",), keywords=("heist",))
    client = connect(builder.build())
    query = {"append_to_response": "credits,keywords"}

    page = (await client.get("/3/movie/7", params=query)).json()

    assert (await client.get("/3/movie/7/credits")).json() == {"id": 7, **page["credits"]}
    assert (await client.get("/3/movie/7/keywords")).json() == {"id": 7, **page["keywords"]}


@pytest.mark.parametrize("part", ["similar", "recommendations"])
async def test_related_titles_come_in_pages_of_rows(
    connect: Connect, builder: CatalogueBuilder, part: str
) -> None:
    builder.film(id=1, genres=(18, 53), keywords=("heist",), vote_count=900)
    builder.film(id=2, genres=(18, 53), vote_count=900, vote_average=6.0)
    builder.film(id=3, genres=(18,), keywords=("heist",), vote_count=900, vote_average=8.0)
    builder.film(id=4, genres=(35,), vote_count=900)
    builder.film(id=5, genres=(18, 53), keywords=("heist",), adult=True, vote_count=900)
    builder.show(id=6, genres=(18,), keywords=("heist",), vote_count=900)
    client = connect(builder.build())

    related = (await client.get(f"/3/movie/1/{part}")).json()
    beyond = (await client.get(f"/3/movie/1/{part}", params={"page": 2})).json()
    appended = (await client.get("/3/movie/1", params={"append_to_response": part})).json()

    assert [row["id"] for row in related["results"]] == {
        "similar": [2, 3],
        "recommendations": [3, 2],
    }[part]
    assert (related["page"], related["total_pages"], related["total_results"]) == (1, 1, 2)
    named = {"media_type"} if part == "recommendations" else set()
    assert all(set(row) == _FILM_ROW | named for row in related["results"])
    assert beyond["results"] == []
    assert appended[part] == related
    assert (await client.get("/3/movie/99/similar")).status_code == 404
    assert (await client.get("/3/movie/1/reviewers")).status_code == 404


async def test_external_ids_are_imdbs_alone(connect: Connect, builder: CatalogueBuilder) -> None:
    builder.film(id=7)
    builder.show(id=7)
    client = connect(builder.build())

    film = (await client.get("/3/movie/7/external_ids")).json()
    series = (await client.get("/3/tv/7/external_ids")).json()
    page = (await client.get("/3/tv/7", params={"append_to_response": "external_ids"})).json()

    everywhere = {"id", "imdb_id", "wikidata_id", "facebook_id", "instagram_id", "twitter_id"}
    assert film.keys() == everywhere
    assert series.keys() == everywhere | {"freebase_mid", "freebase_id", "tvdb_id", "tvrage_id"}
    assert (film.pop("id"), series.pop("id")) == (7, 7)
    assert (film["imdb_id"], series["imdb_id"]) == ("tt10000007", "tt20000007")
    assert page["external_ids"] == series
    assert {*film.values(), *series.values()} == {None, "tt10000007", "tt20000007"}
    assert (await client.get("/3/movie/7")).json()["imdb_id"] == "tt10000007"


async def test_finds_a_title_by_its_imdb_id(connect: Connect, builder: CatalogueBuilder) -> None:
    builder.film("Salt", id=7)
    builder.show("Marsh", id=7)
    client = connect(builder.build())

    async def find(imdb_id: str, source: str = "imdb_id") -> dict[str, list[dict[str, object]]]:
        found = await client.get(f"/3/find/{imdb_id}", params={"external_source": source})
        assert found.status_code == 200
        lists: dict[str, list[dict[str, object]]] = found.json()
        return lists

    kinds = {"movie", "person", "tv", "tv_episode", "tv_season"}
    film, series = await find("tt10000007"), await find("tt20000007")
    assert film.keys() == {f"{kind}_results" for kind in kinds}
    assert [(it["title"], it["media_type"]) for it in film["movie_results"]] == [("Salt", "movie")]
    assert [(it["name"], it["media_type"]) for it in series["tv_results"]] == [("Marsh", "tv")]
    for unknown in (await find("tt10000008"), await find("7"), await find("tt10000007", "tvdb_id")):
        assert not any(unknown.values())
    refused = await client.get("/3/find/tt10000007")
    assert (refused.status_code, refused.json()["status_code"]) == (422, 5)


async def test_a_search_of_all_finds_films_series_and_people(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.film("The Marsh Lights", id=1, cast=("Ada Marsh",))
    builder.show("Marsh", id=2)
    client = connect(builder.build())

    found = (await client.get("/3/search/multi", params={"query": "marsh"})).json()
    nobody = (await client.get("/3/search/multi", params={"query": "?!"})).json()

    assert [row["media_type"] for row in found["results"]] == ["tv", "movie", "person"]
    series, film, person = found["results"]
    assert set(series) == _SERIES_ROW | {"media_type"}
    assert person["name"] == "Ada Marsh"
    assert person["known_for"] == [film]
    assert (found["total_results"], nobody["results"]) == (3, [])
    assert (await client.get("/3/search/multi")).status_code == 422


@pytest.mark.parametrize(("count", "status"), [(20, 200), (21, 400)])
async def test_more_than_20_appended_calls_are_status_code_27(
    connect: Connect, builder: CatalogueBuilder, count: int, status: int
) -> None:
    builder.film(id=550)
    query = {"append_to_response": ",".join(["credits"] * count)}

    response = await connect(builder.build()).get("/3/movie/550", params=query)

    assert response.status_code == status
    if status == 400:
        assert response.json()["status_code"] == 27


async def test_an_id_may_carry_the_title_behind_a_dash(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.film("The Marsh", id=550)

    response = await connect(builder.build()).get("/3/movie/550-the-marsh")

    assert response.json()["id"] == 550


@pytest.mark.parametrize(("kind", "names"), [("movie", FILM_GENRES), ("tv", SERIES_GENRES)])
async def test_films_and_series_have_their_own_genre_lists(
    connect: Connect, builder: CatalogueBuilder, kind: str, names: dict[int, str]
) -> None:
    page = (await connect(builder.build()).get(f"/3/genre/{kind}/list")).json()

    assert {genre["id"]: genre["name"] for genre in page["genres"]} == names


def test_the_genre_ids_are_tmdbs() -> None:
    films = "28 12 16 35 80 99 18 10751 14 36 27 10402 9648 10749 878 10770 53 10752 37"
    series = "10759 16 35 80 99 18 10751 10762 9648 10763 10764 10765 10766 10767 10768 37"

    assert list(FILM_GENRES) == [int(key) for key in films.split()]
    assert list(SERIES_GENRES) == [int(key) for key in series.split()]


async def test_the_configuration_leads_to_the_images(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.film(id=550)
    client = connect(builder.build())

    images = (await client.get("/3/configuration")).json()["images"]
    (row,) = (await client.get("/3/movie/popular")).json()["results"]
    poster = await client.get(f"{images['secure_base_url']}w500{row['poster_path']}")

    assert images["base_url"] == "http://tmdb.test/t/p/"
    assert {"w185", "w342", "w500", "original"} <= set(images["poster_sizes"])
    assert poster.status_code == 200


async def test_top_rated_counts_only_titles_that_many_have_voted_on(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.film(vote_average=9.9, vote_count=199)
    good = builder.film(vote_average=8.1, vote_count=200)
    better = builder.film(vote_average=8.4, vote_count=5_000)

    page = (await connect(builder.build()).get("/3/movie/top_rated")).json()

    assert [row["id"] for row in page["results"]] == [better.id, good.id]


async def test_popular_and_trending_leave_out_films_for_adults(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.film(adult=True)
    client = connect(builder.build())

    for path in ("/3/movie/popular", "/3/trending/movie/week", "/3/trending/all/day"):
        assert (await client.get(path)).json()["total_results"] == 0


@pytest.mark.parametrize("window", ["day", "week"])
async def test_trending_rows_name_their_media_type(
    connect: Connect, generated: Catalogue, window: str
) -> None:
    client = connect(generated)

    films = (await client.get(f"/3/trending/movie/{window}")).json()["results"]
    series = (await client.get(f"/3/trending/tv/{window}")).json()["results"]

    assert {row["media_type"] for row in films} == {"movie"}
    assert {row["media_type"] for row in series} == {"tv"}
    assert set(films[0]) == _FILM_ROW | {"media_type"}
    assert set(series[0]) == _SERIES_ROW | {"media_type"}


async def test_trending_of_all_mixes_films_series_and_people(
    connect: Connect, generated: Catalogue
) -> None:
    client = connect(generated)

    rows = [
        row
        for page in range(1, 11)
        for row in (await client.get("/3/trending/all/day", params={"page": page})).json()[
            "results"
        ]
    ]

    assert {row["media_type"] for row in rows} == {"movie", "tv", "person"}
    person = next(row for row in rows if row["media_type"] == "person")
    assert {"id", "name", "known_for_department", "profile_path"} <= set(person)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("marsh", [2, 1]),
        ("MARSH", [2, 1]),
        ("the marsh lights", [1]),
        ("amelie", [3]),
        ("Amélie's", [3]),
        ("lights mar", [1]),
        ("arsh", []),
        ("fog", [4]),
        ("庭", [4]),
        ("霧の庭", [4]),
        ("?!", []),
    ],
)
async def test_search_finds_titles_by_the_beginnings_of_words(
    connect: Connect, builder: CatalogueBuilder, query: str, found: list[int]
) -> None:
    builder.film("The Marsh Lights")
    builder.film("Marsh")
    builder.film("Amélie's Café")
    builder.film("Garden of Fog", original_title="霧の庭")

    page = (await connect(builder.build()).get("/3/search/movie", params={"query": query})).json()

    assert [row["id"] for row in page["results"]] == found


async def test_search_ranks_the_exact_title_first_then_prefixes(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    inside = builder.film("The Winter")
    begins = builder.film("Winter in Vellmoor")
    exact = builder.film("Winter")

    page = (await connect(builder.build()).get("/3/search/movie?query=winter")).json()

    assert [row["id"] for row in page["results"]] == [exact.id, begins.id, inside.id]


async def test_search_filters_by_year_and_leaves_out_adult_films(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.film("Winter", released=date(1999, 1, 1))
    wanted = builder.film("Winter", released=date(2020, 1, 1))
    builder.film("Winter", released=date(2020, 1, 1), adult=True)
    client = connect(builder.build())

    page = (await client.get("/3/search/movie?query=winter&year=2020")).json()

    assert [row["id"] for row in page["results"]] == [wanted.id]


@pytest.mark.parametrize("path", ["/3/search/movie", "/3/search/tv?query=", "/3/search/tv?query=+"])
async def test_search_without_a_query_is_refused_in_tmdbs_other_form(
    connect: Connect, builder: CatalogueBuilder, path: str
) -> None:
    response = await connect(builder.build()).get(path)

    assert response.status_code == 422
    assert response.json()["errors"] == ["query must be provided"]


async def test_a_page_of_another_origin_may_read_the_answers(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    client = connect(builder.build())

    response = await client.get("/3/configuration", headers={"Origin": "http://app.test"})

    assert response.headers["access-control-allow-origin"] == "*"


async def test_videos_translations_and_providers_are_appended_and_have_paths(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.film("Café", id=7, language="fr", vote_count=900)
    builder.show("The Marsh", id=7, vote_count=900)
    client = connect(builder.build())
    parts = ["videos", "translations", "watch/providers"]
    query = {"append_to_response": ",".join(parts), "include_video_language": "fr,null"}

    film = (await client.get("/3/movie/7", params=query)).json()
    series = (await client.get("/3/tv/7", params=query)).json()

    for part in parts:
        own = (await client.get(f"/3/movie/7/{part}", params=query)).json()
        assert own == {"id": 7, **film[part]}
    trailer = next(video for video in film["videos"]["results"] if video["type"] == "Trailer")
    assert (trailer["site"], trailer["iso_639_1"]) == ("YouTube", "fr")
    german = {row["iso_639_1"]: row["data"] for row in film["translations"]["translations"]}["de"]
    assert german.keys() == {"title", "overview", "homepage", "tagline", "runtime"}
    assert "name" in series["translations"]["translations"][0]["data"]
    offer = film["watch/providers"]["results"]["US"]
    assert offer["link"].endswith("/movie/7/watch?locale=US")
    assert offer["rent"][0].keys() == {
        "logo_path",
        "provider_id",
        "provider_name",
        "display_priority",
    }


async def test_videos_are_those_of_the_languages_asked_for(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.film(id=7, language="fr", vote_count=900)
    client = connect(builder.build())

    english = (await client.get("/3/movie/7/videos")).json()
    french = (await client.get("/3/movie/7/videos", params={"language": "fr-FR"})).json()

    assert english["results"] == []
    assert french["results"]


async def test_certifications_are_in_releases_of_films_and_in_ratings_of_series(
    connect: Connect, builder: CatalogueBuilder
) -> None:
    builder.film(id=7)
    builder.show(id=7)
    client = connect(builder.build())
    query = {"append_to_response": "release_dates,content_ratings"}

    film = (await client.get("/3/movie/7", params=query)).json()
    series = (await client.get("/3/tv/7", params=query)).json()

    releases = {row["iso_3166_1"]: row["release_dates"] for row in film["release_dates"]["results"]}
    assert releases["US"][0].keys() >= {"certification", "release_date", "type"}
    assert {row.keys() <= {"iso_3166_1", "rating", "descriptors"}
            for row in series["content_ratings"]["results"]} <= {True}  # fmt: skip
    assert "content_ratings" not in film
    assert "release_dates" not in series
    assert (await client.get("/3/tv/7/release_dates")).status_code == 404
