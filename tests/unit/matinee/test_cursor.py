"""Cursors lead on in the list that they belong to, and nowhere else."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.dynamodb.cursor import MAX_CURSOR_CHARACTERS, Position, decode, encode
from matinee.errors import InvalidInput

MINE = ("favourites", "ann")
POSITION: Position = {"added_at": "2026-11-21T00:00:00Z", "rank": 20}


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=20) | st.integers(), max_size=4))
def test_what_was_sealed_is_read_again(position: dict[str, str | int]) -> None:
    assert decode(MINE, encode(MINE, position)) == position


@pytest.mark.parametrize(
    "scope", [("favourites", "bob"), ("watchlist", "ann"), ("favourites",), ("favouritesann",)]
)
def test_another_lists_cursor_is_refused_by_name(scope: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput) as refused:
        decode(scope, encode(MINE, POSITION))
    assert refused.value.info["fields"] == {
        "cursor": "is no cursor of this list: begin without one"
    }


def written(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


DIGEST = json.loads(base64.urlsafe_b64decode(encode(MINE, {}) + "=="))[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not base64!",
        "%%%",
        "é",
        written("text"),
        written([DIGEST]),
        written([DIGEST, ["list"]]),
        written([DIGEST, {"nested": {"a": 1}}]),
        written([DIGEST, {"flag": True}]),
        written([DIGEST, {"none": None}]),
        written(["another", {"added_at": "x"}]),
        "W" * (MAX_CURSOR_CHARACTERS + 4),
        encode(MINE, POSITION)[:-3],
        encode(MINE, POSITION) + "AAAA",
    ],
)
def test_a_broken_cursor_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        decode(MINE, text)
    assert "cursor" in str(refused.value.info["fields"])
