"""What a crew said no to is not dealt to it again, and tells nobody how somebody voted."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.media import MediaType, TitleKey
from rooms.domain.crew import Crew
from rooms.domain.deal import DeckSource
from rooms.domain.errors import NoCandidates
from rooms.domain.refused import refused_titles
from rooms.domain.room import Room
from rooms.domain.rule import UNANIMOUS, Rule, RuleKind
from rooms.domain.tally import Tally
from rooms.events.published import RoomClosed
from rooms.use_cases.create_room import CreateRoom
from rooms.use_cases.find_candidates import MAX_EXCLUDED
from tests.fakes.rooms import films
from tests.fakes.rooms_app import TRACE, RoomsApp
from tests.fakes.samples import a_room, a_tally

FILMS = (101, 102, 103)
RULES = (UNANIMOUS, Rule(RuleKind.AT_LEAST, 2), Rule(RuleKind.NO_VETO))


@pytest.fixture
def app() -> RoomsApp:
    return RoomsApp()


def crew_of(app: RoomsApp, *users: str) -> Crew:
    room = app.room(*users)
    crew = app.use_cases.crews.create(users[0], room.id, "Fridays", TRACE.correlation_id)
    app.use_cases.close_room(users[0], room.id, TRACE)
    return crew


def start(app: RoomsApp, crew: Crew, *others: str) -> Room:
    """Start a room as ann, and join it as the others."""
    room, _ = app.use_cases.crews.start_room("ann", crew.id, None, TRACE)
    for user in others:
        app.use_cases.join_room(user, room.code, TRACE)
    return app.tables.rooms[room.id]


def close(app: RoomsApp, room: Room) -> None:
    app.use_cases.close_room("ann", room.id, TRACE)
    app.settle()


def dealt(app: RoomsApp, room: Room) -> set[int]:
    return {movie.id for movie in app.tables.candidates[room.id]}


def refused(room: Room, *tallies: Tally) -> set[int]:
    return {title.id for title in refused_titles(room, tallies)}


class TestDealing:
    def test_what_all_voted_on_without_a_match_is_not_dealt_for_ninety_days(
        self, app: RoomsApp
    ) -> None:
        app.catalog.offers = films(5)
        crew = crew_of(app, "ann", "bob", "cid")
        room = start(app, crew, "bob", "cid")
        app.vote(room, 101, "ann", "bob", no=("cid",))
        app.vote(room, 102, "ann", "bob", "cid")
        app.vote(room, 103, "ann", "bob")
        close(app, room)

        later = start(app, crew)
        app.tables.now.advance(days=89)
        still = start(app, crew)
        app.tables.now.advance(days=1)
        again = start(app, crew)

        assert dealt(app, later) == dealt(app, still) == {102, 103, 104, 105}
        assert 101 in dealt(app, again)

    def test_it_is_not_dealt_later_in_the_room_either(self, app: RoomsApp) -> None:
        app.catalog.offers = films(2)
        crew = crew_of(app, "ann", "bob")
        room = start(app, crew, "bob")
        app.vote(room, 101, "ann", no=("bob",))
        app.vote(room, 102, "ann", no=("bob",))
        close(app, room)
        app.catalog.offers = films(4)
        later = start(app, crew)
        assert dealt(app, later) == {103, 104}
        app.catalog.offers = films(5)

        app.use_cases.deal_more("ann", later.id, None, TRACE)

        assert dealt(app, later) == {103, 104, 105}

    def test_other_rooms_of_the_same_people_are_dealt_everything(self, app: RoomsApp) -> None:
        crew = crew_of(app, "ann", "bob")
        room = start(app, crew, "bob")
        for film in FILMS:
            app.vote(room, film, "ann", no=("bob",))
        close(app, room)

        assert dealt(app, app.room("ann", "bob")) == set(FILMS)

    def test_the_room_that_a_crew_was_made_of_counts_once_it_has_closed(
        self, app: RoomsApp
    ) -> None:
        first = app.room("ann", "bob", "cid")
        app.vote(first, 101, "ann", no=("bob", "cid"))
        crew = app.use_cases.crews.create("ann", first.id, "Fridays", TRACE.correlation_id)

        early = start(app, crew)
        app.tables.now.advance(hours=25)
        later = start(app, crew)

        assert dealt(app, early) == set(FILMS)
        assert dealt(app, later) == {102, 103}

    def test_a_room_that_expires_counts_like_one_that_is_closed(self, app: RoomsApp) -> None:
        crew = crew_of(app, "ann", "bob", "cid")
        room = start(app, crew, "bob", "cid")
        app.vote(room, 101, no=("ann", "bob", "cid"))
        app.tables.now.advance(hours=25)
        app.close_expired(TRACE)
        app.settle()

        assert dealt(app, start(app, crew)) == {102, 103}

    def test_a_group_s_deck_leaves_it_out_too(self, app: RoomsApp) -> None:
        app.recommender.deck = films(3)
        command = CreateRoom(MediaType.MOVIE, (), 2, 10, source=DeckSource.GROUP)
        first, _ = app.use_cases.create_room("ann", command, TRACE)
        app.use_cases.join_room("bob", first.code, TRACE)
        crew = app.use_cases.crews.create("ann", first.id, "Fridays", TRACE.correlation_id)
        room = start(app, crew, "bob")
        app.use_cases.rooms.list_candidates(room, TRACE.correlation_id)
        for film in FILMS:
            app.vote(room, film, "ann", no=("bob",))
        close(app, room)
        app.recommender.deck = films(4)

        later = start(app, crew, "bob")
        shown = app.use_cases.rooms.list_candidates(later, TRACE.correlation_id)

        assert {movie.id for movie in shown} == {104}

    def test_a_crew_that_said_no_to_everything_is_told_so(self, app: RoomsApp) -> None:
        crew = crew_of(app, "ann", "bob")
        room = start(app, crew, "bob")
        for film in FILMS:
            app.vote(room, film, no=("ann", "bob"))
        close(app, room)

        with pytest.raises(NoCandidates):
            start(app, crew)

    def test_others_are_told_of_no_more_than_they_take(self, app: RoomsApp) -> None:
        crew = crew_of(app, "ann", "bob")
        many = tuple(TitleKey(MediaType.MOVIE, number) for number in range(101, 900))
        app.tables.refused[crew.id, "a-room"] = (many, app.tables.now() + timedelta(days=1))
        app.catalog.offers = [*films(2), replace(films(1)[0], id=2_000)]

        assert dealt(app, start(app, crew)) == {2_000}
        assert len(app.catalog.excluded[-1]) == MAX_EXCLUDED


class TestRecording:
    def test_an_event_that_comes_again_changes_nothing(self, app: RoomsApp) -> None:
        crew = crew_of(app, "ann", "bob", "cid")
        room = start(app, crew, "bob", "cid")
        app.vote(room, 101, no=("ann", "bob", "cid"))
        close(app, room)
        before = dict(app.tables.refused)

        app.erase("cid")
        for event in app.tables.outbox:
            if isinstance(event.data, RoomClosed):
                app.detect_match(event)

        assert app.tables.refused == before
        assert [room_id for _, room_id in before] == [room.id]

    def test_nothing_is_recorded_of_an_open_room_or_of_no_crew_s(self, app: RoomsApp) -> None:
        app.vote(room := app.room("ann", "bob", "cid"), 101, no=("ann", "bob", "cid"))
        close(app, room)
        crew = crew_of(app, "ann", "bob", "cid")
        app.vote(still := start(app, crew, "bob", "cid"), 101, no=("ann", "bob", "cid"))
        app.settle()
        assert still.is_open(app.tables.now())

        assert app.tables.refused == {}


@pytest.mark.parametrize("rule", RULES)
def test_the_votes_of_others_make_no_difference_unless_the_rule_shows_them(
    rule: Rule,
) -> None:
    """Of what all have voted on, only whether it is a match tells, which all see."""
    room = a_room("ann", "bob", "cid", rule=rule)
    seen: dict[tuple[str, bool], set[bool]] = {}
    for votes in product("yn", repeat=3):
        likes = "".join(it for it, vote in zip("abc", votes, strict=True) if vote == "y")
        tally = a_tally(likes, "".join(sorted(set("abc") - set(likes))))
        key = (votes[0], room.is_match(tally))
        seen.setdefault(key, set()).add(bool(refused(room, tally)))

    assert all(len(outcomes) == 1 for outcomes in seen.values())


@given(votes=st.lists(st.sampled_from("yn-"), min_size=3, max_size=3))
def test_of_two_nothing_shows_what_the_other_has_voted_on(votes: Iterable[str]) -> None:
    """Ann likes everything: until Bob has finished, all of it may be dealt again."""
    room = a_room("ann", "bob")
    tallies = [
        a_tally("ab" if vote == "y" else "a", "b" if vote == "n" else "", 101 + n)
        for n, vote in enumerate(votes)
    ]

    found = refused(room, *tallies)

    if "-" in votes:
        assert found == set()
    else:
        assert found == {101 + n for n, vote in enumerate(votes) if vote == "n"}


def test_one_alone_refuses_nothing() -> None:
    assert refused(a_room("ann"), a_tally(dislikes="a")) == set()


def test_who_is_deleted_after_the_room_has_closed_counts_for_nothing() -> None:
    assert refused(a_room("ann", "deleted", "cid"), a_tally(dislikes="ac")) == set()
