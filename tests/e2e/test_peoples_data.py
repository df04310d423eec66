"""What people's own data and clients do to the running product, each row of it through the API."""

import asyncio
import secrets
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.e2e.accounts import Visitor
from tests.e2e.conftest import MakePeople, eventually
from tools.ops.client import Stack

LISTS = ("/user/favourites", "/user/watchlist")
NOBODYS_ROOM = "019b0000-0000-7000-8000-000000000001"

type Row = dict[str, Any]
type Newcomer = Callable[[], Visitor]
type Aws = Callable[[str], Any]


class PatientVisitor(Visitor):
    """Sends a request again, as an app does, while a function that starts is too slow for it."""

    def call(
        self, method: str, path: str, body: object = None, *, token: str | None = None
    ) -> httpx.Response:
        answer = super().call(method, path, body, token=token)
        for _ in range(10):
            if answer.status_code not in {429, 503}:
                break
            time.sleep(1)
            answer = super().call(method, path, body, token=token)
        return answer


@pytest.fixture
def newcomer(stack: Stack) -> Newcomer:
    """Return a function that signs up and signs in a new user."""

    def make() -> Visitor:
        visitor = PatientVisitor(stack)
        visitor.sign_up().raise_for_status()
        visitor.sign_in().raise_for_status()
        return visitor

    return make


@pytest.fixture
def film_of_tmdb(stack: Stack) -> Row:
    """Return a film as TMDB lists it, chosen anew each time, that enough people have voted for."""
    page = secrets.choice(range(1, 20))
    query: dict[str, str | int] = {
        "api_key": "tests",
        "vote_count.gte": 50,
        "with_original_language": "en",
        "page": page,
    }
    answer = httpx.get(f"{stack.tmdb_url}/discover/movie", params=query, timeout=30)
    rows: list[Row] = answer.raise_for_status().json()["results"]
    return secrets.choice([row for row in rows if row["poster_path"] and not row["adult"]])


def items(visitor: Visitor, path: str) -> list[Row]:
    """Return a user's list."""
    answer = visitor.signed_in("GET", path)
    answer.raise_for_status()
    rows: list[Row] = answer.json()["items"]
    return rows


async def test_titles_added_by_id_alone_are_shown_with_their_facts(
    newcomer: Newcomer, film_of_tmdb: Row
) -> None:
    ann = newcomer()
    ref = {"mediaId": film_of_tmdb["id"], "mediaType": "movie"}
    ann.signed_in("GET", f"/media/movie/{film_of_tmdb['id']}").raise_for_status()
    for path in LISTS:
        ann.signed_in("POST", path, ref).raise_for_status()

    async def shown() -> bool:
        rows = [row for path in LISTS for row in items(ann, path)]
        return [row.get("title") for row in rows] == [film_of_tmdb["title"]] * 2

    assert await eventually(shown)
    ann.signed_in("DELETE", LISTS[0], ref).raise_for_status()
    added = ann.signed_in("POST", LISTS[0], ref).json()["item"]
    assert added["title"] == film_of_tmdb["title"]
    assert added["posterPath"] == film_of_tmdb["poster_path"]
    assert added["genreIds"] == film_of_tmdb["genre_ids"]


async def test_a_title_of_the_watchlist_comes_to_an_own_platform(
    stack: Stack, aws: Aws, newcomer: Newcomer, film_of_tmdb: Row
) -> None:
    ann, path = newcomer(), f"movie/{film_of_tmdb['id']}"
    stated = {"region": "DE", "streamingPlatforms": ["Netflix"]}
    saved = ann.signed_in("PATCH", "/user/preferences", stated).raise_for_status().json()
    assert saved["preferences"]["region"] == "DE"

    def offered(*provider_ids: int) -> None:
        providers = {"providers": {path: {"DE": list(provider_ids)}}}
        httpx.post(
            f"{stack.tmdb_url.removesuffix('/3')}/__control", json=providers, timeout=30
        ).raise_for_status()
        aws("lambda").invoke(
            FunctionName=stack.outputs["WatchedRefresherFunctionName"],
            Payload=b'{"maxAgeHours": 0}',
        )

    # When a title that nobody streams is on the watchlist, and Netflix gets it
    ann.signed_in("PUT", f"/user/watchlist/{path}").raise_for_status()

    async def is_offered_by_nobody() -> bool:
        offered()
        [item] = items(ann, "/user/watchlist")
        return item.get("availableOn") == []

    async def is_told() -> bool:
        return bool(await asyncio.to_thread(items, ann, "/user/notices"))

    assert await eventually(is_offered_by_nobody)
    offered(8)
    # Then the inbox tells, and the watchlist shows it
    assert await eventually(is_told)
    [notice] = items(ann, "/user/notices")
    assert (notice["id"], notice["region"], notice["isRead"]) == (film_of_tmdb["id"], "DE", False)
    assert notice["platforms"] == [{"id": 8, "name": "Netflix"}]

    async def has_badge() -> bool:
        [item] = items(ann, "/user/watchlist")
        badge = {"id": 8, "name": "Netflix", "isOwn": True}
        return badge in item.get("availableOn", [])

    assert await eventually(has_badge)
    read = httpx.put(
        f"{stack.rest_url}/user/notices/read",
        json={"until": notice["noticeId"]},
        headers={"Authorization": f"Bearer {ann.tokens['AccessToken']}"},
        timeout=30,
    )
    assert read.status_code == 204
    assert items(ann, "/user/notices")[0]["isRead"]
    assert ann.signed_in("GET", "/user/export").json()["notices"][0]["id"] == film_of_tmdb["id"]


def test_a_later_request_fills_what_nobody_knew(newcomer: Newcomer) -> None:
    ann = newcomer()
    ref = {"mediaId": 1_999_999_999, "mediaType": "movie"}

    for path in LISTS:
        bare = ann.signed_in("POST", path, ref).json()["item"]
        told = {**ref, "title": "Home video", "poster_path": "/home.jpg"}
        filled = ann.signed_in("POST", path, told)
        worse = ann.signed_in("POST", path, {**told, "title": "1999999999"})

        assert "title" not in bare
        assert filled.json()["message"].startswith("Already")
        assert filled.json()["item"] == worse.json()["item"] == items(ann, path)[0]
        assert filled.json()["item"]["title"] == "Home video"
        assert filled.json()["item"]["addedAt"] == bare["addedAt"]


async def test_reads_are_refused_after_the_deletion_of_an_account(
    newcomer: Newcomer, stack: Stack
) -> None:
    ann = newcomer()
    ann.signed_in("POST", LISTS[0], {"mediaId": 550, "title": "Film 550"}).raise_for_status()
    ann.signed_in("DELETE", "/auth/account").raise_for_status()
    paths = (*LISTS, "/user/preferences", "/user/export", "/recommendations")
    reads = (*paths, "/recommendations/similar/movie/550")
    fields = (
        "getMyRooms",
        "getMyMatches",
        f'getRoom(id: "{NOBODYS_ROOM}")',
        'getRoomByCode(code: "ABC234")',
    )

    def told() -> set[object]:
        refused = [ann.signed_in("GET", path) for path in reads]
        codes: set[object] = {(it.status_code, it.json().get("code")) for it in refused}
        for field in fields:
            body = {"query": f"{{ {field} {{ id }} }}"}
            headers = {"Authorization": ann.tokens["AccessToken"]}
            answer = httpx.post(stack.graphql_url, json=body, headers=headers, timeout=60).json()
            codes.add(tuple(error["errorType"] for error in answer.get("errors") or ()))
        return codes

    async def refused() -> bool:
        return await asyncio.to_thread(told) == {(403, "AccountDeleted"), ("AccountDeleted",)}

    assert await eventually(refused), told()


def test_children_see_nothing_for_others(newcomer: Newcomer) -> None:
    ann = newcomer()
    harsh = {27, 53, 80, 10752}

    for wish in ("kid-friendly", "PG", ["kids"]):
        asked = {"preferences": {"maturityPreference": wish}, "limit": 50}
        rows = ann.signed_in("POST", "/recommendations", asked).json()["items"]
        assert rows
        assert not [row for row in rows if harsh & {int(g) for g in row["genres"].split("|") if g}]
    for path, body in (
        ("/recommendations", {"preferences": {"maturityPreference": "mild"}}),
        ("/user/preferences", {"maturityPreference": "mild"}),
    ):
        refused = ann.signed_in("POST", path, body)
        assert (refused.status_code, refused.json()["code"]) == (400, "InvalidInput")


def test_an_import_puts_back_what_was_removed_as_it_was(newcomer: Newcomer) -> None:
    ann = newcomer()
    for path in LISTS:
        for media_id in (550, 551):
            film = {"mediaId": media_id, "title": f"Film {media_id}", "mediaType": "movie"}
            ann.signed_in("POST", path, film).raise_for_status()
    before = [items(ann, path) for path in LISTS]
    export = ann.signed_in("GET", "/user/export").json()
    for path in LISTS:
        ann.signed_in("DELETE", f"{path}?mediaId=550&mediaType=movie").raise_for_status()

    ann.signed_in("POST", "/user/import", export).raise_for_status()

    assert [items(ann, path) for path in LISTS] == before
    for path in LISTS:
        again = ann.signed_in("DELETE", f"{path}?mediaId=550&mediaType=movie")
        assert again.json()["removed"]


async def test_an_export_has_everything_that_is_stored_of_a_user(
    people: MakePeople, stack: Stack
) -> None:
    ada, boris = await people("Ada", "Boris")
    room = await ada.create_room()
    await boris.join_room(room["code"])
    film = room["candidates"][0]["id"]
    headers, user = {"Authorization": f"Bearer {ada.token}"}, f"{stack.rest_url}/user"

    async def matches_are_kept() -> bool:
        wish = {"keepMatches": True}
        saved = await ada.http.patch(f"{user}/preferences", json=wish, headers=headers)
        return saved.is_success

    assert await eventually(matches_are_kept)
    await ada.vote(room["id"], film, seen=True)
    await boris.vote(room["id"], film)

    async def exported() -> list[Row]:
        parts: list[Row] = []
        while not parts or "nextCursor" in parts[-1]:
            query = {"cursor": parts[-1]["nextCursor"]} if parts else {}
            answer = await ada.http.get(f"{user}/export", params=query, headers=headers)
            if answer.is_success:
                parts.append(answer.json())
            else:
                assert answer.status_code == 503, answer.text
        return parts

    async def has_the_match_and_what_followed_from_it() -> bool:
        first, *others = await exported()
        listed = {name: [it["mediaId"] for it in first[name]] for name in ("seen", "watchlist")}
        is_listed = listed == {"seen": [str(film)], "watchlist": [str(film)]}
        return is_listed and any(part.get("matches") for part in others)

    assert await eventually(has_the_match_and_what_followed_from_it)
    parts = await exported()
    [account] = [part["account"] for part in parts if "account" in part]
    assert (account["userId"], account["email"]) == (ada.user_id, ada.email)
    [found] = [it for part in parts for it in part.get("rooms", ())]
    assert found["id"] == room["id"]
    assert [(vote["userId"], vote["movieId"]) for vote in found["votes"]] == [(ada.user_id, film)]
    assert [it["movieId"] for part in parts for it in part.get("matches", ())] == [film]
    assert parts[0]["preferences"] == {"keepMatches": True}
    query = {"letterboxd": "watchlist"}
    file = await ada.http.get(f"{user}/export", params=query, headers=headers)
    assert [line.split(",")[0] for line in file.text.splitlines()] == ["tmdbID", str(film)]


def test_rows_as_odd_as_those_of_tmdb_are_taken_and_shown_clean(newcomer: Newcomer) -> None:
    ann = newcomer()
    odd: list[Row] = [
        {"id": 605, "title": "Amélie", "release_date": "", "poster_path": None, "softcore": False},
        {"id": 605, "name": "千と千尋の神隠し", "first_air_date": "2001-07-20", "adult": False},
        {"id": 606, "title": "مرحبا", "original_language": "ar", "video": False, "new_field": {}},
        {"id": 607, "title": "Evil\u202e\u200b\u0007 name", "genre_ids": [], "vote_average": 0.0},
    ]
    refused: list[Row] = [
        {"id": 608, "title": "Script", "poster_path": "javascript:alert(1)"},
        {"id": 608, "title": "Some day", "release_date": "soon"},
        {"id": 608, "title": "Not for all", "adult": True},
        {"id": 2**31, "title": "Too far"},
    ]

    for path in LISTS:
        done = ann.signed_in("POST", f"{path}/bulk", {"add": [*odd, *refused]}).json()["results"]
        rows = items(ann, path)

        assert [it["status"] for it in done] == ["added"] * 4 + ["invalid"] * 4
        assert {(row["mediaType"], row["id"], row["title"]) for row in rows} == {
            ("movie", 605, "Amélie"),
            ("tv", 605, "千と千尋の神隠し"),
            ("movie", 606, "مرحبا"),
            ("movie", 607, "Evil name"),
        }
        assert not any({"softcore", "new_field"} & row.keys() for row in rows)
        for limit in (-1, 0):
            answer = ann.signed_in("GET", f"{path}?limit={limit}")
            assert "greater than or equal to 1" in answer.json()["fields"]["limit"]
