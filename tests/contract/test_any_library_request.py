"""Any request to a route of the library gets a response that the document describes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from library.api.routes import ROUTES
from matinee.http.routes import Route
from tests.contract.test_openapi import documented, validator
from tests.fakes.examples import examples
from tests.fakes.library_http import LibraryApi, library_api, reset_handlers

VALUES: dict[str, list[object]] = {
    "mediaId": [550, "550", "0550", "٥٥٠", 0, -1, 10**9, 10**400, 1.0, True, "", "\ud800", [550]],
    "movieId": [551, "551", None, {}],
    "id": [552, None],
    "mediaType": ["movie", "tv", "TV", "book", "", None, 1],
    "media_type": ["movie", "tv"],
    "addedAt": ["2026-01-31T12:00:00.000Z", "0001-01-01T00:00:00+14:00", "yesterday", 0, 1e300],
    "title": ["Fight Club", "", "\udfff", "x" * 501, None, 5],
    "poster_path": ["/p.jpg", "", None, 1],
    "genres": ["28|12", "28|", "Action", [{"id": 28}], [{}], [None], [[1]], 28],
    "genre_ids": [[28], ["28"], [True], [10**12], []],
    "popularity": [1.5, 1e-300, 1e300, "1", "nan", "inf", False],
    "vote_average": [8.4, 11, -1, "8.4"],
    "minRating": [7, 7.5, "7", "abc", -0.0, 11, None, True],
    "maxRating": [2, 10],
    "favoriteGenres": [[28, "Action", "35"], ["x"], [1e9], "28", [None], [[]]],
    "genreRatings": [{"28": 7}, {"Action": 3}, {"x": 1}, {"28": 0}, {"28": "7"}, []],
    "favoritePeople": [{"actors": ["A"]}, {"actors": None}, {"x": 1}, [], None],
    "watchingTime": ["evening", ["a", "b"], "", 1, {}],
    "contentDiscoveryPreference": ["trending", ["classics"], ["x"], ""],
    "questionnaireCompleted": [True, "true", 1],
    "add": [[], [{"mediaId": 1}], [{"mediaId": 1}] * 101, [1], {}],
    "remove": [[{"mediaId": 1}], [{}], None],
    "favourites": [[{"mediaId": 1, "addedAt": "2020-01-01T00:00:00Z"}, {}], "x"],
    "watchlist": [[{"mediaId": 2}]],
    "preferences": [{"minRating": 7}, {"minRating": 9, "maxRating": 1}, {"x": 1}, None],
    "userId": ["bob", None, 5],
    "\ud800": [1],
}
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(), part, max_size=3),
    max_leaves=5,
)
pairs = st.one_of(
    [st.tuples(st.just(name), st.sampled_from(VALUES[name]) | values) for name in sorted(VALUES)]
)
bodies = st.one_of(
    st.lists(pairs, min_size=1, max_size=5).map(dict).map(json.dumps),
    st.dictionaries(st.text(), values, max_size=3).map(json.dumps),
    values.map(json.dumps),
    st.just("[" * 5_000),
    st.none(),
)
queries = st.dictionaries(
    st.sampled_from(["limit", "cursor", "mediaId", "movieId", "mediaType", "addedAt", "x"]),
    st.sampled_from(["550", "tv", "2026-01-31T12:00:00Z", "1,2", "", "W10", "-1"]) | st.text(),
    max_size=3,
)
headers = st.dictionaries(
    st.sampled_from(["If-Match", "If-None-Match", "x-correlation-id"]),
    st.sampled_from(['"0"', '"1"', "*", 'W/"1"', "", ","]) | st.text(max_size=40),
    max_size=2,
)


@pytest.fixture(scope="module")
def api() -> Iterator[LibraryApi]:
    """One library for all requests: each finds what earlier ones stored."""
    with pytest.MonkeyPatch.context() as patch:
        yield library_api(patch)
    reset_handlers()


@pytest.mark.filterwarnings("ignore:No application metrics")
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
@settings(
    max_examples=examples(30),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(body=bodies, query=queries, sent=headers)
@example(body=json.dumps({"mediaId": 550}), query={}, sent={})
@example(body=json.dumps({"minRating": 7}), query={}, sent={"If-Match": "*"})
def test_every_request_gets_a_documented_response(
    api: LibraryApi, route: Route, body: str | None, query: dict[str, str], sent: dict[str, str]
) -> None:
    answer = api(route.method, route.path, body, query=query, headers=sent)

    assert answer.status < 500
    promised: dict[str, Any] = documented(f"{route.method} {route.path}")["responses"]
    content = promised[str(answer.status)].get("content")
    if content is None:
        assert answer.body == {}
        return
    validator(content[answer.headers["Content-Type"]]["schema"]).validate(answer.body)
