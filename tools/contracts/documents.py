"""How generated YAML is written: every value where it stands, lists inside their keys."""

import json
from functools import lru_cache
from typing import Any

import yaml


def to_yaml(document: object, *, width: int = 100) -> str:
    """Write a document of JSON values as YAML."""
    return _to_yaml(json.dumps(document), width)


def from_yaml(text: str) -> Any:  # noqa: ANN401 - any YAML value
    """Read YAML; the parser in C takes a tenth of the other's time."""
    return yaml.load(text, yaml.CSafeLoader)  # noqa: S506 - the safe loader, in C


@lru_cache(maxsize=8)
def _to_yaml(document: str, width: int) -> str:
    """Write a document, which is given as JSON; a large one takes a second, so it is kept."""
    return yaml.dump(
        json.loads(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=width
    )


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the base class asks for it
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - as above
        super().increase_indent(flow, False)


def _paragraph(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _paragraph)
