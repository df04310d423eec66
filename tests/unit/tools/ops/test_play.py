"""An evening of many rooms: each goes from its opening to its decision, at its pace."""

import random
from typing import Any, cast

import pytest

from tools.ops.client import Person
from tools.ops.client.retries import Refused
from tools.ops.demo.play import evening

type Json = dict[str, Any]


class Room:
    """A room that people like everything or nothing in, and agree when all have liked a film."""

    def __init__(self, films: int, *, agrees: bool) -> None:
        self.films = [{"id": number, "title": f"Film {number}"} for number in range(films)]
        self.agrees = agrees
        self.people: list[str] = []
        self.votes: list[tuple[str, int]] = []
        self.favourites: list[int] = []
        self.refuses_to_decide = False


class Friend:
    def __init__(self, name: str, room: Room) -> None:
        self.name = name
        self._room = room
        self._seen = 0

    async def create_room(self, **_: object) -> Json:
        self._room.people.append(self.name)
        return {"id": "r", "code": "ABC"}

    async def join_room(self, code: str) -> None:
        assert code == "ABC"
        self._room.people.append(self.name)

    async def deck(self, room_id: str, limit: int) -> list[Json]:
        assert room_id == "r"
        return self._room.films[self._seen : self._seen + limit]

    async def vote(self, room_id: str, movie_id: int, *, yes: bool) -> Json:
        assert room_id == "r"
        assert yes in {True, False}
        self._seen += 1
        self._room.votes.append((self.name, movie_id))
        complete = sum(film == movie_id for _, film in self._room.votes) == len(self._room.people)
        return {"match": {"movieId": movie_id} if complete and self._room.agrees else None}

    async def add_favourite(self, movie_id: int) -> None:
        self._room.favourites.append(movie_id)

    async def decide(self, room_id: str, movie_id: int) -> Json:
        assert room_id == "r"
        if self._room.refuses_to_decide:
            raise Refused({"errorType": "AlreadyDecided", "message": "no"})
        return {"title": self._room.films[movie_id]["title"]}


async def play(room: Room) -> tuple[Any, int]:
    pauses = 0

    async def pause() -> None:
        nonlocal pauses
        pauses += 1

    people = cast("list[Person]", [Friend(name, room) for name in ("Ada", "Boris", "Carmen")])
    return await evening(1, people, random.Random(1), pause), pauses  # noqa: S311 - no secrets


async def test_friends_swipe_in_turns_until_they_agree_and_decide() -> None:
    room = Room(5, agrees=True)

    decision, pauses = await play(room)

    assert decision == {"title": "Film 0"}
    assert room.votes == [("Ada", 0), ("Boris", 0), ("Carmen", 0)]
    assert room.favourites == [0]
    assert pauses == 2 + 3 + 2  # before each guest, each swipe, the favourite and the decision


@pytest.mark.parametrize("films", [0, 2])
async def test_a_room_that_agrees_on_nothing_ends_with_its_cards(films: int) -> None:
    room = Room(films, agrees=False)

    decision, _ = await play(room)

    assert decision is None
    assert len(room.votes) == 3 * films
    assert room.favourites == []


async def test_a_decision_that_others_have_taken_is_no_failure() -> None:
    room = Room(5, agrees=True)
    room.refuses_to_decide = True

    decision, _ = await play(room)

    assert decision is None
    assert room.favourites == [0]
