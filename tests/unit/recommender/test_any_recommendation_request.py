"""Any request to the recommender's routes has one of the documented responses."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recommender import bootstrap
from recommender.domain.taste import ListEntry, TasteList
from recommender.handlers import recommendations
from tests.fakes.recommender import movie
from tests.unit.recommender.test_functions import ENVIRONMENT, USER, Api, sample_event

TELLING: dict[str, list[object]] = {
    "mediaType": ["movie", "tv", "both", "", "game"],
    "exclude": ["1,2", [1, "movie:2"], "", ",", "1,,2", "x", [None]],
    "favorites": ["1", [3], "tv:4", "-1"],
    "watchlist": ["5", []],
    "preferences": [
        {},
        "",
        "{}",
        {"favoriteGenres": ["28", "Drama", 18, None], "minRating": "abc"},
        {"genreRatings": {"28": 9, "x": "y"}, "favoritePeople": {"actors": "Ann"}},
        {"releaseYearStart": 3000, "releaseYearEnd": -1, "keywords": {"a": 1}},
        '{"dealBreakers": ["violence"]}',
    ],
    "limit": [1, 50, 51, "6"],
    "cursor": ["", "bm9uZQ", "ſ", None],
    "seed": [0, 7, -1],
}

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(), part, max_size=3),
    max_leaves=5,
)
fields = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(likely) | values for name, likely in TELLING.items()}
)
bodies = st.one_of(
    fields.map(json.dumps),
    st.dictionaries(st.text(), values, max_size=4).map(json.dumps),
    st.text(),
    st.just("[" * 5_000),
    st.none(),
)
texts = st.dictionaries(
    st.sampled_from(sorted(TELLING)), st.sampled_from(["1", "movie", "{}", "x", ""]) | st.text()
)


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    api = Api()
    api.tastes.add_entry(USER, TasteList.FAVOURITES, ListEntry(movie(1), api.now()))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.setattr(bootstrap, "recommend_titles", api.service)
        for cached in (bootstrap.edge, recommendations.handler):
            cached.cache_clear()
        yield api
        for cached in (bootstrap.edge, recommendations.handler):
            cached.cache_clear()


def check(answer: dict[str, Any]) -> None:
    assert answer["statusCode"] in {200, 400, 404}, answer["body"]
    if answer["statusCode"] == 200:
        assert len(answer["json"]["items"]) <= 50
        assert answer["json"]["source"] == "content" or not answer["json"]["items"]
    else:
        assert answer["json"]["code"] in {"InvalidInput", "MalformedBody", "TitleNotFound"}


@example(body='{"limit": 1e400}')
@example(body='{"exclude": [1e308]}')
@example(body='{"preferences": {"minRating": 1e400}}')
@given(body=bodies)
def test_any_body_is_answered_or_refused(body: str | None, api: Api) -> None:
    check(api.send({**sample_event("RecommendationsFunction.http.post"), "body": body}))


@given(query=texts)
def test_any_query_is_answered_or_refused(query: dict[str, str], api: Api) -> None:
    event = sample_event("RecommendationsFunction.http.get")

    check(api.send({**event, "queryStringParameters": query}))


@given(
    media=st.sampled_from(["movie", "tv"]) | st.text(), number=st.integers().map(str) | st.text()
)
def test_any_title_is_answered_or_refused(media: str, number: str, api: Api) -> None:
    event = sample_event("RecommendationsFunction.http.similar")
    parameters = {"mediaType": media, "mediaId": number}

    check(api.send({**event, "pathParameters": parameters}))
