"""Fills a stack with people to try it with: accounts, favourites, watchlists, tastes, rooms.

All through the public interfaces, as an app would. What is there already is left as it is, so that
seeding twice adds nothing but further rooms.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from tools.local.patience import patient_client
from tools.ops.client import Person, Stack

PASSWORD = "Matinee-2026!"  # noqa: S105 - of invented people
FAVOURITES = 6
WATCHLIST = 3


class NotSeeded(Exception):
    """An interface refuses what a demo needs; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Character:
    """An invented person, with a taste (TMDB's film genres)."""

    name: str
    genres: tuple[int, ...]
    disliked: tuple[int, ...] = ()

    @property
    def email(self) -> str:
        """The address of the account."""
        return f"{self.name.lower()}@matinee.example"


CAST = (
    Character("Ada", (878, 12), (27,)),
    Character("Boris", (28, 53)),
    Character("Carmen", (35, 10749), (27, 53)),
    Character("Dinah", (18, 36)),
    Character("Emil", (16, 10751)),
    Character("Fatima", (80, 9648)),
)
ROOMS: Sequence[tuple[tuple[int, ...], Sequence[str]]] = (
    ((28, 35), ("Ada", "Boris", "Carmen")),
    ((878,), ("Ada", "Emil")),
    ((18,), ("Dinah", "Fatima", "Boris", "Carmen")),
)
"""Genres, and who is in the room; the first of them opens it."""


async def seed(stack: Stack, report: Callable[[str], None]) -> None:
    """Seed, and report each step. Raises NotSeeded."""
    async with patient_client() as http:
        people = {one.name: await _person(stack, http, one) for one in CAST}
        report(f"accounts: {', '.join(one.email for one in CAST)}; password {PASSWORD}")
        films: dict[int, Mapping[str, Any]] = {}
        for genres, names in ROOMS:
            host, *guests = (people[name] for name in names)
            room = await host.create_room(genreIds=list(genres))
            for guest in guests:
                await guest.join_room(room["code"])
            films |= {film["id"]: film for film in room["candidates"]}
            report(f"room {room['code']}: {', '.join(names)}, {len(room['candidates'])} films")
        for one in CAST:
            liked = _liked(one, list(films.values()))
            await _keep(stack, http, people[one.name], one, liked)
            report(f"{one.name}: {len(liked)} films kept, and a taste")


async def _person(stack: Stack, http: httpx.AsyncClient, one: Character) -> Person:
    credentials = {"email": one.email, "password": PASSWORD}
    made = await http.post(f"{stack.rest_url}/auth/signup", json=credentials)
    if made.status_code not in {HTTPStatus.OK, HTTPStatus.CONFLICT}:
        raise NotSeeded(_said(made))
    answer = await http.post(f"{stack.rest_url}/auth/signin", json=credentials)
    if answer.status_code != HTTPStatus.OK:
        hint = " (with AutoConfirm=false an account waits for its code)"
        raise NotSeeded(_said(answer) + hint)
    return Person.signed_in(one.name, one.email, answer.json()["AccessToken"], stack, http)


async def _keep(
    stack: Stack,
    http: httpx.AsyncClient,
    person: Person,
    one: Character,
    liked: Sequence[Mapping[str, Any]],
) -> None:
    headers = {"Authorization": f"Bearer {person.token}"}
    posts: list[tuple[str, dict[str, Any]]] = [
        ("favourites", _entry(film)) for film in liked[:FAVOURITES]
    ]
    posts += [("watchlist", _entry(film)) for film in liked[FAVOURITES : FAVOURITES + WATCHLIST]]
    taste = {"favoriteGenres": list(one.genres), "dislikedGenres": list(one.disliked)}
    posts.append(("preferences", taste))
    for path, body in posts:
        answer = await http.post(f"{stack.rest_url}/user/{path}", json=body, headers=headers)
        if (
            answer.status_code >= HTTPStatus.BAD_REQUEST
            and answer.status_code != HTTPStatus.CONFLICT
        ):
            raise NotSeeded(_said(answer))


def _liked(one: Character, films: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return movies of a character's genres first, then others, none of disliked genres."""

    def fits(film: Mapping[str, Any]) -> int:
        return len(set(film.get("genreIds") or ()) & set(one.genres))

    bearable = [film for film in films if not set(film.get("genreIds") or ()) & set(one.disliked)]
    ordered = sorted(bearable, key=lambda film: (-fits(film), film["id"]))
    return list(itertools.islice(ordered, FAVOURITES + WATCHLIST))


def _entry(film: Mapping[str, Any]) -> dict[str, Any]:
    names = {
        "title": "title",
        "overview": "overview",
        "posterPath": "poster_path",
        "releaseDate": "release_date",
        "voteAverage": "vote_average",
        "genreIds": "genreIds",
    }
    entry = {theirs: film[ours] for ours, theirs in names.items() if film.get(ours) is not None}
    return {"mediaId": film["id"], "mediaType": "movie", **entry}


def _said(answer: httpx.Response) -> str:
    request = answer.request
    return f"{request.method} {request.url.path}: {answer.status_code} {answer.text[:200]}"
