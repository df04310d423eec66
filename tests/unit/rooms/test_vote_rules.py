"""What a vote does to a tally, when a film is a match, and in which order a deck is dealt."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from rooms.domain.deck import deck_order
from rooms.domain.match import apply_agreement, apply_vote, match_of, unrecorded_matches
from rooms.domain.room import Room
from rooms.domain.tally import Agreement, Tally, Vote
from tests.fakes.clock import NOON, identifier
from tests.fakes.samples import USERS, a_room, a_tally

user = st.sampled_from(USERS)
rooms = st.builds(
    lambda present, at_least: a_room(*present, at_least=at_least),
    st.lists(user, min_size=1, unique=True),
    st.integers(2, 4),
)


def _tally(opinions: dict[str, bool], movie_id: int, position: int) -> Tally:
    return a_tally(
        "".join(one for one, yes in opinions.items() if yes),
        "".join(one for one, yes in opinions.items() if not yes),
        movie_id,
        position,
    )


tallies = st.builds(
    _tally,
    st.dictionaries(st.sampled_from("abcde"), st.booleans()),
    st.integers(1, 10_000),
    st.integers(0, 49),
)


votes = st.sampled_from((True, False, None))


def a_vote(user_id: str, *, yes: bool | None) -> Vote:
    return Vote(identifier(1), user_id, 101, yes, NOON)


@given(tallies, st.lists(st.tuples(user, votes)))
def test_a_tally_has_everybody_s_latest_vote(
    tally: Tally, given: list[tuple[str, bool | None]]
) -> None:
    expected = {name: tally.vote_of(name) for name in USERS} | dict(given)
    for name, yes in given:
        tally = tally.with_vote(name, yes=yes)

    assert {name: tally.vote_of(name) for name in USERS} == expected
    assert not tally.likes & tally.dislikes


@given(tallies, user, votes)
def test_a_vote_raises_the_tally_s_version_by_one(
    tally: Tally, name: str, yes: bool | None
) -> None:
    assert tally.with_vote(name, yes=yes).version == tally.version + 1


@given(rooms, tallies, user, votes)
def test_a_vote_agrees_when_it_begins_or_ends_an_agreement(
    room: Room, tally: Tally, name: str, yes: bool | None
) -> None:
    after = apply_vote(room, tally, a_vote(name, yes=yes), "m")

    agreed = room.is_match(tally) or room.is_match(after)
    assert (after.agreement is not None) == agreed
    assert after.vote_of(name) is yes


@given(rooms, tallies, user, votes)
def test_those_who_match_are_those_who_are_in_the_room(
    room: Room, tally: Tally, name: str, yes: bool | None
) -> None:
    agreement = apply_vote(room, tally, a_vote(name, yes=yes), "m").agreement

    assert agreement is None or agreement == Agreement("m", room.participants, NOON)


@given(rooms, tallies, st.lists(st.tuples(user, votes), min_size=1))
def test_a_match_never_changes(
    room: Room, tally: Tally, given: list[tuple[str, bool | None]]
) -> None:
    first = Agreement("the first", ("ann", "bob"), NOON - timedelta(hours=1))
    tally = tally.with_agreement(first)
    for name, yes in given:
        tally = apply_vote(room, tally, a_vote(name, yes=yes), "a later one")

    assert tally.agreement == first


def test_one_participant_alone_never_makes_a_match() -> None:
    after = apply_vote(a_room("ann"), a_tally(), a_vote("ann", yes=True), "m")

    assert after.agreement is None


def test_the_last_yes_makes_the_match() -> None:
    after = apply_vote(a_room("ann", "bob"), a_tally(likes="a"), a_vote("bob", yes=True), "m")

    assert after.agreement == Agreement("m", ("ann", "bob"), NOON)


def test_a_missing_vote_is_no_agreement() -> None:
    room = a_room("ann", "bob", "cid")

    assert apply_vote(room, a_tally(likes="a"), a_vote("bob", yes=True), "m").agreement is None


def test_the_likes_of_those_who_left_do_not_count() -> None:
    room = a_room("ann", "bob")

    assert apply_vote(room, a_tally(likes="cd"), a_vote("ann", yes=True), "m").agreement is None


def test_the_dislikes_of_those_who_left_do_not_count() -> None:
    room = a_room("ann", "bob")
    tally = a_tally(likes="a", dislikes="c")

    assert apply_vote(room, tally, a_vote("bob", yes=True), "m").agreement is not None


def test_a_no_after_an_unrecorded_agreement_makes_the_match() -> None:
    room = a_room("ann", "bob")

    after = apply_vote(room, a_tally(likes="ab"), a_vote("ann", yes=False), "m")

    assert after.agreement == Agreement("m", ("ann", "bob"), NOON)
    assert after.vote_of("ann") is False


def test_two_are_not_enough_in_a_room_of_three() -> None:
    room = a_room("ann", "bob", at_least=3)

    assert apply_vote(room, a_tally(likes="a"), a_vote("bob", yes=True), "m").agreement is None


@given(rooms, st.lists(tallies))
def test_unrecorded_matches_have_no_agreement_yet(room: Room, found: list[Tally]) -> None:
    noticed = Agreement("m", room.participants, NOON)
    found = [
        tally.with_agreement(noticed) if n % 3 == 0 else tally for n, tally in enumerate(found)
    ]

    waiting = unrecorded_matches(room, found)

    assert list(waiting) == [
        tally for tally in found if tally.agreement is None and room.is_match(tally)
    ]


@given(tallies)
def test_an_agreement_without_a_vote_is_a_new_version(tally: Tally) -> None:
    agreement = Agreement("m", ("ann", "bob"), NOON)

    settled = apply_agreement(tally, agreement)

    assert settled.agreement == agreement
    assert settled.version == tally.version + 1
    assert (settled.likes, settled.dislikes) == (tally.likes, tally.dislikes)


def test_a_tally_without_agreement_stands_for_no_match() -> None:
    assert match_of(a_tally(likes="ab")) is None


def test_a_match_has_the_candidate_s_title_and_poster() -> None:
    room = a_room("ann", "bob")
    tally = a_tally(likes="ab").with_agreement(Agreement("m", ("ann", "bob"), NOON))

    match = match_of(tally)

    assert match is not None
    assert (match.match_id, match.room_id, match.movie_id) == ("m", room.id, 101)
    assert (match.title, match.poster_path) == ("Film 101", "/p.jpg")
    assert match.media_type is tally.media_type
    assert match.matched_users == ("ann", "bob")
    assert match.at == NOON


@given(rooms, st.lists(tallies, unique_by=lambda tally: tally.movie_id), user)
def test_a_deck_holds_each_unvoted_candidate_once(
    room: Room, found: list[Tally], name: str
) -> None:
    order = deck_order(room, name, found)

    assert sorted(order) == sorted(t.movie_id for t in found if t.vote_of(name) is None)


@given(rooms, st.lists(tallies, unique_by=lambda tally: tally.movie_id), user)
def test_the_deck_is_sorted_by_its_key(room: Room, found: list[Tally], name: str) -> None:
    by_id = {tally.movie_id: tally for tally in found}
    others = set(room.participants) - {name}

    def place(tally: Tally) -> tuple[int, int]:
        if len(others) < 2 or any(tally.vote_of(other) is None for other in others):
            return 1, 0
        likes = len(tally.likes & others)
        return (0, 0) if likes == len(others) else (2, -likes)

    dealt = [by_id[movie_id] for movie_id in deck_order(room, name, found)]

    for earlier, later in zip(dealt, dealt[1:], strict=False):
        assert (*place(earlier), earlier.position) <= (*place(later), later.position)


@given(rooms, st.lists(tallies, unique_by=lambda tally: tally.movie_id), st.randoms())
def test_the_order_is_independent_of_the_tallies_order(
    room: Room, found: list[Tally], random: Random
) -> None:
    placed = [
        replace(tally, position=position, agreement=None) for position, tally in enumerate(found)
    ]
    shuffled = list(placed)
    random.shuffle(shuffled)

    assert deck_order(room, "ann", shuffled) == deck_order(room, "ann", placed)


def test_liked_by_all_others_come_first_and_disliked_last() -> None:
    room = a_room("ann", "bob", "cid")
    films = [
        a_tally(movie_id=1, position=0, dislikes="b", likes="c"),
        a_tally(movie_id=2, position=1),
        a_tally(movie_id=3, position=2, likes="b"),
        a_tally(movie_id=4, position=3, likes="bc"),
        a_tally(movie_id=5, position=4, likes="e", dislikes="d"),
        a_tally(movie_id=6, position=5, dislikes="bc"),
    ]

    assert deck_order(room, "ann", films) == [4, 2, 3, 5, 1, 6]
