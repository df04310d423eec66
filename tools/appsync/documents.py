"""Requests, from JSON to a checked operation, refused in AppSync's words.

AppSync answers a malformed request with a status, but a query that does not fit the schema with
200 and errors, as `Validation error of type FieldUndefined: ...`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSyntaxError,
    Node,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from graphql.execution.values import get_variable_values

from tools.appsync.api import GraphqlApi
from tools.appsync.complexity import complexity
from tools.appsync.errors import Malformed
from tools.appsync.schema import ApiSchema

_MAX_TOKENS = 15_000
_MAX_VALIDATION_ERRORS = 20
_KEPT = 256

_TYPES = {
    "FieldsOnCorrectTypeRule": "FieldUndefined",
    "KnownArgumentNamesRule": "UnknownArgument",
    "KnownTypeNamesRule": "UnknownType",
    "KnownDirectivesRule": "UnknownDirective",
    "KnownFragmentNamesRule": "UndefinedFragment",
    "NoUndefinedVariablesRule": "UndefinedVariable",
    "NoUnusedVariablesRule": "UnusedVariable",
    "NoUnusedFragmentsRule": "UnusedFragment",
    "NoFragmentCyclesRule": "FragmentCycle",
    "ProvidedRequiredArgumentsRule": "MissingFieldArgument",
    "ScalarLeafsRule": "SubSelectionRequired",
    "ValuesOfCorrectTypeRule": "WrongType",
    "VariablesInAllowedPositionRule": "VariableTypeMismatch",
    "OverlappingFieldsCanBeMergedRule": "FieldsConflict",
    "FragmentsOnCompositeTypesRule": "InlineFragmentTypeConditionInvalid",
    "VariablesAreInputTypesRule": "NonInputTypeOnVariable",
    "LoneAnonymousOperationRule": "LoneAnonymousOperationViolation",
    "UniqueOperationNamesRule": "DuplicateOperationName",
    "SingleFieldSubscriptionsRule": "SubscriptionMultipleRootFields",
    "NoSchemaIntrospectionCustomRule": "IntrospectionDisabled",
}
_UNKNOWN_FIELD = re.compile(r"Cannot query field '(\w+)' on type '(\w+)'")
_UNKNOWN_ARGUMENT = re.compile(r"Unknown argument '(\w+)' on field")
_MISSING_ARGUMENT = re.compile(r"argument '(\w+)' of type")
_LEAF = re.compile(r"Field '(\w+)' of type '([^']+)' must have a selection")
_NULL_VARIABLE = re.compile(
    r"Variable '\$(\w+)' of (?:required|non-null) type '([^']+)' (?:was not provided|must not)"
)
_BAD_VARIABLE = re.compile(r"Variable '\$(\w+)' got invalid value .*?; (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class GraphqlRequest:
    """What a client sent: a document, its variables, the operation that is meant."""

    query: str
    variables: Mapping[str, Any]
    operation_name: str | None


@dataclass(frozen=True, slots=True)
class Operation:
    """A checked operation with coerced variables, ready to be executed."""

    document: DocumentNode
    node: OperationDefinitionNode
    variables: Mapping[str, Any]
    raw_variables: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """Return query, mutation or subscription."""
        return self.node.operation.value


class InvalidQuery(Exception):
    """A query that does not fit the schema: `errors` as the response shows them."""

    def __init__(self, errors: list[dict[str, object]]) -> None:
        super().__init__(errors[0]["message"])
        self.errors = errors


def read_request(body: str | bytes) -> GraphqlRequest:
    """Read a request's JSON. Raises Malformed."""
    if not body.strip():
        raise Malformed("Request body is empty.")
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed from None
    if not isinstance(parsed, dict) or not isinstance(parsed.get("query"), str):
        raise Malformed
    variables, name = parsed.get("variables"), parsed.get("operationName")
    if not isinstance(variables, dict | None) or not isinstance(name, str | None):
        raise Malformed
    return GraphqlRequest(parsed["query"], variables or {}, name or None)


class Documents:
    """The documents of one API's clients. An app sends few, again and again: they are kept."""

    def __init__(self, api: GraphqlApi, schema: ApiSchema) -> None:
        self._api = api
        self._schema = schema
        self._checked = lru_cache(_KEPT)(self._check)

    def prepare(self, request: GraphqlRequest) -> Operation:
        """Check a request against the schema. Raises InvalidQuery, or Malformed."""
        document = self._checked(request.query)
        node = _chosen(document, request.operation_name)
        coerced = get_variable_values(
            self._schema.graphql, list(node.variable_definitions), dict(request.variables)
        )
        if isinstance(coerced, list):
            raise InvalidQuery([_plain(_of_variable(error), error) for error in coerced])
        return Operation(document, node, coerced, request.variables)

    def _check(self, query: str) -> DocumentNode:
        try:
            document = parse(query, max_tokens=_MAX_TOKENS)
            _check(self._api, self._schema, document)
        except GraphQLSyntaxError as error:
            raise InvalidQuery([_plain(f"Invalid Syntax : {error.message}", error)]) from None
        except RecursionError:
            raise Malformed("The query is nested too deeply.", "BadRequestException") from None
        return document


def _chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [
        node for node in document.definitions if isinstance(node, OperationDefinitionNode)
    ]
    if name is not None:
        operations = [node for node in operations if node.name and node.name.value == name]
        if not operations:
            raise Malformed(f"Unknown operation named '{name}'.", "BadRequestException")
    if len(operations) != 1:
        message = "Must provide an operation name if a query contains multiple operations."
        raise Malformed(message, "BadRequestException")
    return operations[0]


def _check(api: GraphqlApi, schema: ApiSchema, document: DocumentNode) -> None:
    if excess := complexity(document).excess(api.query_depth_limit):
        raise InvalidQuery([_plain(excess, None)])
    rules = [*specified_rules, *([] if api.introspection else [NoSchemaIntrospectionCustomRule])]
    if validate(schema.graphql, document, rules, max_errors=_MAX_VALIDATION_ERRORS):
        raise InvalidQuery(list(_violations(schema, document, rules)))


def _violations(
    schema: ApiSchema, document: DocumentNode, rules: list[type[ASTValidationRule]]
) -> Iterator[dict[str, object]]:
    """Validate rule by rule: only so is it known which rule an error comes from."""
    for rule in rules:
        for error in validate(schema.graphql, document, [rule], _MAX_VALIDATION_ERRORS):
            kind = _TYPES.get(rule.__name__, rule.__name__.removesuffix("Rule"))
            path = _path_to(document, error.nodes[0]) if error.nodes else ""
            text = f"Validation error of type {kind}: {_wording(error.message)} @ '{path}'"
            yield _plain(text, error)


def _wording(message: str) -> str:
    if found := _UNKNOWN_FIELD.search(message):
        return f"Field '{found[1]}' in type '{found[2]}' is undefined"
    if found := _UNKNOWN_ARGUMENT.search(message):
        return f"Unknown field argument {found[1]}"
    if found := _LEAF.search(message):
        return f"Sub selection required for type {found[2]} of field {found[1]}"
    if "but it was not provided" in message and (found := _MISSING_ARGUMENT.search(message)):
        return f"Missing field argument {found[1]}"
    return message


def _of_variable(error: GraphQLError) -> str:
    if found := _NULL_VARIABLE.search(error.message):
        return f"Variable '{found[1]}' has coerced Null value for NonNull type '{found[2]}'"
    if found := _BAD_VARIABLE.search(error.message):
        return f"Variable '{found[1]}' has an invalid value. {found[2]}"
    return error.message


def _plain(message: str, error: GraphQLError | None) -> dict[str, object]:
    """Format an error of the request as a whole: AppSync gives it no errorType."""
    return {"path": None, "locations": locations(error), "message": message}


def locations(error: GraphQLError | None) -> list[dict[str, object]] | None:
    """Format where in the query an error is, as AppSync does."""
    if error is None or not error.locations:
        return None
    return [
        {"line": place.line, "column": place.column, "sourceName": None}
        for place in error.locations
    ]


def _path_to(document: DocumentNode, wanted: Node) -> str:
    """Name the fields on the way to a node, as `getRoom/candidates`."""

    def search(node: Node, path: tuple[str, ...]) -> tuple[str, ...] | None:
        if isinstance(node, FieldNode):
            path = (*path, node.alias.value if node.alias else node.name.value)
        if node is wanted:
            return path
        for key in node.keys:
            child = getattr(node, key)
            children = child if isinstance(child, list | tuple) else (child,)
            for each in children:
                if isinstance(each, Node) and (found := search(each, path)) is not None:
                    return found
        return None

    return "/".join(search(document, ()) or ())
