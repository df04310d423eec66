"""Takes a stack down. What it held is told first; what stays behind is told afterwards."""

from collections.abc import Iterator
from typing import Any

from tools.events.environment import Environment
from tools.operations.inventory import Inventory

_KEPT = "Retain"


def kept(place: Environment) -> list[str]:
    """Answer the resources that outlive their stack, by logical id."""
    cloudformation = place.client("cloudformation")
    body: Any = cloudformation.get_template(StackName=place.stack, TemplateStage="Processed")[
        "TemplateBody"
    ]
    return sorted(
        name
        for name, resource in body["Resources"].items()
        if resource.get("DeletionPolicy") == _KEPT
    )


def summary(parts: Inventory) -> Iterator[str]:
    """Say what there is, a line for each kind of resource."""
    for kind, found in sorted(parts.by_type.items(), key=lambda pair: -len(pair[1])):
        yield f"{len(found):>5}  {kind}"


def remove(place: Environment, *, protected: bool) -> None:
    """Delete the stack and wait. Lifts a stack's own protection when told so."""
    cloudformation = place.client("cloudformation")
    if protected:
        cloudformation.update_termination_protection(
            StackName=place.stack, EnableTerminationProtection=False
        )
    cloudformation.delete_stack(StackName=place.stack)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=place.stack)


def protect(place: Environment) -> None:
    """Let nobody delete the stack by a slip."""
    place.client("cloudformation").update_termination_protection(
        StackName=place.stack, EnableTerminationProtection=True
    )


def is_protected(place: Environment) -> bool:
    """Tell whether the stack itself refuses to be deleted."""
    found = place.client("cloudformation").describe_stacks(StackName=place.stack)["Stacks"][0]
    return bool(found.get("EnableTerminationProtection"))
