"""Pages, bulk changes, entity tags and CORS, as a client sees them."""

import json
from typing import Any

import pytest

from library.api.preference_schemas import preferences_etag
from library.domain.errors import LibraryBusy
from library.domain.preferences import Preferences
from tests.fakes.library_http import LibraryApi

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")


def fill(api: LibraryApi, titles: int) -> None:
    for number in range(1, titles + 1):
        api("POST", "/user/favourites", {"mediaId": number})
        api.library.now.advance(seconds=1)


def pages(api: LibraryApi, limit: int) -> list[list[int]]:
    """Read all pages, by cursor."""
    found = []
    query = {"limit": str(limit)}
    while True:
        page = api("GET", "/user/favourites", query=query).body
        found.append([item["id"] for item in page["items"]])
        if "nextCursor" not in page:
            return found
        query["cursor"] = page["nextCursor"]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(2, [[5, 4], [3, 2], [1]]), (5, [[5, 4, 3, 2, 1]]), (100, [[5, 4, 3, 2, 1]])],
)
def test_a_list_is_paged_newest_first(
    api: LibraryApi, limit: int, expected: list[list[int]]
) -> None:
    fill(api, 5)

    assert pages(api, limit) == expected


def test_a_client_without_paging_gets_a_thousand_titles(api: LibraryApi) -> None:
    for numbers in (range(1, 601), range(601, 1002)):
        api("POST", "/user/import", {"favourites": [{"mediaId": n} for n in numbers]})

    page = api("GET", "/user/favourites").body

    assert len(page["items"]) == 1000
    assert "nextCursor" in page


@pytest.mark.parametrize("letter", ["x", "ж", "漢", "🎬", '"', "\n", "\x01"])
def test_what_one_query_reads_fits_into_a_response(api: LibraryApi, letter: str) -> None:
    path = "/" + "~" * 499
    worst = {"overview": letter * 5000, "title": letter * 500, "posterPath": path}
    for parts in ({"overview"}, {"title"}, {"posterPath"}, set(worst)):
        given = {name: text for name, text in worst.items() if name in parts}
        body = json.dumps({"mediaId": 1, **given}, ensure_ascii=False)
        item = api("POST", "/user/favourites", body).body["item"]
        api("DELETE", "/user/favourites", {"mediaId": 1})

        stored = sum(len(item.get(name, "").encode()) for name in worst) + 100
        assert min(1000, 2**20 // stored) * len(json.dumps(item)) < 4_000_000


def test_paging_continues_after_a_removed_entry(api: LibraryApi) -> None:
    fill(api, 4)
    cursor = api("GET", "/user/favourites", query={"limit": "2"}).body["nextCursor"]
    api("DELETE", "/user/favourites", query={"mediaId": "3"})

    rest = api("GET", "/user/favourites", query={"limit": "2", "cursor": cursor}).body

    assert [item["id"] for item in rest["items"]] == [2, 1]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "é"}, "cursor"),
    ],
)
def test_invalid_paging_parameters_are_rejected(
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


def test_a_bulk_request_reports_busy_titles(api: LibraryApi) -> None:
    api.library.tables.conflicts = 1

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


def test_the_largest_bulk_response_fits(api: LibraryApi) -> None:
    worst = {f"{number}{'🎬' * 70}": 1 for number in range(60)}
    many = json.dumps({"add": [worst] * 100}, ensure_ascii=False)

    answered = api("POST", "/user/favourites/bulk", many)

    assert (answered.status, len(answered.body["results"])) == (200, 100)
    assert len(json.dumps(answered.body)) < 5_500_000


def test_a_busy_library_is_a_503(api: LibraryApi) -> None:
    api.library.tables.conflicts = 1

    refused = api("POST", "/user/favourites", {"mediaId": 1})

    assert (refused.status, refused.code) == (503, LibraryBusy.__name__)


def test_preferences_have_the_entity_tag_of_their_state(api: LibraryApi) -> None:
    tags = [
        api("GET", "/user/preferences").headers["ETag"],
        api("POST", "/user/preferences", {"minRating": 7}).headers["ETag"],
        api("POST", "/user/preferences", {"minRating": 7}).headers["ETag"],
        api("POST", "/user/preferences/reset").headers["ETag"],
    ]

    assert tags[1] == tags[2] == api_tag("ann", 1)
    assert len(set(tags)) == 3


def api_tag(user: str, version: int) -> str:
    return preferences_etag(user, Preferences(version=version))


def test_if_none_match_of_the_current_state_gets_304(api: LibraryApi) -> None:
    api("POST", "/user/preferences", {"minRating": 7})
    before, tag = api_tag("ann", 0), api_tag("ann", 1)

    for header in (tag, f"W/{tag}", f"{before}, {tag}", "*"):
        same = api("GET", "/user/preferences", headers={"if-none-match": header})
        assert (same.status, same.body, same.headers["ETag"]) == (304, {}, tag)
    assert api("GET", "/user/preferences", headers={"if-none-match": before}).status == 200


def test_another_users_entity_tag_never_gets_304(
    api: LibraryApi,
) -> None:
    anns = api("POST", "/user/preferences", {"minRating": 7}, user="ann")
    api("POST", "/user/preferences", {"minRating": 2}, user="bob")

    kept = {"If-None-Match": anns.headers["ETag"]}
    found = api("GET", "/user/preferences", user="bob", headers=kept)
    taken = {"If-Match": anns.headers["ETag"]}
    saved = api("POST", "/user/preferences", {"minRating": 7}, user="bob", headers=taken)

    assert (found.status, found.body["preferences"]["minRating"]) == (200, 2)
    assert saved.code == "PreferencesChanged"
    assert anns.headers["Cache-Control"] == found.headers["Cache-Control"] == "no-store"


def test_a_change_of_an_old_state_is_rejected(api: LibraryApi) -> None:
    old = {"If-Match": api_tag("ann", 0)}
    api("POST", "/user/preferences", {"minRating": 7}, headers=old)

    for path, body in (("/user/preferences", {"minRating": 8}), ("/user/preferences/reset", None)):
        refused = api("POST", path, body, headers=old)
        assert (refused.status, refused.code) == (412, "PreferencesChanged")
    assert api("GET", "/user/preferences").body["preferences"]["minRating"] == 7


def test_an_allowed_origin_may_read_every_response(api: LibraryApi) -> None:
    for answer in (
        api("GET", "/user/favourites"),
        api("POST", "/user/favourites", {}),
        api("GET", "/user/preferences", headers={"If-None-Match": api_tag("ann", 0)}),
    ):
        assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
        assert "ETag" in answer.headers["Access-Control-Expose-Headers"]


def test_a_move_responds_with_what_it_did(api: LibraryApi) -> None:
    api("POST", "/user/watchlist", {"mediaId": 7, "title": "Seven"})

    moved = api("POST", "/user/watchlist/move-to-favourites", {"mediaId": "7"})
    again = api("POST", "/user/watchlist/move-to-favourites", {"movieId": 7})
    other = api("POST", "/user/watchlist/move-to-favourites", {"mediaId": 7, "mediaType": "tv"})

    assert moved.body["message"] == "Moved to your favourites"
    assert again.body["message"] == "Already among your favourites"
    assert moved.body["item"] == again.body["item"]
    assert other.code == "WatchlistItemNotFound"
