"""What a room is, who is in it and who hosts it: rules that hold for any history."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.domain.errors import NotAParticipant, RoomExpired, RoomFull
from rooms.domain.room import DELETED_USER, MAX_PARTICIPANTS, Room
from rooms.domain.room_code import (
    CODE_ALPHABET,
    CODE_LENGTH,
    RoomCodeGenerator,
    normalize_room_code,
)
from rooms.domain.rule import UNANIMOUS, Rule, RuleKind
from tests.fakes.samples import USERS, a_room, a_tally

user = st.sampled_from(USERS)


@st.composite
def histories(draw: st.DrawFn) -> list[Room]:
    """Draw a room's life: it as it was opened, and after each join and leave."""
    rooms = [a_room("ann", at_most=draw(st.integers(2, 4)))]
    for user in draw(st.lists(st.sampled_from(USERS), max_size=20)):
        room = rooms[-1]
        if user in room.participants:
            rooms.append(room.without_participant(user))
        elif len(room.participants) < room.max_participants:
            rooms.append(room.with_participant(user))
    return rooms


@given(histories())
def test_a_room_never_holds_more_than_its_capacity(history: list[Room]) -> None:
    assert all(len(room.participants) <= room.max_participants for room in history)


@given(histories())
def test_no_user_is_in_a_room_twice(history: list[Room]) -> None:
    assert all(len(set(room.participants)) == len(room.participants) for room in history)


@given(histories())
def test_the_host_of_a_room_with_participants_is_in_it(history: list[Room]) -> None:
    assert all(room.host_id in room.participants for room in history if room.participants)


@given(histories())
def test_the_host_stays_host_until_they_leave(history: list[Room]) -> None:
    for before, after in zip(history, history[1:], strict=False):
        if before.host_id in after.participants and before.participants:
            assert after.host_id == before.host_id


@given(histories())
def test_the_longest_present_succeeds_a_leaving_host(history: list[Room]) -> None:
    for before, after in zip(history, history[1:], strict=False):
        if before.host_id not in after.participants and after.participants:
            assert after.host_id == after.participants[0]


@given(histories())
def test_participants_are_in_the_order_of_joining(history: list[Room]) -> None:
    for before, after in zip(history, history[1:], strict=False):
        stayed = [user for user in after.participants if user in before.participants]
        assert stayed == [user for user in before.participants if user in after.participants]
        assert all(user in stayed for user in after.participants[:-1])


@given(histories())
def test_every_change_of_membership_raises_the_version_by_one(history: list[Room]) -> None:
    assert [room.version for room in history] == list(range(1, len(history) + 1))


@given(histories())
def test_membership_changes_nothing_else(history: list[Room]) -> None:
    first = history[0]
    for room in history:
        assert first == replace(
            room, participants=first.participants, host_id=first.host_id, version=first.version
        )


def test_a_full_room_refuses_one_more() -> None:
    room = a_room("ann", "bob", at_most=2)

    with pytest.raises(RoomFull):
        room.with_participant("cid")


def test_the_last_place_can_be_taken() -> None:
    room = a_room("ann", at_most=2)

    assert room.with_participant("bob").participants == ("ann", "bob")


def test_an_empty_room_makes_its_next_participant_the_host() -> None:
    room = a_room("ann").without_participant("ann")

    assert room.with_participant("bob").host_id == "bob"


def test_a_host_who_returns_is_no_host() -> None:
    room = a_room("ann", "bob").without_participant("ann").with_participant("ann")

    assert room.host_id == "bob"
    assert room.participants == ("bob", "ann")


def test_a_user_outside_the_room_cannot_leave_it() -> None:
    with pytest.raises(NotAParticipant):
        a_room("ann").without_participant("bob")


def test_a_room_is_open_until_it_expires() -> None:
    room = a_room("ann")

    room.require_open(room.expires_at - timedelta(microseconds=1))
    with pytest.raises(RoomExpired):
        room.require_open(room.expires_at)


@given(
    present=st.sets(user),
    votes=st.dictionaries(user, st.booleans()),
    at_least=st.integers(2, 4),
    rule=st.sampled_from((UNANIMOUS, Rule(RuleKind.AT_LEAST, 3), Rule(RuleKind.NO_VETO))),
)
def test_is_match_when_enough_are_present_and_their_votes_meet_the_rule(
    present: set[str], votes: dict[str, bool], at_least: int, rule: Rule
) -> None:
    room = a_room(*sorted(present), at_least=at_least, rule=rule)
    tally = a_tally(
        "".join(one[0] for one, yes in votes.items() if yes),
        "".join(one[0] for one, yes in votes.items() if not yes),
    )

    agrees = room.is_match(tally)

    cast = [votes.get(one) for one in present]
    likes = cast.count(True)
    met = {
        RuleKind.ALL: all(cast),
        RuleKind.AT_LEAST: likes >= 3,
        RuleKind.NO_VETO: False not in cast and likes >= at_least,
    }
    assert agrees == (len(present) >= at_least and met[rule.kind])


@pytest.mark.parametrize(
    ("rule", "missing"),
    [(UNANIMOUS, 3), (Rule(RuleKind.AT_LEAST, 4), 2), (Rule(RuleKind.NO_VETO), 1)],
)
def test_missing_says_how_many_must_come_round(rule: Rule, missing: int) -> None:
    """Of five two like a title, one does not, and two have not voted."""
    assert rule.missing(2, 1, 5, 3) == missing


@pytest.mark.parametrize("rule", [UNANIMOUS, Rule(RuleKind.AT_LEAST, 2), Rule(RuleKind.NO_VETO)])
def test_nothing_becomes_a_match_where_a_deleted_user_was(rule: Rule) -> None:
    room = a_room("ann", "bob", DELETED_USER, rule=rule)

    assert not room.is_match(a_tally(likes="ab"))


@given(seed=st.integers())
def test_a_code_has_six_unambiguous_characters(seed: int) -> None:
    code = RoomCodeGenerator(Random(seed)).generate()  # noqa: S311 - repeatable

    assert len(code) == CODE_LENGTH == 6
    assert set(code) <= set(CODE_ALPHABET)
    assert not set(code) & set("ILO01")


@given(seed=st.integers())
def test_a_code_is_found_however_it_is_typed(seed: int) -> None:
    code = RoomCodeGenerator(Random(seed)).generate()  # noqa: S311 - repeatable

    assert normalize_room_code(f"  {code.lower()}\n") == code


def test_codes_generated_without_a_seed_differ() -> None:
    codes = RoomCodeGenerator()

    assert len({codes.generate() for _ in range(100)}) > 95


def test_the_alphabet_has_no_character_twice() -> None:
    assert len(set(CODE_ALPHABET)) == len(CODE_ALPHABET) == 31


def test_fifty_participants_fit_into_a_room() -> None:
    assert MAX_PARTICIPANTS == 50
