"""What template.yaml says and what stands in the running product, side by side."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.template.stack import Stack as Written
from tests.template.stack import as_list, target
from tools.contracts.paths import ROOT
from tools.local.intrinsics import Scope, effective_parameters
from tools.local.settings import ACCOUNT
from tools.local.template import load_template
from tools.local.versions import without_versions

type Aws = Callable[[str], Any]

CANNOT_HOLD = {
    "AWS::CloudFormation::Stack": "the schema registry, a type of which it knows nothing",
    "AWS::CloudWatch::Alarm": "alarms on expressions",
    "AWS::Events::Archive": "made through the API instead: the archive is there",
    "AWS::Events::EventBusPolicy": "its buses have no policies by resource",
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
    "AWS::WAFv2::WebACL": "IsProd",
    "AWS::WAFv2::WebACLAssociation": "IsProd",
}
"""Types that a laptop does not ask for: their condition does not hold there."""


class Deployed:
    """The written template, and the running stack's names for what it says."""

    def __init__(self, aws: Aws, stack_name: str, region: str) -> None:
        template = load_template(ROOT / "template.yaml")
        without_versions(template)
        self.written = Written(json.dumps(template))
        self.aws = aws
        self.physical = dict(_physical_ids(aws("cloudformation"), stack_name))
        given = {"Stage": "local", "Emulator": "true", "AutoConfirm": "true"}
        self.scope = Scope(
            template={**template, "Resources": self.written.transformed},
            parameters=effective_parameters(template, given),
            physical_ids=self.physical,
            region=region,
            account=ACCOUNT,
            stack_name=stack_name,
        )

    def expected(self) -> dict[str, Mapping[str, Any]]:
        """The resources whose condition holds here, as CloudFormation gets them."""
        return {
            name: resource
            for name, resource in self.written.transformed.items()
            if self.scope.exists(name)
        }

    def of_type(self, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Walk through the expected resources of a type."""
        for name, resource in self.expected().items():
            if resource["Type"] == kind:
                yield name, resource.get("Properties", {})

    def left_out(self) -> set[str]:
        """The types of which something is left out here."""
        expected = self.expected()
        return {
            resource["Type"]
            for name, resource in self.written.transformed.items()
            if name not in expected
        }

    def queue(self, reference: object) -> dict[str, str]:
        """The attributes of the queue that a value of the template refers to."""
        url = self.physical[target(reference)]
        attributes: dict[str, str] = self.aws("sqs").get_queue_attributes(
            QueueUrl=url, AttributeNames=["All"]
        )["Attributes"]
        return attributes


def routes(deployed: Deployed) -> set[tuple[str, tuple[str, ...]]]:
    """The routes that the template gives to the API: key, and scopes of its authorizer."""
    found = set()
    for _, source in deployed.written.sources("HttpApi"):
        auth = source.get("Auth", {})
        scopes = tuple(auth.get("AuthorizationScopes", ()))
        found.add((f"{source['Method'].upper()} {source['Path']}", scopes))
    return found


def actions(document: Mapping[str, Any]) -> set[tuple[str, str]]:
    """What a policy allows or denies: effect and action, whatever the resource."""
    return {
        (statement["Effect"], action)
        for statement in as_list(document["Statement"])
        for action in as_list(statement["Action"])
    }


def _physical_ids(cloudformation: Any, stack_name: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
    for page in pages:
        for resource in page["StackResourceSummaries"]:
            if not resource["ResourceStatus"].startswith("DELETE"):
                yield resource["LogicalResourceId"], resource.get("PhysicalResourceId", "")
