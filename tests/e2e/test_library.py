"""A user's library on the running product: through the gateway, the roles' rights and the bus."""

import asyncio
import base64
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any

import httpx
import pytest

from library.adapters.dynamodb.items import entry_item
from library.domain.titles import Entry, Title
from library.events.published import PUBLISHED
from matinee.media import MediaType, TitleKey
from tests.e2e.accounts import PATIENCE, Visitor
from tests.e2e.conftest import Idle, eventually
from tools.ops.client import Stack

FILM = {
    "mediaId": "550",
    "title": "Fight Club",
    "mediaType": "movie",
    "poster_path": "/fight.jpg",
    "overview": "A ticking-time-bomb insomniac.",
    "release_date": "1999-10-15",
    "vote_average": 8.4,
    "genre_ids": [18, 53],
}
TABLES = ("UserPreferences", "Favourites", "Watchlist")

type Listen = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def newcomer(stack: Stack) -> Callable[[], Visitor]:
    """Return a function that signs up and signs in a new user."""

    def make() -> Visitor:
        visitor = Visitor(stack)
        visitor.sign_up().raise_for_status()
        visitor.sign_in().raise_for_status()
        return visitor

    return make


def user_id(visitor: Visitor) -> str:
    """Return whose the access token is."""
    payload = visitor.tokens["AccessToken"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return str(claims["sub"])


def test_the_original_clients_requests_work(newcomer: Callable[[], Visitor]) -> None:
    ann = newcomer()

    for path in ("/user/favourites", "/user/watchlist"):
        assert ann.signed_in("GET", path).json() == {"items": []}
        added = ann.signed_in("POST", path, FILM)
        again = ann.signed_in("POST", path, {**FILM, "mediaId": 550})
        series = ann.signed_in("POST", path, {"movieId": 550, "mediaType": "tv"})
        items = ann.signed_in("GET", path).json()["items"]
        assert [answer.status_code for answer in (added, again, series)] == [200, 200, 200]
        assert again.json()["item"] == added.json()["item"] == items[1]
        assert items[1]["poster_path"] == items[1]["posterPath"] == "/fight.jpg"
        assert [item["mediaType"] for item in items] == ["tv", "movie"]
        by_query = ann.signed_in("DELETE", f"{path}?mediaId=550&media_type=movie")
        by_body = ann.signed_in("DELETE", path, {"mediaId": "550", "mediaType": "tv"})
        gone = ann.signed_in("DELETE", f"{path}?mediaId=550")
        assert [one.json()["removed"] for one in (by_query, by_body, gone)] == [True, True, False]
        assert ann.signed_in("GET", path).json() == {"items": []}


def test_preferences_are_saved_answer_by_answer(newcomer: Callable[[], Visitor]) -> None:
    ann, bob = newcomer(), newcomer()
    defaults = ann.signed_in("GET", "/user/preferences").json()["preferences"]

    ann.signed_in("POST", "/user/preferences", {"favoriteGenres": ["Action", "18"]})
    rated = {"minRating": 6.5, "userId": user_id(bob)}
    saved = ann.signed_in("POST", "/user/preferences", rated)
    found = ann.signed_in("GET", "/user/preferences")

    assert found.json()["preferences"]["favoriteGenres"] == [28, 18]
    assert found.json()["preferences"]["minRating"] == 6.5
    assert found.headers["ETag"] == saved.headers["ETag"]
    assert found.headers["Cache-Control"] == "no-store"
    assert bob.signed_in("GET", "/user/preferences").json()["preferences"] == defaults
    refused = ann.signed_in("POST", "/user/preferences", {"minRating": "abc", "contentTyp": "tv"})
    assert (refused.status_code, set(refused.json()["fields"])) == (
        400,
        {"minRating", "contentTyp"},
    )
    assert refused.headers["Content-Type"] == "application/problem+json"
    ann.signed_in("POST", "/user/preferences/reset").raise_for_status()
    reset = ann.signed_in("GET", "/user/preferences").json()["preferences"]
    assert {**reset, "updatedAt": None} == defaults


def test_concurrent_devices_lose_no_answers(newcomer: Callable[[], Visitor]) -> None:
    ann = newcomer()
    fields = ["keywords", "moodPreferences", "eraPreferences", "languagePreferences"]

    with ThreadPoolExecutor(4) as devices:
        answers = list(
            devices.map(
                lambda name: ann.signed_in("POST", "/user/preferences", {name: ["x"]}), fields
            )
        )

    assert [answer.status_code for answer in answers] == [200] * 4
    found = ann.signed_in("GET", "/user/preferences").json()["preferences"]
    assert [found[name] for name in fields] == [["x"]] * 4
    stale = httpx.post(
        f"{ann.stack.rest_url}/user/preferences",
        json={"minRating": 5},
        headers={"Authorization": f"Bearer {ann.tokens['AccessToken']}", "If-Match": '"1"'},
        timeout=PATIENCE,
    )
    assert (stale.status_code, stale.json()["code"]) == (412, "PreferencesChanged")


async def test_each_change_is_published_once(
    newcomer: Callable[[], Visitor], wiretap: Listen, idle: Idle
) -> None:
    ann = await asyncio.to_thread(newcomer)

    def live() -> None:
        ann.signed_in("POST", "/user/watchlist", FILM)
        ann.signed_in("POST", "/user/watchlist", FILM)
        ann.signed_in("POST", "/user/watchlist/move-to-favourites", {"mediaId": 550})
        ann.signed_in("POST", "/user/watchlist/move-to-favourites", {"mediaId": 550})
        ann.signed_in("DELETE", "/user/favourites", {"mediaId": 550})
        ann.signed_in("DELETE", "/user/favourites", {"mediaId": 550})
        ann.signed_in("POST", "/user/preferences", {"keywords": ["heist"]})
        ann.signed_in("POST", "/user/preferences", {"keywords": ["heist"]})

    await asyncio.to_thread(live)
    expected = {
        "WatchlistItemAdded": 1,
        "WatchlistItemRemoved": 1,
        "FavouriteAdded": 1,
        "FavouriteRemoved": 1,
        "PreferencesUpdated": 1,
    }

    def heard() -> dict[str, int]:
        types: dict[str, int] = {}
        for event in wiretap():
            if event["source"] == "matinee.library" and user_id(ann) in str(event):
                PUBLISHED.read(event["detail"])
                assert event["detail"]["metadata"]["correlation_id"] == ann.correlation_id
                types[event["detail-type"]] = types.get(event["detail-type"], 0) + 1
        return types

    async def all_of_them() -> bool:
        return await asyncio.to_thread(heard) == expected

    assert await eventually(all_of_them)
    await idle()
    assert await asyncio.to_thread(heard) == expected


def test_users_cannot_access_each_others_lists(newcomer: Callable[[], Visitor]) -> None:
    ann, bob = newcomer(), newcomer()
    for number in (1, 2):
        bob.signed_in("POST", "/user/favourites", {"mediaId": number}).raise_for_status()
    cursor = bob.signed_in("GET", "/user/favourites?limit=1").json()["nextCursor"]

    stolen = ann.signed_in("GET", f"/user/favourites?cursor={cursor}")
    named = ann.signed_in("GET", f"/user/favourites?userId={user_id(bob)}")
    own = ann.signed_in("GET", "/user/favourites")
    deleted = ann.signed_in("DELETE", "/user/favourites", {"mediaId": 1, "userId": user_id(bob)})
    nobody = ann.call("GET", "/user/favourites")
    identity = ann.call("GET", "/user/favourites", token=bob.tokens["IdToken"])

    assert stolen.status_code == 400
    assert (named.status_code, own.json()) == (400, {"items": []})
    assert deleted.json()["removed"] is False
    assert (nobody.status_code, identity.status_code) == (401, 403)
    assert len(bob.signed_in("GET", "/user/favourites").json()["items"]) == 2


def test_an_imported_library_is_exported_again(newcomer: Callable[[], Visitor]) -> None:
    ann = newcomer()
    titles = [
        {"mediaId": str(number), "mediaType": "movie", "addedAt": "2025-01-01T00:00:00.000Z"}
        for number in range(1, 301)
    ]

    taken = ann.signed_in("POST", "/user/import", {"favourites": titles, "watchlist": titles[:3]})
    again = ann.signed_in("POST", "/user/import", {"favourites": titles})
    part = ann.signed_in("GET", "/user/export").json()

    assert taken.json()["favourites"] == {"added": 300, "already": 0, "invalid": 0, "busy": 0}
    assert again.json()["favourites"]["already"] == 300
    assert sorted(part["favourites"], key=lambda item: int(item["mediaId"])) == titles
    assert len(part["watchlist"]) == 3
    following = ann.signed_in("GET", f"/user/export?cursor={part['nextCursor']}").json()
    assert (following["favourites"], following["account"]["userId"]) == ([], user_id(ann))


async def test_ten_thousand_favourites_are_paged_and_erased(
    newcomer: Callable[[], Visitor], stack: Stack, aws: Callable[[str], Any]
) -> None:
    ann = await asyncio.to_thread(newcomer)
    dynamodb = aws("dynamodb")
    await asyncio.to_thread(store, dynamodb, stack, user_id(ann), 10_000)

    pages = [await asyncio.to_thread(ann.signed_in, "GET", "/user/favourites?limit=200")]
    for _ in range(4):
        query = f"limit=200&cursor={pages[-1].json()['nextCursor']}"
        pages.append(await asyncio.to_thread(ann.signed_in, "GET", f"/user/favourites?{query}"))

    shown = [item["id"] for page in pages for item in page.json()["items"]]
    assert shown == list(range(10_000, 9_000, -1))
    part = (await asyncio.to_thread(ann.signed_in, "GET", "/user/export")).json()
    assert (len(part["favourites"]), "nextCursor" in part) == (500, True)

    (await asyncio.to_thread(ann.signed_in, "DELETE", "/auth/account")).raise_for_status()

    def left() -> int:
        return sum(
            "ttl" not in item
            for table in TABLES
            for page in dynamodb.get_paginator("query").paginate(
                TableName=stack.outputs[f"{table}TableName"],
                KeyConditionExpression="userId = :user",
                ExpressionAttributeValues={":user": {"S": user_id(ann)}},
                ConsistentRead=True,
            )
            for item in page["Items"]
        )

    async def nothing_is_left() -> bool:
        await asyncio.sleep(1)
        return await asyncio.to_thread(left) == 0

    assert await eventually(nothing_is_left)
    late = await asyncio.to_thread(ann.signed_in, "POST", "/user/favourites", FILM)
    assert (late.status_code, late.json()["code"]) == (403, "AccountDeleted")
    assert await asyncio.to_thread(left) == 0


def store(dynamodb: Any, stack: Stack, user: str, titles: int) -> None:  # noqa: ANN401 - a client
    """Store favourites without the service: ten thousand events would be another test."""
    began = datetime(2025, 1, 1, tzinfo=UTC)
    table = stack.outputs["FavouritesTableName"]
    for numbers in batched(range(1, titles + 1), 25, strict=False):
        entries = [
            Entry(
                Title(key=TitleKey(MediaType.MOVIE, number), title=f"Film {number}"),
                began + timedelta(seconds=number),
            )
            for number in numbers
        ]
        puts = [{"PutRequest": {"Item": entry_item(user, entry)}} for entry in entries]
        assert not dynamodb.batch_write_item(RequestItems={table: puts})["UnprocessedItems"]
