"""The rules of a template, and whether the events that they name exist."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matinee.events.contract import Contract, Registry
from tools.contracts.pattern import (
    ABSENT,
    NotUnderstood,
    accepts,
    detail_paths,
    lets_through,
    matchers,
)
from tools.contracts.project import Fault, Project
from tools.contracts.schema import schema_of
from tools.local.template import Template


@dataclass(frozen=True, slots=True)
class Rule:
    """An event pattern in a template. `targets` are logical ids; an archive has none."""

    place: str
    pattern: Mapping[str, Any]
    on_a_named_bus: bool
    targets: tuple[str, ...] = ()

    def delivers(self, contract: type[Contract]) -> bool:
        """Return whether events of a contract match."""
        return lets_through(self.pattern, "source", contract.source) and lets_through(
            self.pattern, "detail-type", contract.event_type
        )


def rules_of(template: Template, name: str = "template.yaml") -> Iterator[Rule]:
    """Yield the event patterns of a template: rules, SAM's own, and archives."""
    for logical_id, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        place = f"{name}, {logical_id}"
        match resource["Type"]:
            case "AWS::Events::Rule" if "EventPattern" in properties:
                yield Rule(
                    place,
                    properties["EventPattern"],
                    "EventBusName" in properties,
                    tuple(_logical_id(target["Arn"]) for target in properties.get("Targets", ())),
                )
            case "AWS::Events::Archive":
                yield Rule(place, properties.get("EventPattern", {}), on_a_named_bus=True)
            case "AWS::Serverless::Function":
                yield from _events(logical_id, place, properties.get("Events", {}))


def unknown_events(project: Project) -> Iterator[Fault]:
    """Find rules, the example subscriber's included, that name what no contract knows."""
    for stack in project.product.stacks:
        for rule in rules_of(stack.template, stack.path):
            yield from _faults(project, rule)
    name = "contracts/subscriber/template.yaml"
    for rule in rules_of(project.subscriber_template, name):
        yield from _faults(project, rule)


def _faults(project: Project, rule: Rule) -> Iterator[Fault]:
    try:
        for reason in _reasons(project.known, rule):
            yield Fault(rule.place, reason)
        delivered = [(of, it) for of, it in project.published() if rule.delivers(it)]
        for path in detail_paths(rule.pattern):
            without = [it.event_type for of, it in delivered if not _has(of, it, path)]
            # A field whose absence is accepted need not be in all of them, but in one.
            if _accepts_absence(rule.pattern, path) and len(without) < len(delivered):
                continue
            name = ".".join(("detail", *path))
            for event_type in without:
                yield Fault(rule.place, f"asks for {name}, which {event_type} has not")
    except NotUnderstood as error:
        yield Fault(rule.place, f"its pattern cannot be checked: {error}")


def _reasons(known: Registry, rule: Rule) -> Iterator[str]:
    sources = matchers(rule.pattern, "source")
    if not sources:
        yield "names no source: it would take whatever anybody puts on the bus"
    for alternative, matches in sources:
        if not any(matches(contract.source) for contract in known):
            yield f"names the source {alternative!r}, which no contract knows"
    ours = [contract for contract in known if lets_through(rule.pattern, "source", contract.source)]
    for alternative, matches in matchers(rule.pattern, "detail-type"):
        if not any(matches(contract.event_type) for contract in ours):
            yield f"names the detail-type {alternative!r}, which no contract of its sources knows"
    if ours and not rule.on_a_named_bus:
        yield "stands on the default bus, to which we publish nothing"


def _has(service: str, contract: type[Contract], path: Sequence[str]) -> bool:
    """Return whether a contract has a field of `detail`."""
    node = schema_of(service, contract)
    return all((node := node.get("properties", {}).get(name)) is not None for name in path)


def _accepts_absence(pattern: Mapping[str, Any], path: Sequence[str]) -> bool:
    """Return whether a pattern accepts events without a field of `detail`."""
    asked: Any = pattern["detail"]
    for name in path:
        asked = asked[name]
    return any(accepts(alternative, ABSENT) for alternative in asked)


def _events(logical_id: str, place: str, events: Mapping[str, Any]) -> Iterator[Rule]:
    for name, event in events.items():
        if event["Type"] in ("EventBridgeRule", "CloudWatchEvent"):
            properties = event["Properties"]
            yield Rule(
                f"{place}.{name}",
                properties.get("Pattern", {}),
                "EventBusName" in properties,
                (logical_id,),
            )


def _logical_id(reference: object) -> str:
    """Return the logical id that a target's ARN belongs to; the text itself when there is none."""
    match reference:
        case {"Fn::GetAtt": [str(logical_id), *_]} | {"Ref": str(logical_id)}:
            return logical_id
    return str(reference)
