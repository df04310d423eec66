"""What each trigger's events look like, and whether a function's own code takes one.

The code that reads an event is the function's: its contracts, its routes' models, its resolvers
over use cases that are never called, or `read_event` of a handler that is invoked directly.
"""

import importlib
import io
import json
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from hashlib import md5
from types import ModuleType
from typing import Any, NoReturn

from graphql import GraphQLError, coerce_input_value, get_named_type, is_required_argument
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from matinee.errors import InvalidInput, MatineeError
from matinee.events.contract import Contract, ContractViolation, Envelope, Registry
from matinee.events.outbox import OutboxItem
from matinee.graphql import resolve
from matinee.http import routes as interface
from matinee.http.problem import MalformedBody, RouteNotFound
from matinee.observability import logger
from matinee.validation import validate
from tools.contracts import delivered
from tools.contracts.project import COMMANDS, Project
from tools.contracts.readers import registry_name
from tools.templates import Route


class Misshapen(ValueError):
    """An event that its trigger would never send in this form."""


class Refused(Exception):
    """An event that the function refuses. `code` is the error's name."""

    def __init__(self, code: str, reason: str) -> None:
        self.code = code
        super().__init__(reason)


class _Reached(Exception):
    """The call has been understood: its use case would begin."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the template."""

    logical_id: str
    properties: Mapping[str, Any]
    project: Project

    @property
    def handler(self) -> str:
        """Its dotted path."""
        return str(self.properties["Handler"])

    @property
    def service(self) -> str:
        """The service that it belongs to."""
        return self.handler.split(".", maxsplit=1)[0]

    @property
    def events(self) -> Mapping[str, Any]:
        """Its event sources, as the template has them."""
        events: Mapping[str, Any] = self.properties.get("Events", {})
        return events

    @property
    def routes(self) -> list[Route]:
        """Its routes of the REST API."""
        return [route for route in self.project.routes if route.function == self.logical_id]

    @property
    def answers_graphql(self) -> bool:
        """Whether a data source of the GraphQL API invokes it."""
        return any(
            resource["Properties"].get("LambdaConfig", {}).get("LambdaFunctionArn") == self._alias
            for resource in self.project.template["Resources"].values()
            if resource["Type"] == "AWS::AppSync::DataSource"
        )

    @property
    def user_pool_triggers(self) -> set[str]:
        """Which of a user pool's triggers it is, by their names in the template."""
        return {
            name
            for resource in self.project.template["Resources"].values()
            if resource["Type"] == "AWS::Cognito::UserPool"
            for name, function in resource["Properties"].get("LambdaConfig", {}).items()
            if _contains(function, self._alias)
        }

    @property
    def _alias(self) -> dict[str, str]:
        return {"Ref": f"{self.logical_id}.Alias"}

    @property
    def published(self) -> Registry:
        """The events that its service emits."""
        for declared in self.project.declared:
            if declared.service == self.service:
                return declared.published
        return Registry([])

    @property
    def module(self) -> ModuleType:
        """The module of its handler."""
        return importlib.import_module(self.handler.rpartition(".")[0])


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class _Message(_Strict):
    """A message as Lambda takes it from SQS."""

    message_id: str = Field(alias="messageId", pattern=r"^[0-9a-f-]{36}$")
    receipt_handle: str = Field(alias="receiptHandle", min_length=1)
    body: str
    attributes: dict[str, str]
    message_attributes: dict[str, Any] = Field(alias="messageAttributes")
    md5_of_body: str = Field(alias="md5OfBody")
    event_source: str = Field(alias="eventSource", pattern="^aws:sqs$")
    event_source_arn: str = Field(alias="eventSourceARN", pattern=r"^arn:aws:sqs:[^:]+:\d{12}:.+$")
    aws_region: str = Field(alias="awsRegion")


class _Messages(_Strict):
    records: list[_Message] = Field(alias="Records", min_length=1)


class _Command(_Strict):
    """The body of a work queue's message: what a service asks of itself, past the bus."""

    detail: dict[str, Any]


class _Image(_Strict):
    """What a stream with NEW_IMAGE shows of an item."""

    approximate_creation: float = Field(alias="ApproximateCreationDateTime")
    keys: dict[str, Any] = Field(alias="Keys")
    new_image: dict[str, Any] = Field(alias="NewImage")
    sequence_number: str = Field(alias="SequenceNumber", pattern=r"^\d+$")
    size: int = Field(alias="SizeBytes", gt=0)
    view: str = Field(alias="StreamViewType", pattern="^NEW_IMAGE$")


class _Change(_Strict):
    event_id: str = Field(alias="eventID")
    event_name: str = Field(alias="eventName", pattern="^INSERT$")  # The filter lets no other in.
    event_version: str = Field(alias="eventVersion")
    event_source: str = Field(alias="eventSource", pattern="^aws:dynamodb$")
    aws_region: str = Field(alias="awsRegion")
    dynamodb: _Image
    arn: str = Field(alias="eventSourceARN", pattern=r"^arn:aws:dynamodb:.+/stream/.+$")


class _Changes(_Strict):
    records: list[_Change] = Field(alias="Records", min_length=1)


class _Provided(_Strict):
    """The user whom an identity provider sends, by what it says of them."""

    provider_name: str = Field(alias="providerName")
    provider_type: str = Field(alias="providerType")
    attributes: dict[str, dict[str, Any]]


class _Names(BaseModel):
    """The user that a trigger is about, by their attributes."""

    model_config = ConfigDict(frozen=True)

    user_attributes: dict[str, str] = Field(alias="userAttributes")


class _Signing(_Strict):
    """What a user pool sends to its triggers."""

    version: str = Field(pattern=r"^\d$")
    trigger_source: str = Field(alias="triggerSource", pattern="^[A-Z][A-Za-z]+_[A-Z][A-Za-z]+$")
    region: str
    user_pool_id: str = Field(alias="userPoolId", pattern=r"^[a-z0-9-]+_[A-Za-z0-9]+$")
    user_name: str = Field(alias="userName", min_length=1)
    caller: dict[str, str] = Field(alias="callerContext")
    request: _Names | _Provided
    response: dict[str, Any]


def queue(function: Function, event: object) -> None:
    """Judge a batch of messages: events, or commands, that the function's consumer reads."""
    name = registry_name(function.project, function.logical_id, function.service)
    registry = _registry_read_by(function, name)
    for record in _shaped(_Messages, event).records:
        if record.md5_of_body != md5(record.body.encode()).hexdigest():  # noqa: S324 - as SQS does
            raise Misshapen("md5OfBody is not the digest of body")
        try:
            body = json.loads(record.body)
        except json.JSONDecodeError as error:
            raise Refused(ContractViolation.__name__, "the message is not JSON") from error
        if name == COMMANDS:
            _read(registry, _shaped(_Command, body).detail)
            continue
        delivery = _shaped(delivered.Delivered, body)
        envelope = _read(registry, delivery.detail)
        for reason in delivered.contradictions(delivery, envelope):
            raise Misshapen(reason)


def stream(function: Function, event: object) -> None:
    """Judge a batch of stream records: items of the outbox, with events that the service emits."""
    for record in _shaped(_Changes, event).records:
        item = OutboxItem.read(record.dynamodb.new_image)
        if record.dynamodb.keys != {"event_id": record.dynamodb.new_image["event_id"]}:
            raise Misshapen("Keys are not those of NewImage")
        metadata = _read(function.published, json.loads(item.detail)).metadata
        inner = (metadata.event_id, metadata.event_type, metadata.source)
        if inner != (item.event_id, item.detail_type, item.source):
            raise Misshapen("the item's attributes are not those of the event in it")


def schedule(function: Function, event: object) -> None:
    """Judge what a schedule sends: the input that the template gives it, letter for letter."""
    inputs = [
        json.loads(source["Properties"]["Input"])
        for source in function.events.values()
        if source["Type"].startswith("Schedule") and "Input" in source["Properties"]
    ]
    if event not in inputs:
        message = f"no schedule of {function.logical_id} sends this; the template says {inputs}"
        raise Misshapen(message)


def http(function: Function, event: object) -> None:
    """Judge a request of the HTTP API (payload 2.0): a route of the function, a body it reads."""
    try:
        context = event["requestContext"]["http"]  # type: ignore[index]
        method, path = context["method"], context["path"]
        raw_path, key = event["rawPath"], event["routeKey"]  # type: ignore[index]
        body = event.get("body")  # type: ignore[attr-defined]
    except (KeyError, TypeError, AttributeError) as error:
        message = f"is no request of an HTTP API: {error!r}"
        raise Misshapen(message) from error
    if raw_path != path or not (key == "$default" or _leads(key, method, path)):
        raise Misshapen("rawPath, routeKey and requestContext.http do not say the same")
    pattern = _routed(function, method, path)
    routes = _routes(function.service)
    route = next(route for route in routes if (route.method, route.path) == (method, pattern))
    if route.parameters:
        _read_parameters(route.parameters, event.get("pathParameters"))  # type: ignore[attr-defined]
    if route.query:
        _read_parameters(route.query, event.get("queryStringParameters") or {})  # type: ignore[attr-defined]
    if route.requests and (route.needs_body or body is not None):
        _fits(body, route.requests)


def _routes(service: str) -> Sequence[interface.Route]:
    """Return a service's table of routes."""
    routes: Sequence[interface.Route] = importlib.import_module(f"{service}.api.routes").ROUTES
    return routes


def appsync(function: Function, event: object) -> None:
    """Judge a resolver's call: what the schema lets in, then what the function's code takes."""
    try:
        info = event["info"]  # type: ignore[index]
        _check_call(function.project, event, info)  # type: ignore[arg-type]
    except (KeyError, TypeError) as error:
        message = f"is not what the resolver sends: {error!r}"
        raise Misshapen(message) from error
    resolvers = importlib.import_module(f"{function.service}.api.resolvers").resolvers
    with _silence():
        try:
            answer = resolve(event, resolvers(_UseCase()))  # type: ignore[arg-type]
        except _Reached:
            return
    if "error" not in answer:
        message = f"is answered without a use case: {answer!r}"
        raise Misshapen(message)
    raise Refused(answer["error"]["type"], answer["error"]["message"])


def cognito(function: Function, event: object) -> None:
    """Judge what the user pool sends to a trigger, then what the function's code takes."""
    source = _shaped(_Signing, event).trigger_source.partition("_")[0]
    if source not in function.user_pool_triggers:
        message = f"{source} is no trigger that the template gives to {function.logical_id}"
        raise Misshapen(message)
    invoke(function, event)


def invoke(function: Function, event: object) -> None:
    """Judge what the function's handler reads."""
    try:
        function.module.read_event(event)
    except MatineeError as error:
        raise Refused(error.code, error.message) from error


JUDGES: Mapping[str, Callable[[Function, object], None]] = {
    "appsync": appsync,
    "cognito": cognito,
    "http": http,
    "invoke": invoke,
    "schedule": schedule,
    "sqs": queue,
    "stream": stream,
}
"""By trigger: what raises Misshapen or Refused unless a function takes an event."""


def _contains(value: object, part: object) -> bool:
    """Return whether a part of a template is, or is somewhere within, a value of it."""
    if value == part:
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_contains(item, part) for item in inner)


def _shaped[M: BaseModel](model: type[M], event: object) -> M:
    try:
        return model.model_validate(event)
    except ValidationError as error:
        message = f"has not its trigger's form: {delivered.problems(error)}"
        raise Misshapen(message) from error


def _read(registry: Registry, detail: object) -> Envelope[Contract]:
    try:
        return registry.read(detail)
    except ContractViolation as error:
        raise Refused(ContractViolation.__name__, str(error)) from error


def _registry_read_by(function: Function, name: str) -> Registry:
    for declared in function.project.declared:
        registry = declared.readable(name) if declared.service == function.service else None
        if registry is not None:
            return registry
    message = f"{function.service} declares no {name}"
    raise Misshapen(message)


def _routed(function: Function, method: str, path: str) -> str:
    """Return the path, braces and all, by which the template sends a request to this function.

    Raises Refused when there is none.
    """
    for route in function.routes:
        if _leads(route.key, method, path):
            return route.path
    raise Refused(RouteNotFound.__name__, f"{method} {path} is no route of {function.logical_id}")


def _leads(key: str, method: str, path: str) -> bool:
    """Return whether a route's key ("GET /media/{id}") is for a request."""
    verb, _, pattern = key.partition(" ")
    segments, parts = path.split("/"), pattern.split("/")
    return (
        verb == method
        and len(segments) == len(parts)
        and all(
            part == segment or (part.startswith("{") and segment)
            for part, segment in zip(parts, segments, strict=True)
        )
    )


def _read_parameters(model: type[BaseModel], parameters: object) -> None:
    try:
        validate(model, parameters)
    except InvalidInput as error:
        raise Refused(error.code, error.message) from error


def _fits(body: object, requests: tuple[type[BaseModel], ...]) -> None:
    """Raise Refused unless a body is one of the requests that a route takes."""
    try:
        values = json.loads(body) if isinstance(body, str) else None
    except json.JSONDecodeError:
        values = None
    if not isinstance(values, dict):
        raise Refused(MalformedBody.__name__, "the body is no JSON object")
    reasons = []
    for model in requests:
        try:
            validate(model, values)
        except InvalidInput as error:
            reasons.append(f"{model.__name__}: {error.message}")
        else:
            return
    raise Refused(InvalidInput.__name__, " | ".join(reasons))


def _check_call(project: Project, event: Mapping[str, Any], info: Mapping[str, Any]) -> None:
    """Raise Misshapen unless AppSync would let this call through to the function."""
    parent = project.graphql.type_map.get(info["parentTypeName"])
    field = getattr(parent, "fields", {}).get(info["fieldName"])
    if field is None:
        message = f"the schema has no field {info['parentTypeName']}.{info['fieldName']}"
        raise Misshapen(message)
    given = event["arguments"]
    for name in given.keys() - field.args.keys():
        message = f"{info['fieldName']} has no argument {name}"
        raise Misshapen(message)
    for name, argument in field.args.items():
        if name in given:
            coerce_input_value(given[name], argument.type, _misfit)
        elif is_required_argument(argument):
            message = f"the argument {name} is missing"
            raise Misshapen(message)
    for path in info["selectionSetList"]:
        _check_selected(get_named_type(field.type), path)


def _misfit(path: list[str | int], _: object, error: GraphQLError) -> NoReturn:
    message = f"arguments{''.join(f'.{part}' for part in path)}: {error.message}"
    raise Misshapen(message)


def _check_selected(kind: Any, path: str) -> None:  # noqa: ANN401 - any named type
    for name in path.split("/"):
        field = getattr(kind, "fields", {}).get(name)
        if field is None:
            message = f"selectionSetList has {path}, the schema has not"
            raise Misshapen(message)
        kind = get_named_type(field.type)


class _UseCase:
    """Any use case: may be looked at, and ends the attempt when it is called."""

    def __getattr__(self, _: str) -> "_UseCase":
        return self

    def __call__(self, *_: object, **__: object) -> NoReturn:
        raise _Reached


@contextmanager
def _silence() -> Iterator[None]:
    """Keep a handler's log and metrics out of the checker's output."""
    level = logger.log_level
    logger.setLevel(logging.CRITICAL)
    try:
        with redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="No application metrics")
            yield
    finally:
        logger.setLevel(level)
