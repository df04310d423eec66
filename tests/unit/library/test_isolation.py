"""The verified token alone identifies the user, whatever else a request has."""

import pytest

from library.api.routes import ROUTES
from library.domain.titles import ListName
from library.use_cases.import_export import MAX_ENTRIES_PER_PART
from matinee.errors import Unauthorized
from matinee.http.routes import Route
from tests.fakes.library import TRACE, film
from tests.fakes.library_http import ApiResponse, LibraryApi

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")

PLACES = {"importId": "0" * 32, "number": "1", "mediaType": "movie", "mediaId": "550"}
BOB = {"userId": "bob", "user_id": "bob", "sub": "bob"}
BODIES: dict[str, dict[str, object]] = {
    "savePreferences": {"minRating": 9},
    "addToFavourites": {"mediaId": 7},
    "addToWatchlist": {"mediaId": 7},
    "removeFromFavourites": {"mediaId": 550},
    "removeFromWatchlist": {"mediaId": 550},
    "changeManyFavourites": {"add": [{"mediaId": 7}], "remove": [{"mediaId": 550}]},
    "changeManyWatchlist": {"add": [{"mediaId": 7}], "remove": [{"mediaId": 550}]},
    "patchPreferences": {"minRating": 9},
    "changeManyFavorites": {"add": [{"mediaId": 7}], "remove": [{"mediaId": 550}]},
    "changeManySeen": {"add": [{"mediaId": 7}], "remove": [{"mediaId": 550}]},
    "changeManyDismissed": {"add": [{"mediaId": 7}], "remove": [{"mediaId": 550}]},
    "moveToFavourites": {"mediaId": 550},
    "importFile": {"format": 1, "favourites": [{"mediaId": 7}]},
    "completeImportRow": {"mediaId": 7},
    "readNotices": {"until": "2026-01-31T12:00:00.000Z#movie#550"},
    "importLibrary": {"preferences": {"minRating": 9}, "favourites": [{"mediaId": 7}]},
}
EVERY_ROUTE = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)


def stored_of_bob(api: LibraryApi) -> object:
    """Return everything that is stored of Bob."""
    tables = api.library.tables
    lists = [tables.entries("bob", name) for name in ListName]
    return lists, tables.preferences.get("bob")


@pytest.fixture
def bobs(api: LibraryApi) -> LibraryApi:
    """Bob has a library, Ann has none."""
    for name in ListName:
        api.library.lists[name].add("bob", film(), TRACE)
    api.library.preferences.change("bob", {"minRating": 7}, TRACE)
    return api


def ask(api: LibraryApi, route: Route, extra: dict[str, str], **more: object) -> ApiResponse:
    body = BODIES.get(route.name)
    path = route.path.format_map(PLACES)
    return api(
        route.method,
        path,
        {**body, **extra} if body is not None else None,
        **more,  # type: ignore[arg-type]
    )


@EVERY_ROUTE
def test_no_route_reads_or_changes_another_users_data(bobs: LibraryApi, route: Route) -> None:
    before = stored_of_bob(bobs)

    for extra, query in (({}, BOB), ({"userId": "bob"}, {}), (BOB, BOB)):
        headers = {"x-user-id": "bob", "x-amzn-oidc-identity": "bob"}
        response = ask(bobs, route, extra, query=query, headers=headers)
        assert response.status < 500
        assert "Film 550" not in str(response.body)

    assert stored_of_bob(bobs) == before


@EVERY_ROUTE
def test_every_route_requires_a_token(bobs: LibraryApi, route: Route) -> None:
    assert ask(bobs, route, {}, user=None).code == Unauthorized.__name__


@EVERY_ROUTE
def test_an_id_token_is_rejected(bobs: LibraryApi, route: Route) -> None:
    response = ask(bobs, route, {}, user="bob", claims={"token_use": "id"})

    assert response.code == Unauthorized.__name__


@pytest.mark.parametrize("path", ["/user/favourites", "/user/watchlist"])
def test_a_cursor_of_another_user_is_rejected(bobs: LibraryApi, path: str) -> None:
    bobs("POST", path, {"mediaId": 1}, user="bob")
    cursor = bobs("GET", path, user="bob", query={"limit": "1"}).body["nextCursor"]

    response = bobs("GET", path, query={"cursor": cursor})

    assert (response.status, list(response.body["fields"])) == (400, ["cursor"])
    mine = bobs("GET", path, user="bob", query={"cursor": cursor})
    assert len(mine.body["items"]) == 1


def test_an_export_cursor_of_another_user_is_rejected(bobs: LibraryApi) -> None:
    more = [film(media_id) for media_id in range(1, MAX_ENTRIES_PER_PART + 1)]
    for title in more:
        bobs.library.lists[ListName.FAVOURITES].add("bob", title, TRACE)
    cursor = bobs("GET", "/user/export", user="bob").body["nextCursor"]

    response = bobs("GET", "/user/export", query={"cursor": cursor})

    assert (response.status, list(response.body["fields"])) == (400, ["cursor"])
    assert bobs("GET", "/user/export", user="bob", query={"cursor": cursor}).status == 200


def test_a_user_id_in_the_body_is_ignored(bobs: LibraryApi) -> None:
    bobs("POST", "/user/preferences", {"userId": "bob", "minRating": 9})

    assert bobs.library.tables.preferences["bob"].answers == {"minRating": 7}
    assert bobs.library.tables.preferences["ann"].answers == {"minRating": 9}


def test_only_known_fields_are_stored(api: LibraryApi) -> None:
    item = api("POST", "/user/favourites", {"mediaId": 5, "score": 99, "userId": "bob"}).body

    assert "score" not in item["item"]
    assert "userId" not in item["item"]


@EVERY_ROUTE
def test_a_deleted_user_writes_nothing_with_a_valid_token(api: LibraryApi, route: Route) -> None:
    api.library.tables.blocked["ann"] = api.library.now()

    response = ask(api, route, {})

    assert "ann" not in api.library.tables
    if not route.name.startswith(("remove", "delete")):
        assert response.code in {"AccountDeleted", "WatchlistItemNotFound"}
