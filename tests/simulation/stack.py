"""What the templates say: tables, queues, rules, functions and what invokes them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tools.templates import Product, Stack, routes_of

_VARIABLE = re.compile(r"\$\{([A-Za-z0-9.:]+)\}")


@dataclass(frozen=True, slots=True)
class QueueSource:
    """A queue that invokes a function."""

    queue: str
    batch: int
    concurrency: int


@dataclass(frozen=True, slots=True)
class StreamSource:
    """A table's stream that invokes a function. `on_failure` is the queue of what it gives up."""

    table: str
    batch: int
    retries: int
    on_failure: str


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    """A function as its template defines it. `schedules` are the events of its schedules."""

    name: str
    handler: str
    timeout: float
    environment: Mapping[str, str]
    queues: tuple[QueueSource, ...]
    streams: tuple[StreamSource, ...]
    schedules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the bus, its queue, and the queue of what could not be delivered."""

    name: str
    pattern: Mapping[str, Any]
    queue: str


@dataclass(frozen=True, slots=True)
class Definitions:
    """Everything that the simulation makes of the templates."""

    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    queues: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    functions: Mapping[str, FunctionDefinition] = field(default_factory=dict)
    routes: Mapping[str, str] = field(default_factory=dict)


@cache
def definitions() -> Definitions:
    """Read the templates of the checkout."""
    product = Product.read()
    found: dict[str, dict[str, Any]] = {"Table": {}, "Queue": {}, "Rule": {}}
    functions = {}
    for stack in product.stacks:
        for name, resource in stack.resources.items():
            kind = resource["Type"].rpartition("::")[2]
            if kind in found:
                found[kind][name] = resource.get("Properties", {})
            elif resource["Type"] == "AWS::Serverless::Function":
                functions[name] = _function(stack, name, resource["Properties"])
    rules = tuple(
        Rule(name, rule["EventPattern"], _text(target["Arn"]))
        for name, rule in found["Rule"].items()
        for target in rule["Targets"]
    )
    routes = {route.key: route.function for route in routes_of(product.template)}
    return Definitions(found["Table"], found["Queue"], rules, functions, routes)


def _function(stack: Stack, name: str, properties: Mapping[str, Any]) -> FunctionDefinition:
    globals_ = stack.template.get("Globals", {}).get("Function", {})
    variables = {
        **globals_.get("Environment", {}).get("Variables", {}),
        **properties.get("Environment", {}).get("Variables", {}),
    }
    parameters = stack.template.get("Parameters", {})
    events = list(_events(properties.get("Events", {})))
    return FunctionDefinition(
        name,
        properties["Handler"],
        float(properties.get("Timeout", globals_.get("Timeout", 3))),
        {key: _text(value, parameters) for key, value in variables.items()},
        tuple(event for event in events if isinstance(event, QueueSource)),
        tuple(event for event in events if isinstance(event, StreamSource)),
        tuple(event for event in events if isinstance(event, str)),
    )


def _events(events: Mapping[str, Any]) -> Iterator[QueueSource | StreamSource | str]:
    for event in events.values():
        it = event["Properties"]
        match event["Type"]:
            case "SQS":
                concurrency = it.get("ScalingConfig", {}).get("MaximumConcurrency", 2)
                yield QueueSource(_text(it["Queue"]), it.get("BatchSize", 10), concurrency)
            case "DynamoDB":
                on_failure = it["DestinationConfig"]["OnFailure"]["Destination"]
                yield StreamSource(
                    _text(it["Stream"]),
                    it["BatchSize"],
                    it["MaximumRetryAttempts"],
                    _text(on_failure),
                )
            case "ScheduleV2":
                yield it["Input"]


def _text(value: Any, parameters: Mapping[str, Any] | None = None) -> str:  # noqa: ANN401 - JSON
    """Return a value as the function sees it: a resource is called by its logical id."""
    parameters = parameters or {}
    match value:
        case {"Ref": str(name)}:
            return str(parameters.get(name, {}).get("Default", name))
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"https://{name}/graphql" if attribute == "GraphQLUrl" else name
        case {"Fn::GetAtt": str(name)}:
            return name.partition(".")[0]
        case {"Fn::Sub": str(text)}:
            return _VARIABLE.sub(lambda it: it[1].partition(".")[0], text)
        case {"Fn::If": [_, _, otherwise]}:
            return _text(otherwise, parameters)
    return str(value).lower() if isinstance(value, bool) else str(value)
