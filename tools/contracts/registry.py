"""contracts/registry.yaml: the EventBridge schema registry, as a stack nested in platform.

A stack of its own, since it is written by machine from end to end, and grows with every event.
"""

import json
from collections.abc import Iterator
from typing import Any

from tools.contracts.catalogue.entries import Entry, entries
from tools.contracts.documents import to_yaml
from tools.contracts.draft4 import DIALECT, NotConvertible, converted
from tools.contracts.project import Fault, Project

LONGEST = 100_000
"""Characters that a schema of the registry may have."""

_HEAD = (
    "# Generated from the services' event models: python -m tools.contracts write\n"
    "# Do not edit: `python -m tools.contracts check` fails when this file and they disagree.\n"
)

_READS = [
    "schemas:DescribeRegistry",
    "schemas:DescribeSchema",
    "schemas:ListSchemas",
    "schemas:ListSchemaVersions",
    "schemas:SearchSchemas",
    "schemas:ExportSchema",
    "schemas:DescribeCodeBinding",
    "schemas:GetCodeBindingSource",
]

_ACCOUNTS = "SubscriberAccounts"
_HERE = "arn:${AWS::Partition}:schemas:${AWS::Region}:${AWS::AccountId}"


def content(entry: Entry) -> str:
    """Write an event as the registry takes it: a whole EventBridge event, draft 4, as JSON.

    Raises NotConvertible, also when the text is longer than the registry takes.
    """
    schema = {
        "$schema": DIALECT,
        "title": entry.name,
        "description": entry.meaning,
        "x-amazon-events-detail-type": entry.name,
        "x-amazon-events-source": entry.contract.source,
        "type": "object",
        "required": ["id", "detail-type", "source", "time", "detail"],
        "properties": {
            "version": {"type": "string"},
            "id": {"type": "string"},
            "detail-type": {"type": "string", "enum": [entry.name]},
            "source": {"type": "string", "enum": [entry.contract.source]},
            "account": {"type": "string"},
            "time": {"type": "string", "format": "date-time"},
            "region": {"type": "string"},
            "resources": {"type": "array", "items": {"type": "string"}},
            "replay-name": {"type": "string"},
            "detail": converted(entry.schema),
        },
    }
    text = json.dumps(schema, separators=(",", ":"), ensure_ascii=False)
    if len(text) > LONGEST:
        message = f"{len(text)} characters are more than the registry takes"
        raise NotConvertible(message)
    return text


def template(project: Project) -> dict[str, Any]:
    """Build the nested stack's template. Raises NotConvertible."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The schemas of Matinee's events, for those who generate code from them.",
        "Parameters": {
            "RegistryName": {"Type": "String", "Description": "What the registry is called."},
            _ACCOUNTS: {
                "Type": "CommaDelimitedList",
                "Default": "",
                "Description": "AWS accounts that may read the schemas; empty for none.",
            },
        },
        "Conditions": {
            "HasSubscriber": {
                "Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", {"Ref": _ACCOUNTS}]}, ""]}]
            }
        },
        "Resources": {
            "Registry": {
                "Type": "AWS::EventSchemas::Registry",
                "Properties": {
                    "RegistryName": {"Ref": "RegistryName"},
                    "Description": "Every event on Matinee's bus, in its present version.",
                },
            },
            "SubscriberReads": _policy(),
            **{_logical_id(entry): _schema(entry) for entry in entries(project)},
        },
        "Outputs": {
            "RegistryArn": {
                "Description": "The registry.",
                "Value": {"Fn::GetAtt": ["Registry", "RegistryArn"]},
            }
        },
    }


def text(project: Project) -> str:
    """Write the template as YAML. Raises NotConvertible."""
    return _HEAD + to_yaml(template(project), width=1_000_000)


def outdated(project: Project) -> Iterator[Fault]:
    """Find out whether the template differs from the models, or cannot be made."""
    path = project.registry
    try:
        if not path.exists() or path.read_text(encoding="utf-8") != text(project):
            yield Fault(project.shown(path), "is not what the models say: run `make contracts`")
    except NotConvertible as error:
        yield Fault(project.shown(path), f"cannot be written: {error}")


def _schema(entry: Entry) -> dict[str, Any]:
    return {
        "Type": "AWS::EventSchemas::Schema",
        "Properties": {
            "RegistryName": {"Fn::GetAtt": ["Registry", "RegistryName"]},
            "SchemaName": f"{entry.contract.source}@{entry.name}",
            "Type": "JSONSchemaDraft4",
            "Description": f"{entry.file.version}: {entry.meaning}"[:256],
            "Content": content(entry),
        },
    }


def _policy() -> dict[str, Any]:
    name = "${RegistryName}"
    return {
        "Type": "AWS::EventSchemas::RegistryPolicy",
        "Condition": "HasSubscriber",
        "Properties": {
            "RegistryName": {"Fn::GetAtt": ["Registry", "RegistryName"]},
            "Policy": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "SubscriberReadsSchemas",
                        "Effect": "Allow",
                        "Principal": {"AWS": {"Ref": _ACCOUNTS}},
                        "Action": _READS,
                        "Resource": [
                            {"Fn::Sub": f"{_HERE}:registry/{name}"},
                            {"Fn::Sub": f"{_HERE}:schema/{name}/*"},
                        ],
                    }
                ],
            },
        },
    }


def _logical_id(entry: Entry) -> str:
    name, _, edition = entry.name.partition(".")
    return f"{entry.service.capitalize()}{name}{edition.upper()}Schema"
