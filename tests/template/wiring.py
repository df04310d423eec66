"""The stacks beside one another: what feeds which parameter, and whose names could collide."""

import re
from collections import Counter
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from tests.template.stacks import Stacks, as_list
from tools.local.template import Template
from tools.templates import ROOT_TEMPLATE, applications, expanded

PHYSICAL_NAMES = {
    "AWS::ApiGatewayV2::Api": "Name",
    "AWS::ApiGatewayV2::Authorizer": "Name",
    "AWS::AppSync::GraphQLApi": "Name",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::CodeDeploy::Application": "ApplicationName",
    "AWS::Cognito::UserPool": "UserPoolName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::Archive": "ArchiveName",
    "AWS::Events::EventBus": "Name",
    "AWS::Events::EventBusPolicy": "StatementId",
    "AWS::Events::Rule": "Name",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Lambda::LayerVersion": "LayerName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::Logs::QueryDefinition": "Name",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::WAFv2::WebACL": "Name",
}
"""The property that names a resource of a type in its account and region."""

UNIQUE_OTHERWISE = {"/aws/appsync/apis/${RoomsApi.ApiId}"}
"""Names without the stack's that cannot collide: they hold an id that AWS gives."""

_OUTPUT = re.compile(r"Outputs\.(?P<name>\w+)")


def colliding_names(stacks: Stacks) -> list[str]:
    """Find physical names that two environments, or two stacks of one, would share."""
    faults = []
    for stack, resources in stacks.transformed.items():
        for logical_id, resource in resources.items():
            named_by = PHYSICAL_NAMES.get(resource["Type"], "")
            name = resource.get("Properties", {}).get(named_by)
            if name is None or "AWS::StackName" in str(name):
                continue
            if not any(unique in str(name) for unique in UNIQUE_OTHERWISE):
                faults.append(f"{stack}: {logical_id} is called {name} in every environment")
    return faults


def repeated_ids(stacks: Stacks) -> list[str]:
    """Find logical ids of two stacks: people and tools name resources by them alone.

    The layer is in every service the same.
    """
    counts = Counter(name for stack in stacks.product.stacks for name in stack.resources)
    return [name for name, count in counts.items() if count > 1 and name != "SharedLayer"]


def miswired(stacks: Stacks) -> list[str]:
    """Find parameters that are not there, not given, or given in a way that nobody can follow."""
    root = expanded(stacks.texts[ROOT_TEMPLATE], ROOT_TEMPLATE)
    templates = {
        name: expanded(stacks.texts[properties["Location"]], properties["Location"])
        for name, properties in applications(root).items()
    }
    faults = []
    for name, properties in applications(root).items():
        given = properties.get("Parameters", {})
        declared = templates[name].get("Parameters", {})
        faults += [f"{name} has no parameter {each}" for each in given.keys() - declared.keys()]
        faults += [
            f"{name} is not given {each}"
            for each, parameter in declared.items()
            if "Default" not in parameter and each not in given
        ]
        for parameter, value in given.items():
            faults += [
                f"{name}.{parameter}: {reason}" for reason in _unwired(root, templates, value)
            ]
    return faults + _unread_parameters(stacks, templates)


def order(stacks: Stacks) -> list[str]:
    """Return the applications as they can be deployed. Raises CycleError."""
    root = expanded(stacks.texts[ROOT_TEMPLATE], ROOT_TEMPLATE)
    needs = {
        name: {
            value["Fn::GetAtt"][0]
            for value in properties.get("Parameters", {}).values()
            if isinstance(value, dict) and "Fn::GetAtt" in value
        }
        | set(as_list(root["Resources"][name].get("DependsOn", [])))
        for name, properties in applications(root).items()
    }
    return list(TopologicalSorter(needs).static_order())


def cycles(stacks: Stacks) -> list[str]:
    """Find stacks that wait for one another."""
    try:
        order(stacks)
    except CycleError as error:
        return [" -> ".join(error.args[1])]
    return []


def _unwired(root: Template, templates: Mapping[str, Template], value: object) -> list[str]:
    match value:
        case {"Ref": str(name)} if name in root["Parameters"]:
            return []
        case {"Fn::GetAtt": [str(application), str(attribute)]}:
            output = _OUTPUT.fullmatch(attribute)
            if application not in templates or not output:
                return [f"there is no {application}.{attribute}"]
            outputs = templates[application]["Outputs"]
            if output["name"] not in outputs:
                return [f"{application} has no output {output['name']}"]
            if "Condition" in outputs[output["name"]]:
                return [f"{application} has the output {output['name']} at times only"]
            return []
    return [f"{value} is neither a parameter of the root nor an output"]


def _unread_parameters(stacks: Stacks, templates: Mapping[str, Template]) -> list[str]:
    locations = applications(expanded(stacks.texts[ROOT_TEMPLATE], ROOT_TEMPLATE))
    return [
        f"{name} does not use {parameter}"
        for name, template in templates.items()
        for parameter in template.get("Parameters", {})
        if not _mentions(stacks.texts[str(locations[name]["Location"])], parameter)
    ]


def _mentions(text: str, parameter: str) -> Any:  # noqa: ANN401 - a match or nothing
    return re.search(rf"(!Ref {parameter}\b|\$\{{{parameter}\}})", text)
