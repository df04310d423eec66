"""Findings.md's own cases of Smart Discovery, on the running product: a catalogue of just these."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import uvicorn

from tests.e2e.conftest import MakePeople
from tools.ops.client import Stack
from tools.tmdb.app import create_app
from tools.tmdb.catalogue import CatalogueBuilder

ACTION, ADVENTURE, ANIMATION, DRAMA, ROMANCE, WESTERN, DOCUMENTARY = 28, 12, 16, 18, 10749, 37, 99


def exact_catalogue() -> CatalogueBuilder:
    builder = CatalogueBuilder()
    builder.films(60, genres=(ACTION, ADVENTURE))
    builder.films(23, genres=(DRAMA, ANIMATION))
    builder.films(40, genres=(DRAMA,))
    builder.films(30, genres=(ROMANCE,))
    builder.films(2, genres=(WESTERN, DOCUMENTARY))
    builder.films(30, genres=(WESTERN,))
    builder.films(30, genres=(DOCUMENTARY,))
    builder.film("Amélie's Café", id=9001, genres=(ROMANCE, ANIMATION), language="fr")
    builder.film("千と千尋の神隠し", id=9002, genres=(ROMANCE,), language="ja")
    builder.film("Hidden", id=9003, genres=(ROMANCE,), has_poster=False)
    return builder


@pytest.fixture(scope="module")
def exact_tmdb() -> Iterator[str]:
    """A stand-in that holds these films alone; answers its base URL."""
    app = create_app(exact_catalogue().build(), rate_limit=0)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the stand-in did not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/3"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module", autouse=True)
def discovering_there(exact_tmdb: str, stack: Stack, aws: Callable[[str], Any]) -> Iterator[None]:
    """Points the product's discovery at that stand-in for the time of these tests."""
    lambda_, function = aws("lambda"), stack.outputs["DiscoverFunctionName"]
    before = lambda_.get_function_configuration(FunctionName=function)["Environment"]
    there = {"Variables": before["Variables"] | {"TMDB_BASE_URL": exact_tmdb}}
    lambda_.update_function_configuration(FunctionName=function, Environment=there)
    with contextlib.ExitStack() as later:
        later.callback(
            lambda_.update_function_configuration, FunctionName=function, Environment=before
        )
        yield


async def candidates(people: MakePeople, *genres: int) -> list[dict[str, Any]]:
    [ada] = await people("Ada")
    found: list[dict[str, Any]] = (await ada.create_room(genreIds=list(genres)))["candidates"]
    return found


async def test_sixty_titles_with_both_genres_always_give_fifty(people: MakePeople) -> None:
    for _ in range(5):
        found = await candidates(people, ACTION, ADVENTURE)
        assert len({movie["id"] for movie in found}) == 50
        assert all({ACTION, ADVENTURE} <= set(movie["genreIds"]) for movie in found)


async def test_twenty_three_with_both_genres_come_first(
    people: MakePeople,
) -> None:
    found = await candidates(people, DRAMA, ANIMATION)
    has_both = [{DRAMA, ANIMATION} <= set(movie["genreIds"]) for movie in found]
    assert has_both == [True] * 23 + [False] * 27


async def test_two_of_a_rare_pair_come_first(people: MakePeople) -> None:
    found = await candidates(people, WESTERN, DOCUMENTARY)
    has_both = [{WESTERN, DOCUMENTARY} <= set(movie["genreIds"]) for movie in found]
    assert has_both == [True] * 2 + [False] * 48


async def test_a_genre_of_thirty_gives_thirty(people: MakePeople) -> None:
    found = await candidates(people, ROMANCE)
    assert len(found) == 31
    assert "Amélie's Café" in {movie["title"] for movie in found}
    assert {9002, 9003}.isdisjoint(movie["id"] for movie in found)


async def test_discovery_requests_the_stand_in(people: MakePeople, exact_tmdb: str) -> None:
    await candidates(people, ROMANCE)
    statistics = httpx.get(f"{exact_tmdb.removesuffix('/3')}/__stats").json()
    assert statistics["requests"] > 0
