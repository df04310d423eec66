"""The world of a history: the simulated services, wired as the templates say, and its functions."""

from __future__ import annotations

import importlib
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

import httpx
import jsonschema_rs
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from tests.simulation.aws.errors import AwsError
from tests.simulation.aws.queues import Message, Queue, Queues
from tests.simulation.aws.tables import Tables
from tests.simulation.aws.tmdb import Tmdb
from tests.simulation.plan import FILMS, MORE_FILMS
from tests.simulation.process import ENVIRONMENT, Current, point_of
from tests.simulation.scheduler import Begin, Failures, Faults, Instance, Scheduler, Task
from tests.simulation.stack import FunctionDefinition, QueueSource, StreamSource, definitions
from tools.contracts.paths import ROOT

_READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan"})
_TARGETS = ("TableName", "QueueUrl", "FunctionName", "UserPoolId", "Bucket")
ACCOUNT = "000000000000"
ROOMS_OUTBOX = "RoomsOutboxTable"
COLLISIONS = 0.02
"""How probable it is that two events have one id, while the first is not published yet."""

SETTINGS = {"DevicesFunction": {"VAPID_PUBLIC_KEY": "simulated"}}
"""What the templates leave to whoever deploys them: devices are kept, and not pushed to."""

GIVEN_UP = "given up"
"""What the message says of the records that a stream could not deliver, and repeats no more."""

COLD_STARTS = 0.05
"""How probable it is that an invocation gets a new instance, though another one is idle."""

SECRET = '{"key": "c2ltdWxhdGVk", "api_key": "simulated"}'


class FunctionFailed(Exception):
    """A function raised an error, ran out of time, or its process ended."""


@dataclass(frozen=True, slots=True)
class Context:
    """What Lambda tells a function of its invocation."""

    function_name: str
    ends: float
    aws_request_id: str
    memory_limit_in_mb: int = 512

    @property
    def invoked_function_arn(self) -> str:
        """Its address."""
        return f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the invocation may go on."""
        return int((self.ends - Current.now()) * 1000)


class ClientFailures(Failures):
    """The errors of boto3's clients."""

    def __init__(self, client: Any, operation: str) -> None:  # noqa: ANN401 - any client
        self._client = client
        self._operation = operation

    def refused(self, kind: str) -> Exception:
        """Return the error of a call that has had no effect."""
        service = self._client.meta.service_model.service_name
        if kind == "throttled":
            code = "TooManyRequestsException" if service == "cognito-idp" else "ThrottlingException"
            return self.translated(AwsError(code, "Rate exceeded"))
        if self._operation.startswith("T"):
            return self.translated(AwsError("InternalServerError", "Internal server error"))
        return EndpointConnectionError(endpoint_url=f"https://{service}")

    def lost(self) -> Exception:
        """Return the error of a call whose answer was lost."""
        return ReadTimeoutError(endpoint_url="https://simulated")

    def translated(self, error: Exception) -> Exception:
        """Return an error of the service as boto3 raises it."""
        if not isinstance(error, AwsError):
            return error
        found: Exception = self._client.exceptions.from_code(error.code)(
            error.response, self._operation
        )
        return found

    def repeats(self, error: Exception) -> bool:
        """Return whether the client repeats a call that ended so: not what was answered."""
        return not isinstance(error, AwsError)


class World:
    """Everything of one history."""

    def __init__(self, seed: str, faults: Faults) -> None:
        self.scheduler = Scheduler(seed, faults)
        self.chance = Random(f"{seed}/world")
        self.ids = 0
        self.faults = faults
        known = definitions()
        self.tables = Tables(known.tables, lambda: self.scheduler.now)
        self.tables.watchers.append(self._on_write)
        self.queues = Queues(_queues(known.queues), lambda: self.scheduler.now)
        self.functions = known.functions
        self.bus = Bus(self)
        self.tmdb = Tmdb((*FILMS, *MORE_FILMS))
        self.invocations: Counter[str] = Counter()
        self.unexpected: list[tuple[str, Exception]] = []
        self.wrong: list[str] = []
        self.committed: list[tuple[float, Mapping[str, Any]]] = []
        self._acts: Mapping[str, Callable[[str, Mapping[str, Any], Random], Any]] = {
            "sqs": lambda operation, params, _: self.queues.call(operation, params),
            "events": lambda _, params, chance: self.bus.put(params["Entries"], chance),
            "secretsmanager": lambda *_: {"SecretString": SECRET, "Name": "secret"},
        }
        self._idle: dict[str, list[Instance]] = defaultdict(list)
        self._streams: dict[str, Stream] = {}
        self.routes: dict[str, Callable[[Task, str, Mapping[str, Any]], Any]] = {}
        for function in known.functions.values():
            for queue in function.queues:
                Poller(self, function, queue)
            for stream in function.streams:
                self._streams[stream.table] = Stream(self, function, stream)
        Current.world = self
        Current.chance = Random(f"{seed}/urandom")

    # ── calls of the product's clients ───────────────────────────────────────────────────────────

    def call(self, client: Any, operation: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """Do what a client of boto3 asks for."""
        task = self.scheduler.current()
        service = client.meta.service_model.service_name
        target = next((str(params[name]) for name in _TARGETS if name in params), "")
        if service == "dynamodb" and not target:
            target = _tables_of(params)
        point = point_of(task, service, operation, target)
        failures = ClientFailures(client, operation)
        if service in self.routes:
            return self.remote(point, failures, self.routes[service], operation, params)
        if service == "dynamodb":
            begin = self._table_call(operation, params, f"{task.name}/{task.calls}")
        else:
            act = self._acts[service]

            def begin(chance: Random) -> Callable[[], Any]:
                return _done(act(operation, params, chance))

        return self.scheduler.call(point, begin, failures)

    def _table_call(self, operation: str, params: Mapping[str, Any], token: str) -> Begin:
        def read(chance: Random) -> Callable[[], Any]:
            return self.tables.begin_read(operation, params, chance)

        def transact(chance: Random) -> Callable[[], Any]:
            actions = self._with_an_id_of_another(params["TransactItems"], chance)
            commit = self.tables.prepare({"ClientRequestToken": token, "TransactItems": actions})
            return commit or _done({})

        def write(_: Random) -> Callable[[], Any]:
            return _done(self.tables.write(operation, params))

        if operation in _READS:
            return read
        return transact if operation == "TransactWriteItems" else write

    def _with_an_id_of_another(self, actions: list[Any], chance: Random) -> list[Any]:
        """Give an event of rooms, now and then, the id of one that waits to be published."""
        waiting = self.tables[ROOMS_OUTBOX].items
        if not waiting or not self.faults.on or chance.random() > COLLISIONS:
            return actions
        other = chance.choice(sorted(waiting))[0]
        return [
            {"Put": {**put, "Item": {**put["Item"], "event_id": {"S": other}}}}
            if (put := action.get("Put")) and put["TableName"] == ROOMS_OUTBOX
            else action
            for action in actions
        ]

    def http(self, request: httpx.Request, code: str) -> httpx.Response:
        """Do what an HTTP client asks for: a mutation of the notifier's, or TMDB's."""
        task = self.scheduler.current()
        failures = HttpFailures(request)
        response: httpx.Response
        if "themoviedb" in request.url.host:
            kind = re.sub(r"\d+", "0", request.url.path.partition("/3/")[2])
            response = self.scheduler.call(
                point_of(task, "tmdb", kind, "", code),
                lambda chance: _done(self.tmdb.respond(request, chance, failing=self.faults.on)),
                failures,
            )
            return response
        body = json.loads(request.content)
        mutation = body["query"].partition("(input")[0].split()[-1]
        response = self.remote(
            point_of(task, "appsync", mutation, "RoomsApi", code),
            failures,
            self.routes["appsync"],
            mutation,
            {"variables": body["variables"], "headers": dict(request.headers)},
        )
        return response

    def remote(
        self,
        point: Any,  # noqa: ANN401 - a Point
        failures: Failures,
        route: Callable[[Task, str, Mapping[str, Any]], Any],
        operation: str,
        params: Mapping[str, Any],
    ) -> Any:  # noqa: ANN401 - any response
        """Have another service do something that takes it calls of its own."""
        caller = self.scheduler.current()
        started: list[Task] = []

        def begin(_: Random) -> Callable[[], Any]:
            name = f"{caller.name}>{operation}{caller.calls}.{len(started)}"
            started.append(self.scheduler.start(name, lambda: route(caller, operation, params)))
            return lambda: started[-1]

        task: Task = self.scheduler.call(point, begin, failures)
        self.scheduler.wait(task)
        if task.error:
            raise (
                failures.translated(task.error) if isinstance(task.error, Exception) else task.error
            )
        return task.value

    # ── functions ────────────────────────────────────────────────────────────────────────────────

    def start(
        self,
        name: str,
        event: Mapping[str, Any],
        timeout: float | None = None,
        request_id: str | None = None,
    ) -> Task:
        """Invoke a function; return its task, which ends in time."""
        definition = self.functions[name.partition(".")[0]]
        self.invocations[definition.name] += 1
        number = self.invocations[definition.name]
        idle = self._idle[definition.name]
        is_cold = not idle or self.chance.random() < COLD_STARTS
        instance = (
            Instance(definition.name, _environment(definition.name)) if is_cold else idle.pop()
        )
        limit = min(definition.timeout, timeout or definition.timeout)
        ends = self.scheduler.now + limit
        context = Context(definition.name, ends, request_id or f"request-{number}")
        handler = _handler(definition.handler)
        task = self.scheduler.start(
            f"{definition.name}#{number}", lambda: handler(event, context), instance
        )

        def free(ended: Task) -> None:
            if isinstance(ended.error, Exception):
                self.unexpected.append((ended.name, ended.error))
            if not ended.dead:
                idle.append(instance)

        task.then.append(free)
        self.scheduler.after(limit, task.kill)
        return task

    def invoke(self, name: str, event: Mapping[str, Any], timeout: float | None = None) -> Any:  # noqa: ANN401, E501
        """Invoke a function from a task and wait; raise FunctionFailed."""
        task = self.start(name, json.loads(json.dumps(event)), timeout)
        self.scheduler.wait(task)
        if task.error:
            raise FunctionFailed(f"{task.name}: {task.error!r}")
        return task.value

    # ── streams ──────────────────────────────────────────────────────────────────────────────────

    def _on_write(self, table: str, before: Any, after: Any) -> None:  # noqa: ANN401 - items
        if table in self._streams:
            if before is None and after is not None:
                detail = json.loads(after["detail"]["S"])
                self.committed.append((self.scheduler.now, detail))
            if before and after and "rejected_because" not in after:
                self.wrong.append("4: an event has replaced another")
            self._streams[table].add(before, after)


class Stream:
    """A table's stream and what reads it: in order, a batch at a time, again from what failed."""

    def __init__(self, world: World, function: FunctionDefinition, source: StreamSource) -> None:
        self._world = world
        self._function = function
        self._source = source
        self._records: list[dict[str, Any]] = []
        self._numbers = 0
        self._attempts = 0
        self._busy = False

    def add(self, before: Any, after: Any) -> None:  # noqa: ANN401 - items
        """Append a write."""
        if before is not None or after is None:
            return  # the filter lets new items pass alone
        self._numbers += 1
        self._records.append(
            {
                "eventID": str(self._numbers),
                "eventName": "INSERT",
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": "eu-west-1",
                "dynamodb": {
                    "SequenceNumber": f"{self._numbers:021d}",
                    "NewImage": after,
                    "StreamViewType": "NEW_IMAGE",
                },
            }
        )
        self._world.scheduler.after(self._world.chance.expovariate(4), self._read)

    def _read(self) -> None:
        if self._busy or not self._records:
            return
        self._busy = True
        size = self._world.chance.randint(1, min(self._source.batch, len(self._records)))
        batch = self._records[:size]
        task = self._world.start(self._function.name, json.loads(json.dumps({"Records": batch})))
        task.then.append(lambda ended: self._ended(ended, batch))

    def _ended(self, task: Task, batch: list[dict[str, Any]]) -> None:
        self._busy = False
        done = 0 if task.error else len(batch)
        if not task.error and isinstance(task.value, dict):
            for failure in task.value.get("batchItemFailures", ()):
                numbers = [record["dynamodb"]["SequenceNumber"] for record in batch]
                done = min(done, numbers.index(failure["itemIdentifier"]))
        del self._records[:done]
        pause = 0.05
        if done == len(batch):
            self._attempts = 0
        else:
            self._attempts = self._attempts + 1 if done == 0 else 1
            pause = min(60.0, 0.5 * 2**self._attempts)
            if self._attempts > self._source.retries:
                self._attempts = 0
                del self._records[: len(batch) - done]
                self._world.queues.send(self._source.on_failure, json.dumps({GIVEN_UP: len(batch)}))
        self._world.scheduler.after(pause, self._read)


class Poller:
    """What polls a queue for a function, with so many invocations at once."""

    def __init__(self, world: World, function: FunctionDefinition, source: QueueSource) -> None:
        self._world = world
        self._function = function
        self._source = source
        self._queue = world.queues[source.queue]
        self._queue.listen = self._listen
        self._running = 0

    def _listen(self, moment: float) -> None:
        delay = self._world.chance.expovariate(5)
        self._world.scheduler.after(moment - self._world.scheduler.now + delay, self._poll)

    def _poll(self) -> None:
        now = self._world.scheduler.now
        waiting = any(message.visible_at <= now for message in self._queue.messages)
        if not waiting:
            return
        if self._running >= self._source.concurrency:
            self._world.scheduler.after(0.5, self._poll)
            return
        messages = self._queue.receive(self._source.batch, now, self._world.chance)
        if not messages:
            self._world.scheduler.after(0.2, self._poll)
            return
        self._world.scheduler.after(0.1, self._poll)
        self._running += 1
        receipts = {message.message_id: message.receipt for message in messages}
        event = {"Records": [_sqs_record(message, self._queue.name) for message in messages]}
        task = self._world.start(self._function.name, event)
        task.then.append(lambda ended: self._ended(ended, receipts))

    def _ended(self, task: Task, receipts: Mapping[str, str]) -> None:
        self._running -= 1
        if task.error or not isinstance(task.value, dict):
            return
        failed = {it["itemIdentifier"] for it in task.value.get("batchItemFailures", ())}
        for message_id, receipt in receipts.items():
            if message_id not in failed:
                self._queue.delete(receipt)


class Bus:
    """EventBridge: rules, an archive, and deliveries that are late, doubled and out of order."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.archive: list[dict[str, Any]] = []
        self.violations: list[str] = []

    def put(self, entries: list[Mapping[str, Any]], chance: Random) -> dict[str, Any]:
        """Accept events; some of a call's may fail."""
        results: list[dict[str, Any]] = []
        failing = self._world.faults.on and chance.random() < 0.02
        for entry in entries:
            if failing and chance.random() < 0.5:
                results.append({"ErrorCode": "InternalFailure", "ErrorMessage": "again, please"})
                continue
            event = {
                "version": "0",
                "id": f"event-{len(self.archive) + 1}",
                "detail-type": entry["DetailType"],
                "source": entry["Source"],
                "account": ACCOUNT,
                "time": entry["Time"],
                "region": "eu-west-1",
                "resources": [],
                "detail": json.loads(entry["Detail"]),
            }
            self._validate(event)
            self.archive.append(event)
            self.deliver(event)
            results.append({"EventId": event["id"]})
        return {"FailedEntryCount": sum("ErrorCode" in it for it in results), "Entries": results}

    def deliver(self, event: Mapping[str, Any]) -> None:
        """Deliver an event to the queue of each rule that it matches."""
        body = json.dumps(event)
        for rule in definitions().rules:
            if _matches(rule.pattern, event):
                for _ in range(2 if self._world.chance.random() < 0.02 else 1):
                    late = self._world.chance.expovariate(10)
                    if self._world.chance.random() < 0.05:
                        late += self._world.chance.uniform(1, 20)
                    self._world.scheduler.after(
                        late,
                        lambda queue=rule.queue: self._world.queues.send(queue, body),  # type: ignore[misc]
                    )

    def replay(self, name: str) -> None:
        """Deliver everything of the archive again."""
        for event in list(self.archive):
            self.deliver(event | {"replay-name": name})

    def _validate(self, event: Mapping[str, Any]) -> None:
        validator = _contract(event["source"].rpartition(".")[2], event["detail-type"])
        error = next(validator.iter_errors(event["detail"]), None)
        if error:
            self.violations.append(f"{event['detail-type']}: {error.message}")


class HttpFailures(Failures):
    """The errors of an HTTP client."""

    def __init__(self, request: httpx.Request) -> None:
        self._request = request

    def refused(self, kind: str) -> Exception:
        """Return the error of a request that was not sent."""
        return httpx.ConnectError(kind, request=self._request)

    def lost(self) -> Exception:
        """Return the error of a request whose answer was lost."""
        return httpx.ReadTimeout("lost", request=self._request)

    def translated(self, error: Exception) -> Exception:
        """Return an error as it is."""
        return error

    def repeats(self, error: Exception) -> bool:  # noqa: ARG002 - the base class has it
        """Return that nothing is repeated."""
        return False


def _done(value: object) -> Callable[[], object]:
    return lambda: value


def _tables_of(params: Mapping[str, Any]) -> str:
    if "RequestItems" in params:
        return " ".join(params["RequestItems"])
    names = (next(iter(action.values()))["TableName"] for action in params["TransactItems"])
    return " ".join(dict.fromkeys(names))


def _queues(defined: Mapping[str, Mapping[str, Any]]) -> dict[str, Queue]:
    queues = {
        name: Queue(name, float(properties.get("VisibilityTimeout", 30)))
        for name, properties in defined.items()
    }
    for name, properties in defined.items():
        if policy := properties.get("RedrivePolicy"):
            target = policy["deadLetterTargetArn"]["Fn::GetAtt"]
            dead = target if isinstance(target, str) else target[0]
            queues[name].dead_letters = queues[dead.partition(".")[0]]
            queues[name].limit = int(policy["maxReceiveCount"])
    return queues


def _sqs_record(message: Message, queue: str) -> dict[str, Any]:
    return {
        "messageId": message.message_id,
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": str(message.received),
            "SentTimestamp": str(int(message.sent_at * 1000)),
            "SenderId": ACCOUNT,
            "ApproximateFirstReceiveTimestamp": str(int(message.sent_at * 1000)),
        },
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{queue}",
        "awsRegion": "eu-west-1",
    }


def _matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    for name, wanted in pattern.items():
        if isinstance(wanted, Mapping):
            if not _matches(wanted, event.get(name, {})):
                return False
            continue
        for one in wanted:
            if one == {"exists": False} and name not in event:
                break
            if one == event.get(name):
                break
        else:
            return False
    return True


@cache
def _environment(function: str) -> Mapping[str, str]:
    defined = definitions().functions[function].environment
    return {**ENVIRONMENT, **defined, **SETTINGS.get(function, {})}


@cache
def _handler(name: str) -> Callable[[Any, Any], Any]:
    module, _, attribute = name.rpartition(".")
    found: Callable[[Any, Any], Any] = getattr(importlib.import_module(module), attribute)
    return found


@cache
def _contract(service: str, event_type: str) -> Any:  # noqa: ANN401 - a validator
    folder = ROOT / "contracts/events" / service / event_type
    released = (path for path in folder.glob("*.json") if path.stem.replace(".", "").isdigit())
    newest = max(released, key=lambda path: [int(number) for number in path.stem.split(".")])
    return jsonschema_rs.validator_for(json.loads(newest.read_text(encoding="utf-8")))


def payload_of(value: object) -> io.BytesIO:
    """Return a value as the payload of a function's response."""
    return io.BytesIO(json.dumps(value).encode())
