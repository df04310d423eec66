"""People and their phones: what they ask for, and what they have been told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.plan import FILMS, Move, Plan
from tests.simulation.scheduler import Task
from tests.simulation.world import FunctionFailed, World, payload_of

GROUP = "Users"
UNKNOWN = "unknown"
OK = "ok"


@dataclass(slots=True)
class Deed:
    """A request that somebody made: when, and what they were told."""

    move: Move
    user: str
    correlation: str
    start: float
    room_id: str | None = None
    end: float = 0.0
    outcome: str = UNKNOWN
    data: Any = None


@dataclass(slots=True)
class Town:
    """The people of a history, the rooms that they know of, and what reached their phones."""

    world: World
    plan: Plan
    deeds: list[Deed] = field(default_factory=list)
    rooms: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    told: list[tuple[float, str, str, Task]] = field(default_factory=list)
    users: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world.routes |= {"appsync": self._publish, "lambda": self._discover}
        for number, name in enumerate(self.plan.people, 1):
            self.users[name] = f"{number:08x}-0000-4000-8000-00000000beef"

    def start(self) -> list[Task]:
        """Start everybody."""
        return [
            self.world.scheduler.start(name, lambda name=name: self._live(name))  # type: ignore[misc]
            for name in self.plan.people
        ]

    def ask(
        self,
        name: str,
        field_: str,
        arguments: Mapping[str, Any],
        correlation: str,
        root: str = "Query",
    ) -> Any:  # noqa: ANN401 - a field's response
        """Ask the GraphQL API for a field; raise FunctionFailed."""
        sub = self.users[name]
        claims = {
            "sub": sub,
            "cognito:groups": [GROUP],
            "token_use": "access",
            "username": sub,
        }
        event = _call(root, field_, arguments, correlation) | {
            "identity": {"sub": sub, "username": sub, "groups": [GROUP], "claims": claims}
        }
        return self.world.invoke("RoomsApiFunction", event)

    # ── a person's life ──────────────────────────────────────────────────────────────────────────

    def _live(self, name: str) -> None:
        for number, move in enumerate(self.plan.moves):
            if move.person == name:
                self.world.scheduler.sleep(move.pause)
                self._do(move, f"{name}-{number}")

    def _do(self, move: Move, correlation: str) -> None:
        act = getattr(self, f"_{move.kind}", None)
        if act is None:
            return
        deed = Deed(move, self.users[move.person], correlation, self.world.scheduler.now)
        try:
            if act(deed) is False:
                return  # there is no such room yet
        except FunctionFailed:
            deed.outcome = UNKNOWN
        deed.end = self.world.scheduler.now
        self.deeds.append(deed)

    def _open(self, deed: Deed) -> None:
        size = deed.move.size
        room = {"mediaType": "MOVIE", "maxParticipants": size, "idempotencyKey": deed.correlation}
        for _ in range(3):  # as a client does that was told nothing
            try:
                self._mutate(deed, "createRoom", {"input": room})
                break
            except FunctionFailed:
                continue
        if deed.outcome == OK:
            self.rooms[deed.move.room] = deed.data

    def _join(self, deed: Deed) -> bool:
        return self._in_room(deed, "joinRoom", lambda room: {"code": room["code"]})

    def _leave(self, deed: Deed) -> bool:
        return self._in_room(deed, "leaveRoom", lambda room: {"roomId": room["id"]})

    def _vote(self, deed: Deed) -> bool:
        move = deed.move
        return self._in_room(
            deed,
            "vote",
            lambda room: {"input": {"roomId": room["id"], "movieId": move.film, "vote": move.yes}},
        )

    def _look(self, deed: Deed) -> bool:
        room = self.rooms.get(deed.move.room)
        if room is None:
            return False
        deed.room_id = room["id"]
        response = self.ask(deed.move.person, "getRoom", {"id": room["id"]}, deed.correlation)
        self._note(deed, response)
        return True

    def _wait(self, _: Deed) -> bool:
        self.world.scheduler.sleep(25 * 3600)
        return False

    def _in_room(self, deed: Deed, field_: str, arguments: Any) -> bool:  # noqa: ANN401 - a function
        for _ in range(20):  # until somebody shares the code
            if room := self.rooms.get(deed.move.room):
                break
            self.world.scheduler.sleep(0.5)
        else:
            return False
        deed.room_id, deed.start = room["id"], self.world.scheduler.now
        self._mutate(deed, field_, arguments(room))
        return True

    def _mutate(self, deed: Deed, field_: str, arguments: Mapping[str, Any]) -> None:
        response = self.ask(deed.move.person, field_, arguments, deed.correlation, "Mutation")
        self._note(deed, response)

    def _note(self, deed: Deed, response: Mapping[str, Any]) -> None:
        error = response.get("error")
        deed.outcome = error["type"] if error else OK
        deed.data = response.get("data")

    # ── services that call back ──────────────────────────────────────────────────────────────────

    def _publish(self, caller: Task, _: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """Resolve publishUserMatch as AppSync does, and tell the phones."""
        import httpx  # noqa: PLC0415 - as the product sees it

        correlation = params["headers"].get("x-correlation-id", "")
        event = _call("Mutation", "publishUserMatch", params["variables"], correlation) | {
            "identity": {"userArn": "arn:aws:sts::000000000000:assumed-role/notifier/1"}
        }
        try:
            response = self.world.invoke("RoomsApiFunction", event)
        except FunctionFailed:
            return httpx.Response(200, json={"errors": [{"errorType": "InternalError"}]})
        if error := response.get("error"):
            return httpx.Response(200, json={"errors": [{"errorType": error["type"]}]})
        data = response["data"]
        self.told.append((self.world.scheduler.now, data["userId"], data["matchId"], caller))
        return httpx.Response(200, json={"data": {"publishUserMatch": data}})

    def _discover(self, _: Task, __: str, ___: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """Respond as the catalog's function does, by its contract."""
        candidates = [
            {
                "id": film,
                "title": f"Film {film}",
                "overview": "",
                "posterPath": None,
                "releaseDate": "2026-01-31",
                "voteAverage": 7.0,
                "voteCount": 100,
                "genreIds": [28],
                "mediaType": "movie",
            }
            for film in FILMS
        ]
        data = {"data": {"candidates": candidates, "strategy": "ANY"}}
        return {"StatusCode": 200, "Payload": payload_of(data)}


def _call(root: str, field_: str, arguments: Mapping[str, Any], correlation: str) -> dict[str, Any]:
    return {
        "arguments": arguments,
        "source": None,
        "request": {"headers": {"x-correlation-id": correlation}, "domainName": None},
        "prev": None,
        "info": {
            "fieldName": field_,
            "parentTypeName": root,
            "variables": {},
            "selectionSetList": ["id"],
        },
        "stash": {},
    }
