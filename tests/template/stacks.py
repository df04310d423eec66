"""All stacks as the tests see them: as written, and as SAM makes CloudFormation of them."""

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from tools.contracts.paths import ROOT
from tools.local.template import Template
from tools.templates import Product, Route, expanded, read_texts, routes_of

SERVICES = ("auth", "catalog", "library", "recommender", "rooms")
_LOOP_KEY = re.compile(r"^ +(?:- )?(?P<key>[A-Za-z0-9]*\$\{[A-Za-z]+\}[A-Za-z0-9]*):", re.MULTILINE)
_LOOP_VARIABLE = re.compile(r"\$\{[A-Za-z]+\}")
_VARIABLE = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}")

type Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Stacks:
    """The texts of all templates by their paths, in a folder with what they refer to."""

    texts: Mapping[str, str]
    root: Path = ROOT

    @classmethod
    def read(cls) -> "Stacks":
        """Read the templates of the checkout."""
        return cls(read_texts())

    @cached_property
    def product(self) -> Product:
        """The stacks, with references across stacks resolved."""
        return Product.of(self.texts)

    @cached_property
    def template(self) -> Template:
        """Everything in one template, loops expanded."""
        return self.product.template

    @cached_property
    def resources(self) -> Mapping[str, Any]:
        """The resources of all stacks, by logical id."""
        found: Mapping[str, Any] = self.template["Resources"]
        return found

    @cached_property
    def owners(self) -> Mapping[str, str]:
        """The stack of each resource: a service, "platform" or "edge"."""
        return {
            name: stack.name.lower() for stack in self.product.stacks for name in stack.resources
        }

    @cached_property
    def defaults(self) -> Mapping[str, Properties]:
        """What all functions of a service have, by service."""
        return {
            stack.name.lower(): stack.template["Globals"]["Function"]
            for stack in self.product.stacks
            if "Globals" in stack.template
        }

    @cached_property
    def transformed(self) -> Mapping[str, Mapping[str, Any]]:
        """The resources that CloudFormation gets from SAM, by stack and logical id."""
        return {
            stack.name.lower(): transformed(self.texts[stack.path], stack.path)
            for stack in self.product.stacks
        }

    @cached_property
    def routes(self) -> Mapping[str, Route]:
        """The routes of the REST API, by key such as "GET /media"."""
        return {route.key: route for route in routes_of(self.template)}

    def of_type(self, kind: str) -> dict[str, Properties]:
        """Return the properties of every resource of a type, by logical id."""
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
        """Return a function's timeout in seconds."""
        own = self.functions[function].get("Timeout")
        return int(own or self.defaults[self.service(function)]["Timeout"])

    def sources(self, kind: str) -> Iterator[tuple[str, Properties]]:
        """Yield the event sources of a type, with their functions."""
        for name, properties in self.functions.items():
            for event in properties.get("Events", {}).values():
                if event["Type"] == kind:
                    yield name, event["Properties"]

    def service(self, function: str) -> str:
        """Return the service of a function."""
        return self.owners[function]

    def without(self, old: str, new: str = "") -> "Stacks":
        """Return stacks with a fault: every `old`, which must be there, is `new`."""
        assert any(old in text for text in self.texts.values()), (
            f"no template has {old!r}: break it in another place"
        )
        texts = {path: text.replace(old, new) for path, text in self.texts.items()}
        return Stacks(texts, self.root)

    def in_resource(self, logical_id: str, old: str, new: str = "") -> "Stacks":
        """Return stacks with a fault in one resource, or in all that its loop makes."""
        path, start, end = self._place(logical_id)
        text = self.texts[path]
        part = text[start:end]
        assert old in part, f"{logical_id} does not have {old!r}: break it in another place"
        broken = text[:start] + part.replace(old, new) + text[end:]
        return Stacks({**self.texts, path: broken}, self.root)

    def _place(self, logical_id: str) -> tuple[str, int, int]:
        for path, text in self.texts.items():
            if found := re.search(rf"^  {logical_id}:", text, re.MULTILINE):
                return path, found.start(), _end(text, found.end(), 2)
        path = self.product.stack_of(logical_id).path
        text = self.texts[path]
        fitting = [
            found
            for found in _LOOP_KEY.finditer(text)
            if re.fullmatch(_LOOP_VARIABLE.sub(r"\\w+", found["key"]), logical_id)
        ]
        found = max(fitting, key=lambda found: len(_LOOP_VARIABLE.sub("", found["key"])))
        return path, found.start(), _end(text, found.end(), found.start("key") - found.start())


type Finding = Callable[[Stacks], list[str]]
"""Finds what breaks one rule; nothing when all is well."""


def _end(text: str, start: int, indent: int) -> int:
    following = re.compile(rf"^ {{0,{indent}}}[^ \n]", re.MULTILINE).search(text, start)
    return following.start() if following else len(text)


@lru_cache(maxsize=64)
def transformed(text: str, path: str) -> Mapping[str, Any]:
    """Return the resources that SAM makes of a template."""
    return sam_resources(expanded(text, path))


def sam_resources(template: Template) -> Mapping[str, Any]:
    """Return the resources that SAM makes of a template whose loops are expanded."""
    # Imported here: whoever runs other tests does not wait for it.
    from samtranslator.internal.managed_policies import (  # type: ignore[import-untyped]  # noqa: PLC0415
        get_bundled_managed_policy_map,
    )
    from samtranslator.parser.parser import Parser  # type: ignore[import-untyped]  # noqa: PLC0415
    from samtranslator.translator.translator import (  # type: ignore[import-untyped]  # noqa: PLC0415
        Translator,
    )

    source = copy.deepcopy(template)
    source["Transform"] = "AWS::Serverless-2016-10-31"
    source.get("Globals", {}).get("Function", {}).pop("CodeUri", None)
    for resource in source["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/code.zip"
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            resource["Properties"]["ContentUri"] = "s3://bucket/layer.zip"
    made = Translator(get_bundled_managed_policy_map("aws"), Parser()).translate(source, {})
    found: Mapping[str, Any] = made["Resources"]
    return found


def logical_ids(node: object) -> set[str]:
    """Return the names that a value refers to, by Ref, GetAtt or Sub."""
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
    """Return a value that may stand alone or in a list as a list."""
    return value if isinstance(value, list) else [value]


def target(reference: object) -> str:
    """Return the one resource that a value refers to, or nothing."""
    names = logical_ids(reference)
    return names.pop() if len(names) == 1 else ""
