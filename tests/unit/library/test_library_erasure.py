"""Erasing a deleted user's library, and keeping out what comes later."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from library.domain.errors import AccountDeleted, LibraryBusy
from library.domain.notices import Notice
from library.domain.titles import Entry, ListName
from library.events.consumed import UserDeleted, erase_deleted_users
from library.events.published import FavouriteAdded
from library.use_cases.erase_user import UserDataEraser
from matinee.erasure import BLOCK_TTL, TIME_BUDGET_SECONDS
from matinee.errors import Unavailable
from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import create_envelope
from tests.fakes.clock import NOON
from tests.fakes.library import TRACE, FakeErasureRepository, LibraryApp, film
from tests.fakes.schedule import Crashed, Order, Task, every_order


@dataclass
class ErasureScenario:
    """A library and the consumer that erases deleted users."""

    library: LibraryApp = field(default_factory=LibraryApp)
    requeued: list[Envelope[Contract]] = field(default_factory=list)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        repository = FakeErasureRepository(self.library.tables)
        eraser = UserDataEraser(repository, self.library.now, lambda: self.seconds)
        self.handle = erase_deleted_users(eraser, self.requeued.append)

    def fill(self, user: str, titles: int) -> None:
        for name in ListName:
            entries = [Entry(film(number), NOON) for number in range(1, titles + 1)]
            self.library.lists[name].add_all(user, entries, TRACE)
        self.library.favourites.remove(user, film(1).key, TRACE)
        self.library.preferences.change(user, {"favoriteContent": "my own words"}, TRACE)
        notice = Notice(film().key, "Film", None, "DE", {8: "Netflix"}, NOON)
        self.library.tables.notices[user] = {notice.id: notice}


@pytest.fixture
def scenario() -> ErasureScenario:
    return ErasureScenario()


def deleted(user_id: str = "ann") -> Envelope[Contract]:
    return create_envelope(
        UserDeleted(user_id=user_id),
        event_id="event-1",
        occurred_at=NOON,
        trace=TRACE,
        idempotency_key=f"user-deleted:{user_id}",
    )


def test_erases_one_user_and_nobody_else(scenario: ErasureScenario) -> None:
    scenario.fill("ann", 60)
    scenario.fill("bob", 3)
    published = list(scenario.library.tables.published)

    scenario.handle(deleted())

    assert "ann" not in scenario.library.tables
    assert "bob" in scenario.library.tables
    assert len(scenario.library.tables.entries("bob", ListName.WATCHLIST)) == 3
    assert scenario.library.tables.published == published


def test_an_erased_user_stores_nothing_with_a_valid_token(scenario: ErasureScenario) -> None:
    scenario.fill("ann", 2)
    scenario.handle(deleted())

    for act in (
        lambda: scenario.library.favourites.add("ann", film(9), TRACE),
        lambda: scenario.library.preferences.change("ann", {"minRating": 7}, TRACE),
        lambda: scenario.library.import_entries(
            "ann", None, {ListName.WATCHLIST: [Entry(film(), NOON)]}, TRACE
        ),
    ):
        with pytest.raises(AccountDeleted):
            act()
    assert "ann" not in scenario.library.tables


def test_blocks_a_user_longer_than_a_token_lives(scenario: ErasureScenario) -> None:
    scenario.handle(deleted())

    assert scenario.library.tables.blocked["ann"] == NOON + BLOCK_TTL
    assert timedelta(days=1) < BLOCK_TTL


def test_erasing_again_changes_nothing(scenario: ErasureScenario) -> None:
    scenario.fill("ann", 2)
    scenario.handle(deleted())
    scenario.handle(deleted())

    assert "ann" not in scenario.library.tables


def test_a_long_erasure_continues_in_new_invocations(
    scenario: ErasureScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario.fill("ann", 100)
    delete = FakeErasureRepository.delete

    def slowly(*args: object) -> None:
        scenario.seconds += TIME_BUDGET_SECONDS / 3
        delete(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(FakeErasureRepository, "delete", slowly)
    invocations = 0
    waiting = [deleted()]
    while waiting:
        scenario.handle(waiting.pop())
        invocations += 1
        waiting = scenario.requeued.copy()
        scenario.requeued.clear()

    assert "ann" not in scenario.library.tables
    assert invocations == 6


def test_an_invocation_without_progress_is_not_continued(
    scenario: ErasureScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario.fill("ann", 2)
    block = FakeErasureRepository.block

    def slowly(*args: object) -> None:
        scenario.seconds += TIME_BUDGET_SECONDS
        block(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(FakeErasureRepository, "block", slowly)

    with pytest.raises(Unavailable):
        scenario.handle(deleted())
    assert scenario.requeued == []


def test_a_busy_table_makes_the_queue_deliver_again(scenario: ErasureScenario) -> None:
    scenario.library.tables.conflicts = 1

    with pytest.raises(LibraryBusy):
        scenario.handle(deleted())


def test_another_event_is_unprocessable(scenario: ErasureScenario) -> None:
    data = FavouriteAdded(user_id="ann", media_type="movie", media_id=1, added_at=NOON)
    event = create_envelope(data, event_id="e", occurred_at=NOON, trace=TRACE, idempotency_key="k")

    with pytest.raises(Unprocessable):
        scenario.handle(event)


def test_nothing_is_left_after_concurrent_requests() -> None:
    def run(order: Order) -> None:
        scenario = ErasureScenario()
        scenario.library.watchlist.add("ann", film(1), TRACE)
        tasks = [
            Task("erase", lambda: scenario.handle(deleted())),
            Task("move", lambda: scenario.library.move("ann", film(1).key, TRACE)),
            Task(
                "save", lambda: scenario.library.preferences.change("ann", {"keywords": []}, TRACE)
            ),
        ]
        order.run(tasks)
        assert "ann" not in scenario.library.tables
        assert tasks[0].error is None

    assert 50 < every_order(run, 4000) < 4000


@pytest.mark.parametrize("steps", range(1, 12))
def test_a_crash_anywhere_can_be_repeated(steps: int) -> None:
    scenario = ErasureScenario()
    scenario.fill("ann", 30)
    task = Task("erase", lambda: scenario.handle(deleted()))
    for _ in range(steps):
        if not task.done:
            task.step()
    if not task.done:
        task.step(Crashed())

    scenario.handle(deleted())

    assert "ann" not in scenario.library.tables
