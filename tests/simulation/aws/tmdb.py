"""TMDB: a few films in all lists, their details, a search by name, and answers that fail."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from random import Random
from typing import Any

import httpx

FAILING = 0.04
"""How probable it is that an answer is a 429 or a 500."""

PER_PAGE = 2


class Tmdb:
    """The server. `films` are the ids of all that it knows."""

    def __init__(self, films: Sequence[int]) -> None:
        self._films = films

    def respond(self, request: httpx.Request, chance: Random, *, failing: bool) -> httpx.Response:
        """Respond to a request."""
        if failing and chance.random() < FAILING:
            status = chance.choice((HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY))
            return httpx.Response(status, headers={"Retry-After": "1"}, json={})
        path = request.url.path.partition("/3/")[2]
        found = self._found(path, dict(request.url.params))
        status = HTTPStatus.OK if found is not None else HTTPStatus.NOT_FOUND
        return httpx.Response(status, json=found or {})

    def _found(self, path: str, given: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
        kind, _, rest = path.partition("/")
        if kind in {"movie", "tv"} and rest.isdigit():
            number = int(rest)
            return _details(number) if kind == "movie" and number in self._films else None
        if kind == "search":
            named = re.findall(r"\d{3}", given["query"])
            films = [film for film in self._films if str(film) in named]
            return _page(films if rest == "movie" else [], 1)
        if kind == "find":
            return {"movie_results": [], "tv_results": []}
        return _page([] if "tv" in path.split("/") else self._films, int(given.get("page", 1)))


def name_of(film: int) -> str:
    """Return a film's title."""
    return f"Film {film}"


def _page(films: Sequence[int], page: int) -> dict[str, Any]:
    start = (page - 1) * PER_PAGE
    return {
        "page": page,
        "results": [_row(film) for film in films[start : start + PER_PAGE]],
        "total_pages": -(-len(films) // PER_PAGE),
        "total_results": len(films),
    }


def _row(film: int) -> dict[str, Any]:
    return {
        "id": film,
        "title": name_of(film),
        "original_title": name_of(film),
        "overview": "",
        "poster_path": None,
        "backdrop_path": None,
        "release_date": "2020-01-31",
        "vote_average": 7.0,
        "vote_count": 500,
        "popularity": 10.0,
        "genre_ids": [28],
        "original_language": "en",
        "adult": False,
    }


def _details(film: int) -> dict[str, Any]:
    row = _row(film)
    del row["genre_ids"]
    return row | {"genres": [{"id": 28, "name": "Action"}], "runtime": 100, "status": "Released"}
