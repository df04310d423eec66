"""Feeds: numbered without gaps, the same for everybody, an entry for each change (invariant 9)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.simulation.model import Model, Room

type Ask = Callable[[str, Mapping[str, Any]], Any]

KINDS: Mapping[str, str] = {
    "RoomCreated": "JOINED",
    "ParticipantJoined": "JOINED",
    "ParticipantLeft": "LEFT",
    "DeckDealt": "DEALT",
    "MatchFound": "MATCH",
    "TitleProposed": "PROPOSED",
    "RoomDecided": "DECIDED",
    "RoomExtended": "EXTENDED",
    "RoomClosed": "CLOSED",
    "CrewInvited": "INVITED",
}
"""What a feed says of each event. Votes show as progress, which has no event of its own."""

PROGRESS = "PROGRESS"
DELETED = "deleted"
PAGE = 100


@dataclass(frozen=True, slots=True)
class Telling:
    """An entry as it was sent to whoever is subscribed to its room's feed."""

    room_id: str
    entry: Mapping[str, Any]


def read_feed(ask: Ask, room_id: str, after: int, limit: int = PAGE) -> list[Mapping[str, Any]]:
    """Return all that follows a number, page by page, as a client that reconnects reads it."""
    entries: list[Mapping[str, Any]] = []
    while True:
        page = ask("roomFeed", {"roomId": room_id, "after": after, "limit": limit})
        entries += page
        if len(page) < limit:
            return entries
        after = page[-1]["seq"]


def check_feed(model: Model, room: Room, told: Sequence[Telling], ask: Ask, after: int) -> None:
    """Compare a room's feed with its events, and with what was sent, for one participant.

    `after` is the number that they reconnect with.
    """
    entries = read_feed(ask, room.room_id, 0)
    if [it["seq"] for it in entries] != list(range(1, len(entries) + 1)):
        model.say(9, f"a feed is numbered {[it['seq'] for it in entries]}")
    after %= len(entries) + 1
    if read_feed(ask, room.room_id, after, limit=2) != entries[after:]:
        model.say(9, f"whoever reconnects after {after} of {len(entries)} misses something")
    shown = Counter(_kind(it) for it in entries if it["kind"] != PROGRESS)
    happened = Counter(KINDS[kind] for kind in room.events if kind in KINDS)
    if shown != happened:
        model.say(9, f"a feed shows {dict(shown)}, and there were {dict(happened)}")
    _check_progress(model, room, entries)
    _check_told(model, entries, [it.entry for it in told if it.room_id == room.room_id])


def _kind(entry: Mapping[str, Any]) -> str:
    return "LEFT" if entry["kind"] == "REMOVED" else str(entry["kind"])


def _check_progress(model: Model, room: Room, entries: Sequence[Mapping[str, Any]]) -> None:
    """Check that of everybody who is here the last progress is how far they are."""
    last = {it["userId"]: it["progress"]["voted"] for it in entries if it["kind"] == PROGRESS}
    votes: dict[str, int] = defaultdict(int)
    for users in room.votes.values():
        for user in users:
            votes[user] += 1
    for user in room.participants:
        if user not in model.deleted and last.get(user, 0) != votes[user]:
            model.say(9, f"the progress of {user} is {last.get(user, 0)}, of {votes[user]} votes")


def _check_told(
    model: Model, entries: Sequence[Mapping[str, Any]], told: Sequence[Mapping[str, Any]]
) -> None:
    """Check that every entry was sent, as it is, and each for the first time in their order."""
    first: dict[int, Mapping[str, Any]] = {}
    for entry in told:
        first.setdefault(entry["seq"], entry)
    if list(first) != [it["seq"] for it in entries]:
        model.say(9, f"of {len(entries)} entries were sent, in this order, {list(first)}")
    for entry in entries:
        sent = first.get(entry["seq"], entry)
        if sent["kind"] != entry["kind"] or entry["userId"] not in {sent["userId"], DELETED}:
            model.say(9, f"an entry is {entry}, and was sent as {sent}")
