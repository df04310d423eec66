"""Guests: let in by a room's code, kept to that room, and made users of (invariant 12)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from graphql import DirectiveNode, ObjectTypeDefinitionNode, parse

from matinee.principal import unverified_claims
from tests.simulation.model import Model
from tools.contracts.paths import ROOT

if TYPE_CHECKING:
    from tests.simulation.people import Deed, Town

GUESTS, USERS = "Guests", "Users"
OK = "ok"
PASSWORD = "Popcorn5four"
ATTEMPTS = 6
"""Of a guest who wants to stay and is told nothing, or that it does not work now."""


def come_in(town: Town, deed: Deed) -> bool:
    """Give a room's code and a name, and get tokens."""
    room = town.awaited(town.rooms, deed.move.room)
    if room is None or deed.move.person in town.claims:
        return False
    deed.start = town.world.scheduler.now
    body = {"code": room["code"], "name": deed.move.person.title()}
    response = town.http(deed.move.person, "POST /auth/guests", deed.correlation, body)
    town.note_http(deed, response)
    if deed.outcome == OK:
        deed.data = response[1]
        town.sign_in(deed.move.person, response[1]["AccessToken"])
        deed.user = str(town.claims[deed.move.person]["sub"])
        town.bound[deed.user] = room["id"]
        if deed.data["roomId"] != room["id"] or deed.data["userId"] != deed.user:
            town.wrong.append(f"12: {deed.move.person} is let in as {deed.data}")
    return True


def trespass(town: Town, deed: Deed) -> bool:
    """Try what is for users, and the door of another room; also past the gateways' own rules."""
    if not town.is_guest(deed.move.person):
        return False
    others = [room for room in town.rooms.values() if room["id"] != town.bound[deed.user]]
    person, correlation = deed.move.person, deed.correlation
    tried: Mapping[str, Mapping[str, Any]] = {
        "createRoom": {"input": {"mediaType": "MOVIE", "idempotencyKey": correlation}},
        "getMyRooms": {},
        "myCrews": {},
        **({"joinRoom": {"code": others[0]["code"]}} if others else {}),
    }
    for field, arguments in tried.items():
        root = "Mutation" if field in {"createRoom", "joinRoom"} else "Query"
        response = town.resolve(person, field, arguments, correlation, root)
        if "error" not in response:
            town.wrong.append(f"12: {person} is a guest, and {field} answers {response}")
    for route in ("GET /user/favourites", "GET /user/export", "POST /user/import"):
        status, _ = town.http(person, route, correlation, {} if "POST" in route else None)
        if status < 400:
            town.wrong.append(f"12: {person} is a guest, and {route} answers {status}")
    return False


def upgrade(town: Town, deed: Deed) -> bool:
    """Become a user: an address and a password, the code, a sign-in; again until it works."""
    if not town.is_guest(deed.move.person):
        return False
    person = deed.move.person
    email = f"{person}@example.com"
    for attempt in range(ATTEMPTS):
        code = town.pool.mails.get(email)
        body = {"code": code} if code else {"email": email, "password": PASSWORD}
        correlation = f"{deed.correlation}-{attempt}"
        response = town.http(person, "POST /auth/guests/upgrade", correlation, body)
        town.note_http(deed, response)
        if deed.outcome == OK and response[1]["upgraded"]:
            break
        town.world.scheduler.sleep(attempt)
    else:
        return True
    credentials = {"email": email, "password": PASSWORD}
    status, found = town.http("", "POST /auth/signin", deed.correlation, credentials)
    if status < 400:
        _compare(town, deed, unverified_claims(found["AccessToken"]))
        town.sign_in(person, found["AccessToken"])
    return True


def _compare(town: Town, deed: Deed, claims: Mapping[str, object]) -> None:
    if claims["sub"] != deed.user:
        town.wrong.append(f"12: {deed.move.person} becomes another user")
    if claims.get("cognito:groups") != [USERS]:
        town.wrong.append(f"12: {deed.move.person} is a user of {claims.get('cognito:groups')}")


def check_guests(model: Model, town: Town) -> None:
    """Check that no guest was anywhere but in their room, and who has become a user."""
    for room in model.rooms.values():
        everybody = {user for _, who in room.timeline for user in who}
        for guest in everybody & model.guests:
            if town.bound.get(guest) != room.room_id and guest not in model.upgraded:
                model.say(12, f"the guest {guest} is in a room that they are not bound to")
    for guest in model.upgraded - model.deleted.keys():
        groups = town.pool.users[guest].groups if guest in town.pool.users else {USERS}
        if USERS not in groups and guest not in town.leaving:
            model.say(12, f"{guest} is a user by the events, and in the groups {groups}")


@cache
def guests_fields() -> frozenset[str]:
    """Return the fields that are for guests, too, by the released schema."""
    schema = parse((ROOT / "contracts/graphql/schema.graphql").read_text(encoding="utf-8"))
    return frozenset(
        field.name.value
        for kind in schema.definitions
        if isinstance(kind, ObjectTypeDefinitionNode) and kind.name.value in {"Query", "Mutation"}
        for field in kind.fields
        if any(GUESTS in _groups(directive) for directive in field.directives)
    )


def _groups(directive: DirectiveNode) -> set[str]:
    values = [getattr(argument.value, "values", ()) for argument in directive.arguments]
    return {str(one.value) for some in values for one in some}
