"""Evaluates the intrinsic functions of a deployed template, by the SAM CLI's own resolvers.

Physical ids stand in for parameters there. What the resolvers leave to CloudFormation, attributes
of resources, is added as far as it is needed; what cannot be evaluated is an error, never a guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from samcli.lib.cfn_language_extensions.api import create_default_intrinsic_resolver
from samcli.lib.cfn_language_extensions.exceptions import (
    InvalidTemplateException,
    UnresolvableReferenceError,
)
from samcli.lib.cfn_language_extensions.models import (
    ParsedTemplate,
    PseudoParameterValues,
    ResolutionMode,
    TemplateProcessingContext,
)
from samcli.lib.cfn_language_extensions.resolvers.base import (
    IntrinsicFunctionResolver,
    IntrinsicResolver,
)
from samcli.lib.cfn_language_extensions.resolvers.fn_sub import FnSubResolver

from tools.local.template import Template

_ARNS = {
    "AWS::Lambda::Function": "arn:aws:lambda:{region}:{account}:function:{id}",
    "AWS::Events::EventBus": "arn:aws:events:{region}:{account}:event-bus/{id}",
    "AWS::Cognito::UserPool": "arn:aws:cognito-idp:{region}:{account}:userpool/{id}",
    "AWS::IAM::Role": "arn:aws:iam::{account}:role/{id}",
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:{region}:{account}:table/{id}",
}


class UnresolvedError(Exception):
    """An intrinsic function, or an attribute, that cannot be evaluated."""


@dataclass(frozen=True)
class Scope:
    """Values of a template's names in one deployment.

    `physical_ids` maps logical to physical ids, `parameters` holds the effective values.
    """

    template: Template
    parameters: Mapping[str, str]
    physical_ids: Mapping[str, str]
    region: str
    account: str
    stack_name: str

    def resolve(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        """Return `value` without intrinsics; members that are AWS::NoValue are left out."""
        try:
            resolved = self._resolver.resolve_value(value)
        except (InvalidTemplateException, UnresolvableReferenceError) as error:
            raise UnresolvedError(str(error)) from error
        return _complete(resolved)

    def holds(self, condition: str) -> bool:
        """Return whether a named condition is true. Raises UnresolvedError."""
        return bool(self.resolve({"Fn::If": [condition, True, False]}))

    def exists(self, logical_id: str) -> bool:
        """Return whether the template has this resource, and its condition holds."""
        resource = (self.template.get("Resources") or {}).get(logical_id)
        if not isinstance(resource, dict):
            return False
        condition = resource.get("Condition")
        return condition is None or self.holds(condition)

    def arn(self, logical_id: str) -> str:
        """Return a resource's ARN. Raises UnresolvedError for a type of which none is known."""
        resource = (self.template.get("Resources") or {}).get(logical_id) or {}
        pattern = _ARNS.get(str(resource.get("Type")))
        if pattern is None or logical_id not in self.physical_ids:
            raise UnresolvedError(f"{logical_id}.Arn is not known to the local product")
        return pattern.format(
            region=self.region, account=self.account, id=self.physical_ids[logical_id]
        )

    @cached_property
    def _resolver(self) -> IntrinsicResolver:
        context = TemplateProcessingContext(
            fragment=self.template,
            parameter_values={**self.physical_ids, **self.parameters},
            pseudo_parameters=PseudoParameterValues(
                region=self.region,
                account_id=self.account,
                stack_name=self.stack_name,
                partition="aws",
                url_suffix="amazonaws.com",
            ),
            resolution_mode=ResolutionMode.FULL,
            parsed_template=ParsedTemplate(
                resources=self.template.get("Resources") or {},
                parameters=self.template.get("Parameters") or {},
                mappings=self.template.get("Mappings") or {},
                conditions=self.template.get("Conditions") or {},
            ),
        )
        resolver = create_default_intrinsic_resolver(context)
        own = IntrinsicResolver(context)
        own.add_resolver(_GetAtt(context, own, self))
        own.add_resolver(_Sub(context, own, self))
        for other in resolver.resolvers:
            if not isinstance(other, FnSubResolver):
                own.register_resolver(type(other))
        return own


class _GetAtt(IntrinsicFunctionResolver):  # type: ignore[misc]  # untyped
    """Resolves Fn::GetAtt of the attributes that are known."""

    FUNCTION_NAMES = ["Fn::GetAtt"]  # noqa: RUF012 - the base class's declaration

    def __init__(
        self, context: TemplateProcessingContext, parent: IntrinsicResolver, scope: Scope
    ) -> None:
        super().__init__(context, parent)
        self._scope = scope

    def resolve(self, value: dict[str, Any]) -> str:
        argument = self.get_function_args(value)
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        return _attribute(self._scope, *parts)


class _Sub(FnSubResolver):  # type: ignore[misc]  # untyped
    """Resolves Fn::Sub with the attributes that are known."""

    def __init__(
        self, context: TemplateProcessingContext, parent: IntrinsicResolver, scope: Scope
    ) -> None:
        super().__init__(context, parent)
        self._scope = scope

    def _resolve_variable(self, var_name: str, variable_map: dict[str, Any]) -> Any:  # noqa: ANN401 - the base class's
        if "." in var_name and var_name not in variable_map:
            return _attribute(self._scope, *var_name.split(".", 1))
        return super()._resolve_variable(var_name, variable_map)


def _attribute(scope: Scope, logical_id: str, attribute: str) -> str:
    if attribute != "Arn":
        raise UnresolvedError(f"{logical_id}.{attribute} is not known to the local product")
    return scope.arn(logical_id)


def _complete(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a resolved value without absent members. Raises UnresolvedError for what is left."""
    match value:
        case {"Ref": "AWS::NoValue"}:
            return None
        case dict():
            left = [name for name in value if name == "Ref" or name.startswith("Fn::")]
            if len(value) == 1 and left:
                raise UnresolvedError(f"{left[0]} cannot be evaluated: {value[left[0]]}")
            members = {name: _complete(member) for name, member in value.items()}
            return {name: member for name, member in members.items() if member is not None}
        case list():
            return [item for item in map(_complete, value) if item is not None]
    return value


def effective_parameters(template: Template, given: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters' defaults, overridden by those given; unknown names are left out."""
    declared: dict[str, dict[str, Any]] = template.get("Parameters") or {}
    values = {
        name: str(definition["Default"])
        for name, definition in declared.items()
        if "Default" in definition
    }
    return values | {name: value for name, value in given.items() if name in declared}
