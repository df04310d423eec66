"""template.yaml as a dictionary, with CloudFormation's short forms written out."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

type Template = dict[str, Any]
"""A CloudFormation template: sections by name, as JSON would hold them."""

_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_UNPREFIXED = frozenset({"Ref", "Condition"})


class TemplateError(Exception):
    """A template that cannot be read; the message names the file and the place."""


class _Loader(yaml.SafeLoader):
    """Safe YAML plus `!Ref` and its kin; a date such as an IAM version stays text."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML reads the resolvers from the class
        first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.Node, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        """Refuse a key given twice: PyYAML would keep the last one without a word."""
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, _ in node.value:
                if key.value in seen and key.value != "<<":
                    raise yaml.constructor.ConstructorError(
                        None, None, f"key {key.value!r} is given twice", key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)  # type: ignore[arg-type]


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in _UNPREFIXED else f"Fn::{suffix}"
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = str(value).split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {name: value}


_Loader.add_multi_constructor("!", _intrinsic)


def parse_template(text: str, name: str = "template.yaml") -> Template:
    """Parse a template's YAML (or JSON) text. Raises TemplateError."""
    try:
        # _Loader is a SafeLoader: it builds plain data only.
        template = yaml.load(text, Loader=_Loader)  # noqa: S506
    except yaml.YAMLError as error:
        raise TemplateError(f"{name} is not valid YAML: {error}") from error
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        raise TemplateError(f"{name} has no Resources section")
    return template


def load_template(path: Path) -> Template:
    """Read and parse a template file. Raises TemplateError."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise TemplateError(f"{path} cannot be read: {error.strerror}") from error
    return parse_template(text, path.name)
