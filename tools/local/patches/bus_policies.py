"""Changes of a bus's policy, as strict as AWS: of two at once, the later undoes the earlier.

PutPermission reads the whole policy and writes it back, and so does CloudFormation for each
AWS::Events::EventBusPolicy; it creates at once what does not depend on one another
(terraform-provider-aws #4031, aws-cdk #29627). The emulator creates one after the other. Here a
policy that CloudFormation might create together with another of its stack undoes that one.
"""

import asyncio
import copy
import importlib
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from tools.local.patches.resources import BUS_POLICY, Handlers, Properties
from tools.local.patches.wrap import wrap

PUT_SECONDS = 0.05

type Answer = tuple[int, Any, bytes | str]
type Resources = Mapping[str, Any]
type Needs = Callable[[Mapping[str, Any], set[str]], set[str]]


@dataclass(slots=True)
class Operation:
    """One creation or update of a stack: its resources, and the policies that it has changed.

    `changed` maps logical ids to statement ids and properties.
    """

    resources: Resources
    changed: dict[str, tuple[str, Properties]] = field(default_factory=dict)


_current: ContextVar[Operation] = ContextVar("operation")


def apply(_port: int) -> None:
    """Have changes that run at once lose a statement; after `resources`, which adds the type."""
    events = importlib.import_module("ministack.services.eventbridge")
    engine = importlib.import_module("ministack.services.cloudformation.engine")
    stacks = importlib.import_module("ministack.services.cloudformation.stacks")
    provisioners = importlib.import_module("ministack.services.cloudformation.provisioners")
    handlers: dict[str, Handlers] = provisioners._RESOURCE_HANDLERS  # noqa: SLF001 - no other way in
    needs = engine._extract_deps  # noqa: SLF001
    policies = events._event_bus_policies  # noqa: SLF001
    wrap(stacks, "_topological_sort", beginning_operations)
    handlers[BUS_POLICY] = losing_statements(handlers[BUS_POLICY], _current.get, needs)
    wrap(events, "handle_request", lambda handle: reading_first(handle, policies))


def beginning_operations(sort: Callable[..., Any]) -> Callable[..., Any]:
    """Begin an operation when the emulator orders a stack's resources, which it does first."""

    def begun(resources: Resources, conditions: Any) -> Any:  # noqa: ANN401
        _current.set(Operation(resources))
        return sort(resources, conditions)

    return begun


def reading_first(
    handle: Callable[..., Awaitable[Answer]],
    policies: Any,  # noqa: ANN401 - the emulator's own dict
) -> Callable[..., Awaitable[Answer]]:
    """Read the policies some time before PutPermission writes them."""

    async def handled(
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query: Any,  # noqa: ANN401
    ) -> Answer:
        if headers.get("x-amz-target", "").endswith(".PutPermission"):
            read = copy.deepcopy(dict(policies.items()))
            await asyncio.sleep(PUT_SECONDS)
            policies.clear()
            policies.update(read)
        return await handle(method, path, headers, body, query)

    return handled


def losing_statements(
    handlers: Handlers, operation: Callable[[], Operation], needs: Needs
) -> Handlers:
    """Take away the statements of a stack's policies that are changed at the same time.

    `operation` returns the current one, `needs` the resources that one of them needs.
    """

    def lose(logical_id: str, sid: str, properties: Properties) -> None:
        current = operation()
        before = _ancestors(logical_id, current.resources, needs)
        for other, (other_sid, other_properties) in current.changed.items():
            same_bus = other_properties.get("EventBusName") == properties.get("EventBusName")
            if same_bus and other not in before:
                handlers["delete"](other_sid, other_properties)
        current.changed[logical_id] = (sid, properties)

    def create(logical_id: str, properties: Properties, stack: str) -> Any:  # noqa: ANN401
        created = handlers["create"](logical_id, properties, stack)
        lose(logical_id, created[0], properties)
        return created

    def update(
        sid: str, old: Properties, properties: Properties, stack: str, logical_id: str
    ) -> Any:  # noqa: ANN401
        updated = handlers["update"](sid, old, properties, stack)
        if old != properties:
            lose(logical_id, updated[0], properties)
        return updated

    return {**handlers, "create": create, "update": update, "update_with_logical_id": True}


def _ancestors(name: str, resources: Resources, needs: Needs) -> set[str]:
    """Return what must be there before a resource is created."""
    found: set[str] = set()
    left = {name}
    while left:
        needed = needs(resources[left.pop()], set(resources)) - found
        found |= needed
        left |= needed
    return found
