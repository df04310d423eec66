"""The GraphQL API: every field has its resolver, every resolver its field, and its guard."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DirectiveNode,
    FieldDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    ObjectTypeDefinitionNode,
    get_named_type,
    value_from_ast_untyped,
)

from rooms.api.resolvers import FOR_GUESTS
from tests.template.stacks import Stacks, target
from tools.contracts.graphql_schema import read_schema

ROOTS = ("Query", "Mutation", "Subscription")
type Directives = list[tuple[str, dict[str, Any]]]

USERS_ONLY: Directives = [("aws_cognito_user_pools", {"cognito_groups": ["Users"]})]
USERS_AND_GUESTS: Directives = [("aws_cognito_user_pools", {"cognito_groups": ["Users", "Guests"]})]
SERVICES_ONLY: Directives = [("aws_iam", {})]

ONES_OWN = frozenset({"Subscription.userDecision", "Subscription.userMatch"})
"""Fields for guests, too, whose code lets everybody hear what is for them and nothing else."""


def schema_of(stacks: Stacks) -> GraphQLSchema:
    """Read the schema that the template deploys."""
    (schema,) = stacks.of_type("AWS::AppSync::GraphQLSchema").values()
    return read_schema(stacks.root / schema["DefinitionS3Location"])


def fields(schema: GraphQLSchema) -> Mapping[str, Directives]:
    """Return the fields of the three roots, such as Query.deck, with their directives."""
    return {
        f"{root}.{name}": list(_directives(field.ast_node.directives if field.ast_node else ()))
        for root in ROOTS
        for name, field in schema.type_map[root].fields.items()  # type: ignore[attr-defined]
    }


def resolvers(stacks: Stacks) -> Counter[str]:
    """Count the resolvers of each field."""
    return Counter(
        f"{resolver['TypeName']}.{resolver['FieldName']}"
        for resolver in stacks.of_type("AWS::AppSync::Resolver").values()
    )


def unresolved(stacks: Stacks) -> list[str]:
    """Find fields without a resolver, or with two, and resolvers without a field."""
    there, made = set(fields(schema_of(stacks))), resolvers(stacks)
    faults = [f"{field} has no resolver" for field in sorted(there - made.keys())]
    faults += [f"{field} is no field of the schema" for field in sorted(made.keys() - there)]
    return faults + [f"{field} has {count} resolvers" for field, count in made.items() if count > 1]


def answered_by_function(stacks: Stacks, function: str) -> set[str]:
    """Return the fields whose data source is a function."""
    sources = {
        name
        for name, source in stacks.of_type("AWS::AppSync::DataSource").items()
        if target(source.get("LambdaConfig", {}).get("LambdaFunctionArn")) == function
    }
    return {
        f"{resolver['TypeName']}.{resolver['FieldName']}"
        for resolver in stacks.of_type("AWS::AppSync::Resolver").values()
        if target(resolver["DataSourceName"]) in sources
    }


def broken_resolvers(stacks: Stacks) -> list[str]:
    """Find resolvers whose code is not there, is of another kind, or comes before the schema."""
    faults = []
    for name, resolver in stacks.of_type("AWS::AppSync::Resolver").items():
        if not (stacks.root / resolver["CodeS3Location"]).is_file():
            faults.append(f"{name}: there is no {resolver['CodeS3Location']}")
        if resolver.get("Runtime", {}).get("Name") != "APPSYNC_JS":
            faults.append(f"{name} is no APPSYNC_JS")
        if stacks.resources[name].get("DependsOn") != "RoomsSchema":
            faults.append(f"{name} may be made before the field that it resolves")
    return faults


def open_fields(directives: Mapping[str, Directives]) -> list[str]:
    """Find fields that others may use than those for whom they are."""
    faults = []
    for field, found in directives.items():
        guards = [guard for guard in found if guard[0] != "aws_subscribe"]
        if guards != (expected := _meant_for(field)):
            faults.append(f"{field} is for {guards}, not for {expected}")
    return faults


def closed_to_iam(schema: GraphQLSchema) -> list[str]:
    """Find types within what a service's field returns that services may not read.

    AppSync leaves out what the caller may not read: it would be null to every subscriber.
    """
    names = [get_named_type(field.type).name for field in _fields_for_services(schema)]
    checked: set[str] = set()
    faults = []
    while names:
        name = names.pop()
        kind = schema.type_map[name]
        if name in checked or not isinstance(kind, GraphQLObjectType):
            continue
        checked.add(name)
        if "aws_iam" not in _guards(kind.ast_node):
            faults.append(f"{name} is closed to IAM")
        for field_name, field in kind.fields.items():
            guards = _guards(field.ast_node)
            if guards and "aws_iam" not in guards:
                faults.append(f"{name}.{field_name} is closed to IAM")
            names.append(get_named_type(field.type).name)
    return sorted(faults)


def _fields_for_services(schema: GraphQLSchema) -> Iterator[GraphQLField]:
    for root in ROOTS:
        kind = schema.type_map[root]
        assert isinstance(kind, GraphQLObjectType)
        yield from (it for it in kind.fields.values() if "aws_iam" in _guards(it.ast_node))


def _guards(node: ObjectTypeDefinitionNode | FieldDefinitionNode | None) -> set[str]:
    """Return who a type or field is for, by the names of the directives; empty: by default."""
    names = {name for name, _ in _directives(node.directives if node else ())}
    return {name for name in names if name.startswith("aws_") and name != "aws_subscribe"}


def _meant_for(field: str) -> Directives:
    if field.startswith("Mutation.publish"):
        return SERVICES_ONLY
    return USERS_AND_GUESTS if field in FOR_GUESTS | ONES_OWN else USERS_ONLY


def unguarded_subscriptions(stacks: Stacks) -> list[str]:
    """Find subscriptions that ask neither whose they are, nor the function who may have them."""
    return [
        f"{name} lets anybody subscribe to anybody's"
        for name, resolver in stacks.of_type("AWS::AppSync::Resolver").items()
        if resolver["TypeName"] == "Subscription"
        and not resolver["CodeS3Location"].endswith("/own_user_only.js")
        and "RoomsDataSource" not in str(resolver["DataSourceName"])
    ]


def _directives(nodes: tuple[DirectiveNode, ...] | list[DirectiveNode]) -> Iterator[Any]:
    for node in nodes:
        arguments = {
            argument.name.value: value_from_ast_untyped(argument.value)
            for argument in node.arguments
        }
        yield node.name.value, arguments
