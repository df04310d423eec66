"""Event patterns let through what EventBridge would."""

import pytest

from tools.contracts.pattern import (
    ABSENT,
    NotUnderstood,
    accepts,
    detail_paths,
    lets_through,
    matcher,
    verdicts,
)


@pytest.mark.parametrize(
    ("alternative", "through", "held"),
    [
        ("MatchFound", "MatchFound", "matchfound"),
        ({"prefix": "Match"}, "MatchFound", "AMatch"),
        ({"suffix": "Found"}, "MatchFound", "FoundIt"),
        ({"equals-ignore-case": "matchfound"}, "MatchFound", "MatchFond"),
        ({"wildcard": "M*F*d"}, "MatchFound", "MatchFounds"),
        ({"anything-but": "VoteCast"}, "MatchFound", "VoteCast"),
        ({"anything-but": ["VoteCast", "RoomCreated"]}, "MatchFound", "RoomCreated"),
    ],
)
def test_an_alternative_lets_through_its_own_and_holds_the_rest(
    alternative: object, through: str, held: str
) -> None:
    matches = matcher(alternative)

    assert matches(through)
    assert not matches(held)


@pytest.mark.parametrize(
    "alternative",
    [3, None, {}, {"cidr": "10.0.0.0/8"}, {"prefix": 3}, {"prefix": "a", "suffix": "b"}],
)
def test_what_is_not_understood_is_never_passed_over(alternative: object) -> None:
    with pytest.raises(NotUnderstood):
        matcher(alternative)


def test_one_alternative_of_several_is_enough() -> None:
    pattern = {"source": ["matinee.auth", {"prefix": "matinee.r"}]}

    assert lets_through(pattern, "source", "matinee.rooms")
    assert not lets_through(pattern, "source", "matinee.library")


def test_a_pattern_without_a_key_lets_all_of_it_through() -> None:
    assert lets_through({"source": ["matinee.rooms"]}, "detail-type", "Whatever")


def test_the_fields_that_a_pattern_asks_for_are_found() -> None:
    pattern = {"detail": {"data": {"vote": [True], "film": {"id": [1]}}, "metadata": {"x": ["y"]}}}

    assert detail_paths(pattern) == [("data", "vote"), ("data", "film", "id"), ("metadata", "x")]
    assert detail_paths({"source": ["matinee.rooms"]}) == []


@pytest.mark.parametrize(
    ("alternative", "accepted", "refused"),
    [
        ({"exists": True}, None, ABSENT),
        ({"exists": False}, ABSENT, "again"),
        ("movie", "movie", ABSENT),
        ({"anything-but": "movie"}, "tv", ABSENT),
        ("movie", ["tv", "movie"], ["tv"]),
        (3, 3, "3"),
        (True, True, 1),
        (None, None, ABSENT),
    ],
)
def test_a_field_of_any_type_is_accepted_as_eventbridge_would(
    alternative: object, accepted: object, refused: object
) -> None:
    assert accepts(alternative, accepted)
    assert not accepts(alternative, refused)


def test_each_field_of_a_pattern_has_a_verdict_of_its_own() -> None:
    pattern = {"source": ["matinee.rooms"], "detail": {"data": {"vote": [True], "film": [1, 2]}}}
    event = {"source": "matinee.rooms", "detail": {"data": {"vote": False}}}

    found = {".".join(it.path): (it.accepted, it.found) for it in verdicts(pattern, event)}

    assert found == {
        "source": (True, "matinee.rooms"),
        "detail.data.vote": (False, False),
        "detail.data.film": (False, ABSENT),
    }


@pytest.mark.parametrize("pattern", [{"$or": [{"source": ["a"]}]}, {"source": "a"}])
def test_a_pattern_in_another_form_is_not_passed_over(pattern: dict[str, object]) -> None:
    with pytest.raises(NotUnderstood):
        list(verdicts(pattern, {"source": "a"}))
