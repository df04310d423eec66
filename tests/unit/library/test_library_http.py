"""Pages, bulk changes, entity tags and CORS: what a client sees of the interface."""

from typing import Any

import pytest

from library.errors import LibraryBusy
from tests.fakes.library_http import LibraryApi

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")


def fill(api: LibraryApi, titles: int) -> None:
    for number in range(1, titles + 1):
        api("POST", "/user/favourites", {"mediaId": number})
        api.library.now.advance(seconds=1)


def pages(api: LibraryApi, limit: int) -> list[list[int]]:
    """Take all pages, by cursor."""
    found = []
    query = {"limit": str(limit)}
    while True:
        page = api("GET", "/user/favourites", query=query).body
        found.append([item["id"] for item in page["items"]])
        if "cursor" not in page:
            return found
        query["cursor"] = page["cursor"]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(2, [[5, 4], [3, 2], [1]]), (5, [[5, 4, 3, 2, 1]]), (100, [[5, 4, 3, 2, 1]])],
)
def test_a_list_is_paged_newest_first(
    api: LibraryApi, limit: int, expected: list[list[int]]
) -> None:
    fill(api, 5)

    assert pages(api, limit) == expected


def test_who_knows_no_pages_sees_five_hundred_titles(api: LibraryApi) -> None:
    api("POST", "/user/import", {"favourites": [{"mediaId": n} for n in range(1, 502)]})

    page = api("GET", "/user/favourites").body

    assert len(page["items"]) == 500
    assert "cursor" in page


def test_an_entry_that_goes_meanwhile_is_no_end_of_a_list(api: LibraryApi) -> None:
    fill(api, 4)
    cursor = api("GET", "/user/favourites", query={"limit": "2"}).body["cursor"]
    api("DELETE", "/user/favourites", query={"mediaId": "3"})

    rest = api("GET", "/user/favourites", query={"limit": "2", "cursor": cursor}).body

    assert [item["id"] for item in rest["items"]] == [2, 1]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "501"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "é"}, "cursor"),
    ],
)
def test_a_page_that_cannot_be_is_refused(
    api: LibraryApi, query: dict[str, str], field: str
) -> None:
    refused = api("GET", "/user/favourites", query=query)

    assert (refused.status, list(refused.body["fields"])) == (400, [field])


def test_each_title_of_a_bulk_request_has_a_result(api: LibraryApi) -> None:
    api("POST", "/user/favourites", {"mediaId": 2})
    many = {
        "add": [{"mediaId": 1}, {"mediaId": 2}, {"mediaId": "x"}, {"mediaId": 1}],
        "remove": [{"mediaId": 2}, {"mediaId": 3}, {"movieId": "1"}, {}],
    }

    results = api("POST", "/user/favourites/bulk", many).body["results"]

    shown = [(one["action"], one["index"], one["status"]) for one in results]
    assert shown == [
        ("add", 0, "added"),
        ("add", 1, "already"),
        ("add", 2, "invalid"),
        ("add", 3, "already"),
        ("remove", 0, "removed"),
        ("remove", 1, "absent"),
        ("remove", 2, "removed"),
        ("remove", 3, "invalid"),
    ]
    assert results[2]["code"] == "InvalidInput"
    assert list(results[2]["fields"]) == ["mediaId"]
    assert api("GET", "/user/favourites").body["items"] == []


def test_what_is_busy_in_a_bulk_request_is_told_there(api: LibraryApi) -> None:
    api.library.shelves.conflicts = 1

    [result] = api("POST", "/user/favourites/bulk", {"add": [{"mediaId": 1}]}).body["results"]

    assert (result["status"], result["code"]) == ("busy", LibraryBusy.__name__)


@pytest.mark.parametrize(
    "many",
    [
        {},
        {"add": [], "remove": []},
        {"add": [{"mediaId": 1}] * 101},
        {"add": [{"mediaId": 1}] * 60, "remove": [{"mediaId": 1}] * 41},
        {"add": "1,2,3"},
        {"add": [1]},
        {"items": []},
    ],
)
def test_a_bulk_request_is_bounded(api: LibraryApi, many: dict[str, Any]) -> None:
    assert api("POST", "/user/favourites/bulk", many).status == 400


def test_a_busy_library_is_told_as_that(api: LibraryApi) -> None:
    api.library.shelves.conflicts = 1

    refused = api("POST", "/user/favourites", {"mediaId": 1})

    assert (refused.status, refused.code) == (503, LibraryBusy.__name__)


def test_preferences_carry_the_tag_of_their_state(api: LibraryApi) -> None:
    tags = [
        api("GET", "/user/preferences").headers["ETag"],
        api("POST", "/user/preferences", {"minRating": 7}).headers["ETag"],
        api("POST", "/user/preferences", {"minRating": 7}).headers["ETag"],
        api("POST", "/user/preferences/reset").headers["ETag"],
    ]

    assert tags == ['"0"', '"1"', '"1"', '"2"']


def test_who_has_the_present_state_is_sent_nothing(api: LibraryApi) -> None:
    api("POST", "/user/preferences", {"minRating": 7})

    for header in ('"1"', 'W/"1"', '"0", "1"', "*"):
        same = api("GET", "/user/preferences", headers={"if-none-match": header})
        assert (same.status, same.body, same.headers["ETag"]) == (304, {}, '"1"')
    assert api("GET", "/user/preferences", headers={"if-none-match": '"0"'}).status == 200


def test_a_change_of_an_old_state_is_refused(api: LibraryApi) -> None:
    api("POST", "/user/preferences", {"minRating": 7}, headers={"If-Match": '"0"'})

    for path, body in (("/user/preferences", {"minRating": 8}), ("/user/preferences/reset", None)):
        refused = api("POST", path, body, headers={"If-Match": '"0"'})
        assert (refused.status, refused.code) == (412, "PreferencesChanged")
    assert api("GET", "/user/preferences").body["preferences"]["minRating"] == 7


def test_a_browser_of_an_allowed_origin_may_read_every_answer(api: LibraryApi) -> None:
    for answer in (
        api("GET", "/user/favourites"),
        api("POST", "/user/favourites", {}),
        api("GET", "/user/preferences", headers={"If-None-Match": '"0"'}),
    ):
        assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
        assert "ETag" in answer.headers["Access-Control-Expose-Headers"]


def test_a_move_says_what_it_did(api: LibraryApi) -> None:
    api("POST", "/user/watchlist", {"mediaId": 7, "title": "Seven"})

    moved = api("POST", "/user/watchlist/move-to-favourites", {"mediaId": "7"})
    again = api("POST", "/user/watchlist/move-to-favourites", {"movieId": 7})
    other = api("POST", "/user/watchlist/move-to-favourites", {"mediaId": 7, "mediaType": "tv"})

    assert moved.body["message"] == "Moved to your favourites"
    assert again.body["message"] == "Already among your favourites"
    assert moved.body["item"] == again.body["item"]
    assert other.code == "WatchlistItemNotFound"
