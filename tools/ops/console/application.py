"""The console's routes: each answers JSON from a function that a make target calls, too."""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tools.contracts import delivered
from tools.contracts.catalogue.entries import entries
from tools.contracts.project import load_project
from tools.ops.console.guard import Asgi, guarded
from tools.ops.console.stream import server_sent
from tools.ops.events.dead_letters import dead_letters, discard
from tools.ops.events.environment import Environment, EnvironmentNotFound
from tools.ops.events.explaining import explain
from tools.ops.events.live import EventFilter
from tools.ops.events.redrive import redrive
from tools.ops.events.replay import ReplayRequest, bus_rules, own_name, replay
from tools.ops.events.sending import NotSent, send_sample
from tools.ops.events.traces import Traces
from tools.ops.health import findings, queue_counts
from tools.ops.inventory import Inventory, inventory

MAX_MINUTES = 24 * 60
_REQUESTS = 200
_TRACE_MINUTES = 60
_LISTED_SECONDS = 60

type Json = dict[str, Any]


class Refused(Exception):
    """A request that is not done; `code` is for programs, the message for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


class ReadOnly(Refused):
    """Something would change where this console may only read."""

    def __init__(self) -> None:
        super().__init__(
            403, "ReadOnly", "This console only reads: use the make target with STACK= instead."
        )


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Discard(_Body):
    """Which dead letter goes."""

    message: str = Field(min_length=1)


class Replay(_Body):
    """Which rule hears again what was within so many minutes."""

    rule: str = Field(min_length=1)
    minutes: int = Field(ge=1, le=MAX_MINUTES)


class Sample(_Body):
    """Which event is sent; with its example's data unless other data is given."""

    type: str = Field(min_length=1)
    data: Json | None = None


@dataclass(frozen=True, slots=True)
class Console:
    """What the routes need. `find` returns the environment, with a session of the caller's own.

    `read_only` refuses whatever changes something; `listens` is whether a temporary rule and queue
    may be made, without which nobody sees live events.
    """

    find: Callable[[], Environment]
    read_only: bool = False
    listens: bool = True
    _listed: dict[str, tuple[float, Inventory]] = field(default_factory=dict, init=False)

    def about(self, _: Request) -> Json:
        """Return which product it is, and the events that it knows, with schemas and examples."""
        return {
            "name": self.find().name,
            "readOnly": self.read_only,
            "listens": self.listens,
            "events": _catalogue(),
        }

    def requests(self, request: Request) -> Json:
        """Return what happened lately under a label that contains a text, the latest first."""
        environment = self.find()
        text = request.query_params.get("label", "").lower()
        found = self._traces(environment).requests(_since(request, 15))
        wanted = [one for one in found if text in one.label.lower()]
        return {"items": [asdict(one) for one in wanted[:_REQUESTS]]}

    def trace(self, request: Request) -> Json:
        """Return the invocations of one correlation id."""
        traces = self._traces(self.find())
        found = traces.invocations(request.path_params["id"], _since(request, _TRACE_MINUTES))
        return {"items": [asdict(one) for one in found]}

    def queues(self, _: Request) -> Json:
        """Return how full the queues are, dead letters and others."""
        environment = self.find()
        counts = queue_counts(environment, self._parts(environment))
        return {"items": [asdict(one) for one in counts]}

    def status(self, _: Request) -> Json:
        """Return the findings of `make status`."""
        environment = self.find()
        return {"items": [asdict(one) for one in findings(environment, self._parts(environment))]}

    def letters(self, request: Request) -> Json:
        """Return what is in a dead-letter queue, and why."""
        found = dead_letters(self.find(), request.path_params["queue"])
        return {"items": [asdict(one) for one in found]}

    def rules(self, _: Request) -> Json:
        """Return the rules on the bus."""
        environment = self.find()
        return {"items": sorted(own_name(rule, environment) for rule in bus_rules(environment))}

    def explain(self, _: Request, event: Json) -> Json:
        """Return which rules take an event, and why."""
        return {"items": [asdict(one) for one in explain(self.find(), event)]}

    def redrive(self, request: Request, _: Json) -> Json:
        """Give a queue's dead letters another attempt."""
        return {"done": redrive(self._changed(), request.path_params["queue"])}

    def discard(self, request: Request, body: Json) -> Json:
        """Delete a dead letter."""
        wanted = Discard.model_validate(body)
        return {"done": discard(self._changed(), request.path_params["queue"], wanted.message)}

    def replay(self, _: Request, body: Json) -> Json:
        """Replay the last minutes to one rule."""
        wanted = Replay.model_validate(body)
        now = datetime.now(UTC)
        period = ReplayRequest(now - timedelta(minutes=wanted.minutes), now, (), (wanted.rule,))
        return {"done": replay(self._changed(), period)}

    def send(self, _: Request, body: Json) -> Json:
        """Put a sample event on the bus."""
        wanted = Sample.model_validate(body)
        try:
            return {"metadata": send_sample(self._changed(), wanted.type, wanted.data)}
        except NotSent as error:
            raise Refused(422, "InvalidInput", str(error)) from error

    async def live(self, request: Request) -> Response:
        """Stream what passes over the bus from now on, each event with its violations."""
        if not self.listens:
            return _problem(
                Refused(403, "NotListening", "Live events need LISTEN=1: a temporary rule.")
            )
        query = request.query_params
        wanted = EventFilter(
            tuple(query.getlist("type")),
            tuple(query.getlist("source")),
            query.get("correlation", ""),
        )
        environment = await run_in_threadpool(self.find)
        events = server_sent(environment, wanted, judged)
        return StreamingResponse(
            events, media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    def _changed(self) -> Environment:
        if self.read_only:
            raise ReadOnly
        return self.find()

    def _parts(self, environment: Environment) -> Inventory:
        """Return what there is, which takes seconds to list, as it was within a minute."""
        listed = self._listed.get(environment.name)
        if listed is None or time.monotonic() - listed[0] > _LISTED_SECONDS:
            listed = self._listed[environment.name] = (time.monotonic(), inventory(environment))
        return listed[1]

    def _traces(self, environment: Environment) -> Traces:
        return Traces(environment, self._parts(environment).function_logs)


def create_console(console: Console) -> Asgi:
    """Build the console's interface, for pages of its own address alone; paths are below PREFIX."""
    return guarded(
        Starlette(
            routes=[
                Route("/about", _answer(console.about)),
                Route("/events", console.live),
                Route("/requests", _answer(console.requests)),
                Route("/traces/{id}", _answer(console.trace)),
                Route("/status", _answer(console.status)),
                Route("/queues", _answer(console.queues)),
                Route("/queues/{queue}/letters", _answer(console.letters)),
                Route("/queues/{queue}/redrive", _command(console.redrive), methods=["POST"]),
                Route("/queues/{queue}/discard", _command(console.discard), methods=["POST"]),
                Route("/rules", _answer(console.rules)),
                Route("/rules/explain", _command(console.explain), methods=["POST"]),
                Route("/replays", _command(console.replay), methods=["POST"]),
                Route("/samples", _command(console.send), methods=["POST"]),
            ]
        )
    )


def judged(event: Json) -> Json:
    """Return an event with what its contract says about it: violations, or that there is none."""
    known = {entry["type"]: entry["schema"] for entry in _catalogue()}
    schema = known.get(event.get("detail-type", ""))
    wrong = list(delivered.violations(schema, event.get("detail"))) if schema else []
    return {"event": event, "known": schema is not None, "violations": wrong}


@cache
def _catalogue() -> list[Json]:
    return [
        {
            "type": entry.name,
            "service": entry.service,
            "source": entry.contract.source,
            "version": str(entry.file.version),
            "meaning": entry.meaning,
            "schema": entry.schema,
            "example": entry.example,
        }
        for entry in entries(load_project())
    ]


def _since(request: Request, default: int) -> int:
    """Return the moment so many minutes ago, in milliseconds since 1970."""
    try:
        minutes = int(request.query_params.get("minutes", default))
    except ValueError as error:
        raise Refused(400, "InvalidInput", "minutes is a whole number") from error
    return round((time.time() - min(MAX_MINUTES, max(1, minutes)) * 60) * 1000)


def _answer(function: Callable[[Request], Json]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        return await _done(lambda: function(request))

    return answer


def _command(function: Callable[[Request, Json], Json]) -> Callable[[Request], Any]:
    async def command(request: Request) -> Response:
        try:
            body = await request.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return _problem(Refused(400, "InvalidInput", "the body is a JSON object"))
        return await _done(lambda: function(request, body))

    return command


async def _done(function: Callable[[], Mapping[str, Any]]) -> Response:
    """Respond with what a function returns; it runs beside, since it waits for AWS's answers."""
    try:
        return JSONResponse(await run_in_threadpool(function))
    except Refused as refused:
        return _problem(refused)
    except ValidationError as error:
        return _problem(Refused(400, "InvalidInput", delivered.problems(error)))
    except EnvironmentNotFound as error:
        return _problem(Refused(404, "NotFound", str(error)))
    except (BotoCoreError, ClientError) as error:
        return _problem(Refused(502, "AwsRefused", str(error)))


def _problem(refused: Refused) -> Response:
    body = {"code": refused.code, "detail": str(refused)}
    return JSONResponse(body, refused.status, media_type="application/problem+json")
