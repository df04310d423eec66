"""The matches of a room while everything happens at once, late, twice, or not to the end.

Use cases, the detector and the notifier run as tasks that stop before each read and around each
write (tests/fakes/schedule.py); hypothesis decides who goes on, what crashes, which write is
refused, and when which event arrives. tests/fakes/oracle.py derives what the result must be.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from matinee.errors import MatineeError
from matinee.events.contract import Contract, Envelope
from matinee.media import MediaType
from rooms.domain.match import Match
from rooms.domain.rule import Rule, RuleKind
from rooms.domain.tally import Vote
from rooms.use_cases.create_room import CreateRoom
from tests.fakes.oracle import Oracle
from tests.fakes.rooms import FakeCatalogClient, films
from tests.fakes.rooms_app import TRACE, RoomsApp
from tests.fakes.schedule import Crashed, Task

USERS = ("ann", "bob", "cid", "dee")
FILMS = (101, 102, 103)

user = st.sampled_from(USERS)
film = st.sampled_from(FILMS)
opinion = st.sampled_from((True, True, True, True, False, None))
opinions = st.fixed_dictionaries({film: st.tuples(*[opinion] * len(USERS)) for film in FILMS})
some = st.integers(min_value=0, max_value=99)


@dataclass
class Delivery:
    """An event in somebody's hands."""

    task: Task
    event: Envelope[Contract]


class Rooms(RuleBasedStateMachine):
    """One room, a handful of users, two films, and a hostile tables."""

    def __init__(self) -> None:
        super().__init__()
        self.app = RoomsApp(catalog=FakeCatalogClient(films(len(FILMS))))
        self.oracle = Oracle(self.app)
        self.requests: list[Task] = []
        self.deliveries: list[Delivery] = []
        self.queue: list[Envelope[Contract]] = []
        self.published = 0

    @initialize(
        at_least=st.sampled_from((2, 2, 3)),
        at_most=st.sampled_from((3, 4, 4)),
        guests=st.integers(0, 3),
        opinions=opinions,
        rule=st.sampled_from((Rule(), Rule(RuleKind.AT_LEAST, 2), Rule(RuleKind.NO_VETO))),
    )
    def open(
        self,
        at_least: int,
        at_most: int,
        guests: int,
        opinions: dict[int, tuple[bool | None, ...]],
        rule: Rule,
    ) -> None:
        """The host opens the room, some join, and they have swiped for a while: it is close."""
        self.oracle.rule = rule.kind
        opening = CreateRoom(MediaType.MOVIE, (), at_least, at_most, rule=rule)
        self.room, _ = self.app.use_cases.create_room("ann", opening, TRACE)
        for guest in USERS[1 : min(guests + 1, at_most)]:
            self._join(guest)
        for film, votes in opinions.items():
            for user, yes in zip(USERS, votes, strict=True):
                if yes is not None and user in self.app.tables.rooms[self.room.id].participants:
                    self._vote(user, film, yes)
        self.app.deliver()
        self.published = len(self.app.tables.outbox)

    @rule(user=user)
    def someone_joins(self, user: str) -> None:
        """Somebody comes in, calmly."""
        self._request(f"{user} joins", lambda: self._join(user)).finish()
        self._forget_finished()

    @rule(user=user)
    def someone_begins_to_join(self, user: str) -> None:
        self._request(f"{user} joins", lambda: self._join(user))

    @rule(user=user)
    def someone_begins_to_leave(self, user: str) -> None:
        self._request(
            f"{user} leaves", lambda: self.app.use_cases.leave_room(user, self.room.id, TRACE)
        )

    @rule(user=user, film=film, yes=st.sampled_from((True, True, True, False, None)))
    def someone_votes(self, user: str, film: int, yes: bool | None) -> None:
        """Somebody votes, undisturbed."""
        self._request(f"{user} votes", lambda: self._vote(user, film, yes)).finish()
        self._forget_finished()

    @rule(user=user, film=film, yes=st.sampled_from((True, True, True, False, None)))
    def someone_begins_to_vote(self, user: str, film: int, yes: bool | None) -> None:
        self._request(f"{user} votes {yes} on {film}", lambda: self._vote(user, film, yes))

    @rule(user=user, film=film, host=st.booleans())
    def someone_begins_to_propose_or_decide(self, user: str, film: int, host: bool) -> None:
        decider = self.app.use_cases.decide_room
        act = decider.decide if host else decider.propose
        self._request(f"{user} proposes {film}", lambda: act(user, self.room.id, film, TRACE))

    @precondition(lambda self: self.requests)
    @rule(which=some, steps=st.integers(1, 6))
    def a_request_goes_on(self, which: int, steps: int) -> None:
        task = self.requests[which % len(self.requests)]
        for _ in range(steps):
            if not task.done:
                task.step()
        self._forget_finished()

    @precondition(lambda self: self.requests)
    @rule(which=some)
    def a_request_crashes(self, which: int) -> None:
        self.requests[which % len(self.requests)].crash()
        self._forget_finished()

    @precondition(lambda self: self.requests or self.deliveries)
    @rule(which=some)
    def a_write_meets_another_transaction(self, which: int) -> None:
        tasks = [*self.requests, *(delivery.task for delivery in self.deliveries)]
        task = tasks[which % len(tasks)]
        self.app.tables.conflicts = 1
        task.step()
        self.app.tables.conflicts = 0
        self._forget_finished()

    @precondition(lambda self: self.queue)
    @rule(which=some)
    def an_event_arrives(self, which: int) -> None:
        self._deliver(self.queue.pop(which % len(self.queue)))

    @precondition(lambda self: self.app.tables.outbox)
    @rule(which=some)
    def an_event_comes_once_more(self, which: int) -> None:
        outbox = self.app.tables.outbox
        self.queue.append(outbox[which % len(outbox)])

    @precondition(lambda self: self.deliveries)
    @rule(which=some, steps=st.integers(1, 6))
    def a_delivery_goes_on(self, which: int, steps: int) -> None:
        delivery = self.deliveries[which % len(self.deliveries)]
        for _ in range(steps):
            if not delivery.task.done:
                delivery.task.step()
        self._forget_finished()

    @precondition(lambda self: self.deliveries)
    @rule(which=some)
    def a_delivery_crashes(self, which: int) -> None:
        """The function is killed: the queue will show the event again."""
        self.deliveries[which % len(self.deliveries)].task.crash()
        self._forget_finished()

    @rule(user=user)
    def a_phone_goes_out_of_reach(self, user: str) -> None:
        self.app.publisher.unreachable.add(user)

    @precondition(lambda self: self.app.publisher.unreachable)
    @rule()
    def all_users_are_reachable(self) -> None:
        self.app.publisher.unreachable.clear()

    @rule(hours=st.sampled_from((1, 1, 1, 1, 12)))
    def time_passes(self, hours: int) -> None:
        """After a day the room closes, whatever is under way."""
        self.app.tables.now.advance(hours=hours)

    @invariant()
    def what_is_committed_is_published(self) -> None:
        """The relay puts every event of the outbox on the bus, in its own time."""
        outbox = self.app.tables.outbox
        self.queue += outbox[self.published :]
        self.published = len(outbox)

    @invariant()
    def there_is_never_a_match_without_agreement(self) -> None:
        for key, match in self.app.tables.matches.items():
            likes = match.likes or len(match.matched_users)
            assert (match.matched_users, likes) in self.oracle.agreed.get(key, set())

    def teardown(self) -> None:
        """Deliver everything, then check the invariants."""
        self.app.publisher.unreachable.clear()
        for task in self.requests:
            task.finish()
        for delivery in self.deliveries:
            delivery.task.finish()
        self._forget_finished()
        self.what_is_committed_is_published()
        while self.queue:
            self._deliver(self.queue.pop()).finish()
            self._forget_finished()
            self.what_is_committed_is_published()
        if hasattr(self, "room"):
            self.oracle.judge()

    def _join(self, user: str) -> object:
        return self.app.use_cases.join_room(user, self.room.code, TRACE)

    def _vote(self, user: str, film: int, yes: bool | None) -> tuple[Vote, Match | None]:
        return self.app.use_cases.cast_vote(user, self.room.id, film, TRACE, yes=yes)

    def _request(self, name: str, use_case: Callable[[], object]) -> Task:
        task = Task(name, use_case)
        self.requests.append(task)
        return task

    def _deliver(self, event: Envelope[Contract]) -> Task:
        name = f"{event.data.event_type} arrives"
        task = Task(name, lambda: self.app.react(event))
        self.deliveries.append(Delivery(task, event))
        return task

    def _forget_finished(self) -> None:
        """Record results; what a consumer could not finish returns to the queue."""
        for task in [task for task in self.requests if task.done]:
            self.requests.remove(task)
            self._hear(task)
        for delivery in [one for one in self.deliveries if one.task.done]:
            self.deliveries.remove(delivery)
            if delivery.task.error is not None:
                self._expected(delivery.task)
                self.queue.append(delivery.event)

    def _hear(self, task: Task) -> None:
        if task.error is not None:
            self._expected(task)
        elif isinstance(task.result, tuple) and isinstance(task.result[1], Match):
            self.oracle.answered.append(task.result[1])

    @staticmethod
    def _expected(task: Task) -> None:
        """Refusals and crashes are part of the game, anything else is a defect."""
        assert isinstance(task.error, MatineeError | Crashed), repr(task.error)


TestRooms = Rooms.TestCase
TestRooms.settings = settings(stateful_step_count=60)
