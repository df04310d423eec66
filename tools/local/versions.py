"""Takes the published versions and aliases out of a template, for the laptop.

On AWS they let new code have a tenth of the calls first. Here the code changes as it is saved, and
every version would be another process to keep warm: calls go to the function itself.
"""

from typing import Any

from tools.local.template import Template

_PUBLISHING = ("AutoPublishAlias", "AutoPublishAliasAllProperties", "DeploymentPreference")
_LAYER_S = "PublishLambdaVersion"
_SUFFIX = ".Alias"


def without_versions(template: Template) -> None:
    """Change a template in place: no aliases, and functions where aliases were referred to."""
    defaults = (template.get("Globals") or {}).get("Function") or {}
    functions = [
        resource.get("Properties") or {}
        for resource in template["Resources"].values()
        if resource.get("Type") == "AWS::Serverless::Function"
    ]
    for properties in (defaults, *functions):
        for name in _PUBLISHING:
            properties.pop(name, None)
    for resource in template["Resources"].values():
        if resource.get("Type") == "AWS::Serverless::LayerVersion":
            resource["Properties"].pop(_LAYER_S, None)
    for part in ("Resources", "Outputs"):
        template[part] = _direct(template.get(part) or {})


def _direct(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    match value:
        case {"Ref": str(name)} if name.endswith(_SUFFIX):
            return {"Fn::GetAtt": [name.removesuffix(_SUFFIX), "Arn"]}
        case dict():
            return {key: _direct(part) for key, part in value.items()}
        case list():
            return [_direct(part) for part in value]
    return value
