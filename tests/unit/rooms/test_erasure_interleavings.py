"""An erasure while others vote, join and leave, or are erased themselves, in many orders.

As in test_interleavings.py: tests/fakes/oracle.py derives from the room's history what the result
must be, and checks that nothing has the id of an erased user.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matinee.errors import MatineeError
from matinee.media import MediaType
from rooms.domain.match import Match
from rooms.domain.room import ROOM_TTL
from rooms.domain.rule import UNANIMOUS, Rule, RuleKind
from rooms.use_cases.create_room import CreateRoom
from tests.fakes.examples import THOROUGH, examples
from tests.fakes.oracle import Oracle
from tests.fakes.rooms import FakeCatalogClient, films
from tests.fakes.rooms_app import TRACE, RoomsApp
from tests.fakes.schedule import Crashed, Order, Task, every_order

FILM = 101

VOTES = {"yes": True, "no": False, "back": None}

type Act = tuple[str, str]
"""What a user does: ("yes" | "no" | "back" | "join" | "leave" | "propose" | "erase", user), or
("deliver", the type of the event that arrives, the last one of it), or ("close", "")."""


@dataclass(frozen=True)
class Scenario:
    """Who is in the room and likes what, what has happened since, and what overlaps."""

    members: str
    likes: str
    overlapping: Sequence[Act]
    dislikes: str = ""
    before: Sequence[Act] = ()
    rule: Rule = UNANIMOUS

    def __str__(self) -> str:
        acts = ", ".join(" ".join(act) for act in (*self.before, *self.overlapping))
        return f"{self.rule.kind}: {self.likes or 'nobody'} of {self.members} liked it: {acts}"


class ScenarioRun:
    """One run of a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.app = RoomsApp(catalog=FakeCatalogClient(films(1)))
        self.oracle = Oracle(self.app, scenario.rule.kind)
        host, others = scenario.members[0], scenario.members[1:]
        self.room, _ = self.app.use_cases.create_room(
            host, CreateRoom(MediaType.MOVIE, (), 2, 10, rule=scenario.rule), TRACE
        )
        calm = [("join", user) for user in others]
        calm += [("yes", user) for user in scenario.likes]
        calm += [("no", user) for user in scenario.dislikes]
        for act in (*calm, *scenario.before):
            self.begin(act).finish()

    def begin(self, act: Act) -> Task:
        """Begin an act; it stops before its first read."""
        task = Task(" ".join(act), self._work(*act))
        task.step()
        return task

    def end(self, tasks: Sequence[Task], acts: Sequence[Act]) -> None:
        """Collect the results, repeat what was interrupted, deliver every event, and check."""
        for task in tasks:
            assert task.error is None or isinstance(task.error, MatineeError | Crashed), task.error
            if isinstance(task.result, tuple) and isinstance(task.result[1], Match):
                self.oracle.answered.append(task.result[1])
        self.app.erase(*(user for verb, user in acts if verb == "erase"))
        self.app.delivered = 0
        self.app.deliver()
        self.oracle.judge()

    def _work(self, verb: str, whom: str) -> Callable[[], object]:
        app, room, use_cases = self.app, self.room, self.app.use_cases
        acts: dict[str, Callable[[], object]] = {
            "join": lambda: use_cases.join_room(whom, room.code, TRACE),
            "leave": lambda: use_cases.leave_room(whom, room.id, TRACE),
            "propose": lambda: use_cases.decide_room.propose(whom, room.id, FILM, TRACE),
            "erase": lambda: app.erase_user(app.account_deleted(whom)),
            "deliver": lambda: self._deliver(whom),
            "close": lambda: app.tables.now.advance(days=ROOM_TTL.days),
        }
        return acts.get(verb) or (
            lambda: use_cases.cast_vote(whom, room.id, FILM, TRACE, yes=VOTES[verb])
        )

    def _deliver(self, event_type: str) -> None:
        happened = [e for e in self.app.tables.outbox if e.data.event_type == event_type]
        if happened:
            self.app.react(happened[-1])


NO_VETO = Rule(RuleKind.NO_VETO)
ERASE_C = ("erase", "c")
CLOSE = ("close", "")
SCENARIOS = [
    Scenario("abc", "a", [ERASE_C, ("yes", "b")]),
    Scenario("abc", "ab", [ERASE_C, ("no", "a")]),
    Scenario("abc", "ab", [ERASE_C, ("yes", "c")], dislikes="c"),
    Scenario("abc", "ac", [ERASE_C, ("yes", "b")]),
    Scenario("abc", "abc", [ERASE_C, ("back", "c")]),
    Scenario("abc", "ab", [ERASE_C, ("back", "a")]),
    Scenario("abc", "abc", [ERASE_C, ("deliver", "VoteCast")]),
    Scenario("abc", "ab", [ERASE_C, ("leave", "c")]),
    Scenario("abc", "ab", [ERASE_C, ("join", "c")], before=[("leave", "c")]),
    Scenario("ab", "a", [ERASE_C, ("join", "c")]),
    Scenario("ac", "ac", [ERASE_C, ("leave", "a")]),
    Scenario("cab", "ab", [ERASE_C, ("join", "d")]),
    Scenario("c", "", [ERASE_C, ("join", "d")]),
    Scenario("c", "", [ERASE_C, ("join", "d")], before=[("leave", "c")]),
    Scenario("abc", "abc", [ERASE_C, ("no", "c")]),
    Scenario("abc", "ab", [ERASE_C, CLOSE], dislikes="c"),
    Scenario("abc", "abc", [ERASE_C, ("deliver", "VoteCast")], before=[CLOSE]),
    Scenario("abc", "ab", [ERASE_C, ("deliver", "ParticipantJoined")], before=[CLOSE]),
    Scenario("abcd", "ab", [("erase", "d"), ("deliver", "ParticipantLeft")],
          before=[("leave", "c"), ("leave", "d"), CLOSE]),
    Scenario("abcd", "ab", [ERASE_C, ("erase", "d")], before=[("leave", "c"), ("leave", "d")]),
    Scenario("abcd", "ab", [ERASE_C, ("no", "a")], dislikes="c", rule=NO_VETO),
    Scenario("abcd", "ab", [ERASE_C, ("deliver", "ParticipantJoined")], dislikes="c",
          before=[CLOSE], rule=NO_VETO),
    Scenario("abc", "ac", [ERASE_C, ("yes", "b")], rule=Rule(RuleKind.AT_LEAST, 2)),
    Scenario("abc", "", [ERASE_C, ("propose", "c")]),
    Scenario("abcd", "", [ERASE_C, ("propose", "a")], before=[("propose", "b"), ("propose", "c")]),
    Scenario("abc", "", [ERASE_C, ("propose", "b")], before=[("propose", "c")]),
]  # fmt: skip
TWO_ERASURES = [
    Scenario("abc", "abc", [ERASE_C, ("erase", "b")]),
    Scenario("ac", "ac", [ERASE_C, ("erase", "a")]),
    Scenario("abc", "abc", [ERASE_C, ("erase", "b")], before=[CLOSE]),
]

MAX_ORDERS = 30_000 if THOROUGH else 120
"""Where there are more, as many again are drawn: the first ones differ in their ends alone."""


@pytest.mark.parametrize("scenario", [*SCENARIOS, *TWO_ERASURES], ids=str)
def test_the_invariants_of_erasure_hold_in_every_order_of(scenario: Scenario) -> None:
    def play(order: Order) -> None:
        run = ScenarioRun(scenario)
        tasks = [run.begin(act) for act in scenario.overlapping]
        order.run(tasks)
        run.end(tasks, scenario.overlapping)

    if every_order(play, MAX_ORDERS) == MAX_ORDERS:
        random = Random(str(scenario))  # noqa: S311 - the same orders every time
        for _ in range(MAX_ORDERS):
            play(Order(random.choices(range(len(scenario.overlapping)), k=200)))


BEFORE = ("leave", "join", "propose", "close")
verbs = st.sampled_from(
    ("yes", "yes", "no", "back", "leave", "join", "propose", "erase", "deliver", "close")
)
acts = st.tuples(verbs, st.sampled_from("abcd")).map(
    lambda act: {"deliver": ("deliver", "ParticipantLeft"), "close": CLOSE}.get(act[0], act)
)
scenarios = st.builds(
    Scenario,
    members=st.sampled_from(("ab", "abc", "abcd", "cab")),
    likes=st.sampled_from(("", "a", "ab", "ab", "ac")),
    overlapping=st.lists(acts, min_size=1, max_size=3).map(lambda others: [ERASE_C, *others]),
    before=st.lists(acts.filter(lambda act: act[0] in BEFORE), max_size=2),
    rule=st.sampled_from((UNANIMOUS, Rule(RuleKind.AT_LEAST, 2), NO_VETO)),
    dislikes=st.sampled_from(("", "", "b", "c")),
)


@settings(max_examples=examples(300))
@given(
    scenario=scenarios,
    turns=st.binary(max_size=80),
    crash=st.none() | st.integers(1, 60),
)
def test_the_invariants_of_erasure_hold_when_many_act_at_once(
    scenario: Scenario, turns: bytes, crash: int | None
) -> None:
    run = ScenarioRun(_playable(scenario))
    tasks = [run.begin(act) for act in scenario.overlapping]
    choices = iter(turns)
    steps = 0
    while waiting := [task for task in tasks if not task.done]:
        waiting[next(choices, 0) % len(waiting)].advance()
        steps += 1
        if steps == crash and not tasks[0].done:
            tasks[0].crash()
    run.end(tasks, scenario.overlapping)


def _playable(scenario: Scenario) -> Scenario:
    """Leave out who votes without being a member; refusals beforehand are of no interest."""
    likes, dislikes = (
        "".join(user for user in voters if user in scenario.members)
        for voters in (scenario.likes, scenario.dislikes)
    )
    return replace(scenario, likes=likes, dislikes=dislikes)
