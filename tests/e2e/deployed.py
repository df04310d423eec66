"""What the templates say and what stands in the running product, side by side."""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.template.stacks import Stacks, as_list, sam_resources, target
from tools.local.intrinsics import Scope, effective_parameters
from tools.local.settings import ACCOUNT, SUBSCRIBER_ACCOUNT
from tools.local.versions import without_versions
from tools.ops.client import Stack
from tools.templates import Product, Route, routes_of

type Aws = Callable[[str], Any]

CANNOT_HOLD = {
    "AWS::CloudFormation::Stack": "the schema registry, a type of which it knows nothing",
    "AWS::CloudWatch::Alarm": "alarms on expressions",
    "AWS::Logs::QueryDefinition": "it keeps no saved queries",
    "AWS::S3::BucketPolicy": "it is spoken to without TLS, which the policy forbids",
}
"""Types of which the emulator lacks some resources: those under the condition OnAws."""

ONLY_ON_AWS = {
    "AWS::ApiGatewayV2::ApiMapping": "HasApiDomain",
    "AWS::ApiGatewayV2::DomainName": "HasApiDomain",
    "AWS::AppSync::DomainName": "HasGraphqlDomain",
    "AWS::AppSync::DomainNameApiAssociation": "HasGraphqlDomain",
    "AWS::Cognito::UserPoolDomain": "HasGoogle",
    "AWS::Cognito::UserPoolIdentityProvider": "HasGoogle",
    "AWS::EMRServerless::Application": "OnSpark",
    "AWS::IAM::Role": "OnSpark",
    "AWS::Scheduler::Schedule": "OnSpark",
    "AWS::StepFunctions::StateMachine": "OnSpark",
    "AWS::WAFv2::WebACL": "IsProd",
    "AWS::WAFv2::WebACLAssociation": "IsProd",
}
"""Types that a laptop does not ask for: their condition does not hold there."""


class Deployed:
    """The written templates, and the running stacks' names for what they say."""

    def __init__(self, aws: Aws, stack: Stack) -> None:
        self.aws = aws
        self.written = Stacks.read()
        product = self.written.product
        self.physical = {
            name: physical
            for stack_name in stack.stacks.values()
            for name, physical in _physical_ids(aws("cloudformation"), stack_name)
        }
        resources: dict[str, Any] = {}
        for part in product.stacks:
            template = copy.deepcopy(part.template)
            without_versions(template)
            resources |= sam_resources(template)
        given = {"Stage": "local", "Emulator": "true", "AutoConfirm": "true"}
        given["SubscriberAccounts"] = SUBSCRIBER_ACCOUNT
        self.scope = Scope(
            template={
                **product.template,
                "Parameters": dict(_parameters(product)),
                "Resources": resources,
            },
            parameters=effective_parameters(product.root, given),
            physical_ids=self.physical,
            region=stack.region,
            account=ACCOUNT,
            stack_name=stack.stacks["platform"],
        )

    @property
    def _resources(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.scope.template["Resources"]
        return found

    def expected(self) -> dict[str, Mapping[str, Any]]:
        """The resources whose condition holds here, as CloudFormation gets them."""
        return {
            name: resource for name, resource in self._resources.items() if self.scope.exists(name)
        }

    def of_type(self, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the expected resources of a type."""
        for name, resource in self.expected().items():
            if resource["Type"] == kind:
                yield name, resource.get("Properties", {})

    def left_out(self) -> set[str]:
        """The types of which something is left out here."""
        expected = self.expected()
        return {
            resource["Type"] for name, resource in self._resources.items() if name not in expected
        }

    def queue(self, reference: object) -> dict[str, str]:
        """The attributes of the queue that a value of the template refers to."""
        url = self.physical[target(reference)]
        attributes: dict[str, str] = self.aws("sqs").get_queue_attributes(
            QueueUrl=url, AttributeNames=["All"]
        )["Attributes"]
        return attributes


def routes(deployed: Deployed) -> set[tuple[str, tuple[str, ...]]]:
    """Return the routes that the templates give to the API: key, and scopes of its authorizer."""
    found: Iterator[Route] = routes_of(deployed.written.template)
    return {(route.key, route.scopes) for route in found}


def actions(document: Mapping[str, Any]) -> set[tuple[str, str]]:
    """What a policy allows or denies: effect and action, whatever the resource."""
    return {
        (statement["Effect"], action)
        for statement in as_list(document["Statement"])
        for action in as_list(statement["Action"])
    }


def _parameters(product: Product) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the root's parameters, as lists where a stack takes them as lists."""
    lists = {
        name
        for part in product.stacks
        for name, parameter in part.template["Parameters"].items()
        if parameter["Type"] == "CommaDelimitedList"
    }
    for name, parameter in product.root["Parameters"].items():
        yield name, {**parameter, "Type": "CommaDelimitedList"} if name in lists else parameter


def _physical_ids(cloudformation: Any, stack_name: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
    for page in pages:
        for resource in page["StackResourceSummaries"]:
            if not resource["ResourceStatus"].startswith("DELETE"):
                yield resource["LogicalResourceId"], resource.get("PhysicalResourceId", "")
