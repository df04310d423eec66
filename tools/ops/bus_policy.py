"""Compares the policy that a bus has with the one that the deployed templates give it.

CloudFormation changes a bus's policy statement by statement, and a change can undo another that
runs at the same time; it does not notice, and a further deployment does not repair it.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tools.local.intrinsics import Scope, effective_parameters
from tools.ops.events.environment import Environment

_POLICY = "AWS::Events::EventBusPolicy"

type Statement = Mapping[str, Any]


def policy_faults(environment: Environment) -> Iterator[str]:
    """Yield what is missing, what differs, and what no template has, a line for each."""
    wanted, standing = wanted_statements(environment), standing_statements(environment)
    for sid, statement in sorted(wanted.items()):
        if sid not in standing:
            yield f"{sid} is missing; it should be {json.dumps(statement)}"
        elif standing[sid] != statement:
            yield f"{sid} is {json.dumps(standing[sid])}; it should be {json.dumps(statement)}"
    for sid in sorted(standing.keys() - wanted.keys()):
        yield f"{sid} is in no template: {json.dumps(standing[sid])}"


def standing_statements(environment: Environment) -> dict[str, Statement]:
    """Return the statements of the bus, by their ids."""
    bus = environment.client("events").describe_event_bus(Name=environment.bus)
    policy = json.loads(bus.get("Policy") or '{"Statement": []}')
    return {str(found.get("Sid", "")): _canonical(found) for found in policy["Statement"]}


def wanted_statements(environment: Environment) -> dict[str, Statement]:
    """Return the statements that the stacks' templates give to the bus, by their ids."""
    found: dict[str, Statement] = {}
    for stack in environment.stacks:
        scope = _scope(environment, stack)
        for name, resource in scope.template["Resources"].items():
            if resource.get("Type") == _POLICY and scope.exists(name):
                properties = scope.resolve(resource["Properties"])
                if properties.get("EventBusName") == environment.bus:
                    found[properties["StatementId"]] = _canonical(properties["Statement"])
    return found


def _scope(environment: Environment, stack: str) -> Scope:
    cloudformation = environment.client("cloudformation")
    described = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    template: Any = cloudformation.get_template(StackName=stack, TemplateStage="Processed")[
        "TemplateBody"
    ]
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    given = {
        parameter["ParameterKey"]: parameter.get("ParameterValue", "")
        for parameter in described.get("Parameters", ())
    }
    _, _, _, region, account, _ = environment.bus_arn.split(":", 5)
    return Scope(
        template=template,
        parameters=effective_parameters(template, given),
        physical_ids={
            resource["LogicalResourceId"]: resource.get("PhysicalResourceId", "")
            for page in pages
            for resource in page["StackResourceSummaries"]
        },
        region=region,
        account=account,
        stack_name=stack,
    )


def _canonical(statement: Statement) -> Statement:
    """Return a statement in the one form of several that say the same."""
    principal = statement.get("Principal")
    everybody = principal in ("*", {"AWS": "*"})
    accounts = principal.get("AWS", ()) if isinstance(principal, Mapping) else ()
    return {
        name: sorted(map(str, _as_list(value))) if name in {"Action", "Resource"} else value
        for name, value in {
            **statement,
            "Principal": "*" if everybody else sorted(map(_account, _as_list(accounts))),
        }.items()
        if name != "Sid"
    }


def _account(principal: str) -> str:
    """Return the account that a principal stands for: AWS writes it out as an ARN."""
    return principal.split(":")[4] if principal.endswith(":root") else principal


def _as_list(value: Any) -> list[Any]:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    return list(value)
