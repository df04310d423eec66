"""Which rules take an event, which do not, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.contracts.pattern import ABSENT, NotUnderstood, verdicts
from tools.ops.events.bus_listener import is_listener
from tools.ops.events.environment import Environment
from tools.ops.events.replay import bus_rules, own_name, pattern_of


@dataclass(frozen=True, slots=True)
class Reason:
    """One field of a rule's pattern against an event. `found` is missing where the event is."""

    field: str
    asked: Sequence[object]
    accepted: bool
    found: object = None
    is_there: bool = True


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one rule does with an event. `takes` is None for a pattern that is not understood."""

    rule: str
    takes: bool | None
    reasons: Sequence[Reason]
    targets: Sequence[str]
    pattern: Mapping[str, Any]


def explain(environment: Environment, event: Mapping[str, Any]) -> Iterator[Explanation]:
    """Yield each rule of the bus with its reasons, the takers first.

    Temporary listeners are left out.
    """
    events = environment.client("events")
    found = []
    for rule in bus_rules(environment):
        if is_listener(environment, rule["Name"]):
            continue
        targets = events.list_targets_by_rule(Rule=rule["Name"], EventBusName=environment.bus)
        names = [target["Arn"].rpartition(":")[2] for target in targets["Targets"]]
        found.append(_explanation(own_name(rule, environment), pattern_of(rule), names, event))
    yield from sorted(found, key=lambda one: (one.takes is not True, one.rule))


def _explanation(
    rule: str, pattern: Mapping[str, Any], targets: Sequence[str], event: Mapping[str, Any]
) -> Explanation:
    try:
        reasons = [
            Reason(
                ".".join(verdict.path),
                verdict.asked,
                verdict.accepted,
                None if verdict.found is ABSENT else verdict.found,
                verdict.found is not ABSENT,
            )
            for verdict in verdicts(pattern, event)
        ]
    except NotUnderstood:
        return Explanation(rule, None, (), targets, pattern)
    takes = all(reason.accepted for reason in reasons)
    return Explanation(rule, takes, reasons, targets, pattern)
