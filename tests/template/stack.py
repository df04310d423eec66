"""template.yaml as the tests see it: as written, and as SAM makes CloudFormation of it."""

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from samtranslator.internal.managed_policies import get_bundled_managed_policy_map  # type: ignore[import-untyped]
from samtranslator.parser.parser import Parser  # type: ignore[import-untyped]
from samtranslator.translator.translator import Translator  # type: ignore[import-untyped]

from tools.contracts.paths import ROOT
from tools.local.template import Template, parse_template

_BANNER = re.compile(r"^  # ── (?P<name>[A-Za-z]+)")
_LOGICAL_ID = re.compile(r"^  (?P<name>[A-Z][A-Za-z0-9]+):")
_VARIABLE = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}")

type Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Stack:
    """One text of a template, in a folder with what it refers to."""

    text: str
    root: Path = ROOT

    @cached_property
    def template(self) -> Template:
        """The template as written."""
        return parse_template(self.text)

    @cached_property
    def resources(self) -> Mapping[str, Any]:
        """The resources as written, by logical id."""
        found: Mapping[str, Any] = self.template["Resources"]
        return found

    @cached_property
    def transformed(self) -> Mapping[str, Any]:
        """The resources that CloudFormation gets from SAM, by logical id."""
        source = copy.deepcopy(self.template)
        for resource in source["Resources"].values():
            for key in ("CodeUri", "ContentUri"):
                if key in resource.get("Properties", {}):
                    resource["Properties"][key] = "s3://bucket/code.zip"
        made = Translator(get_bundled_managed_policy_map("aws"), Parser()).translate(source, {})
        found: Mapping[str, Any] = made["Resources"]
        return found

    @cached_property
    def owners(self) -> Mapping[str, str]:
        """The banner under which each resource stands: a service, or "Shared" or "Alarms"."""
        owners: dict[str, str] = {}
        banner = ""
        for line in self.text.partition("\nResources:")[2].splitlines():
            if found := _BANNER.match(line):
                banner = found["name"]
            elif found := _LOGICAL_ID.match(line):
                owners[found["name"]] = banner
        return owners

    def of_type(self, kind: str) -> dict[str, Properties]:
        """Answer the properties of every resource of a type, by logical id."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    @property
    def functions(self) -> dict[str, Properties]:
        """The functions."""
        return self.of_type("AWS::Serverless::Function")

    @property
    def queues(self) -> dict[str, Properties]:
        """The queues."""
        return self.of_type("AWS::SQS::Queue")

    @property
    def tables(self) -> dict[str, Properties]:
        """The tables."""
        return self.of_type("AWS::DynamoDB::Table")

    def timeout(self, function: str) -> int:
        """Answer a function's timeout in seconds."""
        own = self.functions[function].get("Timeout")
        return int(own or self.template["Globals"]["Function"]["Timeout"])

    def sources(self, kind: str) -> Iterator[tuple[str, Properties]]:
        """Walk through the event sources of a type, with their functions."""
        for name, properties in self.functions.items():
            for event in properties.get("Events", {}).values():
                if event["Type"] == kind:
                    yield name, event["Properties"]

    def service(self, function: str) -> str:
        """Answer whose function it is, told by where its code is."""
        return Path(self.functions[function]["CodeUri"]).name

    def without(self, old: str, new: str = "") -> "Stack":
        """Answer a stack with a fault: every `old`, which must be there, is `new`."""
        assert old in self.text, f"the template no longer has {old!r}: break it in another place"
        return Stack(self.text.replace(old, new), self.root)

    def in_resource(self, logical_id: str, old: str, new: str = "") -> "Stack":
        """Answer a stack with a fault in one resource."""
        start = self.text.index(f"\n  {logical_id}:")
        following = re.compile(r"\n  [A-Z#]").search(self.text, start + 1)
        end = following.start() if following else len(self.text)
        part = self.text[start:end]
        assert old in part, f"{logical_id} no longer has {old!r}: break it in another place"
        return Stack(self.text[:start] + part.replace(old, new) + self.text[end:], self.root)


type Finding = Callable[[Stack], list[str]]
"""Finds what breaks one rule; nothing when all is well."""


def logical_ids(node: object) -> set[str]:
    """Answer the names that a value refers to, by Ref, GetAtt or Sub."""
    match node:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            return {name.removesuffix(".Alias")}
        case {"Fn::Sub": str(text)}:
            return set(_VARIABLE.findall(text))
        case {"Fn::Sub": [str(text), dict(own)]}:
            return set(_VARIABLE.findall(text)) | logical_ids(list(own.values()))
        case dict():
            return logical_ids(list(node.values()))
        case list():
            return {name for part in node for name in logical_ids(part)}
    return set()


def as_list(value: Any) -> list[Any]:  # noqa: ANN401 - any JSON value
    """Answer a value that may stand alone or in a list as a list."""
    return value if isinstance(value, list) else [value]


def target(reference: object) -> str:
    """Answer the one resource that a value refers to, or nothing."""
    names = logical_ids(reference)
    return names.pop() if len(names) == 1 else ""
