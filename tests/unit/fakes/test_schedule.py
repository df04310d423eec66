"""The scheduler plays every order that matters, and few that do not."""

from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.schedule import READ, WRITE, WROTE, Order, Task, checkpoint, every_order

type Step = tuple[str, str]
"""("read" or "write", a place)."""

steps = st.tuples(st.sampled_from(("read", "write")), st.sampled_from("xy"))
programs = st.lists(st.lists(steps, max_size=3), min_size=2, max_size=3)


class Memory:
    """Programs over shared places; each write appends what its program has read until then."""

    def __init__(self, programs: Sequence[Sequence[Step]]) -> None:
        self.places = {"x": "", "y": ""}
        self.read = [""] * len(programs)
        self.tasks = [Task(str(n), self._work(n, program)) for n, program in enumerate(programs)]

    def outcome(self) -> tuple[str, ...]:
        assert [task.error for task in self.tasks] == [None] * len(self.tasks)
        return (*self.places.values(), *self.read)

    def _work(self, number: int, program: Sequence[Step]) -> Callable[[], None]:
        def work() -> None:
            for verb, place in program:
                if verb == "read":
                    checkpoint(f"{READ}{place}", frozenset({place}))
                    self.read[number] += f"({self.places[place]})"
                else:
                    checkpoint(f"{WRITE}{place}", frozenset({place}))
                    self.places[place] += f"{number}{self.read[number]}"
                    checkpoint(f"{WROTE}{place}")

        return work


def all_outcomes(programs: Sequence[Sequence[Step]]) -> tuple[set[tuple[str, ...]], int]:
    """Return the outcomes of every sequence of turns, with none left out, and their number."""
    outcomes, sequences = set(), 0
    open_paths: list[list[int]] = [[]]
    while open_paths:
        path = open_paths.pop()
        memory = Memory(programs)
        for task in memory.tasks:
            task.step()
        for turn in path:
            memory.tasks[turn].advance()
        waiting = [place for place, task in enumerate(memory.tasks) if not task.done]
        open_paths += [[*path, place] for place in waiting]
        if not waiting:
            sequences += 1
            outcomes.add(memory.outcome())
        for task in memory.tasks:
            task.crash()
    return outcomes, sequences


@given(programs.filter(lambda programs: sum(map(len, programs)) <= 6))
def test_every_outcome_is_reached(programs: Sequence[Sequence[Step]]) -> None:
    reached = set()

    def play(order: Order) -> None:
        memory = Memory(programs)
        order.run(memory.tasks)
        reached.add(memory.outcome())

    orders = every_order(play, 10_000)

    outcomes, sequences = all_outcomes(programs)
    assert reached == outcomes
    assert orders <= sequences


def orders_of(*programs: Sequence[Step]) -> int:
    return every_order(lambda order: order.run(Memory(programs).tasks), 1_000)


def test_the_order_of_reads_makes_no_difference() -> None:
    assert orders_of([("read", "x")] * 3, [("read", "x")] * 3) == 1


def test_a_write_is_played_before_and_after_each_read() -> None:
    assert orders_of([("read", "x")] * 3, [("write", "x")]) == 4


def test_a_read_and_a_write_of_another_place_commute() -> None:
    assert orders_of([("read", "x")] * 3, [("write", "y")]) == 1
    assert orders_of([("write", "y")] * 3, [("read", "x")]) == 1


def test_no_more_orders_are_played_than_the_limit() -> None:
    def play(order: Order) -> None:
        order.run(Memory([[("write", "x")] * 3] * 2).tasks)

    assert every_order(play, 20) == every_order(play, 1_000) == 20
    assert every_order(play, 19) == 19
