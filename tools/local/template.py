"""Templates as dictionaries: decoded and their loops expanded, both by the SAM CLI's own code.

Of its language extensions only the loops are used. Its resolver, which would come next, drops a
Fn::Sub that it cannot resolve and prints a Ref inside of a Fn::Join; what CloudFormation is to
evaluate at a deployment stays as written here.
"""

import copy
import json
from pathlib import Path
from typing import Any

import yaml
from samcli.lib.cfn_language_extensions.exceptions import InvalidTemplateException
from samcli.lib.cfn_language_extensions.models import TemplateProcessingContext
from samcli.lib.cfn_language_extensions.pipeline import ProcessingPipeline
from samcli.lib.cfn_language_extensions.processors.foreach import ForEachProcessor
from samcli.lib.cfn_language_extensions.processors.parsing import TemplateParsingProcessor
from samcli.yamlhelper import intrinsics_multi_constructor

type Template = dict[str, Any]
"""A CloudFormation template: sections by name, as JSON would hold them."""


class _Loader(yaml.CSafeLoader):
    """YAML with CloudFormation's short forms, as the SAM CLI reads it; dates remain text."""

    def get_single_node(self) -> Any:  # noqa: ANN401 - as the base class has it
        """Return the document; raise YAMLError for a key that is given twice."""
        node = super().get_single_node()
        _refuse_duplicate_keys(node)
        return node


_Loader.add_multi_constructor("!", intrinsics_multi_constructor)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: str(node.value))


class TemplateError(Exception):
    """A template that cannot be read; the message names the file and the place."""


def parse_template(text: str, name: str = "template.yaml") -> Template:
    """Parse a template's YAML (or JSON) text as it is written. Raises TemplateError."""
    try:
        template = json.loads(json.dumps(yaml.load(text, _Loader)))  # noqa: S506 - a safe loader
    except (yaml.YAMLError, TypeError) as error:
        raise TemplateError(f"{name} is not valid YAML: {error}") from error
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        raise TemplateError(f"{name} has no Resources section")
    return template


def read_template(path: Path) -> Template:
    """Read and parse a template file as it is written. Raises TemplateError."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise TemplateError(f"{path} cannot be read: {error.strerror}") from error
    return parse_template(text, str(path))


def load_template(path: Path) -> Template:
    """Read a template file and expand its loops. Raises TemplateError."""
    return expand_loops(read_template(path), str(path))


def expand_loops(template: Template, name: str = "template.yaml") -> Template:
    """Return a copy in which each Fn::ForEach is what it stands for. Raises TemplateError."""
    context = TemplateProcessingContext(fragment=copy.deepcopy(template))
    pipeline = ProcessingPipeline([TemplateParsingProcessor(), ForEachProcessor()])
    try:
        expanded: Template = pipeline.process_template(context)
    except InvalidTemplateException as error:
        raise TemplateError(f"{name}: {error}") from error
    mappings = expanded.get("Mappings") or {}
    return {
        section: _without_constants(content, mappings)
        if section in {"Resources", "Conditions", "Outputs"}
        else content
        for section, content in expanded.items()
    }


def _without_constants(value: Any, mappings: Template) -> Any:  # noqa: ANN401 - any JSON value
    """Return what loops leave over: functions of constants, with which names are composed."""
    match value:
        case list():
            return [_without_constants(item, mappings) for item in value]
        case {"Fn::Sub": str(text)} if "${" not in text:
            return text
        case {"Fn::FindInMap": [*keys]}:
            keys = _without_constants(keys, mappings)
            found: Any = mappings
            for key in keys:
                if not isinstance(key, str) or not isinstance(found, dict) or key not in found:
                    return {"Fn::FindInMap": keys}
                found = found[key]
            return found
        case dict():
            return {key: _without_constants(item, mappings) for key, item in value.items()}
    return value


def _refuse_duplicate_keys(node: yaml.Node | None) -> None:
    """Raise YAMLError for a key that is given twice: the parser would keep the last one."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen and key.value != "<<":
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key.value!r} is given twice", key.start_mark
                )
            seen.add(str(key.value))
            _refuse_duplicate_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_duplicate_keys(item)
