"""Decisions: whether a room's is right, by what its people proposed and were told.

Proposals publish nothing, so they are known from the requests: one that was confirmed took effect
while it lasted; one without an answer may have, then or a little later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.simulation.model import Model, Room
from tests.simulation.people import CERTAIN, OK, Deed, Town

LATE_SECONDS = 10.0
"""After its end a request without an answer may still take effect for so long."""

MARGIN_SECONDS = 60.0
"""Before a room closes: a majority may be recorded some time after it came about."""


@dataclass(frozen=True, slots=True)
class Proposals:
    """What people have proposed in one room."""

    deeds: Sequence[Deed]

    def may_propose(self, user: str, film: int, at: float) -> bool:
        """Return whether a film may be what a user proposed last, at some time."""
        return any(
            it.move.film == film and not self._is_replaced(it, at)
            for it in self._before(user, at)
            if it.outcome not in CERTAIN
        )

    def proposes(self, user: str, at: float) -> int | None:
        """Return what a user proposes at some time for certain, if anything."""
        left = [
            it
            for it in self._before(user, at)
            if it.outcome not in CERTAIN and not self._is_replaced(it, at)
        ]
        if len(left) == 1 and left[0].outcome == OK and left[0].end <= at:
            return left[0].move.film
        return None

    def _before(self, user: str, at: float) -> Iterator[Deed]:
        return (it for it in self.deeds if it.user == user and it.start <= at)

    def _is_replaced(self, deed: Deed, at: float) -> bool:
        """Return whether a later proposal of the same user has replaced one before some time."""
        over = deed.end if deed.outcome == OK else deed.end + LATE_SECONDS
        return any(
            it.user == deed.user and it.outcome == OK and it.start > over and it.end < at
            for it in self.deeds
        )


def check_decisions(model: Model, town: Town) -> None:
    """Report decisions that nobody made, and majorities that decided nothing."""
    for room in model.rooms.values():
        deeds = [it for it in town.deeds if it.room_id == room.room_id]
        proposals = Proposals([it for it in deeds if it.move.kind == "propose"])
        if room.decision is None:
            _check_undecided(model, town, room, proposals)
        elif room.decision["decided_by"] == "host":
            host = list(room.hosts_during(room.decided_at, room.decided_at))
            made = any(
                it.move.kind == "decide" and it.user in host and _is_of(it, room) for it in deeds
            )
            if not made:
                model.say(11, "a room has decided for its host, who did not")
        elif not _may_be_majority(room, proposals):
            model.say(11, f"no majority can have decided for {room.decision['movie_id']}")
        for deed in deeds:
            _check_deed(model, room, deed)


def _is_of(deed: Deed, room: Room) -> bool:
    assert room.decision is not None
    return deed.move.film == room.decision["movie_id"] and deed.start <= room.decided_at


def _may_be_majority(room: Room, proposals: Proposals) -> bool:
    assert room.decision is not None
    film, users = room.decision["movie_id"], room.decision["participants"]
    supporters = sum(proposals.may_propose(user, film, room.decided_at) for user in users)
    return 2 * supporters > len(users)


def _check_undecided(model: Model, town: Town, room: Room, proposals: Proposals) -> None:
    instants = [it.end for it in proposals.deeds] + [at for at, _ in room.timeline]
    for at in instants:
        if at > room.closes - MARGIN_SECONDS:
            continue
        who = list(room.during(at, at))[-1]
        films = [proposals.proposes(user, at) for user in who if user not in town.leaving]
        if any(2 * films.count(film) > len(who) for film in films if film is not None):
            model.say(11, "a majority proposed the same, and the room has not decided")
            return


def _check_deed(model: Model, room: Room, deed: Deed) -> None:
    """Compare what somebody was told of their decision."""
    decided = room.decision["movie_id"] if room.decision else None
    match deed.move.kind, deed.outcome:
        case "decide", "ok" if decided != deed.move.film:
            model.say(11, f"{deed.move} was confirmed, and the room decided for {decided}")
        case "decide" | "propose", "AlreadyDecided" if decided in {None, deed.move.film}:
            model.say(11, f"{deed.move} is too late, and the room decided for {decided}")
        case "decide", "NotTheHost" if {deed.user} == {*room.hosts_during(deed.start, deed.end)}:
            model.say(11, f"{deed.move} was refused to the room's host")
