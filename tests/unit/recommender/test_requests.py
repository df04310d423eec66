"""The requests of clients: the original's forms, and every other notation."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.dynamodb.cursor import MAX_CURSOR_CHARACTERS, encode
from matinee.errors import InvalidInput
from matinee.media import MediaType, TitleKey
from matinee.validation import validate
from recommender.api.requests import (
    MAX_EXCLUDED,
    RecommendationsBody,
    RecommendationsQuery,
    SimilarQuery,
    TitlePath,
)
from recommender.domain.requests import ALL_MEDIA_TYPES, EntityRef, RecommendationRequest
from recommender.domain.taste import ListEntry, Taste
from recommender.use_cases.recommend_titles import MAX_SHOWN_TITLES, decode_titles, encode_titles
from tests.fakes.recommender import FakeModel, movie, tv

MOVIES = frozenset({MediaType.MOVIE})


def asked(**body: Any) -> RecommendationRequest:  # noqa: ANN401 - what clients send
    return validate(RecommendationsBody, body).to_request()


def refused(model: type[Any], **values: Any) -> set[str]:  # noqa: ANN401
    with pytest.raises(InvalidInput) as refusal:
        validate(model, values)
    fields = refusal.value.info["fields"]
    assert isinstance(fields, dict)
    return set(fields)


def test_parses_the_original_s_body() -> None:
    question = asked(
        mediaType="movie", exclude="1,2", preferences={}, favorites="3, 4", watchlist=""
    )

    assert question == RecommendationRequest(
        media_types=MOVIES,
        exclude=(EntityRef(1), EntityRef(2)),
        favourites=(EntityRef(3), EntityRef(4)),
    )


def test_parses_the_original_s_query() -> None:
    query = validate(
        RecommendationsQuery,
        {
            "mediaType": "both",
            "exclude": "1,2",
            "preferences": '{"minRating": 7, "userId": "somebody"}',
            "favorites": "",
            "watchlist": "9",
            "limit": "3",
        },
    )

    assert query.to_request() == RecommendationRequest(
        media_types=ALL_MEDIA_TYPES,
        exclude=(EntityRef(1), EntityRef(2)),
        watchlist=(EntityRef(9),),
        preferences={"minRating": 7},
        limit=3,
    )


def test_defaults_to_six_titles_of_the_preferred_media_type() -> None:
    assert asked() == RecommendationRequest(media_types=None, limit=6)
    assert asked(mediaType="", exclude=None, preferences="", favorites=[]) == asked()


@pytest.mark.parametrize(
    "given",
    ["550,movie:603,tv:1396", [550, "movie:603", "tv:1396"], ["550", " movie:603 ", "tv:1396"]],
)
def test_parses_titles_in_every_notation(given: object) -> None:
    named = (EntityRef(550), EntityRef(603, MediaType.MOVIE), EntityRef(1396, MediaType.TV))

    assert asked(exclude=given).exclude == named


def test_parses_preferences_as_text_in_a_body() -> None:
    assert asked(preferences='{"eraPreferences":["classic"]}').preferences == {
        "eraPreferences": ["classic"]
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mediaType", "game"),
        ("limit", 0),
        ("limit", 51),
        ("limit", "many"),
        ("exclude", "1,x"),
        ("exclude", [1.5]),
        ("exclude", [True]),
        ("exclude", ["game:1"]),
        ("exclude", {"1": 2}),
        ("exclude", "0"),
        ("exclude", "-1"),
        ("exclude", "²"),
        ("exclude", "9" * 30),
        ("exclude", [2**31]),
        ("exclude", list(range(1, MAX_EXCLUDED + 2))),
        ("favorites", ["x"]),
        ("watchlist", [None]),
        ("preferences", "[1]"),
        ("preferences", "{"),
        ("preferences", 3),
        ("preferences", "[" * 100_000),
        ("seed", -1),
        ("cursor", "x" * 3000),
        ("userId", "somebody"),
    ],
)
def test_rejects_an_invalid_field_by_name(field: str, value: object) -> None:
    assert refused(RecommendationsBody, **{field: value}) == {field}


def test_parses_a_title_in_a_path() -> None:
    assert validate(TitlePath, {"mediaType": "tv", "mediaId": "1396"}).key == tv(1396)
    assert refused(TitlePath, mediaType="game", mediaId="x") == {"mediaType", "mediaId"}
    assert refused(SimilarQuery, limit="51", exclude="x", more="1") == {"limit", "exclude", "more"}


def test_an_id_excludes_film_and_series() -> None:
    taste = Taste()

    assert asked(mediaType="movie", exclude="5").resolve(taste, None).exclude == {movie(5)}
    both = asked(exclude="5,tv:6", favorites="7", watchlist="8").resolve(taste, None)
    assert both.exclude == {movie(5), tv(5), tv(6), movie(7), tv(7), movie(8), tv(8)}


def test_a_liked_id_is_the_title_in_the_user_s_lists() -> None:
    taste = Taste(favourites=(ListEntry(tv(5)),))

    request = asked(mediaType="movie", favorites="5").resolve(taste, None)

    assert request.favourites == (ListEntry(tv(5)),)


def test_an_unlisted_liked_id_is_the_better_known_title() -> None:
    model = FakeModel((tv(5), movie(6), movie(5)))

    def liked(ids: str, media: str) -> list[TitleKey]:
        request = asked(mediaType=media, favorites=ids).resolve(Taste(), model)
        return [entry.key for entry in request.favourites]

    assert liked("5,6,7", "both") == [tv(5), movie(6), movie(7), tv(7)]
    assert liked("5", "movie") == [movie(5)]


KEYS = st.frozensets(
    st.builds(TitleKey, st.sampled_from(MediaType), st.integers(1, 2**31 - 1)),
    max_size=MAX_SHOWN_TITLES,
)


@given(KEYS)
def test_a_cursor_keeps_the_shown_titles(keys: frozenset[TitleKey]) -> None:
    assert decode_titles(encode_titles(keys)) == keys


def test_a_cursor_of_the_maximum_number_of_titles_is_valid() -> None:
    numbers = random.Random(1).sample(range(1, 1_500_000), MAX_SHOWN_TITLES)  # noqa: S311 - ids
    shown = encode_titles(map(movie, numbers))

    assert len(encode(("recommendations", "user", "any"), {"shown": shown})) < MAX_CURSOR_CHARACTERS


@given(st.text())
def test_decoding_any_text_raises_at_most_a_value_error(
    text: str,
) -> None:
    try:
        decode_titles(text)
    except ValueError:
        return


@pytest.mark.parametrize(
    "title",
    [
        "TV:1396",
        {"mediaId": "1396", "mediaType": "tv", "title": "Salt", "score": 71.5},
        {"id": 1396, "name": "Salt", "first_air_date": "2008-01-20"},
        {"roomId": "r", "movieId": 1396, "matchId": "m", "mediaType": "TV", "matchedUsers": []},
    ],
)
def test_accepts_titles_as_this_product_returns_them(title: object) -> None:
    question = asked(exclude=[title], favorites=[title], watchlist=[title])

    assert question.exclude == question.favourites == (EntityRef(1396, MediaType.TV),)


@pytest.mark.parametrize("title", [{"title": "Salt"}, {"mediaId": 1, "mediaType": "book"}, [1], {}])
def test_rejects_a_title_that_it_cannot_read(title: object) -> None:
    assert refused(RecommendationsBody, exclude=[title]) == {"exclude"}


def test_media_types_may_be_in_any_case() -> None:
    assert asked(mediaType="TV").media_types == frozenset({MediaType.TV})
    assert validate(TitlePath, {"mediaType": "Tv", "mediaId": "5"}).key == TitleKey(MediaType.TV, 5)


@pytest.mark.parametrize(
    ("preferences", "field"),
    [
        ({"favouriteGenres": ["Horror"]}, "preferences.favouriteGenres"),
        ({"dislikedGenres": ["Horor"]}, "preferences.dislikedGenres.0"),
        ({"minRating": 99}, "preferences.minRating"),
        ({"minRating": 8, "maxRating": 2}, "minRating"),
        ({"maturityPreference": "mild"}, "preferences.maturityPreference.one"),
        ({"dealBreakers": ["clowns"]}, "preferences.dealBreakers.0"),
        ("{", "preferences"),
        ([1], "preferences"),
    ],
)
def test_rejects_preferences_as_the_library_does(preferences: object, field: str) -> None:
    assert refused(RecommendationsBody, preferences=preferences) == {field}


def test_stated_preferences_are_those_of_the_library() -> None:
    stated = asked(preferences={"favoriteGenres": ["Horror"], "minRating": None, "step": 3})

    assert stated.preferences == {"favoriteGenres": [27], "minRating": None, "extra": {"step": 3}}
