"""Takes an environment down. What it held is told first; what stays behind is told afterwards."""

from collections.abc import Iterator
from typing import Any

from tools.events.environment import Environment
from tools.operations.inventory import Inventory

_KEPT = ("Retain", "RetainExceptOnCreate")


def kept(place: Environment) -> list[str]:
    """Return the resources that outlive their stacks, by logical id."""
    cloudformation = place.client("cloudformation")
    found: set[str] = set()
    for stack in place.stacks:
        body: Any = cloudformation.get_template(StackName=stack, TemplateStage="Processed")[
            "TemplateBody"
        ]
        found |= {
            name
            for name, resource in body["Resources"].items()
            if resource.get("DeletionPolicy") in _KEPT
        }
    return sorted(found)


def summary(parts: Inventory) -> Iterator[str]:
    """Yield what there is, a line for each kind of resource."""
    for kind, found in sorted(parts.by_type.items(), key=lambda pair: -len(pair[1])):
        yield f"{len(found):>5}  {kind}"


def remove(place: Environment, *, protected: bool) -> None:
    """Delete the stacks, the last deployed first, and wait. Lifts their protection when told so."""
    cloudformation = place.client("cloudformation")
    for stack in _deletable(place):
        if protected:
            cloudformation.update_termination_protection(
                StackName=stack, EnableTerminationProtection=False
            )
        cloudformation.delete_stack(StackName=stack)
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack)


def protect(place: Environment) -> None:
    """Have CloudFormation refuse to delete the stacks."""
    for stack in _deletable(place):
        place.client("cloudformation").update_termination_protection(
            StackName=stack, EnableTerminationProtection=True
        )


def is_protected(place: Environment) -> bool:
    """Return whether one of the stacks refuses to be deleted."""
    cloudformation = place.client("cloudformation")
    return any(
        cloudformation.describe_stacks(StackName=stack)["Stacks"][0].get(
            "EnableTerminationProtection"
        )
        for stack in _deletable(place)
    )


def _deletable(place: Environment) -> tuple[str, ...]:
    """Return the stacks that can be deleted by themselves, in that order."""
    return (place.name,) if place.whole else tuple(reversed(place.stacks))
