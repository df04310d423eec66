"""The feed writer beside itself, beside those it tells of, and with its end at any step.

The queue delivers an event again when its handling did not end, so the test does; the oracle
(tests/fakes/oracle.py) must find every event told once, in numbers without gaps, to everybody.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matinee.errors import MatineeError, Unavailable
from matinee.events.contract import Contract, Envelope
from rooms.domain.feed import PUBLISHER_TIMEOUT
from tests.fakes.examples import examples
from tests.fakes.oracle import Oracle
from tests.fakes.rooms_app import TRACE, RoomsApp
from tests.fakes.schedule import Order, Task, every_order

FILM = 101
MAX_ORDERS = 6_000

type Act = tuple[str, int | str]
"""("tell", the number of an event of the beginning), or what a user does: ("yes", "b")."""

TOGETHER: Sequence[Sequence[Act]] = [
    [("tell", 0), ("tell", 1)],
    [("tell", 1), ("tell", 1)],
    [("tell", 1), ("tell", 2)],
    [("tell", 2), ("tell", 2)],
    [("tell", 2), ("no", "b")],
    [("tell", 2), ("leave", "a")],
    [("tell", 1), ("erase", "b")],
    [("tell", 2), ("erase", "a")],
]


class FeedRun:
    """A room of a and b, in which a has voted; nothing of it is told yet."""

    def __init__(self) -> None:
        self.app = RoomsApp()
        self.oracle = Oracle(self.app)
        self.room = self.app.room("a", "b")
        self.app.vote(self.room, FILM, "a")
        self.handling: set[str] = set()
        self.events: list[Envelope[Contract]] = list(self.app.tables.outbox)

    def begin(self, act: Act) -> Task:
        """Begin an act; it stops before its first read."""
        verb, what = act
        app, room, user = self.app, self.room, str(what)
        work = {
            "tell": lambda: self._tell(self.events[int(what)]),
            "leave": lambda: app.use_cases.leave_room(user, room.id, TRACE),
            "no": lambda: app.use_cases.cast_vote(user, room.id, FILM, TRACE, yes=False),
            "erase": lambda: app.erase(user),
        }[verb]
        task = Task(f"{verb} {what}", work)
        task.step()
        return task

    def _tell(self, event: Envelope[Contract]) -> None:
        """Handle an event as the consumer does, never twice at the same moment."""
        event_id = event.metadata.event_id
        if event_id in self.handling:
            raise Unavailable
        self.handling.add(event_id)
        try:
            self.app.tell(event)
        finally:
            self.handling.discard(event_id)

    def end(self, *tasks: Task) -> None:
        """Deliver everything, and judge, which delivers it again."""
        for task in tasks:
            assert task.error is None or isinstance(task.error, MatineeError), task.error
        self.app.settle()
        self.oracle.judge()

    @property
    def sent_twice(self) -> int:
        """How often an entry was published again."""
        times = Counter(self.app.feed_publisher.published)
        return sum(times.values()) - len(times)


@pytest.mark.parametrize("acts", TOGETHER, ids=str)
def test_every_event_is_told_once_in_every_order_of(acts: Sequence[Act]) -> None:
    def play(order: Order) -> None:
        run = FeedRun()
        tasks = [run.begin(act) for act in acts]
        order.run(tasks)
        run.end(*tasks)
        assert run.sent_twice == 0, "as long as nothing crashes"

    orders = every_order(play, MAX_ORDERS)

    assert 0 < orders < MAX_ORDERS, "every order has been seen"


@pytest.mark.parametrize("acts", TOGETHER, ids=str)
@pytest.mark.parametrize("waits", [False, True], ids=["at once", "after the timeout"])
def test_every_event_is_told_once_wherever_the_first_crashes_of(
    acts: Sequence[Act], *, waits: bool
) -> None:
    for steps in count():
        run = FeedRun()
        first, *others = [run.begin(act) for act in acts]
        for _ in range(steps):
            if not first.done:
                first.step()
        reached_the_end = first.done
        first.crash()
        if waits:
            run.app.tables.now.advance(seconds=PUBLISHER_TIMEOUT.seconds)
        for other in others:
            other.finish()

        run.end(*others)

        assert run.sent_twice <= 1, "only what was published when it crashed"
        if reached_the_end:
            break
    assert steps


acts = st.one_of(
    st.tuples(st.just("tell"), st.integers(0, 2)),
    st.tuples(st.sampled_from(("leave", "no", "erase")), st.sampled_from("ab")),
)


@settings(max_examples=examples(200))
@given(together=st.lists(acts, min_size=3, max_size=5), turns=st.binary(max_size=80))
def test_every_event_is_told_once_when_many_are_told_at_once(
    together: Sequence[Act], turns: bytes
) -> None:
    run = FeedRun()
    tasks = [run.begin(act) for act in together]

    Order(turns).run(tasks)

    run.end(*tasks)
    assert run.sent_twice == 0
