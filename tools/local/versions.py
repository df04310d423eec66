"""Removes published versions and aliases from a template, for the local product.

On AWS they let new code have a tenth of the calls first. Here the code changes as it is saved, and
every version would be another process to keep warm: calls go to the function itself.
"""

import re
from typing import Any

from tools.local.template import Template

_PUBLISHING = ("AutoPublishAlias", "AutoPublishAliasAllProperties", "DeploymentPreference")
_LAYER_S = "PublishLambdaVersion"
_FUNCTION = "AWS::Serverless::Function"
_VARIABLE = re.compile(r"\$\{([^!}]+)\}")


def without_versions(template: Template) -> None:
    """Change a template in place: no aliases, and functions where aliases were referred to."""
    defaults = (template.get("Globals") or {}).get("Function") or {}
    functions = {
        name: resource.get("Properties") or {}
        for name, resource in template["Resources"].items()
        if resource.get("Type") == _FUNCTION
    }
    shared = defaults.get("AutoPublishAlias")
    aliases = {f"{name}.Alias": name for name in functions}
    for name, properties in functions.items():
        alias = properties.get("AutoPublishAlias", shared)
        aliases[f"{name}Alias{alias}"] = name  # SAM's logical id of it
    for properties in (defaults, *functions.values()):
        for name in _PUBLISHING:
            properties.pop(name, None)
    for resource in template["Resources"].values():
        if resource.get("Type") == "AWS::Serverless::LayerVersion":
            resource["Properties"].pop(_LAYER_S, None)
    for part in ("Resources", "Outputs"):
        template[part] = _direct(template.get(part) or {}, aliases)


def _direct(value: Any, aliases: dict[str, str]) -> Any:  # noqa: ANN401 - any JSON value
    match value:
        case {"Ref": str(name)} if name in aliases or name.endswith(".Alias"):
            return {"Fn::GetAtt": [aliases.get(name, name.removesuffix(".Alias")), "Arn"]}
        case {"Fn::Sub": str(text)}:
            return {"Fn::Sub": _VARIABLE.sub(lambda found: _attribute(found, aliases), text)}
        case dict():
            return {key: _direct(part, aliases) for key, part in value.items()}
        case list():
            return [_direct(part, aliases) for part in value]
    return value


def _attribute(variable: re.Match[str], aliases: dict[str, str]) -> str:
    function = aliases.get(variable[1])
    return f"${{{function}.Arn}}" if function else variable[0]
