"""People and their phones: what they ask for, and what they have been told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from typing import Any

from library.api.cursors import encode_export
from library.domain.titles import ListName
from library.use_cases.import_export import ExportCursor
from matinee.clock import iso, utc_now
from matinee.dynamodb.items import to_item
from matinee.ids import new_id
from matinee.principal import unverified_claims
from tests.simulation.aws.pool import TriggerFailed, TriggerSilent, UserPool
from tests.simulation.aws.tmdb import name_of
from tests.simulation.crews import create_crew, leave_crew, start_room
from tests.simulation.feeds import Telling
from tests.simulation.guests import GUESTS, come_in, guests_fields, trespass, upgrade
from tests.simulation.mutants import text_of
from tests.simulation.plan import FILMS, GUEST_NAMES, MORE_FILMS, Move, Plan
from tests.simulation.scheduler import Killed, Task
from tests.simulation.stack import definitions
from tests.simulation.world import FunctionFailed, World, payload_of
from tools.appsync.javascript import JavaScript
from tools.contracts.paths import ROOT

GROUP = "Users"
PASSWORD = "Popcorn4three"
TRIGGER_SECONDS = 5.0
AT_LEAST = 2
"""The likes that rooms with that rule ask for."""

ENDPOINTS = "https://updates.push.services.mozilla.com/wpush/v2"
KEYS = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx"
    "aOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}
"""Of browsers' subscriptions to Web Push."""

CACHED_FOR = timedelta(days=180)
"""How long a title is known that the catalogue tells of."""

SCHEDULE_ATTEMPTS = 3
"""Of an invocation by a schedule, each with the same id."""

MAX_PARTS = 20
"""Of an export."""

PATIENCE = 12
"""How often somebody tries to get in before they give up."""

UNKNOWN = "unknown"
UNAVAILABLE = frozenset(
    {
        "AccountsUnavailable",
        "DeletionUnfinished",
        "ExportUnavailable",
        "GuestsUnavailable",
        "LibraryBusy",
        "LibraryUnavailable",
        "RoomBusy",
        "Unavailable",
    }
)
"""What a request may end with when a service does not respond."""
OK = "ok"

CERTAIN = frozenset(
    {
        "RoomNotFound",
        "RoomExpired",
        "RoomFull",
        "NotAParticipant",
        "NotACandidate",
        "NotTheHost",
        "ParticipantNotFound",
        "HostCannotBeRemoved",
        "RemovedFromRoom",
        "NoCandidates",
        "AlreadyDecided",
        "InvalidInput",
        "Unauthorized",
        "Forbidden",
        "AccountDeleted",
    }
)
"""Refusals after which nothing may have been changed."""


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
    target: str = ""
    """Whom it is about, if not the user."""


@dataclass(frozen=True, slots=True)
class Notification:
    """What somebody's phone was told: of which match or decision, and by which invocation."""

    user: str
    of: str
    caller: Task


@dataclass(slots=True)
class Town:
    """The people of a history, the rooms that they know of, and what reached their phones."""

    world: World
    plan: Plan
    deeds: list[Deed] = field(default_factory=list)
    refreshes: dict[str, Task] = field(default_factory=dict)
    rooms: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    crews: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    told: list[Notification] = field(default_factory=list)
    feeds: list[Telling] = field(default_factory=list)
    rule_of: dict[int, str] = field(default_factory=dict)
    claims: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    bound: dict[str, str] = field(default_factory=dict)
    """The rooms that guests were let into."""

    rules: dict[str, str] = field(default_factory=dict)
    leaving: dict[str, float] = field(default_factory=dict)
    poison: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    pool: UserPool = field(init=False)
    outside: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.outside = {name for name in self.plan.people if name not in GUEST_NAMES}
        self.pool = UserPool(lambda: self.world.scheduler.now, self._trigger)
        self.world.routes |= {
            "appsync": self._publish,
            "lambda": self._invoke,
            "cognito-idp": lambda _, operation, params: self.pool.call(operation, params),
        }

    def start(self) -> list[Task]:
        """Start everybody."""
        start = self.world.scheduler.start
        return [
            *(start(name, lambda name=name: self._live(name)) for name in self.plan.people),  # type: ignore[misc]
            start("stage", lambda: self._act(staged=True)),
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
        groups = self.claims[name].get("cognito:groups", [])
        if GROUP not in groups and not (GUESTS in groups and field_ in guests_fields()):
            return {"error": {"type": "Unauthorized", "message": "as AppSync has it"}}
        return self.resolve(name, field_, arguments, correlation, root)

    def resolve(
        self,
        name: str,
        field_: str,
        arguments: Mapping[str, Any],
        correlation: str,
        root: str,
    ) -> Any:  # noqa: ANN401 - a field's response
        """Have a field resolved for somebody whom AppSync lets in; raise FunctionFailed."""
        claims = self.claims[name]
        sub, groups = claims["sub"], claims.get("cognito:groups", [])
        event = _call(root, field_, arguments, correlation) | {
            "identity": {"sub": sub, "username": sub, "groups": groups, "claims": claims}
        }
        return self.world.invoke("RoomsApiFunction", event)

    def http(
        self,
        name: str,
        route: str,
        correlation: str,
        body: Mapping[str, Any] | str | None = None,
        query: Mapping[str, str] | None = None,
        place: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Ask the REST API, with JSON or a text; return status and body; raise FunctionFailed."""
        method, _, path = route.format(**place or {}).partition(" ")
        context: dict[str, Any] = {
            "http": {"method": method, "path": path, "sourceIp": "203.0.113.7"},
            "routeKey": route,
            "stage": "$default",
            "requestId": correlation,
        }
        if claims := self.claims.get(name):
            groups = f"[{' '.join(claims.get('cognito:groups', []))}]"
            given = {**claims, "cognito:groups": groups}
            context["authorizer"] = {"jwt": {"claims": given, "scopes": [claims["scope"]]}}
        event = {
            "version": "2.0",
            "routeKey": route,
            "rawPath": path,
            "rawQueryString": "",
            "headers": {
                "x-correlation-id": correlation,
                "content-type": "application/json",
                "authorization": f"Bearer {self.tokens.get(name, '')}",
            },
            "queryStringParameters": dict(query or {}),
            "pathParameters": dict(place or {}),
            "requestContext": context,
            "isBase64Encoded": False,
        }
        if body is not None:
            event["body"] = body if isinstance(body, str) else json.dumps(body)
        response = self.world.invoke(definitions().routes[route], event)
        text = response.get("body") or "{}"
        return response["statusCode"], json.loads(text)

    # ── a person's life ──────────────────────────────────────────────────────────────────────────

    def _live(self, name: str) -> None:
        try:
            if name in self.outside and name not in self.claims and not self._come_in(name):
                return
        finally:
            self.outside.discard(name)
        self._act(name)

    def _act(self, name: str = "", *, staged: bool = False) -> None:
        """Make a person's moves, or those that are staged."""
        while self.outside:  # they begin together: most happens then
            self.world.scheduler.sleep(0.1)
        for number, move in enumerate(self.plan.moves):
            is_known = move.person in self.claims or move.kind == "guest"
            if move.staged == staged and name in {"", move.person} and is_known:
                self.world.scheduler.sleep(move.pause)
                correlation = f"{move.person}-{number}"
                if move.together:
                    self._do_aside(move, correlation)
                else:
                    self._do(move, correlation)

    def _do_aside(self, move: Move, correlation: str) -> None:
        """Have somebody make a move while others go on."""
        self.world.scheduler.start(f"aside-{correlation}", lambda: self._do(move, correlation))

    def _come_in(self, name: str) -> bool:
        """Sign up, verify and sign in, again until it works; return whether it did."""
        email = f"{name}@example.com"
        account = {"email": email, "password": PASSWORD}
        steps = ["register", "verify", "signin"]
        for attempt in range(PATIENCE):
            step = steps[0]
            body = {
                "register": {**account, "username": f"{name}.frames"},
                "verify": {"email": email, "code": self.pool.mails.get(email, "000000")},
                "signin": account,
            }[step]
            route = "POST /auth/signin" if step == "signin" else "POST /auth/signup"
            try:
                status, found = self.http(name, route, f"{name}-{step}-{attempt}", body)
            except FunctionFailed:
                status, found = 503, {}
            if status == 200 or (status, step) == (409, "register"):
                steps.pop(0)
            elif step == "verify" and status == 400:
                steps.pop(0)  # it may be done: the sign-in shows it
            elif found.get("code") == "UserNotConfirmed":
                steps.insert(0, "verify")
            if not steps:
                self.sign_in(name, found["AccessToken"])
                if GROUP not in self.claims[name].get("cognito:groups", ()):
                    self.wrong.append(f"12: {name} signs in without a group")
                return True
            self.world.scheduler.sleep(1 + attempt)
        return False

    def sign_in(self, name: str, token: str) -> None:
        """Have somebody use a token from now on."""
        self.claims[name], self.tokens[name] = unverified_claims(token), token

    def is_guest(self, name: str) -> bool:
        """Return whether somebody's token is a guest's."""
        return GROUP not in self.claims[name].get("cognito:groups", ())

    def _do(self, move: Move, correlation: str) -> None:
        act = _FURTHER[move.kind] if move.kind in _FURTHER else getattr(Town, f"_{move.kind}")
        user = str(self.claims.get(move.person, {}).get("sub", ""))
        deed = Deed(move, user, correlation, self.world.scheduler.now)
        try:
            if act(self, deed) is False:
                return  # there is no such room yet
        except FunctionFailed:
            deed.outcome = UNKNOWN
        deed.end = self.world.scheduler.now
        self.deeds.append(deed)

    def _open(self, deed: Deed) -> None:
        move = deed.move
        room = {
            "mediaType": "MOVIE",
            "maxParticipants": move.size,
            "idempotencyKey": deed.correlation,
            "rule": move.rule,
        }
        if move.rule == "AT_LEAST":
            room["atLeast"] = AT_LEAST
        self.rules[deed.correlation] = move.rule
        self.mutate_until_told(deed, "createRoom", {"input": room}, attempts=3)
        if deed.outcome == OK:
            self.rooms[deed.move.room] = deed.data
            self.rule_of[deed.move.room] = move.rule

    def _join(self, deed: Deed) -> bool:
        return self.in_room(deed, "joinRoom", lambda room: {"code": room["code"]})

    def _leave(self, deed: Deed) -> bool:
        return self.in_room(deed, "leaveRoom", lambda room: {"roomId": room["id"]})

    def _vote(self, deed: Deed) -> bool:
        move = deed.move
        return self.in_room(
            deed,
            "vote",
            lambda room: {"input": {"roomId": room["id"], "movieId": move.film, "vote": move.yes}},
        )

    def _propose(self, deed: Deed) -> bool:
        return self.in_room(deed, "propose", lambda room: _candidate(deed, room))

    def _decide(self, deed: Deed) -> bool:
        return self.in_room(deed, "decide", lambda room: _candidate(deed, room))

    def _close(self, deed: Deed) -> bool:
        return self.in_room(deed, "closeRoom", lambda room: {"roomId": room["id"]})

    def _extend(self, deed: Deed) -> bool:
        hours = 30 if deed.move.yes else 48
        return self.in_room(
            deed, "extendRoom", lambda room: {"roomId": room["id"], "closesAfterHours": hours}
        )

    def _remove(self, deed: Deed) -> bool:
        """Remove one of the others, or oneself."""
        other = self.claims.get(self.plan.people[deed.move.film % len(self.plan.people)])
        if other is None:
            return False
        deed.target = str(other["sub"])
        return self.in_room(
            deed, "removeParticipant", lambda room: {"roomId": room["id"], "userId": deed.target}
        )

    def _more(self, deed: Deed) -> bool:
        """Ask for more candidates than there were at first."""
        return self.in_room(
            deed, "dealMore", lambda room: {"roomId": room["id"], "known": len(FILMS)}
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

    def _favourite(self, deed: Deed) -> None:
        self._change_list(deed, "/user/favourites")

    def _watch(self, deed: Deed) -> None:
        self._change_list(deed, "/user/watchlist")

    def _move(self, deed: Deed) -> None:
        route = "POST /user/watchlist/move-to-favourites"
        title = {"mediaId": deed.move.film, "mediaType": "movie"}
        self.note_http(deed, self.http(deed.move.person, route, deed.correlation, title))

    def _import(self, deed: Deed) -> None:
        titles = [{"mediaId": film, "mediaType": "movie"} for film in FILMS]
        body = {"favourites": titles[:2], "watchlist": titles[1:]}
        self.note_http(
            deed, self.http(deed.move.person, "POST /user/import", deed.correlation, body)
        )

    def _upload(self, deed: Deed) -> None:
        """Send a file of another site; one of its rows is no film."""
        names = [name_of(film) for film in FILMS[: 2 if deed.move.yes else 1]]
        rows = [f"2026-01-31,{name},2020,https://boxd.it/1" for name in [*names, "Nothing"]]
        text = "\n".join(["Date,Name,Year,Letterboxd URI", *rows])
        person, query = deed.move.person, {"name": "watchlist.csv"}
        response = self.http(person, "POST /user/imports", deed.correlation, text, query)
        self.note_http(deed, response)
        deed.data = response[1]

    def _device(self, deed: Deed) -> None:
        """Register a phone for notifications, or remove it."""
        place = {"deviceId": f"phone-{deed.move.film}"}
        is_new = deed.move.yes
        route = f"{'PUT' if is_new else 'DELETE'} /user/devices/{{deviceId}}"
        endpoint = f"{ENDPOINTS}/{deed.move.person}-{deed.move.film}"
        body = {"subscription": {"endpoint": endpoint, "keys": KEYS}} if is_new else None
        response = self.http(deed.move.person, route, deed.correlation, body, place=place)
        self.note_http(deed, response)

    def _export(self, deed: Deed) -> None:
        """Export everything, part by part."""
        cursor: Mapping[str, str] = {}
        for _ in range(MAX_PARTS):
            response = self.http(
                deed.move.person, "GET /user/export", deed.correlation, query=cursor
            )
            self.note_http(deed, response)
            if "nextCursor" not in response[1]:
                return
            cursor = {"cursor": response[1]["nextCursor"]}
        self.wrong.append(f"13: the export of {deed.move.person} does not end")

    def _see(self, deed: Deed) -> None:
        opinion = {"opinion": "liked" if deed.move.room else "fine"}
        self._change_shelf(deed, "seen", opinion if deed.move.yes else None)

    def _dismiss(self, deed: Deed) -> None:
        self._change_shelf(deed, "dismissed", None)

    def _change_shelf(self, deed: Deed, name: str, body: Mapping[str, Any] | None) -> None:
        route = f"{'PUT' if deed.move.yes else 'DELETE'} /user/{name}/{{mediaType}}/{{mediaId}}"
        place = {"mediaType": "movie", "mediaId": str(deed.move.film)}
        response = self.http(deed.move.person, route, deed.correlation, body, place=place)
        self.note_http(deed, response)

    def _change_list(self, deed: Deed, path: str) -> None:
        title = {"mediaId": deed.move.film, "mediaType": "movie"}
        route = f"{'POST' if deed.move.yes else 'DELETE'} {path}"
        self.note_http(deed, self.http(deed.move.person, route, deed.correlation, title))

    def _delete(self, deed: Deed) -> None:
        self.leaving[deed.user] = deed.start
        route = "DELETE /auth/account"
        self.note_http(deed, self.http(deed.move.person, route, deed.correlation))

    def _expel(self, deed: Deed) -> bool:
        """Delete the user in the pool itself, as an operator may."""
        self.leaving[deed.user] = deed.start
        if deed.user in self.pool.users:
            self.pool.call("AdminDeleteUser", {"Username": deed.user})
        return False

    def _replay(self, deed: Deed) -> bool:
        self.world.bus.replay(f"replay-{deed.correlation}")
        return False

    def _poison(self, deed: Deed) -> bool:
        """Send what is no event, or one that breaks its contract, to somebody's queue."""
        queues = sorted({rule.queue for rule in definitions().rules})
        queue = queues[deed.move.film % len(queues)]
        broken = {"detail": {"metadata": {"event_type": "VoteCast"}, "data": {}}}
        mark = f"poison {deed.correlation}"
        body = json.dumps(broken | {"id": mark}) if deed.move.yes else mark
        self.poison.append(self.world.queues.send(queue, body))
        return False

    def _cache(self, deed: Deed) -> bool:
        """Have the catalogue publish a title, as its refresh does."""
        folder = ROOT / "contracts/events/catalog/TitlesCached"
        text = max(folder.glob("*.example.json")).read_text(encoding="utf-8")
        detail = json.loads(text)["detail"]
        detail["metadata"] |= {"event_id": new_id(), "correlation_id": deed.correlation}
        for title in detail["data"]["titles"]:
            title["expires_at"] = iso(utc_now() + CACHED_FOR)
        values = {
            "event_id": detail["metadata"]["event_id"],
            "source": "matinee.catalog",
            "detail_type": "TitlesCached",
            "detail": json.dumps(detail),
            "occurred_at": iso(utc_now()),
        }
        item = to_item(values)
        self.world.tables.write("PutItem", {"TableName": "CatalogOutboxTable", "Item": item})
        return False

    def _refresh(self, _: Deed) -> bool:
        """Start the refresh of the catalogue's lists, as its schedule does."""
        self._plan_refresh(f"refresh-{len(self.refreshes)}", SCHEDULE_ATTEMPTS)
        return False

    def _plan_refresh(self, request_id: str, attempts: int) -> None:
        task = self.world.start(
            "RefreshPlannerFunction", {"refresh": "lists"}, request_id=request_id
        )
        self.refreshes[request_id] = task
        if attempts > 1:
            task.then.append(
                lambda it: self._plan_refresh(request_id, attempts - 1) if it.error else None
            )

    def _peek(self, deed: Deed) -> bool:
        """Try what is another's: their list by their cursor, and their matches' notifications."""
        other = self.plan.people[deed.move.film % len(self.plan.people)]
        theirs = self.claims.get(other)
        if theirs is None or theirs["sub"] == deed.user:
            return False
        cursor = encode_export(str(theirs["sub"]), ExportCursor(ListName.FAVOURITES))
        status, _ = self.http(
            deed.move.person, "GET /user/export", deed.correlation, query={"cursor": str(cursor)}
        )
        if status == HTTPStatus.OK:
            self.wrong.append(f"5: {deed.move.person} continues the export of {other}")
        if may_subscribe(self.claims[deed.move.person], str(theirs["sub"])):
            self.wrong.append(f"5: {deed.move.person} subscribes to what {other} is told")
        return False

    def note_http(self, deed: Deed, response: tuple[int, Any]) -> None:
        """Keep what the REST API says."""
        status, body = response
        deed.outcome = OK if status < 400 else body.get("code", str(status))
        if status >= 500 and deed.outcome not in UNAVAILABLE:
            self.wrong.append(f"7: {deed.move} is answered {status} {body}")

    def awaited[T](self, those: Mapping[int, T], number: int) -> T | None:
        """Return one of the rooms or crews, once somebody shares it; None if nobody does."""
        for _ in range(20):
            if found := those.get(number):
                return found
            self.world.scheduler.sleep(0.5)
        return None

    def in_room(self, deed: Deed, field_: str, arguments: Any) -> bool:  # noqa: ANN401 - a function
        """Make a request about a room, once there is one; return whether there was."""
        room = self.awaited(self.rooms, deed.move.room)
        if room is None:
            return False
        deed.room_id, deed.start = room["id"], self.world.scheduler.now
        self.mutate(deed, field_, arguments(room))
        return True

    def mutate_until_told(
        self, deed: Deed, field_: str, arguments: Mapping[str, Any], attempts: int
    ) -> None:
        """Make a request, again as a client does that was told nothing."""
        for _ in range(attempts):
            try:
                self.mutate(deed, field_, arguments)
                break
            except FunctionFailed:
                continue

    def mutate(self, deed: Deed, field_: str, arguments: Mapping[str, Any]) -> None:
        """Make a request to the GraphQL API, and keep what it says."""
        response = self.ask(deed.move.person, field_, arguments, deed.correlation, "Mutation")
        self._note(deed, response)

    def _note(self, deed: Deed, response: Mapping[str, Any]) -> None:
        error = response.get("error")
        deed.outcome = error["type"] if error else OK
        deed.data = response.get("data")

    # ── services that call back ──────────────────────────────────────────────────────────────────

    def _trigger(self, name: str, event: Mapping[str, Any]) -> Any:  # noqa: ANN401 - its response
        task = self.world.start(f"{name}Function", json.loads(json.dumps(event)), TRIGGER_SECONDS)
        self.world.scheduler.wait(task)
        if isinstance(task.error, Killed):
            raise TriggerSilent
        if task.error:
            raise TriggerFailed(repr(task.error))
        return task.value

    def _publish(self, caller: Task, mutation: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """Resolve a mutation of the notifier's as AppSync does, and tell the phones."""
        import httpx  # noqa: PLC0415 - as the product sees it

        correlation = params["headers"].get("x-correlation-id", "")
        event = _call("Mutation", mutation, params["variables"], correlation) | {
            "identity": {"userArn": "arn:aws:sts::000000000000:assumed-role/notifier/1"}
        }
        try:
            response = self.world.invoke("RoomsApiFunction", event)
        except FunctionFailed:
            return httpx.Response(200, json={"errors": [{"errorType": "InternalError"}]})
        if error := response.get("error"):
            return httpx.Response(200, json={"errors": [{"errorType": error["type"]}]})
        data = response["data"]
        if mutation == "publishRoomFeed":
            self.feeds.append(Telling(data["roomId"], data))
        else:
            of = next(data[name] for name in ("decisionId", "matchId", "roomId") if name in data)
            self.told.append(Notification(data["userId"], of, caller))
        return httpx.Response(200, json={"data": {mutation: data}})

    def _invoke(self, _: Task, __: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """Invoke another service's function; the catalog's Discover responds by its contract."""
        name, event = params["FunctionName"], json.loads(params["Payload"])
        if name.startswith("DiscoverFunction"):
            found = [film for film in (*FILMS, *MORE_FILMS) if film not in event["excludeIds"]]
            data = [_candidate_of_the_catalog(film) for film in found[: len(FILMS)]]
            answer: Any = {"data": {"candidates": data, "strategy": "ANY"}}
            return {"StatusCode": 200, "Payload": payload_of(answer)}
        task = self.world.start(name, event)
        self.world.scheduler.wait(task)
        if task.error:
            answer = {"errorMessage": "it failed"}
            return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": payload_of(answer)}
        return {"StatusCode": 200, "Payload": payload_of(task.value)}


_FURTHER: Mapping[str, Callable[[Town, Deed], object]] = {
    "crew": create_crew,
    "start": start_room,
    "quit": leave_crew,
    "guest": come_in,
    "trespass": trespass,
    "upgrade": upgrade,
}
"""Moves that have modules of their own."""


def _candidate(deed: Deed, room: Mapping[str, Any]) -> dict[str, Any]:
    return {"roomId": room["id"], "movieId": deed.move.film}


def _candidate_of_the_catalog(film: int) -> dict[str, Any]:
    return {
        "id": film,
        "title": name_of(film),
        "overview": "",
        "posterPath": None,
        "releaseDate": "2026-01-31",
        "voteAverage": 7.0,
        "voteCount": 100,
        "genreIds": [28],
        "mediaType": "movie",
    }


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


@cache
def _guard() -> JavaScript:
    javascript = JavaScript()
    javascript.define("guard", text_of("rooms/resolvers/own_user_only.js"))
    return javascript


def may_subscribe(claims: Mapping[str, Any], user: str) -> bool:
    """Return whether the API lets somebody subscribe to what a user is told."""
    context = {"args": {"userId": user}, "identity": {"sub": claims["sub"]}, "stash": {}}
    return _guard().call("guard", "request", "User Pool Authorization", context).error is None
