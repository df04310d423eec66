"""Who may do what: each need its statement, no stars, nobody in another service's tables."""

from collections.abc import Iterator
from typing import Any

from tests.template.stacks import Stacks, as_list, logical_ids, target
from tools.templates import statements_of

WIDE_RESOURCES = {
    "${ModelBucket.Arn}/": "a model's object is named by its version, and the policy is for all",
    ".Arn}/export/*": "an export gets its name when it begins",
    "${SparkApplication.Arn}/jobruns/": "so does a run of the job",
    "rule/${EventBus}/*": "a subscriber names its own rules; a condition lets it touch no others",
}
"""Resources with a star in them, each with its reason."""

WITHOUT_RESOURCE = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
"""Actions that AWS allows on everything or not at all."""

POLLING = {
    "SQS": (
        "Queue",
        (
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ChangeMessageVisibility",  # the function itself, of a message that has failed
        ),
    ),
    "DynamoDB": (
        "Stream",
        (
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:ListStreams",
        ),
    ),
}
"""What Lambda does in a function's name with each kind of event source, and what names it."""

LOGGING = ("logs:CreateLogStream", "logs:PutLogEvents")

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
    for name in stacks.functions:
        for statement in statements_of(stacks.template, name):
            yield name, dict(statement)


def allowed(stacks: Stacks, function: str, action: str) -> list[Any]:
    """Return the resources to which a function may do something."""
    return [
        resource
        for name, statement in function_statements(stacks)
        if name == function and action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    ]


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
            and not (resource == "*" and set(as_list(statement["Action"])) <= WITHOUT_RESOURCE)
        ]
    return faults


def managed_policies(stacks: Stacks) -> list[str]:
    """Find policies of AWS: they hold stars, and SAM attaches some to the roles that it makes."""
    return [
        f"{name} has {arn}"
        for name, resource in _transformed(stacks)
        if resource["Type"] == "AWS::IAM::Role"
        for arn in resource["Properties"].get("ManagedPolicyArns", ())
    ]


def foreign_roles(stacks: Stacks) -> list[str]:
    """Find functions without a role of their own, or with rights that SAM ignores beside one."""
    faults = []
    for name, function in stacks.functions.items():
        if function.get("Role") != {"Fn::GetAtt": [f"{name}Role", "Arn"]}:
            faults.append(f"{name} has no role of its own")
        if "Policies" in function:
            faults.append(f"{name} has policies that SAM ignores beside a role")
    return faults


def wrong_pollers(stacks: Stacks) -> list[str]:
    """Find functions that may not read their own queue or stream, or may read another."""
    faults = []
    for kind, (source, actions) in POLLING.items():
        own: dict[str, list[Any]] = {name: [] for name in stacks.functions}
        for name, properties in stacks.sources(kind):
            own[name].append(properties[source])
            if f"{name}Rights" not in as_list(stacks.resources[name].get("DependsOn", [])):
                faults.append(f"{name} is made before it may read {properties[source]}")
        faults += [
            f"{name} may do {action} with {found}, and reads {own[name]}"
            for name in stacks.functions
            for action in actions
            if (found := allowed(stacks, name, action)) != own[name]
        ]
    return faults


def wrong_senders(stacks: Stacks) -> list[str]:
    """Find functions that may not send to the queues that they are given, or to others.

    The queue that one reads is given to it in any case: only what continues later is sent there.
    """
    faults = []
    read = {name: target(source["Queue"]) for name, source in stacks.sources("SQS")}
    for name, function in stacks.functions.items():
        given = logical_ids(function.get("Environment", {})) & stacks.queues.keys()
        may = {target(queue) for queue in allowed(stacks, name, "sqs:SendMessage")}
        if may not in (given, given - {read.get(name)}):
            faults.append(f"{name} may send to {sorted(may)}, and is given {sorted(given)}")
    return faults


def wrong_loggers(stacks: Stacks) -> list[str]:
    """Find who may create log groups, and functions that may not write to their own alone.

    A late line would otherwise create a group anew that a deletion has just removed.
    """
    faults = [
        f"{name} may create log groups"
        for name, statement in statements(stacks)
        if "logs:CreateLogGroup" in as_list(statement.get("Action", []))
    ]
    for name in stacks.functions:
        own = [{"Fn::GetAtt": [f"{name}Logs", "Arn"]}]
        faults += [
            f"{name} may not do {action} with its own logs alone"
            for action in LOGGING
            if allowed(stacks, name, action) != own
        ]
    return faults


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
    """Find functions that may touch what another service owns, or are given its name."""
    owned = {name for kind in OWNED for name in stacks.of_type(kind)}
    faults = []
    for name, statement in function_statements(stacks):
        for resource in logical_ids(statement.get("Resource")) & owned:
            if stacks.owners[resource] != stacks.service(name):
                faults.append(f"{name} may touch {resource} of {stacks.owners[resource]}")
    for name, function in stacks.functions.items():
        for resource in logical_ids(function.get("Environment", {})) & owned:
            if stacks.owners[resource] != stacks.service(name):
                faults.append(f"{name} is given {resource} of {stacks.owners[resource]}")
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
