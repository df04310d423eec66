"""Seen and dismissed titles: the shelves that say what a user has made up their mind about."""

from datetime import timedelta
from typing import Any

import pytest

from library.domain.titles import Entry, ListName, Opinion, Viewing
from library.events.published import TitleSeen
from tests.fakes.clock import NOON
from tests.fakes.library import TRACE, LibraryApp, film, projected
from tests.fakes.library_http import LibraryApi

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")

FILM = "/user/seen/movie/550"
NEW_ROUTES = pytest.mark.parametrize(
    ("name", "path"), [(name, f"/user/{name.value}") for name in ListName]
)


def stored(api: LibraryApi, name: ListName = ListName.SEEN) -> list[Entry]:
    return api.library.tables.entries("ann", name)


@NEW_ROUTES
def test_put_and_delete_are_201_then_204(api: LibraryApi, name: ListName, path: str) -> None:
    first = api("PUT", f"{path}/movie/550", {"title": "Fight Club"})
    again = api("PUT", f"{path}/movie/550")

    assert (first.status, first.body["mediaId"], first.body["title"]) == (201, "550", "Fight Club")
    assert (again.status, again.body) == (204, {})
    assert [entry.title.key.id for entry in stored(api, name)] == [550]
    assert [api("DELETE", f"{path}/movie/550").status for _ in range(2)] == [204, 204]
    assert stored(api, name) == []
    assert len(api.library.tables.outbox) == 2


@NEW_ROUTES
def test_lists_have_items_and_a_cursor(api: LibraryApi, name: ListName, path: str) -> None:
    for number in (1, 2, 3):
        api.library.lists[name].add("ann", film(number), TRACE)

    first = api("GET", path, query={"limit": "2"})
    rest = api("GET", path, query={"cursor": first.body["nextCursor"]})

    assert [item["id"] for item in first.body["items"] + rest.body["items"]] == [3, 2, 1]
    assert set(rest.body) == {"items"}


def test_a_viewing_is_stored_listed_and_published(api: LibraryApi) -> None:
    api("PUT", FILM, {"seenAt": "2026-01-30", "opinion": "liked", "rating": 8.5})

    [item] = api("GET", "/user/seen").body["items"]
    assert item["seenAt"] == "2026-01-30T00:00:00.000Z"
    assert (item["opinion"], item["rating"]) == ("liked", 8.5)
    [event] = api.library.tables.outbox
    assert isinstance(event.data, TitleSeen)
    assert (event.data.opinion, event.data.rating) == ("liked", 8.5)
    assert event.data.seen_at == NOON.replace(day=30, hour=0)


def test_another_opinion_replaces_the_first_and_is_published_later(api: LibraryApi) -> None:
    api("PUT", FILM, {"opinion": "liked", "rating": 9})
    api.library.now.advance(days=1)

    answer = api("PUT", FILM, {"opinion": "disliked"})
    again = api("PUT", FILM, {"opinion": "disliked"})
    bare = api("PUT", FILM)

    assert [answer.status, again.status, bare.status] == [204] * 3
    [entry] = stored(api)
    assert (entry.added_at, entry.viewing) == (NOON, Viewing(opinion=Opinion.DISLIKED))
    first, second = (event.data for event in api.library.tables.outbox)
    assert isinstance(first, TitleSeen)
    assert isinstance(second, TitleSeen)
    assert (first.added_at, second.added_at) == (NOON, NOON + timedelta(days=1))
    assert (second.opinion, second.rating, second.listed_since) == ("disliked", None, NOON)
    api("DELETE", FILM)
    assert projected(api.library.tables.outbox, "ann", ListName.SEEN) == set()


def test_a_late_clock_keeps_opinions_in_order(api: LibraryApi) -> None:
    api("PUT", FILM, {"rating": 9})
    api.library.now.advance(days=-1)
    api("PUT", FILM, {"rating": 2})

    first, second = (event.data for event in api.library.tables.outbox)
    assert isinstance(first, TitleSeen)
    assert isinstance(second, TitleSeen)
    assert second.added_at > first.added_at


@pytest.mark.parametrize(
    ("rating", "opinion"), [(10, "liked"), (7, "liked"), (6.5, "fine"), (4, "disliked")]
)
def test_a_rating_alone_implies_the_opinion(api: LibraryApi, rating: float, opinion: str) -> None:
    api("PUT", FILM, {"rating": rating})

    [event] = api.library.tables.outbox
    assert isinstance(event.data, TitleSeen)
    assert event.data.opinion == opinion
    assert "opinion" not in api("GET", "/user/seen").body["items"][0]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (FILM, {"rating": 0}, "rating"),
        (FILM, {"rating": 11}, "rating"),
        (FILM, {"rating": True}, "rating"),
        (FILM, {"opinion": "loved"}, "opinion"),
        (FILM, {"seenAt": "yesterday"}, "seenAt"),
        (FILM, {"seenAt": "2026-03-01"}, "seenAt"),
        (FILM, {"opinon": "liked"}, "opinon"),
        (FILM, {"seen_At": "2026-01-01"}, "seen_At"),
        (FILM, {"mediaId": 551}, "mediaId"),
        (FILM, {"mediaType": "tv"}, "mediaType"),
        ("/user/seen/film/550", None, "mediaType"),
        ("/user/seen/movie/x", None, "mediaId"),
        ("/user/dismissed/movie/0", None, "mediaId"),
        ("/user/favourites/tv/1", {"mediaId": 2}, "mediaId"),
    ],
)
def test_what_cannot_be_read_names_its_field(
    api: LibraryApi, path: str, body: dict[str, Any] | None, field: str
) -> None:
    answer = api("PUT", path, body)

    assert (answer.status, list(answer.body["fields"])) == (400, [field])
    assert not api.library.tables.outbox


def test_many_are_seen_in_one_request_each_with_a_result(api: LibraryApi) -> None:
    good = {"mediaId": 1, "rating": 3}
    late = {"mediaId": 2, "seenAt": "2030-01-01"}

    answer = api("POST", "/user/seen/bulk", {"add": [good, late], "remove": [{"mediaId": 9}]})

    assert [it["status"] for it in answer.body["results"]] == ["added", "invalid", "absent"]
    [entry] = stored(api)
    assert entry.viewing == Viewing(rating=3)


def test_what_is_no_opinion_of_a_favourite_is_not_stored(api: LibraryApi) -> None:
    api("PUT", "/user/favourites/movie/1", {"rating": 9, "opinion": "liked"})

    [entry] = stored(api, ListName.FAVOURITES)
    assert entry.viewing == Viewing()


def test_seen_titles_get_the_catalogues_facts(api: LibraryApi) -> None:
    api.library.facts.known = {film().key: film()}

    assert api("PUT", FILM).body["title"] == "Film 550"


def test_an_import_completes_an_opinion_and_replaces_none() -> None:
    library = LibraryApp()
    seen = library.lists[ListName.SEEN].use_cases
    given = Viewing(opinion=Opinion.LIKED)
    seen.add("ann", [Entry.at(film(), NOON, given)], TRACE)

    later = Viewing(NOON - timedelta(days=9), Opinion.DISLIKED, 2)
    for _ in range(2):
        seen.add("ann", [Entry.at(film(), NOON, later)], TRACE)

    [entry] = library.tables.entries("ann", ListName.SEEN)
    assert entry.viewing == Viewing(later.seen_at, Opinion.LIKED, 2)
    assert library.tables.published == ["TitleSeen", "TitleSeen"]


def test_what_several_rows_say_of_one_title_is_put_together() -> None:
    library = LibraryApp()
    rows = [Viewing(seen_at=NOON), Viewing(rating=8), Viewing(opinion=Opinion.FINE, rating=2)]

    entries = [Entry.at(film(), NOON, viewing) for viewing in rows]
    library.lists[ListName.SEEN].add_all("ann", entries, TRACE)

    [entry] = library.tables.entries("ann", ListName.SEEN)
    assert entry.viewing == Viewing(NOON, Opinion.FINE, 8)
    assert library.tables.published == ["TitleSeen"]


def test_the_export_has_both_shelves_and_restores_them(api: LibraryApi) -> None:
    api("PUT", FILM, {"seenAt": "2026-01-30", "rating": 8, "title": "Fight Club"})
    api("PUT", "/user/dismissed/tv/7")
    before = {name: stored(api, name) for name in ListName}
    [part] = [api("GET", "/user/export").body]

    for path in (FILM, "/user/dismissed/tv/7"):
        api("DELETE", path)
    answer = api("POST", "/user/import", part)

    assert (answer.status, answer.body["seen"]["added"], answer.body["dismissed"]["added"]) == (
        200,
        1,
        1,
    )
    for name in ListName:
        restored = [(entry.title, entry.added_at, entry.viewing) for entry in stored(api, name)]
        assert restored == [(it.title, it.added_at, it.viewing) for it in before[name]]


@pytest.mark.parametrize(
    ("method", "path", "successor"),
    [
        (
            "POST",
            "/user/favourites",
            {"Link": "<favourites>", "Link-Template": '"favourites/{mediaType}/{mediaId}"'},
        ),
        (
            "DELETE",
            "/user/watchlist",
            {"Link": "<watchlist>", "Link-Template": '"watchlist/{mediaType}/{mediaId}"'},
        ),
        ("POST", "/user/preferences", {"Link": "<preferences>"}),
    ],
)
def test_forms_of_the_original_say_what_replaces_them(
    api: LibraryApi, method: str, path: str, successor: dict[str, str]
) -> None:
    for body in ({"mediaId": 5} if "pref" not in path else {"minRating": 5}, {"mediaId": "x"}):
        headers = api(method, path, body).headers
        assert headers["Deprecation"].startswith("@")
        links = {name: value for name, value in headers.items() if name.startswith("Link")}
        assert links == {
            name: f'{target}; rel="successor-version"' for name, target in successor.items()
        }


def test_plain_forms_are_not_deprecated_and_do_the_same(api: LibraryApi) -> None:
    patched = api("PATCH", "/user/preferences", {"minRating": 6})
    put = api("PUT", "/user/favorites/movie/550")

    assert patched.body["preferences"]["minRating"] == 6
    assert (put.status, api("GET", "/user/favourites").body["items"][0]["id"]) == (201, 550)
    assert "Deprecation" not in patched.headers.keys() | put.headers.keys()
