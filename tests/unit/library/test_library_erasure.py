"""What the library forgets when an account is gone: everything, also what comes later."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from library.domain.errors import AccountDeleted, LibraryBusy
from library.domain.titles import Entry, ListName
from library.events.published import FavouriteAdded, UserDeleted
from library.use_cases.erase_user import BARRED_FOR, TIME, Eraser
from matinee.errors import Unavailable
from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import create_envelope
from tests.fakes.clock import NOON
from tests.fakes.library import TRACE, FakeErasable, Library, film
from tests.fakes.rooms import FakeResumption
from tests.fakes.schedule import Crashed, Task, every_order


@dataclass
class Estate:
    """A library and its eraser."""

    library: Library = field(default_factory=Library)
    resumption: FakeResumption = field(default_factory=FakeResumption)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        erasable = FakeErasable(self.library.shelves)
        self.eraser = Eraser(erasable, self.resumption, self.library.now, lambda: self.seconds)

    def fill(self, user: str, titles: int) -> None:
        for name in ListName:
            entries = [Entry(film(number), NOON) for number in range(1, titles + 1)]
            self.library.lists[name].add_all(user, entries, TRACE)
        self.library.favourites.remove(user, film(1).key, TRACE)
        self.library.preferences.change(user, {"favoriteContent": "my own words"}, TRACE)


@pytest.fixture
def estate() -> Estate:
    return Estate()


def deleted(user_id: str = "ann") -> Envelope[Contract]:
    return create_envelope(
        UserDeleted(user_id=user_id),
        event_id="event-1",
        occurred_at=NOON,
        trace=TRACE,
        idempotency_key=f"user-deleted:{user_id}",
    )


def test_nothing_of_him_is_left_and_all_of_the_others(estate: Estate) -> None:
    estate.fill("ann", 60)
    estate.fill("bob", 3)
    told = list(estate.library.shelves.told)

    estate.eraser.handle(deleted())

    assert "ann" not in estate.library.shelves
    assert "bob" in estate.library.shelves
    assert len(estate.library.shelves.entries("bob", ListName.WATCHLIST)) == 3
    assert estate.library.shelves.told == told


def test_what_he_does_with_a_token_that_is_still_good_leaves_no_trace(estate: Estate) -> None:
    estate.fill("ann", 2)
    estate.eraser.handle(deleted())

    for act in (
        lambda: estate.library.favourites.add("ann", film(9), TRACE),
        lambda: estate.library.preferences.change("ann", {"minRating": 7}, TRACE),
        lambda: estate.library.transfer.take_in(
            "ann", None, {ListName.WATCHLIST: [Entry(film(), NOON)]}, TRACE
        ),
    ):
        with pytest.raises(AccountDeleted):
            act()
    assert "ann" not in estate.library.shelves


def test_he_is_barred_longer_than_any_token_lives(estate: Estate) -> None:
    estate.eraser.handle(deleted())

    assert estate.library.shelves.barred["ann"] == NOON + BARRED_FOR
    assert timedelta(days=1) < BARRED_FOR


def test_doing_it_again_changes_nothing(estate: Estate) -> None:
    estate.fill("ann", 2)
    estate.eraser.handle(deleted())
    estate.eraser.handle(deleted())

    assert "ann" not in estate.library.shelves


def test_what_there_is_no_time_for_goes_on_later(
    estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate.fill("ann", 100)
    erase = FakeErasable.erase

    def slowly(*args: object) -> None:
        estate.seconds += TIME / 3
        erase(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(FakeErasable, "erase", slowly)
    invocations = 0
    waiting = [deleted()]
    while waiting:
        estate.eraser.handle(waiting.pop())
        invocations += 1
        waiting, estate.resumption.waiting = estate.resumption.waiting, []

    assert "ann" not in estate.library.shelves
    assert invocations == 3


def test_who_gets_nothing_done_hands_on_nothing(
    estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate.fill("ann", 2)
    bar = FakeErasable.bar

    def slowly(*args: object) -> None:
        estate.seconds += TIME
        bar(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(FakeErasable, "bar", slowly)

    with pytest.raises(Unavailable):
        estate.eraser.handle(deleted())
    assert len(estate.resumption) == 0


def test_a_table_that_is_busy_shows_the_event_again(estate: Estate) -> None:
    estate.library.shelves.conflicts = 1

    with pytest.raises(LibraryBusy):
        estate.eraser.handle(deleted())


def test_another_event_is_none_of_its_business(estate: Estate) -> None:
    data = FavouriteAdded(user_id="ann", media_type="movie", media_id=1, added_at=NOON)
    event = create_envelope(data, event_id="e", occurred_at=NOON, trace=TRACE, idempotency_key="k")

    with pytest.raises(Unprocessable):
        estate.eraser.handle(event)


def test_whatever_he_does_meanwhile_nothing_of_him_is_left() -> None:
    def scenario(choices: Iterator[int]) -> Sequence[int]:
        estate = Estate()
        estate.library.watchlist.add("ann", film(1), TRACE)
        tasks = [
            Task("erase", lambda: estate.eraser.handle(deleted())),
            Task("move", lambda: estate.library.mover.move("ann", film(1).key, TRACE)),
            Task("save", lambda: estate.library.preferences.change("ann", {"keywords": []}, TRACE)),
        ]
        widths = []
        while waiting := [task for task in tasks if not task.done]:
            widths.append(len(waiting))
            waiting[next(choices, 0)].advance()
        assert "ann" not in estate.library.shelves
        assert tasks[0].error is None
        return widths

    assert every_order(scenario, 4000) > 100


@pytest.mark.parametrize("steps", range(1, 12))
def test_a_crash_anywhere_leaves_the_rest_to_be_found_again(steps: int) -> None:
    estate = Estate()
    estate.fill("ann", 30)
    task = Task("erase", lambda: estate.eraser.handle(deleted()))
    for _ in range(steps):
        if not task.done:
            task.step()
    if not task.done:
        task.step(Crashed())

    estate.eraser.handle(deleted())

    assert "ann" not in estate.library.shelves
