"""People who have signed up before a history begins: everything that was stored of them then.

Most histories are about what comes after. To sign up takes a third of a history's calls, so it is
simulated once in a process, without faults, for everybody; others begin with a copy of its tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.simulation.aws.expressions import Item
from tests.simulation.aws.pool import User
from tests.simulation.aws.tables import Key
from tests.simulation.people import Town
from tests.simulation.plan import NAMES, Move, Plan
from tests.simulation.scheduler import Faults
from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class Founders:
    """What is stored when everybody has signed in, and when that is."""

    time: float
    tables: Mapping[str, Mapping[Key, Item]]
    users: Mapping[str, User]
    claims: Mapping[str, Mapping[str, Any]]

    def settle(self, world: World, town: Town) -> None:
        """Have a history begin with them. Items are never changed in place, users are."""
        world.scheduler.time = self.time
        for name, items in self.tables.items():
            world.tables[name].items.update(items)
        town.pool.users.update(deepcopy(self.users))
        town.claims.update({it: self.claims[it] for it in town.plan.people if it in self.claims})
        town.outside.clear()


@cache
def founders() -> Founders:
    """Return those who have signed up. Call it while nothing else is simulated."""
    world = World("founders", Faults(0.0))
    town = Town(world, Plan("founders", tuple(Move(name, "export") for name in NAMES)))
    town.start()
    world.scheduler.run()
    assert len(town.claims) == len(NAMES), "not everybody could sign up"
    return Founders(
        world.scheduler.time + 60.0,
        {name: dict(table.items) for name, table in world.tables.tables.items()},
        town.pool.users,
        town.claims,
    )
