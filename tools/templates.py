"""All stacks of the product at once, as the root template wires them.

Checks and tests read one template: that of every stack, its loops expanded, what comes from another
stack's output replaced by what that output refers to, paths relative to the checkout.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from tools.contracts.paths import ROOT
from tools.local.template import Template, TemplateError, expand_loops, parse_template

ROOT_TEMPLATE = "template.yaml"
WEB_TEMPLATE = "web/template.yaml"
"""Of the app for people, which is deployed beside the root's stacks."""
ALIAS = "live"
"""The alias of every function."""

_APPLICATION = "AWS::Serverless::Application"
_OUTPUTS = "Outputs."
_PATHS = frozenset(
    {"CodeUri", "ContentUri", "CodeS3Location", "DefinitionS3Location", "TemplateURL"}
)
_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z0-9]+)\}")


@dataclass(frozen=True, slots=True)
class Stack:
    """One application of the root. `path` is its template's; references are resolved."""

    name: str
    path: str
    template: Template

    @property
    def resources(self) -> dict[str, Any]:
        """Its resources, by logical id."""
        found: dict[str, Any] = self.template["Resources"]
        return found


@dataclass(frozen=True, slots=True)
class Product:
    """The stacks in the order of the root template, and that template."""

    root: Template
    stacks: tuple[Stack, ...]

    @classmethod
    def read(cls, root: Path = ROOT) -> Self:
        """Read the templates of a checkout. Raises TemplateError."""
        return cls.of(read_texts(root))

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> Self:
        """Make it of templates' texts, by their paths. Raises TemplateError."""
        return cls(*_wired(tuple(sorted(texts.items()))))

    @property
    def template(self) -> Template:
        """Everything in one: parameters of the root, resources and outputs of all stacks.

        Raises TemplateError when two stacks give one logical id to different resources.
        """
        sections: dict[str, dict[str, Any]] = {"Conditions": {}, "Resources": {}, "Outputs": {}}
        for stack in self.stacks:
            for section, merged in sections.items():
                for name, value in stack.template.get(section, {}).items():
                    if merged.setdefault(name, value) != value:
                        raise TemplateError(f"{stack.path}: {name} is another one elsewhere")
        return {"Parameters": self.root["Parameters"], **sections}

    def stack_of(self, logical_id: str) -> Stack:
        """Return the stack of a resource. Raises LookupError."""
        for stack in self.stacks:
            if logical_id in stack.resources:
                return stack
        raise LookupError(logical_id)


@dataclass(frozen=True, slots=True)
class Route:
    """A route of the REST API. `key` is "GET /media"; `function` the logical id of who answers."""

    key: str
    function: str
    is_public: bool
    scopes: tuple[str, ...] = ()

    @property
    def method(self) -> str:
        """Its method."""
        return self.key.partition(" ")[0]

    @property
    def path(self) -> str:
        """Its path, with braces."""
        return self.key.partition(" ")[2]


def routes_of(template: Template) -> Iterator[Route]:
    """Yield the routes of a template, each with the function that its integration invokes."""
    resources = template["Resources"]
    for resource in resources.values():
        if resource["Type"] != "AWS::ApiGatewayV2::Route":
            continue
        properties = resource["Properties"]
        integration = properties["Target"]["Fn::Join"][1][1]["Ref"]
        alias = str(resources[integration]["Properties"]["IntegrationUri"]["Ref"])
        yield Route(
            properties["RouteKey"],
            alias.removesuffix(f"Alias{ALIAS}"),
            properties.get("AuthorizationType", "NONE") == "NONE",
            tuple(properties.get("AuthorizationScopes", ())),
        )


def statements_of(template: Template, function: str) -> Iterator[Mapping[str, Any]]:
    """Yield what the role of a function allows: in the role itself, and in policies for it."""
    resources = template["Resources"]
    role = resources[function]["Properties"].get("Role", {}).get("Fn::GetAtt", [""])[0]
    inline = resources.get(role, {}).get("Properties", {}).get("Policies", ())
    documents = [policy["PolicyDocument"] for policy in inline]
    documents += [
        resource["Properties"]["PolicyDocument"]
        for resource in resources.values()
        if resource["Type"] == "AWS::IAM::Policy"
        and {"Ref": role} in resource["Properties"]["Roles"]
    ]
    for document in documents:
        yield from document["Statement"]


def applications(root: Template) -> dict[str, Mapping[str, Any]]:
    """Return the properties of the root's applications, by logical id."""
    return {
        name: resource["Properties"]
        for name, resource in root["Resources"].items()
        if resource["Type"] == _APPLICATION
    }


def read_texts(root: Path = ROOT) -> dict[str, str]:
    """Read the root template and those of its applications, by their paths below `root`."""
    text = (root / ROOT_TEMPLATE).read_text(encoding="utf-8")
    paths = [
        properties["Location"]
        for properties in applications(expanded(text, ROOT_TEMPLATE)).values()
    ]
    return {ROOT_TEMPLATE: text} | {
        path: (root / path).read_text(encoding="utf-8") for path in paths
    }


def load_product(root: Path = ROOT) -> Template:
    """Read all stacks of a checkout as one template. Raises TemplateError."""
    return Product.read(root).template


@lru_cache(maxsize=256)
def expanded(text: str, name: str) -> Template:
    """Parse and expand a template, once: nobody changes what is returned."""
    return expand_loops(parse_template(text, name), name)


@lru_cache(maxsize=8)
def _wired(texts: tuple[tuple[str, str], ...]) -> tuple[Template, tuple[Stack, ...]]:
    """Return the root and its stacks, resolved once: nobody changes what is returned."""
    by_path = dict(texts)
    root = expanded(by_path[ROOT_TEMPLATE], ROOT_TEMPLATE)
    wiring = _Wiring(root, by_path)
    return root, tuple(wiring.stack(name) for name in applications(root))


class _Wiring:
    """Resolves each stack's parameters to what the outputs of other stacks refer to."""

    def __init__(self, root: Template, texts: Mapping[str, str]) -> None:
        self._applications = applications(root)
        self._texts = texts
        self._stacks: dict[str, Stack] = {}

    def stack(self, name: str) -> Stack:
        if name not in self._stacks:
            properties = self._applications[name]
            path = str(properties["Location"])
            given = {
                parameter: self._origin(value)
                for parameter, value in properties.get("Parameters", {}).items()
            }
            template = _Resolver(given, posixpath.dirname(path)).resolve(
                expanded(self._texts[path], path)
            )
            self._stacks[name] = Stack(name, path, template)
        return self._stacks[name]

    def _origin(self, value: object) -> object:
        match value:
            case {"Fn::GetAtt": [str(application), str(attribute)]}:
                name = attribute.removeprefix(_OUTPUTS)
                outputs = self.stack(application).template.get("Outputs", {})
                if name not in outputs:
                    raise TemplateError(f"{application} has no output {name}")
                return outputs[name]["Value"]
        return value


@dataclass(frozen=True, slots=True)
class _Resolver:
    given: Mapping[str, Any]
    folder: str

    def resolve(self, template: Template) -> Template:
        parts = {"Globals", "Conditions", "Rules", "Resources", "Outputs"}
        return {
            section: self._value(content) if section in parts else content
            for section, content in template.items()
        }

    def _value(self, node: Any) -> Any:  # noqa: ANN401 - any JSON value
        match node:
            case {"Ref": str(name)} if name in self.given:
                return self.given[name]
            case {"Fn::Sub": str(text)}:
                return {"Fn::Sub": _VARIABLE.sub(self._variable, text)}
            case dict():
                return {
                    key: self._path(value)
                    if key in _PATHS and isinstance(value, str)
                    else self._value(value)
                    for key, value in node.items()
                }
            case list():
                return [self._value(part) for part in node]
        return node

    def _variable(self, found: re.Match[str]) -> str:
        match self.given.get(found["name"]):
            case {"Ref": str(name)}:
                return f"${{{name}}}"
            case {"Fn::GetAtt": [str(name), str(attribute)]}:
                return f"${{{name}.{attribute}}}"
        return found[0]

    def _path(self, location: str) -> str:
        return posixpath.normpath(posixpath.join(self.folder, location))
