"""What clients send: the original's own forms, and every other way to say the same."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from recommender.use_cases.recommend_titles import MAX_SHOWN_TITLES, encode_titles
from recommender.use_cases.recommend_titles import decode_titles as read_shown
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


def test_the_original_s_body_is_understood() -> None:
    question = asked(
        mediaType="movie", exclude="1,2", preferences={}, favorites="3, 4", watchlist=""
    )

    assert question == RecommendationRequest(
        media_types=MOVIES,
        exclude=(EntityRef(1), EntityRef(2)),
        favourites=(EntityRef(3), EntityRef(4)),
    )


def test_the_original_s_query_is_understood() -> None:
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
        preferences={"minRating": 7, "userId": "somebody"},
        limit=3,
    )


def test_nothing_said_is_six_of_whatever_the_preferences_prefer() -> None:
    assert asked() == RecommendationRequest(media_types=None, limit=6)
    assert asked(mediaType="", exclude=None, preferences="", favorites=[]) == asked()


@pytest.mark.parametrize(
    "given",
    ["550,movie:603,tv:1396", [550, "movie:603", "tv:1396"], ["550", " movie:603 ", "tv:1396"]],
)
def test_titles_may_be_named_in_any_of_these_ways(given: object) -> None:
    named = (EntityRef(550), EntityRef(603, MediaType.MOVIE), EntityRef(1396, MediaType.TV))

    assert asked(exclude=given).exclude == named


def test_preferences_may_be_text_in_a_body_too() -> None:
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
def test_what_cannot_be_understood_is_refused_by_name(field: str, value: object) -> None:
    assert refused(RecommendationsBody, **{field: value}) == {field}


def test_a_title_in_a_path_is_one() -> None:
    assert validate(TitlePath, {"mediaType": "tv", "mediaId": "1396"}).key == tv(1396)
    assert refused(TitlePath, mediaType="game", mediaId="x") == {"mediaType", "mediaId"}
    assert refused(SimilarQuery, limit="51", exclude="x", more="1") == {"limit", "exclude", "more"}


def test_a_number_excludes_what_it_may_be() -> None:
    taste = Taste()

    assert asked(mediaType="movie", exclude="5").resolve(taste, None).exclude == {movie(5)}
    both = asked(exclude="5,tv:6", favorites="7", watchlist="8").resolve(taste, None)
    assert both.exclude == {movie(5), tv(5), tv(6), movie(7), tv(7), movie(8), tv(8)}


def test_a_liked_number_is_what_the_user_has_by_it() -> None:
    taste = Taste(favourites=(ListEntry(tv(5)),))

    request = asked(mediaType="movie", favorites="5").resolve(taste, None)

    assert request.favourites == (ListEntry(tv(5)),)


def test_a_liked_number_that_he_has_not_is_the_better_known_title() -> None:
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
def test_a_cursor_remembers_what_was_shown(keys: frozenset[TitleKey]) -> None:
    assert read_shown(encode_titles(keys)) == keys


@given(st.text())
def test_a_text_that_is_no_list_of_titles_is_some_list_or_none_but_never_a_fault(
    text: str,
) -> None:
    try:
        read_shown(text)
    except ValueError:
        return
