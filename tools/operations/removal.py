"""Deletes an environment. What it holds, and what outlives it, is shown before."""

from collections.abc import Iterator
from typing import Any

from tools.events.environment import Environment
from tools.operations.inventory import Inventory

_KEPT = ("Retain", "RetainExceptOnCreate")
_VERSION = "AWS::Lambda::Version"  # goes with its function


def kept(environment: Environment) -> list[str]:
    """Return the resources that outlive their stacks, by logical id."""
    cloudformation = environment.client("cloudformation")
    found: set[str] = set()
    for stack in environment.stacks:
        body: Any = cloudformation.get_template(StackName=stack, TemplateStage="Processed")[
            "TemplateBody"
        ]
        found |= {
            name
            for name, resource in body["Resources"].items()
            if resource.get("DeletionPolicy") in _KEPT and resource.get("Type") != _VERSION
        }
    return sorted(found)


def summary(parts: Inventory) -> Iterator[str]:
    """Yield what there is, a line for each kind of resource."""
    for kind, found in sorted(parts.by_type.items(), key=lambda pair: -len(pair[1])):
        yield f"{len(found):>5}  {kind}"


def remove(environment: Environment, *, protected: bool) -> None:
    """Delete the stacks in reverse order and wait; lift their protection if `protected`."""
    cloudformation = environment.client("cloudformation")
    for stack in _deletable(environment):
        if protected:
            cloudformation.update_termination_protection(
                StackName=stack, EnableTerminationProtection=False
            )
        cloudformation.delete_stack(StackName=stack)
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack)


def protect(environment: Environment) -> None:
    """Have CloudFormation refuse to delete the stacks."""
    for stack in _deletable(environment):
        environment.client("cloudformation").update_termination_protection(
            StackName=stack, EnableTerminationProtection=True
        )


def is_protected(environment: Environment) -> bool:
    """Return whether one of the stacks refuses to be deleted."""
    cloudformation = environment.client("cloudformation")
    return any(
        cloudformation.describe_stacks(StackName=stack)["Stacks"][0].get(
            "EnableTerminationProtection"
        )
        for stack in _deletable(environment)
    )


def _deletable(environment: Environment) -> tuple[str, ...]:
    """Return the stacks that can be deleted by themselves, in that order."""
    return (environment.name,) if environment.whole else tuple(reversed(environment.stacks))
