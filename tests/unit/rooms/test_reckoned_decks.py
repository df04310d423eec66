"""A group's deck is dealt late: whoever joins is reckoned with in what nobody has seen."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from matinee.graphql import resolve
from matinee.media import MediaType
from matinee.retry import WriteConflict
from rooms.api.resolvers import resolvers
from rooms.domain.deal import DeckSource, DeckWish
from rooms.domain.errors import NotACandidate
from rooms.domain.redeal import MAX_REMOVED, Redeal
from rooms.domain.room import MAX_DECK, Movie, Room
from rooms.domain.tally import Tally
from rooms.ports import GroupDeckUnavailable
from rooms.use_cases.create_room import CreateRoom
from tests.fakes.appsync import call, signed_in
from tests.fakes.rooms import FakeCatalogClient, films
from tests.fakes.rooms_app import TRACE, RoomsApp

GROUP = CreateRoom(MediaType.MOVIE, (), 2, 10, source=DeckSource.GROUP)
OBJECTIONS = {"ann": {905}, "bob": {900, 901, 907, 930}, "cid": {902, 910}}


def a_film(number: int) -> Movie:
    return Movie(number, f"Film {number}", "Text.", MediaType.MOVIE, reason="FITS_EVERYBODY")


@dataclass
class Recommender:
    """Deals films to which nobody objects; or nothing, or is unavailable."""

    asked: list[tuple[str, ...]] = field(default_factory=list)
    first: int = 900
    last: int = 1100
    available: bool = True

    def deal(
        self,
        wish: DeckWish,
        user_ids: Sequence[str],
        limit: int,
        correlation_id: str,
        exclude: Collection[int] = (),
    ) -> Sequence[Movie]:
        assert wish.source is DeckSource.GROUP
        assert correlation_id
        self.asked.append(tuple(user_ids))
        if not self.available:
            raise GroupDeckUnavailable
        refused = set(exclude).union(*(OBJECTIONS.get(user, set()) for user in user_ids))
        suiting = [n for n in range(self.first, self.last) if n not in refused]
        return [a_film(number) for number in suiting[:limit]]


@pytest.fixture
def app() -> RoomsApp:
    recommender: Any = Recommender()
    return RoomsApp(catalog=FakeCatalogClient(films(200)), recommender=recommender)


def asked(app: RoomsApp) -> list[tuple[str, ...]]:
    recommender: Any = app.recommender
    who: list[tuple[str, ...]] = recommender.asked
    return who


def deck(app: RoomsApp, user: str, room: Room, limit: int = 1) -> list[int]:
    return [movie.id for movie in app.use_cases.get_deck(user, room.id, limit, TRACE)]


def stored(app: RoomsApp, room: Room) -> list[int]:
    return [movie.id for movie in app.tables.candidates[room.id]]


def created(app: RoomsApp, *others: str) -> Room:
    room, _ = app.use_cases.create_room("ann", GROUP, TRACE)
    for user in others:
        app.use_cases.join_room(user, room.code, TRACE)
    return room


def test_nothing_unseen_breaks_the_deal_of_who_joins_later(app: RoomsApp) -> None:
    room = created(app, "bob", "cid")

    shown = deck(app, "bob", room, 25)

    assert len(shown) == 25
    assert not set(shown) & set().union(*OBJECTIONS.values())
    assert asked(app) == [("ann",), ("ann", "bob", "cid")]


def test_what_anybody_has_seen_stays_where_it_is(app: RoomsApp) -> None:
    room = created(app)
    seen = deck(app, "ann", room, 2)
    app.use_cases.cast_vote("ann", room.id, 903, TRACE, yes=True)
    before = stored(app, room)
    app.use_cases.join_room("bob", room.code, TRACE)

    shown = deck(app, "bob", room, 25)

    after = stored(app, room)
    assert seen == [900, 901]
    assert [after.index(number) for number in (900, 901, 903)] == [
        before.index(number) for number in (900, 901, 903)
    ]
    assert shown[:3] == [900, 901, 902]
    assert not {907, 930} & set(after)


def test_is_the_same_for_everybody_and_dealt_once_for_each_change(app: RoomsApp) -> None:
    room = created(app, "bob")

    assert deck(app, "ann", room, 9) == deck(app, "bob", room, 9) == deck(app, "ann", room, 9)
    app.use_cases.leave_room("bob", room.id, TRACE)
    deck(app, "ann", room, 9)
    deck(app, "ann", room, 9)

    assert asked(app) == [("ann",), ("ann", "bob"), ("ann",)]


def test_a_room_of_the_catalog_is_never_dealt_anew() -> None:
    app = RoomsApp(catalog=FakeCatalogClient(films(60)))
    room = app.room("ann", "bob")
    before = stored(app, room)

    deck(app, "bob", room)

    assert stored(app, room) == before
    assert not any(tally.shown for tally in app.tables.tallies.values())


def test_a_list_of_all_candidates_shows_them(app: RoomsApp) -> None:
    room = created(app)
    event = call("getRoom", {"id": room.id}, identity=signed_in("ann"), selection=("candidates",))
    listed = resolve(event, resolvers(app.use_cases))["data"]["candidates"]
    app.use_cases.join_room("bob", room.code, TRACE)

    deck(app, "bob", room)

    assert stored(app, room)[:25] == [movie["id"] for movie in listed]
    assert len(stored(app, room)) == 50, "behind them is what suits both"


@pytest.mark.parametrize("selected", [True, False])
def test_a_new_room_has_shown_what_its_creator_selected(app: RoomsApp, *, selected: bool) -> None:
    selection = ("id", "candidates") if selected else ("id",)
    given = {"input": {"mediaType": "MOVIE", "source": "GROUP"}}

    resolve(
        call("createRoom", given, identity=signed_in("ann"), selection=selection),
        resolvers(app.use_cases),
    )

    assert {tally.shown for tally in app.tables.tallies.values()} == {selected}


def test_without_the_recommender_what_is_there_stays(app: RoomsApp) -> None:
    room = created(app)
    before = stored(app, room)
    app.recommender.available = False
    app.use_cases.join_room("bob", room.code, TRACE)

    assert deck(app, "bob", room) == before[:1]
    assert deck(app, "ann", room) == before[:1]

    assert stored(app, room) == before
    assert len(asked(app)) == 2, "once for each change, not for each read"


def test_a_title_that_was_taken_away_is_no_candidate(app: RoomsApp) -> None:
    room = created(app, "bob")
    deck(app, "ann", room)

    with pytest.raises(NotACandidate):
        app.use_cases.cast_vote("ann", room.id, 907, TRACE, yes=True)


def test_a_title_is_not_shown_once_it_is_gone(app: RoomsApp) -> None:
    room = created(app)
    stale = [tally for tally in app.tables.tallies.values() if tally.movie_id == 907]
    app.use_cases.join_room("bob", room.code, TRACE)
    deck(app, "bob", room)

    with pytest.raises(WriteConflict):
        app.use_cases.get_deck.reckoner.show(room, stale)


def test_many_titles_go_in_several_steps(app: RoomsApp) -> None:
    room = created(app)
    for _ in range(4):
        app.use_cases.deal_more("ann", room.id, None, TRACE)
    recommender: Any = app.recommender
    recommender.first, recommender.last = 2000, 2010
    app.use_cases.join_room("bob", room.code, TRACE)

    shown = deck(app, "bob", room, 50)

    assert shown == list(range(2000, 2010)) == stored(app, room)
    assert {number for _, number in app.tables.tallies} == set(shown)


def tallies(*seen: int, number: int = 30) -> list[Tally]:
    return [
        Tally("r", n, n, "a film", media_type=MediaType.MOVIE, shown=n in seen)
        for n in range(number)
    ]


def test_a_redeal_keeps_places_and_never_deals_what_was_seen() -> None:
    before = [a_film(n) for n in range(30)]

    deal = Redeal.of(before, tallies(0, 7), [a_film(n) for n in (7, 40, 5, 41)])

    assert [movie.id for movie in deal.after] == [0, 40, 5, 41, 7]
    assert deal.positions == {40: 1, 5: 2, 41: 3}
    assert 5 not in deal.removed
    assert deal.is_done


def test_a_redeal_is_bounded() -> None:
    before = [a_film(n) for n in range(MAX_DECK)]
    seen = range(MAX_DECK - 10)

    full = Redeal.of(before, tallies(*seen, number=MAX_DECK), [a_film(n) for n in range(500, 525)])
    large = Redeal.of(before, tallies(number=MAX_DECK), [a_film(500)])

    assert len(full.after) == MAX_DECK
    assert (len(large.removed), large.is_done) == (MAX_REMOVED, False)
