"""More than fifty: 25 more candidates, the same for everybody, once however it is asked for."""

from collections.abc import Callable
from functools import partial
from itertools import count

import pytest

from matinee.errors import MatineeError
from matinee.filters import Filters
from matinee.media import MediaType
from rooms.domain.errors import (
    CatalogUnavailable,
    DeckExhausted,
    NoCandidates,
    NotAParticipant,
    RoomExpired,
)
from rooms.domain.room import Room
from rooms.events.published import DeckDealt
from rooms.use_cases.create_room import CreateRoom
from tests.fakes.rooms import FakeCatalogClient, films
from tests.fakes.rooms_app import TRACE, RoomsApp
from tests.fakes.schedule import Crashed, Order, Task, every_order

FILTERS = Filters(max_runtime=100)


class Evening:
    """A room of Ann and Bob whose catalogue has so many films."""

    def __init__(self, known: int = 400) -> None:
        self.app = RoomsApp(catalog=FakeCatalogClient(films(known)))
        command = CreateRoom(MediaType.MOVIE, (28,), 2, 10, filters=FILTERS)
        self.room, _ = self.app.use_cases.create_room("ann", command, TRACE)
        self.app.use_cases.join_room("bob", self.room.code, TRACE)

    def deal(self, user: str = "ann", known: int | None = None) -> list[int]:
        room, candidates = self.app.use_cases.deal_more(user, self.room.id, known, TRACE)
        assert room.id == self.room.id
        return [movie.id for movie in candidates]

    def deck(self, user: str) -> list[int]:
        return [movie.id for movie in self.app.use_cases.get_deck(user, self.room.id, 250, TRACE)]

    @property
    def dealt(self) -> list[DeckDealt]:
        return list(self.app.tables.events(DeckDealt))


def test_deals_25_more_after_the_others_and_the_same_for_all() -> None:
    evening = Evening()

    dealt = evening.deal()

    assert dealt == [movie.id for movie in films(75)]
    assert evening.deck("ann") == evening.deck("bob") == dealt
    assert evening.app.catalog.filtered == [FILTERS, FILTERS]
    [event] = evening.dealt
    assert (event.movie_ids, event.candidate_count) == (dealt[50:], 75)


def test_a_dealt_title_can_be_a_match() -> None:
    evening = Evening()
    last = evening.deal()[-1]

    for user in ("ann", "bob"):
        evening.app.use_cases.cast_vote(user, evening.room.id, last, TRACE, yes=True)
    evening.app.deliver()

    assert [match.movie_id for match in evening.app.use_cases.matches.list_by_room(evening.room)]


def test_the_votes_before_stay() -> None:
    evening = Evening()
    evening.app.use_cases.cast_vote("ann", evening.room.id, 101, TRACE, yes=True)

    evening.deal()

    assert 101 not in evening.deck("ann")
    assert evening.app.tables.tallies[evening.room.id, 101].likes == {"ann"}


def test_a_repeated_request_that_says_what_it_knows_deals_once() -> None:
    evening = Evening()

    assert len(evening.deal(known=50)) == len(evening.deal(known=50)) == 75
    assert len(evening.deal("bob", known=50)) == 75
    assert len(evening.deal("bob", known=75)) == 100
    assert [event.candidate_count for event in evening.dealt] == [75, 100]


def test_without_what_is_known_every_request_deals() -> None:
    evening = Evening()

    assert [len(evening.deal()) for _ in range(2)] == [75, 100]


def test_deals_what_there_is_and_then_says_that_there_is_no_more() -> None:
    evening = Evening(known=60)

    assert len(evening.deal()) == 60
    with pytest.raises(NoCandidates):
        evening.deal()
    assert len(evening.dealt) == 1


def test_a_room_has_two_hundred_at_most() -> None:
    evening = Evening()
    for _ in range(6):
        evening.deal()

    with pytest.raises(DeckExhausted):
        evening.deal()
    assert len(evening.deck("bob")) == 200


def test_only_participants_of_an_open_room_deal() -> None:
    evening = Evening()

    with pytest.raises(NotAParticipant):
        evening.deal("eve")
    evening.app.tables.now.advance(hours=25)
    with pytest.raises(RoomExpired):
        evening.deal()
    assert evening.dealt == []


def test_a_failing_catalog_deals_nothing() -> None:
    evening = Evening()
    evening.app.catalog.error = CatalogUnavailable()

    with pytest.raises(CatalogUnavailable):
        evening.deal()
    assert len(evening.deck("ann")) == 50


def begin(name: str, work: Callable[[], object]) -> Task:
    task = Task(name, work)
    task.step()
    return task


def judge(evening: Evening, room: Room) -> None:
    """Check that candidates, tallies and events say the same."""
    tables = evening.app.tables
    candidates = [movie.id for movie in tables.candidates[room.id]]
    tallies = sorted(
        (tally for (of, _), tally in tables.tallies.items() if of == room.id),
        key=lambda tally: tally.position,
    )
    dealt = [movie_id for event in evening.dealt for movie_id in event.movie_ids]
    assert [tally.movie_id for tally in tallies] == candidates
    assert [tally.position for tally in tallies] == list(range(len(candidates)))
    assert candidates[50:] == dealt
    assert len(set(candidates)) == len(candidates)


def test_two_who_ask_at_the_same_time_deal_at_most_twice_and_in_order() -> None:
    counts = set()

    def play(order: Order) -> None:
        evening = Evening(known=110)
        tasks = [
            begin("ann deals", lambda: evening.deal("ann", 50)),
            begin("bob deals", lambda: evening.deal("bob")),
        ]
        order.run(tasks)
        for task in tasks:
            assert task.error is None or isinstance(task.error, MatineeError), task.error
        judge(evening, evening.room)
        counts.add(len(evening.dealt))

    orders = every_order(play, 3_000)

    assert 1 < orders < 3_000
    assert counts == {1, 2}, "one deal where they overlap, two where Bob asks afterwards"


def test_a_crash_at_any_step_deals_all_or_nothing() -> None:
    for steps in count():
        evening = Evening()
        task = begin("ann deals", partial(evening.deal, "ann", 50))
        for _ in range(steps):
            if not task.done:
                task.step()
        if task.done:
            break
        task.step(Crashed())
        judge(evening, evening.room)
        assert len(evening.deal("bob", 50)) == 75
        judge(evening, evening.room)
    assert steps > 3


def test_nothing_is_dealt_into_a_room_that_closes_meanwhile() -> None:
    evening = Evening()
    task = begin("ann deals", evening.deal)
    while not task.at.startswith("write"):
        task.step()
    evening.app.tables.now.advance(hours=25)
    task.finish()

    assert isinstance(task.error, RoomExpired)
    assert evening.dealt == []
