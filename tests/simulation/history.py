"""One history: its plan is carried out under faults, the faults cease, everything is checked."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyPersistenceLayerError,
)
from botocore.exceptions import BotoCoreError, ClientError
from httpx import HTTPError

from matinee.errors import Unavailable
from matinee.events.relay import NotPublished
from tests.simulation.model import Model, Room
from tests.simulation.people import OK, Deed, Town
from tests.simulation.plan import Plan
from tests.simulation.scheduler import Fault, Faults, Point, Task
from tests.simulation.world import FunctionFailed, World

MAX_ROUNDS = 6
"""Of sweeps and redrives by which everything must be in order."""

SWEEPS_EVERY = 300.0

CERTAIN = frozenset(
    {
        "RoomNotFound",
        "RoomExpired",
        "RoomFull",
        "NotAParticipant",
        "NotACandidate",
        "InvalidInput",
        "Unauthorized",
        "Forbidden",
        "AccountDeleted",
    }
)
"""Refusals after which nothing may have been changed."""

EXPECTED = (
    BotoCoreError,
    ClientError,
    FunctionFailed,
    HTTPError,
    IdempotencyPersistenceLayerError,
    NotPublished,
    Unavailable,
)
"""What a function may fail with, where a service that it calls fails."""


@dataclass(slots=True)
class Outcome:
    """What came of a history."""

    plan: Plan
    wrong: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    points: Counter[Point] = field(default_factory=Counter)
    kills: Counter[Point] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    deeds: list[Deed] = field(default_factory=list)


def carry_out(plan: Plan) -> Outcome:
    """Simulate a history; return what was wrong, and what it went through."""
    faults = Faults(plan.scale, plan.faults)
    world = World(plan.seed, faults)
    town = Town(world, plan)
    outcome = Outcome(plan)
    people = town.start()
    _sweeps_while(world, people)
    world.scheduler.run()
    faults.on = False
    _settle(world, outcome)
    _check(world, town, outcome)
    outcome.faults = list(faults.happened)
    outcome.points, outcome.kills = world.scheduler.points, world.scheduler.kills
    outcome.deeds = town.deeds
    outcome.counts["calls"] += sum(world.scheduler.points.values())
    outcome.counts["faults"] += len(faults.happened)
    return outcome


def _sweeps_while(world: World, people: list[Task]) -> None:
    """Run the schedules while people are about, more often than they would."""

    def again() -> None:
        if not all(person.done for person in people):
            _sweep(world)
            pause[0] *= 2
            world.scheduler.after(world.chance.uniform(0, pause[0]), again)

    pause = [20.0]
    world.scheduler.after(world.chance.uniform(0, pause[0]), again)


def _sweep(world: World) -> None:
    for function in world.functions.values():
        for text in function.schedules:
            if "sweep" in text:
                world.start(function.name, {"sweep": True})


def _settle(world: World, outcome: Outcome) -> None:
    """Run the schedules and redrive dead letters until nothing is left to do."""
    for _ in range(MAX_ROUNDS):
        world.scheduler.time += SWEEPS_EVERY
        _sweep(world)
        world.scheduler.run()
        if not _redrive(world, outcome):
            break
        world.scheduler.run()


def _redrive(world: World, outcome: Outcome) -> int:
    """Give dead letters another attempt, as an operator does; return how many there were."""
    moved = 0
    for queue in world.queues.queues.values():
        dead = queue.dead_letters
        if dead is None:
            continue
        for message in dead.messages:
            message.received = 0
            message.visible_at = world.scheduler.now
            queue.send(message)
            moved += 1
        dead.messages = []
    outcome.counts["redriven"] += moved
    return moved


# ── checks ───────────────────────────────────────────────────────────────────────────────────────


def _check(world: World, town: Town, outcome: Outcome) -> None:
    model = Model()
    for at, _, detail in world.committed:
        model.apply(at, detail)
    model.finish()
    say = model.say
    outcome.wrong = model.wrong
    outcome.counts["events"] += len(world.committed)
    outcome.counts["matches"] += sum(len(room.matches) for room in model.rooms.values())
    _check_queues(world, say)
    _check_outbox(world, model)
    for violation in world.bus.violations:
        say(8, violation)
    for name, error in world.unexpected:
        if not isinstance(error, EXPECTED):
            say(7, f"{name} failed unexpectedly: {error!r}")
    for deed in town.deeds:
        _check_deed(deed, model)
        outcome.counts[f"{deed.move.kind} {deed.outcome}"] += 1
    _check_told(world, town, model)
    _check_reads(world, town, model)


type Say = Callable[[int, str], None]


def _check_queues(world: World, say: Say) -> None:
    for queue in world.queues.queues.values():
        for message in queue.messages:
            say(7, f"{queue.name} still holds {message.body[:200]}")


def _check_outbox(world: World, model: Model) -> None:
    published = {event["detail"]["metadata"]["event_id"] for event in world.bus.archive}
    for event_id in published - model.ids.keys():
        model.say(4, f"{event_id} was published and never happened")
    for event_id in model.ids.keys() - published:
        model.say(4, f"{event_id} happened and was never published")
    for name, table in world.tables.tables.items():
        if "Outbox" in name and table.items:
            model.say(4, f"{name} still holds {len(table.items)} events")


def _check_deed(deed: Deed, model: Model) -> None:
    """Compare what somebody was told with what has happened."""
    mine = [
        data for _, kind, data in model.by_correlation[deed.correlation] if kind != "MatchFound"
    ]
    if deed.outcome in CERTAIN and mine:
        model.say(7, f"{deed.move} was refused ({deed.outcome}) and happened")
    if len(mine) > 1:
        model.say(4, f"{deed.move} happened {len(mine)} times")
    if any(data.get("user_id", data.get("host_id")) != deed.user for data in mine):
        model.say(5, f"{deed.move} happened in another's name")
    if deed.outcome == "InternalError":
        model.say(7, f"{deed.move}: {deed.outcome}")
    room = model.rooms.get(deed.room_id or "")
    if room is None:
        return
    who = list(room.during(deed.start, deed.end))
    if not mine and deed.outcome == OK:
        _check_unchanged(deed, room, who, model)
    elif deed.outcome in CERTAIN and not _may_be_refused(deed, room, who):
        model.say(3, f"{deed.move} was refused without a reason: {deed.outcome}")


def _may_be_refused(deed: Deed, room: Room, who: list[tuple[str, ...]]) -> bool:
    """Return whether a refusal was right at some instant of the request."""
    match deed.outcome:
        case "NotAParticipant":
            return not all(deed.user in them for them in who)
        case "RoomFull":
            return any(len(them) >= room.at_most for them in who)
        case "RoomExpired":
            return deed.end >= room.closes - 1
    return False  # there are such a room and such a candidate, and the input is good


def _check_unchanged(deed: Deed, room: Room, who: list[tuple[str, ...]], model: Model) -> None:
    match deed.move.kind:
        case "join" if not any(deed.user in them for them in who):
            model.say(4, f"{deed.move} was confirmed and never happened")
        case "leave":
            model.say(4, f"{deed.move} was confirmed and never happened")
        case "vote":
            votes = room.vote_times[deed.move.film, deed.user]
            before = [vote for at, vote in votes if at <= deed.end]
            since = [vote for at, vote in votes if deed.start <= at <= deed.end]
            if deed.move.yes not in {*before[-1:], *since}:
                model.say(4, f"{deed.move} was confirmed and never happened")
        case "look" if not any(deed.user in them for them in who):
            model.say(5, f"{deed.move}: a room was shown to a stranger")


def _check_told(world: World, town: Town, model: Model) -> None:
    """Check that every matched user was told once; twice only where a fault explains it."""
    disturbed = {fault.task.partition("/")[0].partition(">")[0] for fault in world.faults.happened}
    told: dict[tuple[str, str], list[Task]] = defaultdict(list)
    for _, user, match_id, caller in town.told:
        told[user, match_id].append(caller)
    due = {
        (user, data["match_id"])
        for room in model.rooms.values()
        for data in room.matches.values()
        for user in data["matched_users"]
    }
    for user, match_id in due - told.keys():
        if user not in model.deleted:
            model.say(2, f"{user} was never told of match {match_id}")
    for user, match_id in told.keys() - due:
        model.say(5, f"{user} was told of match {match_id}, which is not theirs")
    for (user, match_id), callers in told.items():
        for caller in callers[:-1]:
            root = caller.name.partition("/")[0]
            if root not in disturbed and not caller.dead:
                model.say(2, f"{user} was told of {match_id} {len(callers)} times")


def _check_reads(world: World, town: Town, model: Model) -> None:
    """Read as people do, and compare with the model."""

    def read(name: str, user: str) -> None:
        def ask(field_: str, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401
            response = town.ask(name, field_, arguments, f"check-{name}")
            if response.get("error"):
                return response["error"]["type"]
            return response["data"]

        mine = {
            data["match_id"]
            for room in model.rooms.values()
            for data in room.matches.values()
            if user in data["matched_users"]
        }
        found = ask("getMyMatches", {"limit": 100})
        if user not in model.deleted and {it["matchId"] for it in found} != mine:
            model.say(2, f"{name}'s list has other matches than theirs")
        for room in model.rooms.values():
            _check_room(room, user, ask, model, world.scheduler.now)

    tasks = [
        world.scheduler.start(f"check-{name}", lambda name=name, user=user: read(name, user))  # type: ignore[misc]
        for name, user in town.users.items()
    ]
    world.scheduler.run()
    for task in tasks:
        if task.error:
            raise task.error


def _check_room(
    room: Room,
    user: str,
    ask: Callable[[str, Mapping[str, Any]], Any],
    model: Model,
    now: float,
) -> None:
    shown = ask("getRoom", {"id": room.room_id})
    if user not in room.participants:
        if shown != "NotAParticipant":
            model.say(5, f"{user} is shown a room that they are not in: {shown}")
        return
    if shown == "NotAParticipant" or shown["participants"] != room.participants:
        model.say(3, f"a room shows {shown}, and {room.participants} are in it")
    matches = ask("roomMatches", {"roomId": room.room_id})
    if {it["movieId"] for it in matches} != set(room.matches):
        model.say(2, "a room shows other matches than it has")
    if now < room.closes - 1:
        deck = ask("deck", {"roomId": room.room_id, "limit": 50})
        voted = {film for film, votes in room.votes.items() if user in votes}
        if {it["id"] for it in deck} & voted:
            model.say(3, f"the deck of {user} offers what they have voted on")
        if len(deck) + len(voted) != room.candidates:
            model.say(3, f"the deck of {user} lacks a candidate")
