"""Crews: people make one of a room, start further rooms for it, and leave it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tests.simulation.model import Model

if TYPE_CHECKING:
    from tests.simulation.people import Deed, Town

type Ask = Callable[[str, Mapping[str, Any]], Any]

STARTED = 10
"""The number of the room that is started for the crew of room 0; 11 for that of room 1."""

OK = "ok"
ATTEMPTS = 3
"""Of somebody who starts a room and is told nothing, with the same key."""


def create_crew(town: Town, deed: Deed) -> bool:
    """Make a crew of a room's people."""
    found = town.in_room(
        deed, "createCrew", lambda room: {"roomId": room["id"], "name": f"Crew {deed.move.film}"}
    )
    if deed.outcome == OK:
        town.crews.setdefault(deed.move.room, deed.data)
    return found


def start_room(town: Town, deed: Deed) -> bool:
    """Start a room for a crew."""
    crew = town.awaited(town.crews, deed.move.room)
    if crew is None:
        return False
    deed.start = town.world.scheduler.now
    town.rules[deed.correlation] = town.rule_of[deed.move.room]
    arguments = {"crewId": crew["id"], "idempotencyKey": deed.correlation}
    town.mutate_until_told(deed, "startRoom", arguments, ATTEMPTS)
    if deed.outcome == OK:
        number = STARTED + deed.move.room
        town.rooms.setdefault(number, deed.data)
        town.rule_of[number] = town.rule_of[deed.move.room]
    return True


def leave_crew(town: Town, deed: Deed) -> bool:
    """Leave a crew."""
    crew = town.crews.get(deed.move.room)
    if crew is None:
        return False
    deed.target = str(crew["id"])
    town.mutate(deed, "leaveCrew", {"crewId": crew["id"]})
    return True


def check_crews(model: Model, town: Town, name: str, user: str, ask: Ask) -> None:
    """Compare the crews and invitations that somebody is shown with what they were told."""
    invited = {room.room_id for room in model.rooms.values() if user in room.invited}
    found = {it["roomId"] for it in ask("getMyInvitations", {"limit": 100})}
    if found != (set() if user in model.deleted else invited):
        model.say(2, f"the invitations of {name} are {found}, by the events {invited}")
    page = ask("myCrews", {"limit": 50})
    shown = {it["id"] for it in page["items"]} if page else set()
    if user in model.deleted:
        return
    if wrong := shown & _left(town, user):
        model.say(4, f"{name} has left the crews {wrong}, and is in them")
    if missing := _certain(town, user) - shown:
        model.say(4, f"{name} is not in the crews {missing}, and never left them")


def _left(town: Town, user: str) -> set[str]:
    quits = [it for it in town.deeds if it.move.kind == "quit" and it.user == user]
    return {it.target for it in quits if it.outcome == OK}


def _certain(town: Town, user: str) -> set[str]:
    """Return the crews that were made with somebody who never tried to leave them."""
    quits = {it.target for it in town.deeds if it.move.kind == "quit" and it.user == user}
    made = [it for it in town.deeds if it.move.kind == "crew" and it.outcome == OK]
    return {it.data["id"] for it in made if user in it.data["members"]} - quits
