"""A user's export: everything that is kept of them, part by part, and nothing of anybody else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from tests.simulation.model import Model
from tests.simulation.people import MAX_PARTS, OK, Deed, Town

ATTEMPTS = 3
"""At a part of an export that cannot be had, as it says itself."""


def check_export(model: Model, town: Town, name: str, user: str) -> None:
    """Export everything of a user, and compare it with the model."""
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    account: Mapping[str, Any] = {}
    query: Mapping[str, str] = {}
    for _ in range(MAX_PARTS):
        for _ in range(ATTEMPTS):  # without faults, too, a function may run out of time
            status, body = town.http(name, "GET /user/export", f"check-{name}", query=query)
            if status != HTTPStatus.SERVICE_UNAVAILABLE:
                break
        if status != HTTPStatus.OK:
            model.say(13, f"the export of {name}: {status} {body}")
            return
        for part, items in body.items():
            if isinstance(items, list):
                found[part] += items
        account = body.get("account") or account
        if "nextCursor" not in body:
            break
        query = {"cursor": body["nextCursor"]}
    _compare(model, town, user, found, account)


def _is_kept(deed: Deed, user: str, town: Town) -> bool:
    """Return whether a device was registered and is not removed, as far as it is certain."""
    if deed.user != user or deed.move.kind != "device":
        return False
    same = [
        it
        for it in town.deeds
        if (it.user, it.move.kind, it.move.film) == (user, "device", deed.move.film)
    ]
    return all(it.move.yes for it in same) and any(it.outcome == OK for it in same)


def _compare(
    model: Model,
    town: Town,
    user: str,
    found: Mapping[str, list[Mapping[str, Any]]],
    account: Mapping[str, Any],
) -> None:
    if user not in repr(account):
        model.say(13, f"the export of {user} has another's account, or none: {account}")
    for which, titles in model.lists[user].items():
        shown = {(it["mediaType"], int(it["mediaId"])) for it in found[which]}
        if shown != titles:
            model.say(13, f"the export has the {which} {shown}, by the events {titles}")
    devices = {deed.move.film for deed in town.deeds if _is_kept(deed, user, town)}
    if not devices <= {int(it["deviceId"].rpartition("-")[2]) for it in found["devices"]}:
        model.say(13, f"the export has {found['devices']}, of the devices {devices}")
    imports = {import_id for owner, import_id in model.imports if owner == user}
    if {it["importId"] for it in found["imports"]} != imports:
        model.say(13, f"the export has {found['imports']}, of the imports {imports}")
    invited = {room.room_id for room in model.rooms.values() if user in room.invited}
    if {it["roomId"] for it in found["invitations"]} != invited:
        model.say(13, f"the export has {found['invitations']}, of the invitations {invited}")
    _compare_rooms(model, user, found)


def _compare_rooms(model: Model, user: str, found: Mapping[str, list[Mapping[str, Any]]]) -> None:
    rooms = {it["id"]: it for it in found["rooms"]}
    for room in model.rooms.values():
        votes = {film: users[user] for film, users in room.votes.items() if user in users}
        exported = rooms.get(room.room_id, {}).get("votes", ())
        if {it["movieId"]: it["vote"] for it in exported} != votes:
            model.say(13, f"the export has the votes {exported}, and there are {votes}")
        if user in room.participants and room.room_id not in rooms:
            model.say(13, "a room is missing in an export")
    matches = {
        it["match_id"]
        for room in model.rooms.values()
        for it in room.matches.values()
        if user in it["matched_users"]
    }
    if {it["matchId"] for it in found["matches"]} != matches:
        model.say(13, f"the export has other matches than {matches}")
    decisions = {
        room.decision["decision_id"]
        for room in model.rooms.values()
        if room.decision and user in room.decision["participants"]
    }
    if {it["decisionId"] for it in found["decisions"]} != decisions:
        model.say(13, f"the export has other decisions than {decisions}")
