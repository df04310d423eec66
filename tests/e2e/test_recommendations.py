"""Recommendations on the running product: favourites go in by HTTP, and the list follows."""

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from matinee.clock import iso
from matinee.ids import new_id
from tests.e2e.conftest import MakePeople, eventually
from tools.ops.client import Person, Stack

FILMS = 24
WESTERN, WAR = 37, 10752
PATIENCE = 90.0
"""Seconds. A cold start of everything on a busy laptop, and half a minute until a model is seen."""


class Shelf:
    """Invented films that no other test knows: westerns by even numbers, the others are of war."""

    def __init__(self, stack: Stack, aws: Callable[[str], Any]) -> None:
        self._stack, self._aws = stack, aws
        self._first = 50_000_000 + 100 * secrets.randbelow(1_000_000)

    def film(self, number: int) -> int:
        return self._first + number

    def number(self, media_id: int) -> int:
        return media_id - self._first

    def fill(self) -> None:
        """Publish the films as the catalogue does."""
        now = datetime.now(UTC)
        titles = [
            {
                "media_type": "movie",
                "media_id": self.film(number),
                "title": f"Invented {number}",
                "overview": "It goes on.",
                "poster_path": f"/{number}.jpg",
                "release_date": "1999-03-31",
                "original_language": "en",
                "genre_ids": [WAR if number % 2 else WESTERN],
                "popularity": 1.0,
                "vote_average": 7.0,
                "vote_count": 300,
                "keywords": [],
                "directors": [],
                "cast": [],
                "cached_at": iso(now),
                "expires_at": iso(now + timedelta(days=30)),
            }
            for number in range(FILMS)
        ]
        detail = {
            "metadata": {
                "event_id": new_id(),
                "event_type": "TitlesCached",
                "schema_version": "1.0",
                "source": "matinee.catalog",
                "occurred_at": iso(now),
                "correlation_id": new_id(),
                "idempotency_key": f"invented:{self._first}",
            },
            "data": {"titles": titles},
        }
        answer = self._aws("events").put_events(
            Entries=[
                {
                    "EventBusName": self._stack.outputs["EventBusName"],
                    "Source": "matinee.catalog",
                    "DetailType": "TitlesCached",
                    "Detail": json.dumps(detail),
                }
            ]
        )
        assert answer["FailedEntryCount"] == 0

    async def filled(self) -> bool:
        """Return whether the recommender knows the last of them."""
        return bool(
            self._aws("dynamodb")
            .get_item(
                TableName=self._stack.outputs["RecommenderTitlesTableName"],
                Key={"titleKey": {"S": f"movie#{self.film(FILMS - 1)}"}},
            )
            .get("Item")
        )

    def entries(self, user_id: str) -> list[str]:
        """Return what the recommender has stored of a user."""
        answer = self._aws("dynamodb").query(
            TableName=self._stack.outputs["RecommenderTastesTableName"],
            KeyConditionExpression="userId = :user",
            ExpressionAttributeValues={":user": {"S": user_id}},
        )
        return [item["entry"]["S"] for item in answer["Items"] if "removedUpTo" not in item]

    def train(self) -> Mapping[str, Any]:
        answer = self._aws("lambda").invoke(
            FunctionName=self._stack.outputs["TrainerFunctionName"], Payload=b'{"train": true}'
        )
        report: Mapping[str, Any] = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, report
        return report


@pytest.fixture
def shelf(stack: Stack, aws: Callable[[str], Any]) -> Shelf:
    return Shelf(stack, aws)


async def call(person: Person, method: str, path: str, **options: Any) -> Any:  # noqa: ANN401
    answer = await person.http.request(
        method,
        f"{person.stack.rest_url}{path}",
        headers={"Authorization": f"Bearer {person.token}"},
        **options,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def like(person: Person, *films: int) -> None:
    for film in films:
        body = {"mediaId": film, "mediaType": "movie", "title": f"Invented, liked by {person.name}"}
        await call(person, "POST", "/user/favourites", json=body)


async def recommended(person: Person, **body: Any) -> dict[str, Any]:  # noqa: ANN401
    wish = {"mediaType": "movie", "exclude": "", "preferences": {}, "favorites": "", "limit": 6}
    answer: dict[str, Any] = await call(person, "POST", "/recommendations", json=wish | body)
    return answer


async def test_a_favourite_changes_the_recommendations(shelf: Shelf, people: MakePeople) -> None:
    shelf.fill()
    ann, *crowd = await people("Ann", "Bob", "Cid", "Dan")
    for place, person in enumerate(crowd):
        await like(person, *(shelf.film(number) for number in range(place * 2, 16, 2)))
    assert await eventually(shelf.filled, PATIENCE)

    async def crowd_is_known() -> bool:
        return all(len(shelf.entries(one.user_id)) >= 6 for one in crowd)

    assert await eventually(crowd_is_known, PATIENCE)
    assert shelf.train()["outcome"] == "trained"

    liked = shelf.film(4)
    await like(ann, liked)

    async def follows() -> bool:
        answer = await recommended(ann)
        reasons = [item["becauseOf"] for item in answer["items"]]
        return (
            answer["source"] == "model" and {"mediaType": "movie", "mediaId": str(liked)} in reasons
        )

    assert await eventually(follows, PATIENCE)
    answer = await recommended(ann)
    because = [item for item in answer["items"] if item["becauseOf"]]
    assert liked not in [item["id"] for item in answer["items"]]
    assert {shelf.number(item["id"]) % 2 for item in because} == {0}
    assert because[0]["recommendationReason"].startswith("Because you liked Invented")
    assert because[0]["genres"] == str(WESTERN)

    await call(ann, "DELETE", "/user/favourites", params={"mediaId": liked, "mediaType": "movie"})

    async def forgets() -> bool:
        return not any(item["becauseOf"] for item in (await recommended(ann))["items"])

    assert await eventually(forgets, PATIENCE)


async def test_lists_in_the_request_count_and_nothing_repeats(
    shelf: Shelf, people: MakePeople
) -> None:
    shelf.fill()
    [ann] = await people("Ann")
    assert await eventually(shelf.filled, PATIENCE)
    own = {"preferences": {"favoriteGenres": [str(WAR)]}, "favorites": str(shelf.film(1))}

    first = await recommended(ann, **own)
    other = await recommended(ann, **own, cursor=first["nextCursor"])
    shown = [item["id"] for item in first["items"]]
    excluded = await recommended(ann, **own, exclude=",".join(map(str, shown)))

    assert len(shown) == 6
    assert shelf.film(1) not in shown
    for answer in (other, excluded):
        assert not set(shown) & {item["id"] for item in answer["items"]}
    assert await recommended(ann, **own) == first


async def test_stated_preferences_change_the_recommendations(
    shelf: Shelf, people: MakePeople
) -> None:
    shelf.fill()
    [ann] = await people("Ann")
    assert await eventually(shelf.filled, PATIENCE)
    await call(ann, "POST", "/user/preferences", json={"favoriteGenres": [str(WAR)]})

    async def follows() -> bool:
        items = (await recommended(ann))["items"]
        return sum(str(WAR) in item["genres"].split("|") for item in items) >= len(items) / 2

    assert await eventually(follows, PATIENCE)


async def test_a_group_is_dealt_what_breaks_nobody_s_deal(shelf: Shelf, people: MakePeople) -> None:
    """What is on several of their lists comes first, and no reason says whose."""
    shelf.fill()
    ann, bob, cid, dan = group = await people("Ann", "Bob", "Cid", "Dan")
    wanted, of_war = shelf.film(2), shelf.film(1)
    for person, films in ((ann, [wanted, of_war]), (bob, [wanted]), (cid, [of_war])):
        for film in films:
            body = {"mediaId": film, "mediaType": "movie", "title": "Invented, to be seen"}
            await call(person, "POST", "/user/watchlist", json=body)
    await call(dan, "POST", "/user/preferences", json={"dislikedGenres": [str(WAR)]})
    stored = {ann.user_id: 2, bob.user_id: 1, cid.user_id: 1, dan.user_id: 1}

    async def all_is_known() -> bool:
        return all(len(shelf.entries(user)) >= number for user, number in stored.items())

    assert await eventually(shelf.filled, PATIENCE)
    assert await eventually(all_is_known, PATIENCE)
    document = "mutation ($input: CreateRoomInput!) { createRoom(input: $input) { id code } }"
    wish = {"mediaType": "MOVIE", "source": "GROUP"}
    room = (await ann.ask(document, input=wish))["createRoom"]
    for person in (bob, cid, dan):
        await person.join_room(room["code"])

    document = "query ($room: ID!) { deck(roomId: $room, limit: 50) { id genreIds reason } }"
    decks = [(await one.ask(document, room=room["id"]))["deck"] for one in group]

    first, *others = decks[0]
    assert (first["id"], first["reason"]) == (wanted, "SEVERAL_LISTS")
    assert "SEVERAL_LISTS" not in {movie["reason"] for movie in others}
    for deck in decks:
        assert {movie["id"] for movie in deck} == {movie["id"] for movie in decks[0]}
        assert not [movie for movie in deck if WAR in movie["genreIds"]]
        assert not [one.user_id for one in group if one.user_id in json.dumps(deck)]


async def test_a_deleted_account_leaves_no_projection(shelf: Shelf, people: MakePeople) -> None:
    [ann] = await people("Ann")
    await like(ann, shelf.film(1), shelf.film(2))

    async def known() -> bool:
        return len(shelf.entries(ann.user_id)) == 2

    assert await eventually(known, PATIENCE)
    await call(ann, "DELETE", "/auth/account")

    async def forgotten() -> bool:
        return shelf.entries(ann.user_id) == ["blocked"]

    assert await eventually(forgotten, PATIENCE)


async def test_recommendations_need_a_token(people: MakePeople) -> None:
    [ann] = await people("Ann")

    answer = await ann.http.get(f"{ann.stack.rest_url}/recommendations")

    assert answer.status_code == 401
