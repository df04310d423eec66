"""Votes at the same moment: how often voters get into one another's way, and what that costs."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any, cast

import boto3
from botocore.config import Config

from bench.distribution import Distribution
from bench.emulated_tables import emulated_tables
from bench.modelled_votes import ModelledVotes
from bench.report import Report, Settings, note
from bench.rooms_service import TABLES, films, trace, user_ids
from bench.surroundings import environment
from matinee.clock import utc_now
from matinee.ids import new_id
from matinee.media import MediaType
from rooms.adapters.dynamodb.tables import Tables
from rooms.bootstrap import OtherServices, build_repositories, build_use_cases
from rooms.domain.errors import RoomBusy
from rooms.domain.room import MAX_PARTICIPANTS, Movie, Room
from rooms.domain.tally import Tally
from rooms.events.factory import RoomEventFactory
from rooms.ports import GroupDeckClient
from rooms.use_cases.cast_vote import VoteCaster
from rooms.use_cases.create_room import CreateRoom
from rooms.use_cases.find_candidates import CandidateFinder
from rooms.use_cases.retry import BACKOFF, optimistic_retry

FILMS = 50
BRISK, SLOW = (0.005, 0.020), (0.010, 0.040)
"""Seconds that DynamoDB is assumed to take for a read and for a transaction, on average."""

MILLISECONDS = 1000
"""In a second."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """So many users vote at once, on one film or each on another, in so many rounds."""

    users: int
    same_film: bool
    rounds: int

    @property
    def name(self) -> str:
        """The scenario in words."""
        return f"{self.users} users, {'the same film' if self.same_film else 'different films'}"


ON_EMULATOR = (
    Scenario(10, same_film=True, rounds=10),
    Scenario(50, same_film=True, rounds=4),
    Scenario(50, same_film=False, rounds=3),
)
MODELLED = (
    Scenario(10, same_film=True, rounds=10),
    Scenario(50, same_film=True, rounds=10),
    Scenario(50, same_film=False, rounds=3),
)


@dataclass(frozen=True, slots=True)
class Swipe:
    """One vote: seconds until it was answered, attempts, whether RoomBusy was the answer."""

    seconds: float
    attempts: int
    busy: bool


@dataclass(slots=True)
class Outcome:
    """A scenario's votes. `lost` are votes that were accepted and are not in the tally."""

    swipes: list[Swipe] = field(default_factory=list)
    seconds: float = 0.0
    lost: int = 0
    unnoticed: int = 0
    """Films on which all agree without an agreement."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a scenario takes place: a full room, the use case over it, and what is stored."""

    room: Room
    candidates: Sequence[Movie]
    cast_vote: VoteCaster
    tallies: Callable[[], Sequence[Tally]]


def run(_: Settings, report: Report) -> None:
    """Measure, print, judge."""
    report.say(
        "All voters are let go at the same instant, each in a thread of its own, on the real use "
        f"case with its own retries (at most {BACKOFF.attempts} attempts, then RoomBusy)."
    )
    report.heading("Over an emulator's tables, on this machine")
    report.say("The emulator answers one request after the other: its times are not AWS's.")
    with emulated_tables() as tables, environment(tables.environment):
        measure(report, "emulator", emulated_place, ON_EMULATOR)
    for name, latency in (("modelled", BRISK), ("modelled, slow", SLOW)):
        reading, writing = (MILLISECONDS * seconds for seconds in latency)
        report.heading(f"Over modelled tables: {reading:.0f} ms and {writing:.0f} ms")
        report.say(
            f"Assumed: {reading:.0f} ms for a read, {writing:.0f} ms for a transaction, each up to "
            "half as much longer or shorter, and a transaction that meets another on the same item "
            "is cancelled, as DynamoDB does it."
        )
        measure(report, name, partial(modelled_place, latency=latency), MODELLED)


def measure(
    report: Report, name: str, place: Callable[[int], Place], scenarios: Sequence[Scenario]
) -> None:
    """Play scenarios in one kind of place; print and judge."""
    outcomes = {}
    for scenario in scenarios:
        note(f"  {name}: {scenario.name}")
        outcomes[scenario.name] = play(scenario, place(scenario.users))
    print_outcomes(report, outcomes)
    judge(report, name, outcomes)
    report.record(
        name,
        {
            scenario: {
                "votes": len(outcome.swipes),
                "busy": sum(swipe.busy for swipe in outcome.swipes),
                "attempts": asdict(Distribution.of([s.attempts for s in outcome.swipes])),
                "seconds": asdict(Distribution.of([s.seconds for s in outcome.swipes])),
            }
            for scenario, outcome in outcomes.items()
        },
    )


def play(scenario: Scenario, place: Place) -> Outcome:
    """Have everybody vote yes at once, in every round on films without votes."""
    outcome = Outcome()
    ballots: dict[int, set[str]] = {}
    for number in range(scenario.rounds):
        chosen = [
            place.candidates[number if scenario.same_film else (voter + number) % FILMS].id
            for voter in range(scenario.users)
        ]
        began = time.perf_counter()
        swipes = at_once(place, chosen)
        outcome.seconds += time.perf_counter() - began
        outcome.swipes += swipes
        for user, film, swipe in zip(place.room.participants, chosen, swipes, strict=True):
            if not swipe.busy:
                ballots.setdefault(film, set()).add(user)
    for tally in place.tallies():
        accepted = ballots.get(tally.movie_id, set())
        outcome.lost += len(accepted - tally.likes)
        outcome.unnoticed += place.room.is_match(tally) and tally.agreement is None
    return outcome


def at_once(place: Place, chosen: Sequence[int]) -> list[Swipe]:
    """Have each participant vote yes on a film of their own, all started together."""
    swipes: dict[str, Swipe] = {}
    gate = threading.Barrier(len(chosen))

    def vote(user: str, film: int) -> None:
        pauses: list[float] = []

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            time.sleep(seconds)

        cast_vote = replace(place.cast_vote, retry=optimistic_retry(replace(BACKOFF, sleep=pause)))
        gate.wait()
        began = time.perf_counter()
        busy = False
        try:
            cast_vote(user, place.room.id, film, trace(), yes=True)
        except RoomBusy:
            busy = True
        swipes[user] = Swipe(time.perf_counter() - began, len(pauses) + 1, busy)

    users = place.room.participants
    running = [
        threading.Thread(target=vote, args=ballot) for ballot in zip(users, chosen, strict=True)
    ]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return [swipes[user] for user in users]


def print_outcomes(report: Report, outcomes: Mapping[str, Outcome]) -> None:
    """Print attempts, refusals and times."""
    rows = []
    for scenario, outcome in outcomes.items():
        attempts = Distribution.of([swipe.attempts for swipe in outcome.swipes])
        times = Distribution.of([swipe.seconds * MILLISECONDS for swipe in outcome.swipes])
        busy = sum(swipe.busy for swipe in outcome.swipes)
        rows.append(
            [
                scenario,
                len(outcome.swipes),
                f"{attempts.mean:.1f}",
                *attempts.cells(),
                *times.cells(),
                f"{len(outcome.swipes) / outcome.seconds:.0f}",
                f"{busy} ({busy / len(outcome.swipes):.1%})",
            ]
        )
    report.table(
        [
            "at once",
            "votes",
            "attempts, mean",
            "p50",
            "p95",
            "max",
            "ms, p50",
            "p95",
            "max",
            "votes/s",
            "RoomBusy",
        ],
        rows,
    )


def judge(report: Report, name: str, outcomes: Mapping[str, Outcome]) -> None:
    """Return whether every vote was accepted and counted."""
    busy = {s: sum(w.busy for w in o.swipes) for s, o in outcomes.items()}
    votes = sum(len(outcome.swipes) for outcome in outcomes.values())
    report.verdict(
        f"no vote is turned away ({name})",
        met=not any(busy.values()),
        measured=f"{sum(busy.values())} of {votes} votes were answered RoomBusy",
    )
    attempts = [swipe.attempts for outcome in outcomes.values() for swipe in outcome.swipes]
    report.headline(f"attempts of a vote ({name})", statistics.mean(attempts), "attempts")
    lost = sum(outcome.lost for outcome in outcomes.values())
    unnoticed = sum(outcome.unnoticed for outcome in outcomes.values())
    report.verdict(
        f"every accepted vote is counted, every agreement noticed ({name})",
        met=lost == unnoticed == 0,
        measured=f"{lost} votes lost, {unnoticed} agreements unnoticed",
    )


def emulated_place(users: int) -> Place:
    """Open and fill a room over the emulator's tables."""
    client = boto3.client("dynamodb", config=Config(max_pool_connections=MAX_PARTICIPANTS))
    tables = Tables(
        rooms=TABLES["ROOMS_TABLE"],
        votes=TABLES["VOTES_TABLE"],
        matches=TABLES["MATCHES_TABLE"],
        user_matches=TABLES["USER_MATCHES_TABLE"],
        visits=TABLES["VISITS_TABLE"],
        outbox=TABLES["OUTBOX_TABLE"],
        feeds=TABLES["FEEDS_TABLE"],
    )
    over = build_repositories(tables, client)
    unused: Any = None  # The use cases are called without the API.
    find = CandidateFinder(_Films(), cast("GroupDeckClient", None))
    use_cases = build_use_cases(over, OtherServices(find, unused, unused, unused, unused), unused)
    people = user_ids(users)
    wish = CreateRoom(MediaType.MOVIE, (), 2, MAX_PARTICIPANTS)
    room, candidates = use_cases.create_room(people[0], wish, trace())
    for user in people[1:]:
        room = use_cases.join_room(user, room.code, trace())
    return Place(room, candidates, use_cases.cast_vote, lambda: over.votes.list_tallies(room.id))


def modelled_place(users: int, latency: tuple[float, float] = BRISK) -> Place:
    """Create a full room over modelled tables."""
    people = user_ids(users)
    now = utc_now()
    room = Room(
        id=new_id(),
        code="ABCDEF",
        host_id=people[0],
        media_type=MediaType.MOVIE,
        genre_ids=(),
        participants=tuple(people),
        min_participants=2,
        max_participants=MAX_PARTICIPANTS,
        created_at=now,
        expires_at=now + timedelta(hours=1),
    )
    candidates = films(FILMS, MediaType.MOVIE, ())
    tallies = {
        movie.id: Tally(room.id, movie.id, position, movie.title, media_type=movie.media_type)
        for position, movie in enumerate(candidates)
    }
    votes = ModelledVotes(room, tallies, *latency)
    cast_vote = VoteCaster(votes, RoomEventFactory())
    return Place(room, candidates, cast_vote, lambda: votes.list_tallies(room.id))


class _Films:
    """A catalogue of invented films."""

    def discover(
        self, media_type: MediaType, genre_ids: Sequence[int], *_: object, **__: object
    ) -> list[Movie]:
        return films(FILMS, media_type, tuple(genre_ids))
