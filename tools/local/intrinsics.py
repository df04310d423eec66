"""Evaluates the intrinsic functions of a deployed template, as far as the bridge needs them.

The emulator resolves them for the resources that it makes itself. What it ignores (the routes of
an HTTP API, an archive) is made through its API instead, and there the values must be plain.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.local.template import Template

_VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")
_ARNS = {
    "AWS::Lambda::Function": "arn:aws:lambda:{region}:{account}:function:{id}",
    "AWS::Events::EventBus": "arn:aws:events:{region}:{account}:event-bus/{id}",
    "AWS::Cognito::UserPool": "arn:aws:cognito-idp:{region}:{account}:userpool/{id}",
    "AWS::IAM::Role": "arn:aws:iam::{account}:role/{id}",
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:{region}:{account}:table/{id}",
}
_LISTS = frozenset({"CommaDelimitedList", "List<Number>"})
_ABSENT = object()


class UnresolvedError(Exception):
    """An intrinsic function, or an attribute, that this evaluator does not know."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the names of a template stand for in one deployment.

    `physical_ids` maps logical to physical ids, `parameters` holds the effective values.
    """

    template: Template
    parameters: Mapping[str, str]
    physical_ids: Mapping[str, str]
    region: str
    account: str
    stack_name: str
    _conditions: dict[str, bool] = field(default_factory=dict)

    def resolve(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        """Return `value` without intrinsics; members that are AWS::NoValue are left out."""
        resolved = self._resolve(value)
        return None if resolved is _ABSENT else resolved

    def holds(self, condition: str) -> bool:
        """Whether a named condition of the template is true. Raises UnresolvedError."""
        if condition not in self._conditions:
            definitions = self.template.get("Conditions") or {}
            if condition not in definitions:
                raise UnresolvedError(f"no condition is named {condition}")
            self._conditions[condition] = self._truth(definitions[condition])
        return self._conditions[condition]

    def exists(self, logical_id: str) -> bool:
        """Whether the template has this resource, and its condition holds."""
        resource = (self.template.get("Resources") or {}).get(logical_id)
        if not isinstance(resource, dict):
            return False
        condition = resource.get("Condition")
        return condition is None or self.holds(condition)

    def _resolve(self, value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, list):
            return [item for item in map(self._resolve, value) if item is not _ABSENT]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._call(name, argument)
        members = {key: self._resolve(member) for key, member in value.items()}
        return {key: member for key, member in members.items() if member is not _ABSENT}

    def _call(self, name: str, argument: Any) -> Any:  # noqa: ANN401
        functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::Join": lambda pair: pair[0].join(map(str, self._resolve(pair[1]))),
            "Fn::Select": lambda pair: self._resolve(pair[1])[int(self._resolve(pair[0]))],
            "Fn::If": lambda triple: self._resolve(triple[1 if self.holds(triple[0]) else 2]),
        }
        if name not in functions:
            raise UnresolvedError(f"{name} is not known to the local stack")
        return functions[name](argument)

    def _ref(self, name: str) -> Any:  # noqa: ANN401
        pseudo = {
            "AWS::Region": self.region,
            "AWS::AccountId": self.account,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": self.stack_name,
            "AWS::NoValue": _ABSENT,
        }
        if name in self.parameters:
            return self._parameter(name)
        for names in (pseudo, self.physical_ids):
            if name in names:
                return names[name]
        raise UnresolvedError(f"nothing is named {name}")

    def _parameter(self, name: str) -> str | list[str]:
        definition = (self.template.get("Parameters") or {}).get(name) or {}
        value = self.parameters[name]
        if definition.get("Type") in _LISTS:
            return [item.strip() for item in value.split(",")]
        return value

    def _get_att(self, argument: list[str] | str) -> str:
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        logical_id, attribute = parts
        resource = (self.template.get("Resources") or {}).get(logical_id) or {}
        pattern = _ARNS.get(str(resource.get("Type")))
        if attribute != "Arn" or pattern is None or logical_id not in self.physical_ids:
            raise UnresolvedError(f"{logical_id}.{attribute} is not known to the local stack")
        physical_id = self.physical_ids[logical_id]
        return pattern.format(region=self.region, account=self.account, id=physical_id)

    def _sub(self, argument: str | list[Any]) -> str:
        text, own = (argument, {}) if isinstance(argument, str) else argument

        def value_of(match: re.Match[str]) -> str:
            literal, name = match.groups()
            if literal:
                return f"${{{name}}}"
            if name in own:
                return str(self._resolve(own[name]))
            return str(self._get_att(name) if "." in name else self._ref(name))

        return _VARIABLE.sub(value_of, text)

    def _truth(self, expression: Any) -> bool:  # noqa: ANN401
        ((name, argument),) = expression.items()
        match name:
            case "Condition":
                return self.holds(argument)
            case "Fn::Equals":
                left, right = (str(self._resolve(side)) for side in argument)
                return left == right
            case "Fn::Not":
                return not self._truth(argument[0])
            case "Fn::And":
                return all(map(self._truth, argument))
            case "Fn::Or":
                return any(map(self._truth, argument))
            case _:
                raise UnresolvedError(f"{name} is not known in a condition")


def effective_parameters(template: Template, given: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters' defaults, overridden by those given; unknown names are left out."""
    declared: dict[str, dict[str, Any]] = template.get("Parameters") or {}
    values = {
        name: str(definition["Default"])
        for name, definition in declared.items()
        if "Default" in definition
    }
    return values | {name: value for name, value in given.items() if name in declared}
