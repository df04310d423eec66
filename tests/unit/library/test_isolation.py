"""A user is who the verified token says, whatever else a request says."""

import pytest

from library.api.routes import ROUTES
from library.domain.titles import ListName
from matinee.errors import Unauthorized
from matinee.http.routes import Route
from tests.fakes.library import TRACE, film
from tests.fakes.library_http import Answer, LibraryApi

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")

BOB = {"userId": "bob", "user_id": "bob", "sub": "bob"}
BODIES: dict[str, dict[str, object]] = {
    "savePreferences": {"minRating": 9},
    "addToFavourites": {"mediaId": 7},
    "addToWatchlist": {"mediaId": 7},
    "removeFromFavourites": {"mediaId": 550},
    "removeFromWatchlist": {"mediaId": 550},
    "changeManyFavourites": {"add": [{"mediaId": 7}], "remove": [{"mediaId": 550}]},
    "changeManyWatchlist": {"add": [{"mediaId": 7}], "remove": [{"mediaId": 550}]},
    "moveToFavourites": {"mediaId": 550},
    "importLibrary": {"preferences": {"minRating": 9}, "favourites": [{"mediaId": 7}]},
}
EVERY_ROUTE = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)


def of_bob(api: LibraryApi) -> object:
    """Answer all that is Bob's."""
    shelves = api.library.shelves
    lists = [shelves.entries("bob", name) for name in ListName]
    return lists, shelves.rows.get("bob")


@pytest.fixture
def bobs(api: LibraryApi) -> LibraryApi:
    """Bob has a library, Ann has none."""
    for name in ListName:
        api.library.lists[name].add("bob", film(), TRACE)
    api.library.preferences.change("bob", {"minRating": 7}, TRACE)
    return api


def ask(api: LibraryApi, route: Route, extra: dict[str, str], **more: object) -> Answer:
    body = BODIES.get(route.name)
    return api(
        route.method,
        route.path,
        {**body, **extra} if body is not None else None,
        **more,  # type: ignore[arg-type]
    )


@EVERY_ROUTE
def test_no_route_reads_or_changes_what_is_anothers(bobs: LibraryApi, route: Route) -> None:
    before = of_bob(bobs)

    for extra, query in (({}, BOB), ({"userId": "bob"}, {}), (BOB, BOB)):
        headers = {"x-user-id": "bob", "x-amzn-oidc-identity": "bob"}
        answer = ask(bobs, route, extra, query=query, headers=headers)
        assert answer.status < 500
        assert "Film 550" not in str(answer.body)

    assert of_bob(bobs) == before


@EVERY_ROUTE
def test_who_is_not_signed_in_gets_nothing_anywhere(bobs: LibraryApi, route: Route) -> None:
    assert ask(bobs, route, {}, user=None).code == Unauthorized.__name__


@EVERY_ROUTE
def test_an_id_token_is_no_access_token(bobs: LibraryApi, route: Route) -> None:
    answer = ask(bobs, route, {}, user="bob", claims={"token_use": "id"})

    assert answer.code == Unauthorized.__name__


@pytest.mark.parametrize("path", ["/user/favourites", "/user/watchlist"])
def test_the_cursor_of_another_user_leads_nowhere(bobs: LibraryApi, path: str) -> None:
    bobs("POST", path, {"mediaId": 1}, user="bob")
    cursor = bobs("GET", path, user="bob", query={"limit": "1"}).body["cursor"]

    answer = bobs("GET", path, query={"cursor": cursor})

    assert (answer.status, list(answer.body["fields"])) == (400, ["cursor"])
    mine = bobs("GET", path, user="bob", query={"cursor": cursor})
    assert len(mine.body["items"]) == 1


def test_what_a_user_sends_as_his_own_id_changes_his_own_row(bobs: LibraryApi) -> None:
    bobs("POST", "/user/preferences", {"userId": "bob", "minRating": 9})

    assert bobs.library.shelves.rows["bob"].answers == {"minRating": 7}
    assert bobs.library.shelves.rows["ann"].answers == {"minRating": 9}


def test_only_those_fields_are_kept_that_are_known(api: LibraryApi) -> None:
    item = api("POST", "/user/favourites", {"mediaId": 5, "score": 99, "userId": "bob"}).body

    assert "score" not in item["item"]
    assert "userId" not in item["item"]


@EVERY_ROUTE
def test_who_is_gone_writes_nothing_with_a_token_that_is_still_good(
    api: LibraryApi, route: Route
) -> None:
    api.library.shelves.barred["ann"] = api.library.now()

    answer = ask(api, route, {})

    assert "ann" not in api.library.shelves
    if route.method != "GET" and not route.name.startswith("remove"):
        assert answer.code in {"AccountDeleted", "WatchlistItemNotFound"}
