"""Other accounts on our bus, within the emulator's process: it keeps each account to itself.

On AWS another account makes a rule on our bus, if the bus's policy lets it, and the rule sends what
it matches to a bus of that account. Where the emulator differs:
- PutPermission does not take a whole policy. Here it does.
- A rule in a template may name buses of the template's own account only. Here it may name one of
  another, and is made there if that bus's policy allows it, as the emulator evaluates policies.
- A rule's target may be a bus of the rule's own account only. Here it may be a bus of the account
  that made the rule.
- A replay goes to every rule of the bus. Here it goes to the rules that it names, if it names some.
"""

import importlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tools.local.patches.wrap import wrap

RULE = "AWS::Events::Rule"
_OWNERS_PLACE = 4
_BUS = "event-bus/"


class NotAllowed(ValueError):
    """A bus's policy does not let an account do something. CloudFormation says it as it is."""


def apply(_port: int) -> None:
    """Make rules, targets and replays of the emulator reach other accounts."""
    events = importlib.import_module("ministack.services.eventbridge")
    provisioners = importlib.import_module("ministack.services.cloudformation.provisioners")
    wrap(events, "_put_permission", lambda put: taking_whole_policies(put, events))
    wrap(events, "_dispatch_to_event_bus", to_buses_of_other_accounts)
    wrap(events, "_invoke_target", lambda invoke: to_the_named_rules(invoke, events))
    handlers = getattr(provisioners, "_RESOURCE_HANDLERS", {}).get(RULE, {})
    for action in ("create", "update", "delete"):
        if action in handlers:
            handlers[action] = on_buses_of_other_accounts(handlers[action], events)


def taking_whole_policies(put: Callable[..., Any], events: Any) -> Callable[..., Any]:  # noqa: ANN401 - untyped modules
    """Accept a bus's whole policy in PutPermission, as its parameter Policy."""

    def taken(request: Mapping[str, Any]) -> Any:  # noqa: ANN401
        if "Policy" not in request:
            return put(request)
        bus = request.get("EventBusName", "default")
        events._event_bus_policies[bus] = json.loads(request["Policy"])  # noqa: SLF001 - as it keeps them
        return events.json_response({})

    return taken


def to_buses_of_other_accounts(dispatch: Callable[..., None]) -> Callable[..., None]:
    """Deliver a rule's events to a bus of the account that created the rule."""

    def dispatched(
        target: Any,  # noqa: ANN401
        event: Mapping[str, Any],
        rule: Mapping[str, Any],
        *rest: Any,  # noqa: ANN401
    ) -> None:
        maker = str(rule.get("CreatedBy") or current_account())
        if target.account_id != maker or maker == current_account():
            dispatch(target, event, rule, *rest)
            return
        with acting_for(maker):
            dispatch(target, event, rule, *rest)

    return dispatched


def to_the_named_rules(invoke: Callable[..., None], events: Any) -> Callable[..., None]:  # noqa: ANN401
    """Restrict a replay to the rules that its destination's FilterArns name."""

    def invoked(
        target: Any,  # noqa: ANN401
        event: Mapping[str, Any],
        rule: Mapping[str, Any],
        *rest: Any,  # noqa: ANN401
    ) -> None:
        replay = events._replays.get(event.get("ReplayName")) or {}  # noqa: SLF001 - as it keeps them
        named = (replay.get("Destination") or {}).get("FilterArns") or ()
        if not named or rule.get("Arn") in named:
            invoke(target, event, rule, *rest)

    return invoked


def on_buses_of_other_accounts(handle: Callable[..., Any], events: Any) -> Callable[..., Any]:  # noqa: ANN401
    """Create, update and delete rules on another account's bus by CloudFormation."""

    def handled(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        named_buses = [
            part for part in arguments if isinstance(part, dict) and "EventBusName" in part
        ]
        properties = named_buses[-1] if named_buses else {}  # of an update, those that are to be
        bus = str(properties.get("EventBusName", ""))
        owner = account_of(bus)
        maker = current_account()
        if owner in ("", maker):
            return handle(*arguments, **named)
        with acting_for(owner):
            policy = events._event_bus_policies.get(bus.rpartition(_BUS)[2])  # noqa: SLF001
            require_allowed(policy, maker, bus, properties.get("EventPattern"))
            answer = handle(*arguments, **named)
            _sign(events, answer, bus, maker)
        return answer

    return handled


def require_allowed(policy: object, account: str, bus: str, pattern: object) -> None:
    """Raise NotAllowed unless a bus's policy lets an account make and manage its rule there."""
    evaluator = importlib.import_module("ministack.core.iam_evaluator")
    rule = bus.replace(f":{_BUS}", ":rule/") + "/*"
    written = json.dumps(policy or {}).replace("${aws:PrincipalAccount}", account)
    for action in ("events:PutRule", "events:PutTargets"):
        context = evaluator.EvalContext(
            principal_arn=f"arn:aws:iam::{account}:root",
            principal_type="Account",
            principal_account=account,
            action=action,
            resource_arn=rule,
            region=bus.split(":")[3],
            service_context={"events:creatoraccount": account, **_sources(pattern)},
        )
        if evaluator.evaluate_resource_policy(written, context).decision != "Allow":
            message = (
                f"User: arn:aws:iam::{account}:root is not authorized to perform: {action} on "
                f"resource: {rule} because no resource-based policy allows the {action} action"
            )
            raise NotAllowed(message)


def account_of(arn: str) -> str:
    """Return the account of an ARN; empty for a mere name."""
    parts = arn.split(":")
    return parts[_OWNERS_PLACE] if len(parts) > _OWNERS_PLACE + 1 and parts[0] == "arn" else ""


def current_account() -> str:
    """Return the account that the emulator acts for at this moment."""
    return str(importlib.import_module("ministack.core.responses").get_account_id())


@contextmanager
def acting_for(account: str) -> Iterator[None]:
    """Make the emulator act for another account within the block."""
    responses = importlib.import_module("ministack.core.responses")
    before = responses.get_account_id()
    responses.set_request_account_id(account)
    try:
        yield
    finally:
        responses.set_request_account_id(before)


def _sources(pattern: object) -> dict[str, list[str]]:
    """Return the condition key events:source of a rule: absent when its pattern has none."""
    content = json.loads(pattern) if isinstance(pattern, str) and pattern else pattern
    named = content.get("source") if isinstance(content, Mapping) else None
    if not named:
        return {}
    return {
        "events:source": [part if isinstance(part, str) else json.dumps(part) for part in named]
    }


def _sign(events: Any, answer: Any, bus: str, maker: str) -> None:  # noqa: ANN401
    """Write into a rule that was made or changed who did it."""
    if isinstance(answer, tuple) and answer:
        rule = events._rules.get(events._rule_key(answer[0], bus.rpartition(_BUS)[2]))  # noqa: SLF001
        if rule:
            rule["CreatedBy"] = maker
