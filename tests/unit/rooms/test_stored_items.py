"""What is written to a table is read back the same."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from matinee.dynamodb.items import from_item, to_item
from matinee.filters import NO_FILTERS, Filters
from matinee.media import MediaType
from rooms.adapters.dynamodb.items import (
    agreement_value,
    candidates_item,
    code_item,
    expiry_of,
    match_item,
    parse_candidates,
    parse_match,
    parse_room,
    parse_tally,
    parse_vote,
    participation_item,
    room_item,
    tally_item,
    tally_name,
    user_match_item,
    vote_item,
    votes_key,
)
from rooms.domain.deal import DeckSource, HideSeen
from rooms.domain.match import Match
from rooms.domain.room import RETENTION_AFTER_CLOSING, Movie, Room
from rooms.domain.rule import UNANIMOUS, Rule, RuleKind
from rooms.domain.tally import Agreement, Tally, Vote
from tests.fakes.clock import NOON, identifier
from tests.fakes.samples import a_room

names = st.text(min_size=1, max_size=12)
media = st.sampled_from(MediaType)
numbers = st.integers(min_value=0, max_value=2**31 - 1)
milliseconds = st.integers(0, 10**12).map(lambda n: NOON + timedelta(milliseconds=n))
seconds = milliseconds.map(lambda moment: moment.replace(microsecond=0))
movies = st.builds(
    Movie,
    id=numbers,
    title=st.text(max_size=30),
    overview=st.text(max_size=80),
    media_type=media,
    genre_ids=st.lists(numbers, max_size=4).map(tuple),
    poster_path=st.none() | names,
    release_date=st.none() | names,
    vote_average=st.none() | st.integers(0, 1000).map(lambda n: n / 100),
    vote_count=st.none() | numbers,
)
users = st.lists(names, min_size=2, max_size=5, unique=True).map(tuple)
stated_rules = st.sampled_from((UNANIMOUS, Rule(RuleKind.AT_LEAST, 3), Rule(RuleKind.NO_VETO)))
rooms = st.builds(
    Room,
    id=st.just(identifier(7)),
    code=names,
    host_id=names,
    media_type=media,
    genre_ids=st.lists(numbers, max_size=2).map(tuple),
    participants=st.lists(names, max_size=5, unique=True).map(tuple),
    min_participants=st.integers(2, 50),
    max_participants=st.integers(2, 50),
    created_at=milliseconds,
    expires_at=seconds,
    version=st.integers(1, 10_000),
    rule=stated_rules,
    source=st.sampled_from(DeckSource),
    hide_seen=st.sampled_from(HideSeen),
    both_types=st.booleans(),
    filters=st.sampled_from(
        [NO_FILTERS, Filters(min_rating=6.5, languages=("de", "fr"), year_from=1990)]
    ),
)
matches = st.builds(
    Match,
    match_id=names,
    room_id=names,
    movie_id=numbers,
    media_type=media,
    title=st.text(max_size=30),
    poster_path=st.none() | names,
    matched_users=users,
    at=milliseconds,
    rule=stated_rules,
    likes=st.none() | st.integers(2, 50),
)


@given(rooms)
def test_a_room(room: Room) -> None:
    assert parse_room(room_item(room)) == room


@given(st.lists(movies, max_size=50))
def test_candidates_in_their_order(candidates: list[Movie]) -> None:
    assert parse_candidates(candidates_item(a_room("ann"), candidates)) == candidates


@given(matches)
def test_a_match_of_the_room(match: Match) -> None:
    assert parse_match(match_item(match)) == match


@given(matches)
def test_a_match_in_a_user_s_list(match: Match) -> None:
    item = user_match_item(match, match.matched_users[0])

    assert parse_match(item) == match
    assert item["userId"] == {"S": match.matched_users[0]}


@given(
    user=names,
    movie_id=numbers,
    yes=st.booleans(),
    at=milliseconds,
    seen=st.none() | st.booleans(),
)
def test_a_vote(user: str, movie_id: int, yes: bool, at: datetime, seen: bool | None) -> None:
    room = a_room("ann")
    vote = Vote(room.id, user, movie_id, yes, at, seen)

    assert parse_vote(vote_item(room, vote)) == vote


@given(movies, st.integers(0, 49))
def test_a_new_tally_on_which_nobody_has_voted(movie: Movie, position: int) -> None:
    room = a_room("ann")

    tally = parse_tally(tally_item(room, position, movie))

    assert tally == Tally(
        room.id,
        movie.id,
        position,
        movie.title,
        movie.poster_path,
        media_type=movie.media_type,
    )


@given(matches)
def test_a_tally_with_its_agreement(match: Match) -> None:
    room = a_room("ann")
    movie = Movie(5, "t", "", MediaType.MOVIE)
    agreement = Agreement(match.match_id, match.matched_users, match.at, match.rule, match.likes)
    item = tally_item(room, 0, movie) | to_item({"agreement": agreement_value(agreement)})

    assert parse_tally(item).agreement == agreement


def test_all_items_of_a_room_expire_together() -> None:
    room = a_room("ann")
    vote = Vote(room.id, "ann", 5, yes=True, at=room.created_at)
    movie = Movie(5, "t", "", MediaType.MOVIE)

    items = [
        room_item(room),
        code_item(room, room.code),
        candidates_item(room, [movie]),
        tally_item(room, 0, movie),
        participation_item(room, "ann", room.created_at),
        vote_item(room, vote),
    ]

    assert {from_item(item)["ttl"] for item in items} == {expiry_of(room)}


def test_a_room_is_kept_longer_than_an_event_can_wait() -> None:
    four_days_in_the_queue_and_fourteen_in_its_dead_letter_queue = timedelta(days=4 + 14)

    assert four_days_in_the_queue_and_fourteen_in_its_dead_letter_queue < RETENTION_AFTER_CLOSING


@given(numbers)
def test_no_vote_has_the_key_of_a_tally(movie_id: int) -> None:
    ours = votes_key(identifier(1), tally_name(movie_id))
    room = a_room("ann")
    theirs = vote_item(room, Vote(room.id, identifier(2), movie_id, yes=True, at=room.created_at))

    assert ours["userMovieId"]["S"].startswith("film#")
    assert not theirs["userMovieId"]["S"].startswith("film#")


def test_the_largest_items_stay_below_the_item_limit() -> None:
    fifty = tuple(identifier(n) for n in range(50))
    longest = Movie(1, "t" * 200, "ö" * 2_000, MediaType.MOVIE, tuple(range(10)), "/p" * 20)

    candidates = candidates_item(a_room(*fifty, at_most=50), [longest] * 50)

    assert len(str(candidates).encode()) < 400 * 1024
    assert len(str(room_item(a_room(*fifty, at_most=50)))) < 4 * 1024
