"""Small scenarios in every order of their reads and writes, and larger ones in many orders.

A scenario has a sequential beginning, a few use cases that overlap, and a sequential end in which
every event is delivered. In every order tests/fakes/oracle.py must find the invariants kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matinee.errors import MatineeError
from matinee.media import MediaType
from rooms.domain.match import Match
from rooms.domain.rule import UNANIMOUS, Rule, RuleKind
from rooms.use_cases.create_room import CreateRoom
from tests.fakes.examples import examples
from tests.fakes.oracle import Oracle
from tests.fakes.rooms import FakeCatalogClient, films
from tests.fakes.rooms_app import TRACE, RoomsApp
from tests.fakes.schedule import Crashed, Order, Task, every_order

FILM, OTHER = 101, 102
HOST = "a"

VOTES = {"yes": True, "no": False, "back": None}

type Act = tuple[str, str]
"""What a user does: ("yes" | "no" | "back" | "join" | "leave" | "decide" | "propose" | "oppose",
user), or ("deliver", the type of the event that arrives, the last one of it). Who opposes proposes
another film. The host a may also "close" or "extend" the room, or "remove" a user; and ("expire",
hours) lets so much time pass, and closes what has expired by then."""


@dataclass(frozen=True)
class Scenario:
    """Who is in the room and likes what, what overlaps, and what follows sequentially.

    `delivered` says whether the events of the beginning are delivered before the rest begins.
    """

    members: str
    likes: str
    overlapping: Sequence[Act]
    left_before: str = ""
    at_least: int = 2
    at_most: int = 10
    then: Sequence[Act] = ()
    dislikes: str = ""
    delivered: bool = False
    rule: Rule = UNANIMOUS
    films: int = 1
    before: Sequence[Act] = ()

    def __str__(self) -> str:
        acts = ", ".join(" ".join(act) for act in (*self.before, *self.overlapping))
        after = "; then " + ", ".join(" ".join(act) for act in self.then) if self.then else ""
        liked = f"{self.likes or 'nobody'} of {self.members} liked it"
        return f"{self.rule.kind}: {liked}: {acts}{after}"


class ScenarioRun:
    """One run of a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.app = RoomsApp(catalog=FakeCatalogClient(films(scenario.films)))
        self.oracle = Oracle(self.app, scenario.rule.kind)
        host, others = scenario.members[0], scenario.members[1:]
        opening = CreateRoom(
            MediaType.MOVIE, (), scenario.at_least, scenario.at_most, rule=scenario.rule
        )
        self.room, _ = self.app.use_cases.create_room(host, opening, TRACE)
        for user in others:
            self.play(("join", user))
        for user in scenario.likes:
            self.play(("yes", user))
        for user in scenario.dislikes:
            self.play(("no", user))
        for act in scenario.before:
            self.play(act)
        for user in scenario.left_before:
            self.play(("leave", user))
        if scenario.delivered:
            self.app.deliver()

    def play(self, act: Act) -> None:
        """Perform an act, with no other in between."""
        self.begin(act).finish()

    def begin(self, act: Act) -> Task:
        """Begin an act; it stops before its first read."""
        task = Task(" ".join(act), self._work(*act))
        task.step()
        return task

    def end(self, tasks: Sequence[Task]) -> None:
        """Collect the results, deliver every event, and check the invariants."""
        for task in tasks:
            assert task.error is None or isinstance(task.error, MatineeError | Crashed), task.error
            if isinstance(task.result, tuple) and isinstance(task.result[1], Match):
                self.oracle.answered.append(task.result[1])
        self.app.settle()
        self.oracle.judge()

    def _work(self, verb: str, whom: str) -> Callable[[], object]:
        use_cases, room = self.app.use_cases, self.room
        works: dict[str, Callable[[], object]] = {
            "join": lambda: use_cases.join_room(whom, room.code, TRACE),
            "leave": lambda: use_cases.leave_room(whom, room.id, TRACE),
            "deliver": lambda: self._deliver(whom),
            "decide": lambda: use_cases.decide_room.decide(whom, room.id, FILM, TRACE),
            "propose": lambda: use_cases.decide_room.propose(whom, room.id, FILM, TRACE),
            "oppose": lambda: use_cases.decide_room.propose(whom, room.id, OTHER, TRACE),
            "close": lambda: use_cases.close_room(whom, room.id, TRACE),
            "extend": lambda: use_cases.extend_room(whom, room.id, timedelta(hours=48), TRACE),
            "remove": lambda: use_cases.remove_participant(HOST, room.id, whom, TRACE),
            "expire": lambda: self._expire(int(whom)),
        }
        if verb in works:
            return works[verb]
        return lambda: use_cases.cast_vote(whom, room.id, FILM, TRACE, yes=VOTES[verb])

    def _expire(self, hours: int) -> int:
        self.app.tables.before_write("time")
        self.app.tables.now.advance(hours=hours)
        return self.app.close_expired(TRACE)

    def _deliver(self, event_type: str) -> None:
        happened = [e for e in self.app.tables.outbox if e.data.event_type == event_type]
        if happened:
            self.app.react(happened[-1])


JOIN_C = ("join", "c")

SCENARIOS = [
    Scenario("ab", "", [("yes", "a"), ("yes", "b")]),
    Scenario("abc", "a", [("yes", "b"), ("yes", "c")]),
    Scenario("ab", "a", [("yes", "b"), ("no", "a")]),
    Scenario("ab", "a", [("yes", "b"), ("back", "a")]),
    Scenario("ab", "ab", [("back", "a"), ("back", "b")]),
    Scenario("ab", "ab", [("back", "a"), ("no", "a")]),
    Scenario("abc", "ab", [("leave", "c"), ("back", "a")]),
    Scenario("abc", "ab", [("leave", "c")], then=[("back", "b"), ("yes", "b")]),
    Scenario("abc", "abc", [("join", "c"), ("back", "a")], left_before="cb"),
    Scenario("abc", "ab", [("deliver", "ParticipantLeft"), ("back", "a")], left_before="c"),
    Scenario("ab", "ab", [("deliver", "VoteCast"), ("back", "a")]),
    Scenario("ab", "a", [("yes", "b"), ("leave", "a")]),
    Scenario("ab", "a", [("yes", "b"), ("leave", "b")]),
    Scenario("ab", "a", [("yes", "b"), ("join", "c")]),
    Scenario("abc", "ab", [("leave", "c"), ("no", "a")]),
    Scenario("abc", "ab", [("leave", "c"), ("leave", "b")]),
    Scenario("abc", "ab", [("leave", "c"), ("join", "d")]),
    Scenario("abc", "ab", [("leave", "c"), ("yes", "c")]),
    Scenario("abc", "ab", [("leave", "c"), ("yes", "c")], at_least=3),
    Scenario("abc", "ab", [("leave", "c")], then=[("no", "b")]),
    Scenario("abc", "ab", [("leave", "c")], then=[("join", "d")]),
    Scenario("abc", "ab", [("leave", "c")], then=[("leave", "a")]),
    Scenario("abcd", "ab", [("leave", "c"), ("leave", "d")], then=[("leave", "a")]),
    Scenario("abcd", "ab", [("leave", "c"), ("leave", "d")], then=[("no", "a")]),
    Scenario("abc", "abc", [("join", "c"), ("no", "a")], left_before="cb", at_least=2),
    Scenario("abc", "ac", [("join", "c"), ("leave", "b")], left_before="c"),
    Scenario("abc", "ac", [("join", "c"), ("no", "a")], left_before="cb"),
    Scenario("abc", "ac", [("join", "c"), ("join", "d")], left_before="cb"),
    Scenario("abc", "ac", [("join", "c")], left_before="cb", then=[("join", "b")]),
    Scenario("abc", "ac", [("yes", "b"), JOIN_C], left_before="c", at_least=3, delivered=True),
    Scenario(
        "abc", "c", [("yes", "a"), ("yes", "b")], "c", at_least=3, delivered=True, then=[JOIN_C]
    ),
    Scenario("abc", "ab", [("leave", "c"), ("yes", "d")], delivered=True),
    Scenario("abc", "ab", [("deliver", "ParticipantLeft"), ("no", "a")], left_before="c"),
    Scenario("abc", "ab", [("deliver", "ParticipantLeft"), ("leave", "a")], left_before="c"),
    Scenario("abc", "ab", [("deliver", "ParticipantLeft"), ("join", "d")], left_before="c"),
    Scenario("abc", "ab", [("deliver", "ParticipantLeft")] * 2, left_before="c"),
    Scenario("ab", "ab", [("deliver", "VoteCast"), ("no", "a")]),
    Scenario("ab", "ab", [("deliver", "VoteCast")] * 2),
    Scenario("ab", "ab", [("deliver", "VoteCast"), ("leave", "b")]),
    Scenario("ab", "", [("join", "c"), ("join", "d")], at_most=3),
    Scenario("ab", "ab", [("leave", "a"), ("leave", "b")]),
    Scenario("ab", "", [("leave", "a"), ("leave", "b")], then=[("join", "c"), ("join", "d")]),
    Scenario("ab", "a", [("leave", "a"), ("leave", "a")]),
    Scenario("ab", "a", [("join", "c"), ("join", "c")]),
]

TWO = Rule(RuleKind.AT_LEAST, 2)
NO_VETO = Rule(RuleKind.NO_VETO)
SCENARIOS += [
    Scenario("abc", "a", [("yes", "b"), ("no", "a")], rule=TWO),
    Scenario("abc", "a", [("yes", "b"), ("leave", "a")], rule=TWO),
    Scenario("abc", "a", [("yes", "b"), ("yes", "c")], rule=TWO),
    Scenario("abcd", "ac", [("join", "c"), ("back", "a")], left_before="c", rule=TWO),
    Scenario("abcd", "ac", [("join", "c"), ("leave", "a")], left_before="c", rule=TWO),
    Scenario("abc", "a", [("yes", "b"), ("no", "c")], rule=NO_VETO),
    Scenario("abc", "ab", [("back", "c"), ("no", "a")], dislikes="c", rule=NO_VETO),
    Scenario("abc", "ab", [("yes", "c"), ("leave", "b")], dislikes="c", rule=NO_VETO),
    Scenario("abc", "ab", [("leave", "c"), ("back", "a")], dislikes="c", rule=NO_VETO),
    Scenario(
        "abc", "ab", [("leave", "c"), ("join", "d")], dislikes="c", then=[("no", "d")], rule=NO_VETO
    ),
    Scenario(
        "abc",
        "a",
        [("join", "c"), ("yes", "b")],
        dislikes="c",
        left_before="c",
        rule=NO_VETO,
        delivered=True,
    ),
]

A_PROPOSES, B_OPPOSES = ("propose", "a"), ("oppose", "b")
TWO_PROPOSE = [A_PROPOSES, ("propose", "c")]
LEFT = ("deliver", "ParticipantLeft")
SCENARIOS += [
    Scenario("ab", "", [("decide", "a"), ("decide", "a")]),
    Scenario("abc", "", [("oppose", "a"), ("oppose", "b"), ("decide", "a")], films=2),
    Scenario("abc", "", [("propose", "b"), ("propose", "c")], before=[A_PROPOSES], films=2),
    Scenario("abc", "", [("propose", "b"), ("oppose", "a")], before=[A_PROPOSES], films=2),
    Scenario("abc", "", [("propose", "b"), ("leave", "a")], before=[A_PROPOSES]),
    Scenario("abc", "", [("propose", "b"), ("join", "d")], before=[A_PROPOSES]),
    Scenario("abc", "", [("leave", "c"), ("decide", "a")], before=[B_OPPOSES], films=2),
    Scenario(
        "abcd", "", [("leave", "d"), ("decide", "a")], films=2, before=[B_OPPOSES, ("oppose", "c")]
    ),
    Scenario("abcd", "", [("leave", "d"), ("join", "e")], before=TWO_PROPOSE),
    Scenario("abcd", "", [LEFT, ("oppose", "c")], "d", films=2, before=TWO_PROPOSE),
    Scenario("abcd", "", [LEFT, ("leave", "a")], "d", before=TWO_PROPOSE),
    Scenario("abcd", "", [LEFT, LEFT], "d", before=TWO_PROPOSE),
]

CLOSE, EXTEND, EXPIRE = ("close", "a"), ("extend", "a"), ("expire", "24")
SCENARIOS += [
    Scenario("ab", "a", [CLOSE, ("yes", "b")]),
    Scenario("ab", "ab", [CLOSE, ("back", "a")]),
    Scenario("abc", "ab", [CLOSE, ("leave", "c")], then=[("join", "c")]),
    Scenario("abc", "ab", [CLOSE, LEFT], "c"),
    Scenario("ab", "a", [CLOSE, ("join", "c")], then=[("yes", "b")]),
    Scenario("ab", "", [CLOSE, ("propose", "b")], before=[A_PROPOSES]),
    Scenario("ab", "", [CLOSE, ("decide", "a")]),
    Scenario("ab", "", [CLOSE, CLOSE]),
    Scenario("ab", "", [CLOSE, EXTEND]),
    Scenario("ab", "a", [EXTEND, ("yes", "b")]),
    Scenario("ab", "a", [EXTEND, ("leave", "b")], then=[EXPIRE, ("join", "b")]),
    Scenario("ab", "a", [EXTEND, EXTEND], then=[EXPIRE, ("yes", "b"), EXPIRE]),
    Scenario("ab", "a", [EXPIRE, ("yes", "b")]),
    Scenario("ab", "a", [EXPIRE, EXTEND], then=[("yes", "b")]),
    Scenario("ab", "a", [EXPIRE, CLOSE]),
    Scenario("ab", "a", [EXPIRE, ("expire", "0")]),
    Scenario("abc", "ab", [EXPIRE, LEFT], "c"),
    Scenario("abc", "ab", [("remove", "c"), ("no", "a")]),
    Scenario("abc", "ab", [("remove", "c"), ("yes", "c")]),
    Scenario("abc", "ab", [("remove", "c"), ("leave", "c")], then=[("join", "c")]),
    Scenario("abc", "ab", [("remove", "c"), ("remove", "c")], then=[("join", "c")]),
    Scenario("abc", "ab", [("remove", "c"), ("join", "c")], left_before="c"),
    Scenario("abc", "ab", [("remove", "c"), ("leave", "a")]),
    Scenario("abc", "ab", [("remove", "c"), CLOSE]),
    Scenario("abcd", "", [("remove", "d"), ("oppose", "c")], before=TWO_PROPOSE, films=2),
]

MAX_ORDERS = 3_000


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_the_invariants_hold_in_every_order_of(scenario: Scenario) -> None:
    def play(order: Order) -> None:
        run = ScenarioRun(scenario)
        tasks = [run.begin(act) for act in scenario.overlapping]
        order.run(tasks)
        for act in scenario.then:
            run.play(act)
        run.end(tasks)

    orders = every_order(play, MAX_ORDERS)

    assert 0 < orders < MAX_ORDERS, "every order has been seen"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_the_invariants_hold_wherever_the_first_one_crashes_in(scenario: Scenario) -> None:
    for steps in count():
        run = ScenarioRun(scenario)
        first, *others = [run.begin(act) for act in scenario.overlapping]
        for _ in range(steps):
            if not first.done:
                first.step()
        reached_the_end = first.done
        first.crash()
        for other in others:
            other.finish()
        for act in scenario.then:
            run.play(act)

        run.end([*others])

        if reached_the_end:
            break
    assert steps


VERBS = (
    *("yes", "yes", "no", "back", "leave", "join", "deliver", "propose", "oppose", "decide"),
    *("close", "extend", "remove", "expire"),
)
OF_NOBODY = {"deliver": "ParticipantLeft", "expire": "24"}
letters = st.sampled_from("abcde")
acts = st.tuples(st.sampled_from(VERBS), letters).map(
    lambda act: (act[0], OF_NOBODY.get(act[0], act[1]))
)
scenarios = st.builds(
    Scenario,
    members=st.sampled_from(("ab", "abc", "abcd")),
    likes=st.sampled_from(("", "a", "ab", "ab", "abc", "abcd")),
    overlapping=st.lists(acts, min_size=2, max_size=5),
    at_least=st.sampled_from((2, 2, 2, 3)),
    at_most=st.sampled_from((4, 5)),
    left_before=st.sampled_from(("", "", "b", "c", "d", "cd")),
    then=st.lists(acts, max_size=2),
    films=st.just(2),
    rule=st.sampled_from((UNANIMOUS, TWO, Rule(RuleKind.AT_LEAST, 3), NO_VETO)),
    dislikes=st.sampled_from(("", "", "b", "c")),
    delivered=st.booleans(),
)


@settings(max_examples=examples(400))
@given(scenario=scenarios, turns=st.binary(max_size=60))
def test_the_invariants_hold_when_many_act_at_once(scenario: Scenario, turns: bytes) -> None:
    run = ScenarioRun(scenario)
    tasks = [run.begin(act) for act in scenario.overlapping]
    Order(turns).run(tasks)
    for act in scenario.then:
        run.play(act)

    run.end(tasks)
