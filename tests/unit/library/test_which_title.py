"""Which title a request is about: one reader for every route, spelling and place."""

from collections.abc import Iterable
from typing import Any

import pytest

from library.domain.titles import Entry, ListName, Title
from matinee.errors import InvalidInput
from matinee.media import MAX_MEDIA_ID, MediaType, TitleKey
from matinee.title_input import is_misspelt, read_names
from tests.fakes.clock import NOON
from tests.fakes.library import TRACE
from tests.fakes.library_http import LibraryApi

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")

FILM, SERIES = TitleKey(MediaType.MOVIE, 605), TitleKey(MediaType.TV, 605)
LISTS = pytest.mark.parametrize("name", [ListName.FAVOURITES, ListName.WATCHLIST])


def fill(api: LibraryApi, name: ListName, keys: Iterable[TitleKey] = (FILM, SERIES)) -> None:
    entries = [Entry(Title(key=key), NOON) for key in keys]
    api.library.lists[name].add_all("ann", entries, TRACE)


def left(api: LibraryApi, name: ListName) -> set[TitleKey]:
    return {entry.title.key for entry in api.library.tables.entries("ann", name)}


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ({"mediaId": "605", "media_type": "tv"}, None),
        ({"mediaId": "605", "mediaType": "TV"}, None),
        ({"movieId": "605", "type": "Tv"}, None),
        ({"media_id": "605", "mediaType": "tv"}, None),
        ({"id": "605", "type": "tv"}, None),
        ({"mediaId": "605"}, {"type": "tv"}),
        ({"mediaId": "605"}, {"media_type": "tv", "title": "Salt"}),
        ({"type": "tv"}, {"mediaId": 605}),
        ({"mediaType": "tv"}, {"movie_id": "605", "media_type": "TV"}),
        ({"mediaType": ""}, {"id": 605, "mediaType": "tv"}),
        (None, {"id": 605, "name": "Salt", "first_air_date": "2008-01-20"}),
        (None, {"id": 605, "name": "Salt", "type": "Scripted"}),
        (None, {"mediaId": "605", "id": "another-id", "mediaType": "TV"}),
    ],
)
@LISTS
def test_the_named_series_is_removed_and_the_film_stays(
    api: LibraryApi, name: ListName, query: dict[str, str] | None, body: dict[str, Any] | None
) -> None:
    fill(api, name)

    removed = api("DELETE", f"/user/{name}", body, query=query)

    assert (removed.status, removed.body["removed"], removed.body["mediaType"]) == (200, True, "tv")
    assert left(api, name) == {FILM}


@pytest.mark.parametrize(
    ("query", "body", "field"),
    [
        ({"mediaId": "605"}, None, "mediaType"),
        ({"mediaId": "605", "mediaType": "film"}, None, "mediaType"),
        ({"mediaId": "605", "mediaTyp": "tv"}, None, "mediaTyp"),
        ({"mediaId": "605", "mediaType": "tv", "type": "movie"}, None, "mediaType"),
        ({"mediaId": "605", "movieId": "606", "mediaType": "tv"}, None, "mediaId"),
        ({"mediaId": "605", "mediaType": "tv"}, {"mediaId": 606}, "mediaId"),
        ({"mediaId": "605", "mediaType": "tv"}, {"mediaType": "movie"}, "mediaType"),
        ({"mediaId": "605,606", "mediaType": "tv"}, None, "mediaId"),
        ({"mediaType": "tv"}, None, "mediaId"),
        ({"mediaType": "tv"}, {"title": "Salt"}, "mediaId"),
        (None, {"mediaId": 605, "mediatype": "tv"}, "mediatype"),
        (None, {"mediaId": 605, "type": "book"}, "mediaType"),
    ],
)
@LISTS
def test_an_unclear_removal_is_rejected_and_nothing_changes(
    api: LibraryApi,
    name: ListName,
    query: dict[str, str] | None,
    body: dict[str, Any] | None,
    field: str,
) -> None:
    fill(api, name)

    refused = api("DELETE", f"/user/{name}", body, query=query)

    assert (refused.status, list(refused.body["fields"])) == (400, [field])
    assert left(api, name) == {FILM, SERIES}


@pytest.mark.parametrize("key", [FILM, SERIES])
@LISTS
def test_an_id_alone_removes_the_title_that_is_there(
    api: LibraryApi, name: ListName, key: TitleKey
) -> None:
    fill(api, name, [key])

    removed = api("DELETE", f"/user/{name}", query={"mediaId": "605"}).body
    gone = api("DELETE", f"/user/{name}", query={"mediaId": "605"})

    assert (removed["removed"], removed["mediaType"]) == (True, key.media_type)
    assert (gone.status, gone.body["removed"], "mediaType" in gone.body) == (200, False, False)
    assert left(api, name) == set()


def test_an_id_alone_moves_the_title_that_is_on_the_watchlist(api: LibraryApi) -> None:
    fill(api, ListName.WATCHLIST, [SERIES])
    fill(api, ListName.FAVOURITES, [FILM])
    path = "/user/watchlist/move-to-favourites"

    moved = api("POST", path, {"mediaId": 605})
    again = api("POST", path, {"mediaId": 605})

    assert moved.body["item"]["mediaType"] == "tv"
    assert list(again.body["fields"]) == ["mediaType"]
    assert api("POST", path, {"mediaId": 1}).code == "WatchlistItemNotFound"


def test_many_removals_find_their_titles_by_id(api: LibraryApi) -> None:
    fill(api, ListName.FAVOURITES, [FILM, SERIES, TitleKey(MediaType.TV, 7)])
    named = [{"mediaId": 605}, {"mediaId": 605, "type": "tv"}, {"mediaId": 7}, {"mediaId": 8}]

    results = api("POST", "/user/favourites/bulk", {"remove": named}).body["results"]

    assert [result["status"] for result in results] == ["invalid", "removed", "removed", "absent"]
    assert left(api, ListName.FAVOURITES) == {FILM}


@pytest.mark.parametrize(
    ("row", "media_type"),
    [
        ({"id": 1396, "name": "Salt", "first_air_date": "2008-01-20"}, "tv"),
        ({"id": 1396, "name": "Salt"}, "tv"),
        ({"id": 1396, "title": "Salt", "original_name": "Sal"}, "tv"),
        ({"id": 1396, "name": "Salt", "media_type": "movie"}, "movie"),
        ({"id": 1396, "title": "Salt", "release_date": "", "original_title": "Sal"}, "movie"),
        ({"id": 1396, "title": "Salt", "name": "Salt"}, "movie"),
        ({"id": 1396}, "movie"),
    ],
)
def test_the_media_type_follows_from_the_fields(
    api: LibraryApi, row: dict[str, Any], media_type: str
) -> None:
    assert api("POST", "/user/favourites", row).body["item"]["mediaType"] == media_type


def test_contradictory_fields_need_a_media_type(api: LibraryApi) -> None:
    row = {"id": 1, "release_date": "2001-01-01", "first_air_date": "2002-02-02"}

    refused = api("POST", "/user/favourites", row)

    assert (refused.status, list(refused.body["fields"])) == (400, ["mediaType"])


def test_fields_that_nobody_knows_are_dropped(api: LibraryApi) -> None:
    row = {"id": 900002, "title": "x", "softcore": False, "imdb_id": "tt1", "new": {"a": [1]}}

    one = api("POST", "/user/favourites", row)
    many = api("POST", "/user/watchlist/bulk", {"add": [row]}).body["results"]
    imported = api("POST", "/user/import", {"watchlist": [{**row, "id": 2}]}).body["watchlist"]

    assert (one.status, many[0]["status"], imported["added"]) == (200, "added", 1)


@pytest.mark.parametrize("name", ["mediaTyp", "medaiType", "movie_ids", "MEDIA_ID", "mediatype"])
def test_a_misspelt_name_is_rejected_with_a_suggestion(api: LibraryApi, name: str) -> None:
    refused = api("POST", "/user/favourites", {"mediaId": 5, name: "tv"})

    assert list(refused.body["fields"]) == [name]
    if "ype" in name:
        assert "did you mean mediaType?" in refused.body["fields"][name]


@pytest.mark.parametrize("name", ["imdb_id", "tvdb_id", "movieTitle", "updatedAt", "created_at"])
def test_names_of_other_things_are_not_misspelt(name: str) -> None:
    assert not is_misspelt(name)


def test_the_highest_id_is_the_same_in_all_places(api: LibraryApi) -> None:
    highest = {"mediaId": MAX_MEDIA_ID}

    assert api("POST", "/user/favourites", highest).status == 200
    page = api("GET", "/user/favourites", query={"limit": "1"}).body
    assert page["items"][0]["id"] == MAX_MEDIA_ID
    assert api("DELETE", "/user/favourites", {"mediaId": MAX_MEDIA_ID + 1}).status == 400


@pytest.mark.parametrize("value", [5.5, [5], {"x": 1}, True, "9" * 5000, "٥", "5x"])
def test_an_unreadable_id_is_an_error_of_its_own(api: LibraryApi, value: object) -> None:
    refused = api("DELETE", "/user/favourites", {"movieId": value})

    assert (refused.status, list(refused.body["fields"])) == (400, ["mediaId"])


def test_equal_names_in_different_forms_agree() -> None:
    given = {"mediaId": "0605", "movieId": 605, "mediaType": "TV", "media_type": "tv"}

    assert read_names(given) == {"mediaId": "0605", "mediaType": "tv"}
    with pytest.raises(InvalidInput):
        read_names({"mediaId": 605, "movieId": 606})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("posterPath", "javascript:alert(1)"),
        ("backdrop_path", "//example.com/b.jpg"),
        ("release_date", "soon"),
        ("releaseDate", "2020-02-30"),
        ("adult", True),
        ("adult", "yes"),
    ],
)
def test_unfit_facts_of_a_title_are_rejected(api: LibraryApi, field: str, value: object) -> None:
    refused = api("POST", "/user/favourites", {"mediaId": 5, field: value})

    assert refused.status == 400
    assert left(api, ListName.FAVOURITES) == set()


def test_invisible_characters_of_a_title_are_removed(api: LibraryApi) -> None:
    row = {"mediaId": 5, "title": "Fight\u202e\u200b Club", "overview": "\u2066x\u2069"}

    item = api("POST", "/user/favourites", row).body["item"]

    assert (item["title"], item["overview"]) == ("Fight Club", "x")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"mediaType": "tv"}, [SERIES]),
        ({"media_type": "Movie"}, [FILM]),
        ({"type": "both"}, [SERIES, FILM]),
        ({}, [SERIES, FILM]),
    ],
)
@LISTS
def test_a_list_is_filtered_by_media_type(
    api: LibraryApi, name: ListName, query: dict[str, str], found: list[TitleKey]
) -> None:
    fill(api, name)

    items = api("GET", f"/user/{name}", query=query).body["items"]

    assert [(item["mediaType"], item["id"]) for item in items] == [
        (key.media_type, key.id) for key in found
    ]


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/user/watchlist", "page"),
        ("GET", "/user/favourites", "limt"),
        ("POST", "/user/favourites", "mediaId"),
        ("POST", "/user/favourites/bulk", "mediaType"),
        ("POST", "/user/watchlist/move-to-favourites", "mediaId"),
        ("DELETE", "/user/watchlist", "userId"),
        ("GET", "/user/preferences", "limit"),
        ("POST", "/user/preferences/reset", "all"),
        ("GET", "/user/export", "limit"),
        ("POST", "/user/import", "format"),
    ],
)
def test_unknown_parameters_are_rejected(
    api: LibraryApi, method: str, path: str, name: str
) -> None:
    refused = api(method, path, {"mediaId": 605}, query={name: "1"})

    assert (refused.status, list(refused.body["fields"])) == (400, [name])
    assert api.library.tables.outbox == []


def test_a_misspelt_parameter_is_rejected_with_a_suggestion(api: LibraryApi) -> None:
    refused = api("GET", "/user/favourites", query={"limt": "5"})

    assert "did you mean limit?" in refused.body["error"]
