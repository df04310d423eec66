"""How many swipes a group needs until its first match, by the order in which films are shown.

A simulation on the product's own rules (`rooms.domain`): the deck's order and what a vote comes to.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from itertools import repeat

from bench.distribution import Distribution
from bench.report import Report, Settings, note
from bench.surroundings import prepare
from bench.tastes import RANKED, Alike, Group, Independent, Model, unanimous
from matinee.clock import utc_now
from matinee.media import MediaType
from rooms.domain.deck import deck_order
from rooms.domain.match import apply_vote
from rooms.domain.room import Room
from rooms.domain.tally import Tally, Vote

SIZES = range(2, 11)
FILMS = 50
ROOMS = 200
"""Rooms with a film that all like, for each size and each kind of taste."""

MAX_TRIED = 5_000
"""Rooms drawn at most to find them."""

REAL_SIZES = range(2, 6)
REAL_ROOMS = 200
MAX_TRIED_REAL = 60_000
AIMED_SIZES = (3, 4, 5)
MAX_OF_BEFORE = 0.70
"""With real tastes: sizes, rooms, and the most swipes as a share of those before."""

SEED = 2
PROCESSES = 2
"""That each size begins with the seed anew makes the result the same for any number."""

TASTES: Mapping[str, Model] = {
    "independent, 50 % yes": Independent(0.5),
    "alike, 45 % yes": Alike(0.45),
    "alike, choosy, 30 % yes": Alike(0.30),
}


@dataclass(frozen=True, slots=True)
class Table:
    """A room, its films, and how well they suit its people, as far as that is known."""

    room: Room
    tallies: dict[int, Tally]
    scores: Mapping[str, Mapping[int, float]]

    def unvoted(self, user: str) -> Sequence[int]:
        """Return the films on which a user has not voted, in the room's order."""
        return [film for film, tally in self.tallies.items() if tally.vote_of(user) is None]


type Deal = Callable[[random.Random, Table, str], Sequence[int]]
"""Returns the films that a user is shown next, until the next request."""


def by_deck(cards: int, *, own: bool = False) -> Deal:
    """Deal so many cards by the product's own order; `own` lets a user's scores break ties."""

    def deal(_: random.Random, table: Table, user: str) -> Sequence[int]:
        scores = table.scores.get(user, {}) if own else {}
        return deck_order(table.room, user, table.tallies.values(), scores)[:cards]

    return deal


def by_room(_: random.Random, table: Table, user: str) -> Sequence[int]:
    """Show everybody the room's order."""
    return table.unvoted(user)


def by_chance(draw: random.Random, table: Table, user: str) -> Sequence[int]:
    """Show everybody an order of their own."""
    left = table.unvoted(user)
    return draw.sample(left, len(left))


def by_group(_: random.Random, table: Table, user: str) -> Sequence[int]:
    """Show everybody the order of the group's mean score."""
    return sorted(
        table.unvoted(user),
        key=lambda film: -sum(scores.get(film, 0.0) for scores in table.scores.values()),
    )


ORDERS: Mapping[str, Deal] = {
    "random": by_chance,
    "room": by_room,
    "deck": by_deck(1),
    "deck of 3": by_deck(3),
    "deck of 10": by_deck(10),
}
DECKS = [order for order in ORDERS if order.startswith("deck")]

SERVED, BEFORE = "deck, own score", "deck of 3"
"""What the product deals to people whose taste is known, and what it dealt before."""

SCORED_ORDERS: Mapping[str, Deal] = {
    BEFORE: by_deck(3),
    "deck": by_deck(1),
    SERVED: by_deck(1, own=True),
    "deck of 3, own score": by_deck(3, own=True),
    "group's score": by_group,
}
"""Orders for people whose real tastes are known."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Groups of one size and one kind of taste. `swipes` are per person, by order, by room."""

    users: int
    tried: int
    agreeing: int
    swipes: Mapping[str, Sequence[float]]

    def mean(self, order: str) -> float:
        """Return the mean swipes per person."""
        return Distribution.of(self.swipes[order]).mean

    def ratio(self, order: str, to: str = "random") -> float:
        """Return the mean swipes in an order as a share of those in another."""
        return self.mean(order) / self.mean(to)

    @property
    def without_match(self) -> float:
        """The share of groups that had no film that all like."""
        return 1 - self.agreeing / self.tried


def run(settings: Settings, report: Report) -> None:
    """Simulate, print, judge."""
    report.say(
        f"Simulated on the rules of the product, seed {SEED}: {FILMS} films, everybody swipes at "
        "the same pace, whose turn it is is drawn. For each size and each kind of taste rooms are "
        f"drawn until {ROOMS} have a film that all like (at most {MAX_TRIED:,}); the share "
        "without one is the same for every order, and the figures are of those with one: **swipes "
        "per person until the first match**. `random`: everybody an order of their own. `room`: "
        "the room's order for all. `deck`: the app asks for the next card before each swipe; "
        "`deck of 3` and `deck of 10`: it asks for so many at a time; the API deals three by "
        "default."
    )
    report.say(
        "Tastes. Independent: each vote is a coin. Alike: a vote is yes when film quality (35 % of "
        "the variance), taste in its genres (25 %) and chance (40 %) exceed a limit, so that the "
        "given share of votes is yes."
    )
    results: dict[str, list[Measured]] = {}
    with ProcessPoolExecutor(PROCESSES, initializer=prepare) as processes:
        for name, model in TASTES.items():
            results[name] = told(name, processes.map(measure, repeat(model), SIZES))
            print_taste(report, name, results[name])
            report.save(settings.results, "swipes")
        real = measure_real(settings, report, processes) if settings.tastes else {}
    judge(report, results)
    judge_real(report, real)
    report.record("tastes", {name: list(map(_figures, of)) for name, of in results.items()})
    report.record("real_tastes", {name: list(map(_figures, of)) for name, of in real.items()})


def told(name: str, series: Iterable[Measured]) -> list[Measured]:
    """Return what is measured, and say so as it comes."""
    found = []
    for one in series:
        note(f"  {name}: {one.users} people, {one.agreeing} of {one.tried:,} rooms agree")
        found.append(one)
    return found


def measure_real(
    settings: Settings, report: Report, processes: Executor
) -> Mapping[str, list[Measured]]:
    """Simulate groups of real people, and print."""
    assert settings.tastes
    # The recommender and numpy, which the others do without.
    from bench.real_tastes import MISTAKES, WELL_KNOWN, WILLING, read_real_tastes  # noqa: PLC0415

    report.heading("Real tastes")
    report.say(
        f"Half of the users of a file of favourites form groups. Rooms have {FILMS} of the "
        f"{WELL_KNOWN} films that most of the other half have as favourites, of whose favourites "
        "alone the product's model is trained. A score is the product's own, by all of somebody's "
        f"favourites but those in the room. {REAL_ROOMS} rooms of each size that have a film that "
        "all like. `own score`: behind what others' likes say, ties are broken by it, as in the "
        "product; `group's score`: everybody has the order of the sum of all scores. `favourites`: "
        "yes is a favourite and nothing else, so that few are, and nearly all agreement is on what "
        f"everybody knows. `{RANKED}`: the same, in rooms whose own order is that of how many have "
        "a film as a favourite, to say what of the savings is popularity's. `and what "
        f"fits`: yes is also the {WILLING:.0%} of a room that fit all of somebody's favourites "
        "best, by a model of the groups' own half, and one vote in "
        f"{1 / MISTAKES:.0f} is wrong. That model is of the same kind as the one that scores, "
        "which flatters, too."
    )
    results = {}
    for name, model in read_real_tastes(settings.tastes).items():
        measured = processes.map(measure_scored, repeat(model), REAL_SIZES)
        results[name] = told(f"real: {name}", measured)
        print_real(report, name, results[name])
        report.save(settings.results, "swipes")
    return results


def measure(
    model: Model,
    users: int,
    rooms: int = ROOMS,
    max_tried: int = MAX_TRIED,
    orders: Mapping[str, Deal] | None = None,
) -> Measured:
    """Simulate groups of one size in every order, each group with the same tastes in all."""
    draw = random.Random(SEED)
    deals = ORDERS if orders is None else orders
    swipes: dict[str, list[float]] = {order: [] for order in deals}
    tried = agreeing = 0
    while agreeing < rooms and tried < max_tried:
        tried += 1
        group = model(draw, users, FILMS)
        if not unanimous(group.likes):
            continue
        agreeing += 1
        known = Group(group.likes, partial(tuple, group.scores()))
        for order, deal in deals.items():
            number = swipes_until_match(known, deal, random.Random(tried))
            swipes[order].append(number / users)
    return Measured(users, tried, agreeing, swipes)


def measure_scored(model: Model, users: int) -> Measured:
    """Simulate groups of people whose tastes are known."""
    return measure(model, users, REAL_ROOMS, MAX_TRIED_REAL, SCORED_ORDERS)


def swipes_until_match(group: Group, deal: Deal, draw: random.Random) -> int:
    """Simulate a group until it matches; return how many swipes all made together.

    Raises LookupError when they run out of films: there was none that all like.
    """
    likes = group.likes
    room = a_room(len(likes))
    tastes = dict(zip(room.participants, likes, strict=True))
    tallies = {
        film: Tally(room.id, film, film, "a film", media_type=room.media_type)
        for film in range(len(likes[0]))
    }
    table = Table(room, tallies, dict(zip(room.participants, group.scores(), strict=False)))
    hands: dict[str, list[int]] = {}
    swipes = 0
    swiping = list(room.participants)
    while swiping:
        user = draw.choice(swiping)
        hand = hands.get(user)
        if not hand:
            hand = hands[user] = list(deal(draw, table, user))
            if not hand:
                swiping.remove(user)
                continue
        film = hand.pop(0)
        vote = Vote(room.id, user, film, tastes[user][film], room.created_at)
        tallies[film] = apply_vote(room, tallies[film], vote, "a match")
        swipes += 1
        if tallies[film].agreement:
            return swipes
    raise LookupError


def a_room(users: int) -> Room:
    """Return a room with so many in it."""
    now = utc_now()
    return Room(
        id="a room",
        code="ABCDEF",
        host_id="user 0",
        media_type=MediaType.MOVIE,
        genre_ids=(),
        participants=tuple(f"user {number}" for number in range(users)),
        min_participants=2,
        max_participants=users,
        created_at=now,
        expires_at=now + timedelta(hours=24),
    )


def print_taste(report: Report, name: str, series: Sequence[Measured]) -> None:
    """Print one kind of taste."""
    report.heading(f"Tastes: {name}")
    rows = []
    for measured in series:
        if not measured.agreeing:
            rows.append([measured.users, "100 %", 0, *["-"] * (2 * len(ORDERS) + len(DECKS))])
            continue
        figures = [
            figure
            for order in ORDERS
            for figure in (
                f"{measured.mean(order):.1f}",
                f"{Distribution.of(measured.swipes[order]).p50:.1f}",
            )
        ]
        rows.append(
            [
                measured.users,
                f"{measured.without_match:.1%}",
                measured.agreeing,
                *figures,
                *(f"{measured.ratio(order):.2f}" for order in DECKS),
            ]
        )
    header = ["users", "no match in 50", "rooms"]
    for order in ORDERS:
        header += [f"{order}, mean", "median"]
    report.table([*header, *(f"{order} / random" for order in DECKS)], rows, words=0)


def judge(report: Report, results: Mapping[str, Sequence[Measured]]) -> None:
    """Add whether the deck meets its targets."""
    report.heading("Targets")
    every = [measured for series in results.values() for measured in series if measured.agreeing]
    for order in DECKS:
        ratios = [measured.ratio(order) for measured in every]
        report.headline(f"swipes with `{order}`, at most", max(ratios), "of a random order's")
        report.verdict(
            f"with `{order}` a group agrees in fewer swipes than in a random order, at every size",
            met=max(ratios) < 1,
            measured=f"{min(ratios):.2f} to {max(ratios):.2f} of the swipes",
        )


def print_real(report: Report, name: str, series: Sequence[Measured]) -> None:
    """Print one kind of real tastes."""
    report.heading(f"Real tastes: {name}")
    others = [order for order in SCORED_ORDERS if order != BEFORE]
    report.table(
        ["users", f"no match in {FILMS}", "rooms", BEFORE, *(f"{one} / it" for one in others)],
        [
            [
                measured.users,
                f"{measured.without_match:.1%}",
                measured.agreeing,
                f"{measured.mean(BEFORE):.1f}",
                *(f"{measured.ratio(order, BEFORE):.2f}" for order in others),
            ]
            for measured in series
        ],
        words=0,
    )


def judge_real(report: Report, results: Mapping[str, Sequence[Measured]]) -> None:
    """Add whether what is dealt to people whose tastes are known meets its target."""
    if not results:
        report.say("Real tastes were not measured: `--tastes FOLDER`, or TASTES=, has them.")
    for name, series in results.items():
        if name.endswith(RANKED):
            continue  # No room of the product has that order: it says what popularity is worth.
        ratios = [each.ratio(SERVED, BEFORE) for each in series if each.users in AIMED_SIZES]
        sizes = f"{AIMED_SIZES[0]} to {AIMED_SIZES[-1]}"
        report.headline(f"real, {name}: `{SERVED}`, at most", max(ratios), f"of a {BEFORE}'s")
        report.verdict(
            f"{name}: `{SERVED}` at most {MAX_OF_BEFORE:.2f} of the swipes of a {BEFORE}, "
            f"{sizes} people",
            met=max(ratios) <= MAX_OF_BEFORE,
            measured=f"{min(ratios):.2f} to {max(ratios):.2f}",
        )


def _figures(measured: Measured) -> Mapping[str, object]:
    return {
        "users": measured.users,
        "rooms_tried": measured.tried,
        "rooms_agreeing": measured.agreeing,
        "swipes_per_person": {
            order: asdict(Distribution.of(values)) for order, values in measured.swipes.items()
        },
    }
