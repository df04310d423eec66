"""What happens in a history: who does what and when, drawn from a seed; and smaller such plans."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random

from tests.simulation.crews import STARTED
from tests.simulation.scheduler import Fault

FILMS = (101, 102, 103)
MORE_FILMS = (104, 105, 106)
"""What the catalogue finds after the others."""


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that a person does, after a pause of so many seconds.

    What is `staged` follows upon other such moves, whoever makes them; all else upon the person's.
    """

    person: str
    kind: str
    room: int = 0
    film: int = FILMS[0]
    yes: bool | None = True
    size: int = 10
    rule: str = "ALL"
    pause: float = 0.5
    staged: bool = False
    together: bool = False
    """Whether the next staged move does not wait for it."""

    def __str__(self) -> str:
        match self.kind:
            case "vote":
                how = {True: "votes yes on", False: "votes no on", None: "takes back the vote on"}
                what = f"{how[self.yes]} {self.film} in room {self.room}"
            case "open":
                what = f"opens room {self.room} for up to {self.size} ({self.rule})"
            case "join" | "leave" | "look" | "close" | "extend" | "remove":
                what = f"{self.kind}s room {self.room}"
            case "propose" | "decide":
                what = f"{self.kind}s {self.film} in room {self.room}"
            case "favourite" | "watch" | "see" | "dismiss":
                what = f"{'adds' if self.yes else 'removes'} {self.film} ({self.kind})"
            case _:
                what = f"{self.kind} ({self.room})"
        return f"{self.person}, after {self.pause:.2f} s, {what}"


@dataclass(frozen=True, slots=True)
class Plan:
    """A history before it happens. `faults` are those that happen; None: those that are drawn."""

    seed: str
    moves: tuple[Move, ...]
    scale: float = 1.0
    faults: tuple[Fault, ...] | None = None
    outage: tuple[float, float] = (0.0, 0.0)
    """When the bus accepts nothing: so many seconds after the start, and for how long."""

    signs_up: bool = True
    """Whether its people sign up in it, or have done so before."""

    @property
    def people(self) -> tuple[str, ...]:
        """Who takes part, in the order of their first moves."""
        return tuple(dict.fromkeys(move.person for move in self.moves))


OUTAGES = 0.06
"""In how many histories the bus accepts nothing for a while, longer than a stream is patient."""

GUESTS = 0.25
"""In how many histories rooms have guests."""

CREWS = 0.25
"""In how many histories people form a crew."""

SIGNING_UP = 0.25
"""In how many histories people sign up."""

NAMES = ("ann", "bob", "cid", "dee", "eve", "fay")


GUEST_NAMES = ("gus", "hal")


def draw(seed: str) -> Plan:
    """Draw a plan."""
    chance = Random(f"{seed}/plan")
    people = NAMES[: chance.choice((2, 2, 3, 3, 4, 5))]
    rooms = chance.choice((1, 1, 1, 2))
    hurry = chance.choice((0.02, 0.1, 0.5))
    size = chance.choice((2, 3, 10, 10))
    likes = chance.choice((0.6, 0.8, 0.95))
    films = FILMS[: chance.choice((1, 2, 2, 3))]
    rule = chance.choice(("ALL", "ALL", "ALL", "AT_LEAST", "NO_VETO"))
    moves = [
        Move(people[room % len(people)], "open", room, size=size, rule=rule, pause=0.01)
        for room in range(rooms)
    ]
    for person in people:
        for room in range(rooms):
            moves.append(Move(person, "join", room, pause=chance.expovariate(1 / hurry)))
            for film in films:
                yes = chance.random() < likes
                moves.append(_vote(chance, person, room, film, yes, hurry))
        moves += [
            _any(chance, person, rooms, films, likes, hurry) for _ in range(chance.randint(0, 6))
        ]
    chance.shuffle(moves)
    moves.sort(key=lambda move: _ORDER.get(move.kind, 2) + chance.random() * 1.1)
    kind = chance.random()
    if kind < 0.8:
        moves += _scene(chance, people) if kind < 0.5 else _decision(chance, people)
    more = Random(f"{seed}/more")
    if more.random() < CREWS:
        moves += _evening(more, people)
    if more.random() < GUESTS:
        names = GUEST_NAMES[: more.choice((1, 1, 2))]
        moves += [move for name in names for move in _visit(more, name, rooms, films)]
    scale = chance.choice((0.0, 0.5, 1.0, 1.0, 3.0))
    outage = (0.0, 0.0)
    if scale and chance.random() < OUTAGES:
        outage = chance.uniform(0, 5), chance.uniform(20, 900)
    signs_up = chance.random() < SIGNING_UP
    return Plan(seed, tuple(moves), scale, outage=outage, signs_up=signs_up)


def _scene(chance: Random, people: tuple[str, ...]) -> list[Move]:
    """Draw moves by which a film becomes a match for an instant, one right after the other."""
    film = chance.choice(FILMS)
    last, *others = chance.sample(people, len(people))
    moves = [Move(person, "join") for person in people]
    moves += [Move(person, "vote", film=film) for person in others]
    moves.append(Move(last, "vote", film=film, yes=chance.choice((False, None))))
    moves.append(Move(last, chance.choice(("leave", "leave", "delete", "vote")), film=film))
    for _ in range(chance.randint(1, 3)):
        kind, yes = chance.choice(
            (("leave", True), ("join", True), ("vote", False), ("vote", None), ("vote", True))
        )
        moves.append(Move(chance.choice(people), kind, film=film, yes=yes))
    return _staged(chance, moves)


def _decision(chance: Random, people: tuple[str, ...]) -> list[Move]:
    """Draw proposals, in a room that some join or leave between them."""
    moves = [Move(person, "join") for person in people]
    together = chance.random() < 0.5
    for _ in range(chance.randint(len(people), 2 * len(people))):
        kind = chance.choices(("propose", "decide", "leave", "join", "more"), (8, 1, 1.5, 1, 2))[0]
        film = chance.choice(FILMS[:2])
        moves.append(Move(chance.choice(people), kind, film=film, together=together))
    return _staged(chance, moves)


def _evening(chance: Random, people: tuple[str, ...]) -> list[Move]:
    """Draw a crew of a room's people, the room that one of them starts, and what they do in it."""
    first = chance.choice(people)
    moves = [Move(person, "join") for person in people]
    moves.append(Move(first, "crew", film=chance.choice(FILMS)))
    if chance.random() < 0.4:  # while somebody leaves it, or is deleted
        kind = chance.choice(("quit", "quit", "leave", "delete"))
        moves.append(Move(chance.choice(people), kind, together=True))
    moves.append(Move(chance.choice(people), "start", together=chance.random() < 0.5))
    for _ in range(chance.randint(2, 3 * len(people))):
        kind = chance.choices(*_IN_AN_EVENING)[0]
        room = 0 if kind in {"quit", "start", "crew"} else STARTED
        yes = chance.random() < 0.9
        moves.append(Move(chance.choice(people), kind, room, chance.choice(FILMS[:2]), yes))
    return _staged(chance, moves)


def _visit(chance: Random, name: str, rooms: int, films: tuple[int, ...]) -> list[Move]:
    """Draw what a guest does: they come in and join, vote, try more than they may, and stay."""
    room = chance.randrange(rooms)
    moves = [Move(name, "guest", room), Move(name, "join", room)]
    moves += [Move(name, "vote", room, film, chance.random() < 0.9) for film in films]
    for _ in range(chance.randint(0, 5)):
        kind = chance.choices(
            ("upgrade", "trespass", "vote", "leave", "join", "look", "favourite", "delete"),
            (4, 2, 2, 1, 1, 1, 1, 0.5),
        )[0]
        moves.append(Move(name, kind, room, chance.choice(films), chance.random() < 0.9))
    return [replace(move, pause=chance.expovariate(2)) for move in moves]


_IN_AN_EVENING = ("join", "vote", "quit", "start", "crew", "leave"), (6, 6, 2, 1, 1, 1)


def _staged(chance: Random, moves: list[Move]) -> list[Move]:
    return [
        replace(move, pause=chance.uniform(2, 5) if number == 0 else 0.02, staged=True)
        for number, move in enumerate(moves)
    ]


_WEIGHTS = {
    "vote": 6,
    "leave": 3,
    "join": 3,
    "propose": 2,
    "decide": 0.7,
    "more": 0.7,
    "close": 0.3,
    "extend": 0.4,
    "remove": 0.6,
    "look": 1,
    "watch": 2,
    "favourite": 2,
    "see": 1,
    "dismiss": 0.5,
    "move": 0.7,
    "import": 0.7,
    "upload": 0.7,
    "export": 0.5,
    "device": 0.6,
    "delete": 1,
    "expel": 0.2,
    "replay": 0.4,
    "poison": 0.4,
    "cache": 0.3,
    "peek": 0.5,
    "wait": 0.2,
    "refresh": 0.1,
}
"""How often people do what, beside joining their rooms and voting on their films."""

_ORDER = {"open": 0, "join": 1, "delete": 2.6, "expel": 2.6}


def _vote(chance: Random, person: str, room: int, film: int, yes: bool, hurry: float) -> Move:
    return Move(person, "vote", room, film, yes, pause=chance.expovariate(1 / hurry))


def _any(
    chance: Random, person: str, rooms: int, films: tuple[int, ...], likes: float, hurry: float
) -> Move:
    kind = chance.choices(
        tuple(_WEIGHTS),
        tuple(_WEIGHTS.values()),
    )[0]
    takes_back = kind == "vote" and chance.random() < 0.15
    return Move(
        person,
        kind,
        chance.randrange(rooms),
        chance.choice(films),
        None if takes_back else chance.random() < likes,
        pause=chance.expovariate(1 / hurry),
    )


def shrunk(plan: Plan, fails: Callable[[Plan], bool]) -> Plan:
    """Return a smaller plan that fails, too: without moves and faults that it does not need."""
    progress = True
    while progress:
        progress = False
        for smaller in _smaller(plan):
            if fails(smaller):
                plan, progress = smaller, True
                break
    return plan


def _smaller(plan: Plan) -> Iterator[Plan]:
    for size in (8, 4, 2, 1):
        for start in range(0, len(plan.moves), size):
            moves = (*plan.moves[:start], *plan.moves[start + size :])
            if moves and len(moves) < len(plan.moves):
                yield replace(plan, moves=moves)
    faults = plan.faults or ()
    for size in (8, 2, 1):
        for start in range(0, len(faults), size):
            yield replace(plan, faults=(*faults[:start], *faults[start + size :]))
