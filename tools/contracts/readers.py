"""Which contracts each queue's consumer reads, and whether its rule delivers just those.

A work queue has no rule: its own service sends it commands, and its consumer reads COMMANDS.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from matinee.events.contract import Contract, ContractViolation, Registry
from tools.contracts.pattern import NotUnderstood
from tools.contracts.project import COMMANDS, Fault, Project
from tools.contracts.rules import Rule, rules_of
from tools.contracts.versions import SchemaFile, stored
from tools.local.template import Template
from tools.templates import statements_of


@dataclass(frozen=True, slots=True)
class Reader:
    """A function that reads events from a queue. `registry` is the name and the contracts."""

    function: str
    queue: str
    name: str
    registry: Registry


class NotDeclared(ValueError):
    """A service does not declare which contracts a consumer reads."""


def readers_of(template: Template) -> Iterator[tuple[str, str, str]]:
    """Yield (function, queue, handler) of every function behind a queue."""
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        properties = resource["Properties"]
        for event in properties.get("Events", {}).values():
            match event:
                case {"Type": "SQS", "Properties": {"Queue": {"Fn::GetAtt": [str(queue), *_]}}}:
                    yield logical_id, queue, properties["Handler"]


def disagreements(project: Project) -> Iterator[Fault]:
    """Find readers of what nobody emits, or of other events than those their rule delivers."""
    for declared in project.declared:
        for name, registry in declared.read.items():
            place = f"{declared.service}.events.consumed, {name}"
            yield from _unpublished(project, place, registry)
    rules = [
        rule for stack in project.product.stacks for rule in rules_of(stack.template, stack.path)
    ]
    for function, queue, handler in readers_of(project.template):
        place = _place(project, function)
        try:
            service = handler.partition(".")[0]
            name = registry_name(project, function, service)
            registry = _declared(project, service, name)
        except NotDeclared as error:
            yield Fault(place, str(error))
            continue
        reader = Reader(function, queue, name, registry)
        delivering = [rule for rule in rules if queue in rule.targets]
        if name == COMMANDS:
            yield from _misused(project, reader, delivering)
        else:
            yield from _mismatches(project, reader, delivering)


def registry_name(project: Project, function: str, service: str) -> str:
    """Return the name of what a function's consumer reads: its own in CONSUMERS, or COMMANDS.

    Raises NotDeclared for a function without contracts.
    """
    for one in project.declared:
        if one.service == service and function in one.read:
            return function
        if one.service == service and function in one.workers:
            return COMMANDS
    message = f"cannot find which contracts it reads: {service}.events.consumed does not have it"
    raise NotDeclared(message)


def _place(project: Project, function: str) -> str:
    return f"{project.product.stack_of(function).path}, {function}"


def _declared(project: Project, service: str, name: str) -> Registry:
    for declared in project.declared:
        registry = declared.readable(name) if declared.service == service else None
        if registry is not None:
            return registry
    message = f"reads {name}, which {service} does not declare"
    raise NotDeclared(message)


def _mismatches(project: Project, reader: Reader, rules: list[Rule]) -> Iterator[Fault]:
    place = _place(project, reader.function)
    if not rules:
        yield Fault(place, f"no rule delivers anything to {reader.queue}")
        return
    try:
        delivered = {
            contract.event_type
            for contract in project.known
            for rule in rules
            if rule.delivers(contract)
        }
    except NotUnderstood:
        return  # `unknown_events` says so.
    read = {contract.event_type for contract in reader.registry}
    for event_type in sorted(delivered - read):
        yield Fault(place, f"{event_type} is delivered, but {reader.name} does not know it")
    for event_type in sorted(read - delivered):
        yield Fault(place, f"{reader.name} reads {event_type}, which no rule delivers")


def _misused(project: Project, reader: Reader, rules: list[Rule]) -> Iterator[Fault]:
    """Find faults of a work queue: commands are sent to it by its own service, past the bus."""
    place = _place(project, reader.function)
    for rule in rules:
        yield Fault(place, f"{rule.place} delivers events to {reader.queue}, a queue of commands")
    published = {contract.event_type for contract in project.known}
    for command in reader.registry:
        if command.event_type in published:
            yield Fault(place, f"{command.event_type} is a command and an event")
    service = str(project.template["Resources"][reader.function]["Properties"]["Handler"])
    if not any(
        handler.split(".")[0] == service.split(".", maxsplit=1)[0]
        for handler in _senders(project.template, reader.queue)
    ):
        yield Fault(place, f"no function of its service may send to {reader.queue}")


def _senders(template: Template, queue: str) -> Iterator[str]:
    """Yield the handlers of the functions that may send messages to a queue."""
    for name, resource in template["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        for statement in statements_of(template, name):
            actions, goal = statement["Action"], statement["Resource"]
            allowed = [actions] if isinstance(actions, str) else actions
            if "sqs:SendMessage" in allowed and goal == {"Fn::GetAtt": [queue, "Arn"]}:
                yield resource["Properties"]["Handler"]


def _unpublished(project: Project, place: str, registry: Registry) -> Iterator[Fault]:
    published = {contract.event_type: contract for contract in project.known}
    for contract in registry:
        emitted = published.get(contract.event_type)
        if emitted is None:
            yield Fault(place, f"reads {contract.event_type}, which nobody emits")
        elif emitted.source != contract.source:
            yield Fault(
                place,
                f"reads {contract.event_type} of {contract.source}, but {emitted.source} emits it",
            )
        else:
            yield from _unreadable(project, place, registry, contract)


def _unreadable(
    project: Project, place: str, registry: Registry, contract: type[Contract]
) -> Iterator[Fault]:
    """Find published examples that a reader's own model of the event refuses."""
    for file in stored(project):
        if file.event_type != contract.event_type or not file.example.exists():
            continue
        try:
            registry.read(_example(file).get("detail"))
        except ContractViolation as error:
            yield Fault(place, f"cannot read {project.shown(file.example)}: {error}")


def _example(file: SchemaFile) -> Mapping[str, Any]:
    try:
        event = json.loads(file.example.read_text(encoding="utf-8"))
    except json.JSONDecodeError:
        return {}
    return event if isinstance(event, dict) else {}
