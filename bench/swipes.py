"""How many swipes a group needs until its first match, by the order in which films are shown.

A simulation on the product's own rules (`rooms.domain`): the deck's order and what a vote comes to.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import repeat

from bench.distribution import Distribution
from bench.report import Report, Settings, note
from bench.surroundings import prepare
from bench.tastes import Alike, Independent, Likes, Model, unanimous
from matinee.clock import utc_now
from matinee.media import MediaType
from rooms.domain.deck import deck_order
from rooms.domain.match import apply_vote
from rooms.domain.room import Room
from rooms.domain.tally import Tally, Vote

SIZES = range(2, 11)
FILMS = 50
ROOMS = 500
"""Rooms with a film that all like, for each size and each kind of taste."""

MAX_TRIED = 12_000
"""Rooms drawn at most to find them."""

SEED = 2
PROCESSES = 2
"""That each size begins with the seed anew makes the result the same for any number."""

TASTES: Mapping[str, Model] = {
    "independent, 50 % yes": Independent(0.5),
    "alike, 45 % yes": Alike(0.45),
    "alike, choosy, 30 % yes": Alike(0.30),
}

type Deal = Callable[[random.Random, Room, str, Mapping[int, Tally]], Sequence[int]]
"""Returns the films that a user is shown next, until the next request."""


def by_deck(cards: int) -> Deal:
    """Deal so many cards by the product's own order."""

    def deal(
        _: random.Random, room: Room, user: str, tallies: Mapping[int, Tally]
    ) -> Sequence[int]:
        return deck_order(room, user, tallies.values())[:cards]

    return deal


def by_room(
    _: random.Random,
    __: Room,
    user: str,
    tallies: Mapping[int, Tally],
) -> Sequence[int]:
    """Show everybody the room's order."""
    return [film for film, tally in tallies.items() if tally.vote_of(user) is None]


def by_chance(
    draw: random.Random, room: Room, user: str, tallies: Mapping[int, Tally]
) -> Sequence[int]:
    """Show everybody an order of their own."""
    left = by_room(draw, room, user, tallies)
    return draw.sample(left, len(left))


ORDERS: Mapping[str, Deal] = {
    "random": by_chance,
    "room": by_room,
    "deck": by_deck(1),
    "deck of 3": by_deck(3),
    "deck of 10": by_deck(10),
}

DECKS = [order for order in ORDERS if order.startswith("deck")]


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

    def ratio(self, order: str) -> float:
        """Return the mean swipes in an order as a share of those in a random one."""
        return self.mean(order) / self.mean("random")


def run(_: Settings, report: Report) -> None:
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
            note(f"  {name}")
            results[name] = list(processes.map(measure, repeat(model), SIZES))
            print_taste(report, name, results[name])
    judge(report, results)
    report.record(
        "tastes",
        {
            name: [
                {
                    "users": measured.users,
                    "rooms_tried": measured.tried,
                    "rooms_agreeing": measured.agreeing,
                    "swipes_per_person": {
                        order: asdict(Distribution.of(values))
                        for order, values in measured.swipes.items()
                    },
                }
                for measured in series
            ]
            for name, series in results.items()
        },
    )


def measure(model: Model, users: int, rooms: int = ROOMS, max_tried: int = MAX_TRIED) -> Measured:
    """Simulate groups of one size in every order, each group with the same tastes in all."""
    draw = random.Random(SEED)
    swipes: dict[str, list[float]] = {order: [] for order in ORDERS}
    tried = agreeing = 0
    while agreeing < rooms and tried < max_tried:
        tried += 1
        likes = model(draw, users, FILMS)
        if not unanimous(likes):
            continue
        agreeing += 1
        for order, deal in ORDERS.items():
            number = swipes_until_match(likes, deal, random.Random(tried))
            swipes[order].append(number / users)
    return Measured(users, tried, agreeing, swipes)


def swipes_until_match(likes: Likes, deal: Deal, draw: random.Random) -> int:
    """Simulate a group until it matches; return how many swipes all made together.

    Raises LookupError when they run out of films: there was none that all like.
    """
    room = a_room(len(likes))
    tastes = dict(zip(room.participants, likes, strict=True))
    tallies = {
        film: Tally(room.id, film, film, "a film", media_type=room.media_type)
        for film in range(len(likes[0]))
    }
    hands: dict[str, list[int]] = {}
    swipes = 0
    swiping = list(room.participants)
    while swiping:
        user = draw.choice(swiping)
        hand = hands.get(user)
        if not hand:
            hand = hands[user] = list(deal(draw, room, user, tallies))
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
                f"{1 - measured.agreeing / measured.tried:.1%}",
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
