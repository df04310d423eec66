"""Who may do what: each need its statement, no stars, nobody in another service's tables."""

from collections.abc import Iterator
from typing import Any

from tests.template.stacks import Stacks, as_list, logical_ids, target

WIDE_RESOURCES = {
    "log-group:/aws/appsync/apis/*": "AppSync names its API's log group itself, by an id",
    "${ModelBucket.Arn}/": "a model's object is named by its version, and the policy is for all",
    "rule/${EventBus}/*": "a subscriber names its own rules; a condition lets it touch no others",
}
"""Resources with a star in them, each with its reason."""

MANAGED_BY_SAM = {
    "AWSLambdaBasicExecutionRole": "writes to log groups, by the name of the function",
    "AWSXRayDaemonWriteAccess": "traces have no resource to name",
    "AWSXrayWriteOnlyAccess": "traces have no resource to name",
    "AWSLambdaSQSQueueExecutionRole": "SAM reads queues with it",
    "AWSLambdaDynamoDBExecutionRole": "SAM reads streams with it",
}
"""Policies of AWS that SAM attaches to functions, each with its reason."""

_PRINCIPALS = ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group")

OWNED = ("AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::SecretsManager::Secret")
"""What a service keeps to itself."""


def statements(stacks: Stacks) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every statement of every policy that the deployed stack has, SAM's included."""
    for name, resource in _transformed(stacks):
        properties = resource.get("Properties", {})
        inline = properties.get("Policies", ()) if resource["Type"] in _PRINCIPALS else ()
        documents = [policy["PolicyDocument"] for policy in inline]
        if "PolicyDocument" in properties:
            documents.append(properties["PolicyDocument"])
        for document in documents:
            for statement in as_list(document["Statement"]):
                yield name, statement
        if resource["Type"] == "AWS::Events::EventBusPolicy":
            yield name, properties["Statement"]


def function_statements(stacks: Stacks) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the statements that the template gives to functions, with the functions."""
    for name, function in stacks.functions.items():
        for policy in as_list(function.get("Policies", [])):
            for statement in as_list(policy["Statement"]):
                yield name, statement


def starred(stacks: Stacks) -> list[str]:
    """Find statements that allow everything, or do it to everything."""
    faults = []
    for name, statement in statements(stacks):
        if "NotAction" in statement or "NotResource" in statement:
            faults.append(f"{name} says what is not allowed instead of what is")
        faults += [
            f"{name} allows {action}"
            for action in as_list(statement.get("Action", []))
            if "*" in action
        ]
        faults += [
            f"{name} allows {statement['Action']} on {resource}"
            for resource in as_list(statement.get("Resource", []))
            if _is_wide(resource)
        ]
    return faults


def foreign_managed_policies(stacks: Stacks) -> list[str]:
    """Find policies of AWS, which hold stars, beyond those that SAM needs."""
    return [
        f"{name} has {arn}"
        for name, resource in _transformed(stacks)
        if resource["Type"] == "AWS::IAM::Role"
        for arn in resource["Properties"].get("ManagedPolicyArns", ())
        if str(arn).rpartition("/")[2].strip("'}]") not in MANAGED_BY_SAM
    ]


def ready_made_policies(stacks: Stacks) -> list[str]:
    """Find functions with a policy that is not written out: its rights cannot be read here."""
    return [
        f"{name} has the ready-made policy {policy}"
        for name, function in stacks.functions.items()
        for policy in as_list(function.get("Policies", []))
        if not isinstance(policy, dict) or "Statement" not in policy
    ]


def publishers_in_another_name(stacks: Stacks) -> list[str]:
    """Find functions that could publish events of another service, or on another bus."""
    faults = []
    for name, statement in function_statements(stacks):
        if "events:PutEvents" not in as_list(statement["Action"]):
            continue
        own = {"StringEquals": {"events:source": f"matinee.{stacks.service(name)}"}}
        if statement.get("Condition") != own:
            faults.append(f"{name} may publish what is not its service's")
        buses = {target(resource) for resource in as_list(statement["Resource"])}
        if not buses <= stacks.of_type("AWS::Events::EventBus").keys():
            faults.append(f"{name} may publish elsewhere")
    return faults


def intruders(stacks: Stacks) -> list[str]:
    """Find functions that may touch what another service owns, or are told its name."""
    owned = {name for kind in OWNED for name in stacks.of_type(kind)}
    faults = []
    for name, statement in function_statements(stacks):
        for resource in logical_ids(statement.get("Resource")) & owned:
            if stacks.owners[resource] != stacks.service(name):
                faults.append(f"{name} may touch {resource} of {stacks.owners[resource]}")
    for name, function in stacks.functions.items():
        for resource in logical_ids(function.get("Environment", {})) & owned:
            if stacks.owners[resource] != stacks.service(name):
                faults.append(f"{name} is told of {resource} of {stacks.owners[resource]}")
    return faults


def misplaced_functions(stacks: Stacks) -> list[str]:
    """Find functions that are not in their service's stack."""
    return [
        f"{name} is code of {package} in the stack of {stacks.service(name)}"
        for name, function in stacks.functions.items()
        if (package := function["Handler"].partition(".")[0]) != stacks.service(name)
    ]


def unnamed_statements(stacks: Stacks) -> list[str]:
    """Find statements of functions that do not say what they are for."""
    return [
        f"{name} has a statement without a Sid"
        for name, statement in function_statements(stacks)
        if not statement.get("Sid")
    ]


def _transformed(stacks: Stacks) -> Iterator[tuple[str, dict[str, Any]]]:
    for resources in stacks.transformed.values():
        yield from resources.items()


def _is_wide(resource: object) -> bool:
    text = str(resource)
    return "*" in text and not any(allowed in text for allowed in WIDE_RESOURCES)
