"""One history: its plan is carried out under faults, the faults cease, everything is checked."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from tests.simulation.checks import Checks
from tests.simulation.founders import founders
from tests.simulation.model import Model
from tests.simulation.people import Deed, Town
from tests.simulation.plan import Plan
from tests.simulation.scheduler import Fault, Faults, Point, Task
from tests.simulation.world import World

MAX_ROUNDS = 6
"""Of sweeps and redrives by which everything must be in order."""

REDRIVES, REPLAYS = 0.5, 0.1
"""How often an operator redrives at a sweep, and replays everything in the end."""

EXPIRIES = 0.3
"""How often DynamoDB deletes what has expired: it takes its time."""

SWEEPS = ("sweep", "reconcile", "expired")
"""What the schedules say that finish what was not finished, and close rooms."""

SWEEPS_EVERY = 300.0
"""Seconds, by the templates."""


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
    before = None if plan.signs_up else founders()
    faults = Faults(plan.scale, plan.faults)
    world = World(plan.seed, faults)
    town = Town(world, plan)
    if before:
        before.settle(world, town)
    start, seconds = plan.outage
    faults.outage = world.scheduler.time + start, world.scheduler.time + start + seconds
    outcome = Outcome(plan)
    people = town.start()
    _operate_while(world, people, outcome)
    world.scheduler.run()
    faults.on = False
    _settle(world, outcome)
    model = Model(town.rules)
    for at, detail in world.committed:
        model.apply(at, detail)
    model.finish()
    Checks(world, town, model).run()
    outcome.wrong = model.wrong
    _count(world, town, model, outcome)
    return outcome


def _count(world: World, town: Town, model: Model, outcome: Outcome) -> None:
    """Record what a history went through."""
    outcome.faults = list(world.faults.happened)
    outcome.points, outcome.kills = world.scheduler.points, world.scheduler.kills
    outcome.deeds = town.deeds
    outcome.counts["calls"] += sum(world.scheduler.points.values())
    outcome.counts["faults"] += len(world.faults.happened)
    outcome.counts["events"] += len(world.committed)
    outcome.counts["matches"] += sum(len(room.matches) for room in model.rooms.values())
    for deed in town.deeds:
        outcome.counts[f"{deed.move.kind} {deed.outcome}"] += 1


def _operate_while(world: World, people: list[Task], outcome: Outcome) -> None:
    """Run schedules while people are about, more often than they would, and redrive at times."""

    def again() -> None:
        if not all(person.done for person in people):
            _sweep(world)
            if world.chance.random() < REDRIVES:
                _redrive(world, outcome)
            pause[0] *= 2
            world.scheduler.after(world.chance.uniform(0, pause[0]), again)

    pause = [20.0]
    world.scheduler.after(world.chance.uniform(0, pause[0]), again)


def _sweep(world: World) -> None:
    if world.chance.random() < EXPIRIES:
        world.tables.expire(world.scheduler.now)
    for function in world.functions.values():
        for text in function.schedules:
            if any(kind in text for kind in SWEEPS):
                world.start(function.name, json.loads(text))


def _settle(world: World, outcome: Outcome) -> None:
    """Run the schedules and redrive dead letters until nothing is left to do, or to change."""
    if world.chance.random() < REPLAYS:
        world.bus.replay("all")
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
        poison = [message for message in dead.messages if "poison" in message.body]
        for message in dead.messages:
            if message not in poison:
                message.received = 0
                message.visible_at = world.scheduler.now
                queue.send(message)
                moved += 1
        dead.messages = poison
    outcome.counts["redriven"] += moved
    return moved
