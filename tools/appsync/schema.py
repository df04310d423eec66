"""The API's schema: built from SDL, with what AppSync's directives say about access and events."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DirectiveNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    InputValueDefinitionNode,
    Visitor,
    build_ast_schema,
    get_named_type,
    parse,
    validate_schema,
    value_from_ast_untyped,
    visit,
)

from tools.appsync import scalars
from tools.appsync.api import AuthMode, GraphqlApi
from tools.appsync.errors import DefinitionError
from tools.appsync.identity import CognitoIdentity, Identity

_PRELUDE = "\n".join(
    [
        *(f"scalar {name}" for name in scalars.NAMES),
        "directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION",
        "directive @aws_publish(subscriptions: [String!]!) on FIELD_DEFINITION",
        "directive @aws_auth(cognito_groups: [String!]!) on FIELD_DEFINITION | OBJECT",
        "directive @aws_cognito_user_pools(cognito_groups: [String!]) on FIELD_DEFINITION | OBJECT",
        *(
            f"directive @{name} on FIELD_DEFINITION | OBJECT"
            for name in ("aws_api_key", "aws_iam", "aws_oidc", "aws_lambda")
        ),
    ]
)

_MODES = {
    "aws_cognito_user_pools": AuthMode.COGNITO,
    "aws_iam": AuthMode.IAM,
    "aws_api_key": AuthMode.API_KEY,
    "aws_oidc": AuthMode.OIDC,
    "aws_lambda": AuthMode.LAMBDA,
}

type Groups = frozenset[str] | None
"""The groups of which one is needed; None where any user will do."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read a field: by which modes and, for users of the pool, in which groups."""

    modes: Mapping[AuthMode, Groups]

    def allows(self, identity: Identity) -> bool:
        """Whether this caller may. An IAM caller also needs a policy; see `iam`."""
        if identity.mode not in self.modes:
            return False
        groups = self.modes[identity.mode]
        if groups is None:
            return True
        return isinstance(identity, CognitoIdentity) and not groups.isdisjoint(identity.groups)


class ApiSchema:
    """A built schema with its access rules and its subscriptions."""

    def __init__(self, api: GraphqlApi) -> None:
        """Build it. Raises DefinitionError for whatever AppSync would refuse."""
        self._api = api
        try:
            document = parse(f"{_PRELUDE}\n{api.sdl}")
            visit(document, _DefaultRemover())
            self.graphql: GraphQLSchema = build_ast_schema(document)
        except (GraphQLError, TypeError) as error:
            raise DefinitionError(f"the schema is not valid: {error}") from error
        if problems := validate_schema(self.graphql):
            raise DefinitionError(f"the schema is not valid: {problems[0].message}")
        scalars.install(self.graphql)
        self._access = {
            (object_type.name, field_name): self._access_of(object_type, field_name)
            for object_type in self.object_types()
            for field_name in object_type.fields
        }
        self.subscriptions = self._subscriptions()
        for type_name, field_name in api.resolvers:
            if (type_name, field_name) not in self._access:
                raise DefinitionError(f"there is a resolver for {type_name}.{field_name}: no field")

    def access(self, type_name: str, field_name: str) -> Access:
        """Who may read a field of an object type."""
        return self._access[type_name, field_name]

    def object_types(self) -> Iterator[GraphQLObjectType]:
        """All object types of the API, without those of introspection."""
        for named in self.graphql.type_map.values():
            if isinstance(named, GraphQLObjectType) and not named.name.startswith("__"):
                yield named

    def _access_of(self, object_type: GraphQLObjectType, field_name: str) -> Access:
        field = object_type.fields[field_name]
        own = _directives(field.ast_node)
        of_type = [
            directive
            for node in (object_type.ast_node, *object_type.extension_ast_nodes)
            for directive in _directives(node)
        ]
        for directives in (own, of_type):
            if modes := self._modes(directives):
                return Access(modes)
        return Access({self._api.default_mode: None})

    def _modes(self, directives: list[DirectiveNode]) -> dict[AuthMode, Groups]:
        modes: dict[AuthMode, Groups] = {}
        for directive in directives:
            name = directive.name.value
            if name in _MODES:
                modes[_MODES[name]] = _groups(directive)
            elif name == "aws_auth" and self._api.modes == {AuthMode.COGNITO}:
                # AppSync ignores @aws_auth as soon as there is a second way to authenticate.
                modes[AuthMode.COGNITO] = _groups(directive)
        return modes

    def _subscriptions(self) -> dict[str, frozenset[str]]:
        """Map each subscription field to the mutations that trigger it."""
        root, mutations = self.graphql.subscription_type, self.graphql.mutation_type
        if root is None:
            return {}
        triggers: dict[str, frozenset[str]] = {}
        for name, field in root.fields.items():
            for directive in _directives(field.ast_node):
                if directive.name.value == "aws_subscribe":
                    triggers[name] = frozenset(_argument(directive, "mutations") or ())
            for mutation in triggers.get(name, ()):
                if mutations is None or mutation not in mutations.fields:
                    raise DefinitionError(f"Subscription.{name}: no mutation {mutation}")
                ours, theirs = (
                    get_named_type(field.type),
                    get_named_type(mutations.fields[mutation].type),
                )
                if ours is not theirs:
                    message = f"Subscription.{name} and Mutation.{mutation} return different types"
                    raise DefinitionError(message)
        return triggers


class _DefaultRemover(Visitor):
    """Removes what an argument or an input's field is when it is left out: AppSync ignores it."""

    @staticmethod
    def enter_input_value_definition(node: InputValueDefinitionNode, *_: object) -> None:
        node.default_value = None


def _directives(node: Any) -> list[DirectiveNode]:  # noqa: ANN401 - any node, or none
    return list(node.directives or ()) if node is not None else []


def _groups(directive: DirectiveNode) -> Groups:
    groups = _argument(directive, "cognito_groups")
    return None if groups is None else frozenset(groups)


def _argument(directive: DirectiveNode, name: str) -> list[str] | None:
    for argument in directive.arguments:
        if argument.name.value == name:
            value = value_from_ast_untyped(argument.value)
            return [value] if isinstance(value, str) else value
    return None
