"""Executes operations: access by field, resolvers on threads, errors in AppSync's shape."""

import asyncio
import logging
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    ExecutionContext,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    InlineFragmentNode,
    Undefined,
    VariableNode,
    execute,
    get_named_type,
    is_abstract_type,
    print_ast,
)
from graphql.execution.collect_fields import collect_fields, collect_sub_fields
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path

from tools.appsync.api import GraphqlApi, Resolver
from tools.appsync.documents import Documents, GraphqlRequest, Operation, locations
from tools.appsync.errors import FieldError, NotAuthorized
from tools.appsync.functions import EXECUTION_TIMEOUT, FunctionInvoker
from tools.appsync.iam import Permissions
from tools.appsync.identity import IamIdentity, Identity
from tools.appsync.javascript import JavaScript
from tools.appsync.resolvers import ResolverRunner
from tools.appsync.schema import Access, ApiSchema

_log = logging.getLogger(__name__)

RESOLVER_SECONDS = 30.0
"""AppSync's limit on a request."""

_NULL = re.compile(r"Cannot return null for non-nullable field (\w+)\.(\w+)\.")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request, and what of it a resolver may see."""

    identity: Identity
    headers: Mapping[str, str]
    domain_name: str | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """What a mutation gives its subscribers: the fields that it selected, by their own names."""

    mutation: str
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Executed:
    """A response's data and errors, and what there is to publish."""

    data: Mapping[str, Any] | None
    errors: Sequence[Mapping[str, object]]
    publications: Sequence[Publication] = ()
    invalidations: Sequence[Mapping[str, Any]] = ()
    invalidation_filter: Mapping[str, Any] | None = None

    def body(self) -> dict[str, object]:
        """Return the response as clients receive it."""
        response: dict[str, object] = {"data": self.data}
        return response | {"errors": list(self.errors)} if self.errors else response


@dataclass(slots=True)
class _Run:
    """One execution. A delivery reads what was published and resolves nothing anew."""

    caller: Caller
    operation: Operation
    delivering: bool = False
    resolvers: int = 0
    appended: list[GraphQLError] = field(default_factory=list)
    invalidations: list[Mapping[str, Any]] = field(default_factory=list)
    invalidation_filter: Mapping[str, Any] | None = None


class _OneByOne(ExecutionContext):
    """Begins a mutation's field when the one before is done: after an error none is left over."""

    async def execute_fields_serially(
        self,
        parent_type: GraphQLObjectType,
        source_value: object,
        path: Path | None,
        fields: dict[str, list[FieldNode]],
    ) -> dict[str, Any]:
        results = {}
        for name, nodes in fields.items():
            field_path = Path(path, name, parent_type.name)
            result = self.execute_field(parent_type, source_value, nodes, field_path)
            if self.is_awaitable(result):
                result = await result
            if result is not Undefined:
                results[name] = result
        return results


class Engine:
    """One API's schema and resolvers, compiled."""

    def __init__(
        self,
        api: GraphqlApi,
        functions: FunctionInvoker,
        permissions: Permissions,
        threads: ThreadPoolExecutor,
        resolver_seconds: float = RESOLVER_SECONDS,
    ) -> None:
        """Compile the API. Raises DefinitionError."""
        self.api = api
        self.schema = ApiSchema(api)
        self._documents = Documents(api, self.schema)
        self._permissions = permissions
        self._threads = threads
        self._seconds = resolver_seconds
        javascript = JavaScript()
        self._runner = ResolverRunner(javascript, functions)
        for resolver in {each.origin: each for each in api.resolvers.values()}.values():
            javascript.define(resolver.origin, resolver.code)
        for object_type in self.schema.object_types():
            for name, graphql_field in object_type.fields.items():
                graphql_field.resolve = self._field_resolver(object_type.name, name)

    def prepare(self, request: GraphqlRequest) -> Operation:
        """Check a request. Raises InvalidQuery or Malformed."""
        return self._documents.prepare(request)

    async def execute(self, operation: Operation, caller: Caller) -> Executed:
        """Execute a query or a mutation."""
        executed = await self._execute(_Run(caller, operation), None)
        if operation.kind != "mutation" or executed.data is None:
            return executed
        publications = tuple(self._publications(operation, executed.data))
        return replace(executed, publications=publications)

    async def open_subscription(
        self, operation: Operation, caller: Caller
    ) -> tuple[str, dict[str, Any], Mapping[str, Any] | None]:
        """Run the subscription field's resolver, which decides whether the caller may subscribe.

        Returns the field, the subscriber's arguments, which filter what is sent, and the filter of
        what ends the subscription.
        Raises FieldError when they may not.
        """
        root = self.schema.graphql.subscription_type
        if root is None:
            raise FieldError("There are no subscriptions.", "UnsupportedOperation")
        fields = collect_fields(
            self.schema.graphql,
            _fragments(operation),
            dict(operation.variables),
            root,
            operation.node.selection_set,
        )
        if len(fields) != 1:
            raise FieldError("A subscription selects one field.", "BadRequestException")
        ((_, nodes),) = fields.items()
        name = nodes[0].name.value
        executed = await self._execute(_Run(caller, operation), None)
        for error in executed.errors:
            if "errorType" in error:  # a null where the type forbids it is how all of them begin
                raise FieldError(str(error["message"]), str(error["errorType"]))
        arguments = get_argument_values(root.fields[name], nodes[0], dict(operation.variables))
        return name, arguments, executed.invalidation_filter

    async def deliver(
        self, operation: Operation, caller: Caller, field_name: str, value: Mapping[str, Any]
    ) -> dict[str, object]:
        """Apply a subscriber's selection to what was published."""
        run = _Run(caller, operation, delivering=True)
        return (await self._execute(run, {field_name: value})).body()

    async def _execute(self, run: _Run, root: Mapping[str, Any] | None) -> Executed:
        operation = run.operation
        result = execute(
            self.schema.graphql,
            operation.document,
            root_value=root,
            context_value=run,
            variable_values=dict(operation.raw_variables),
            operation_name=operation.node.name.value if operation.node.name else None,
            execution_context_class=_OneByOne,
        )
        done = result if isinstance(result, ExecutionResult) else await result
        errors = [*(done.errors or ()), *run.appended]
        shown = [self._shown(error) for error in errors]
        return Executed(
            done.data,
            shown,
            invalidations=tuple(run.invalidations),
            invalidation_filter=run.invalidation_filter,
        )

    # -- one field --------------------------------------------------------------------------

    def _field_resolver(self, type_name: str, field_name: str) -> Callable[..., Any]:
        access = self.schema.access(type_name, field_name)
        resolver = self.api.resolvers.get((type_name, field_name))
        is_root = type_name in self._root_types()

        def resolve(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:  # noqa: ANN401 - graphql-core's
            run: _Run = info.context
            if not run.delivering and (is_root or resolver is not None):
                return self._resolve(access, resolver, source, info, arguments, is_root=is_root)
            if not access.allows(run.caller.identity):
                raise NotAuthorized(field_name, type_name)
            return source.get(field_name) if isinstance(source, Mapping) else None

        return resolve

    def _root_types(self) -> set[str]:
        schema = self.schema.graphql
        roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
        return {root.name for root in roots if root is not None}

    async def _resolve(
        self,
        access: Access,
        resolver: Resolver | None,
        source: object,
        info: GraphQLResolveInfo,
        arguments: dict[str, Any],
        *,
        is_root: bool,
    ) -> object:
        run: _Run = info.context
        # Here, not before: an error at once would leave the fields beside it unawaited.
        if not access.allows(run.caller.identity):
            raise NotAuthorized(info.field_name, info.parent_type.name)
        if is_root:
            await self._check_policy(run.caller.identity, info)
        if resolver is None:
            return None
        run.resolvers += 1
        if run.resolvers > (self.api.resolver_count_limit or math.inf):
            raise FieldError("Resolver invocation limit reached.", "ResolverExecutionLimitReached")
        context = _context(run, source, info, arguments)
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(
            self._threads, self._runner.run, resolver, run.caller.identity.mode, context
        )
        try:
            resolved = await asyncio.wait_for(work, self._seconds)
        except TimeoutError:
            raise FieldError("Execution timed out.", EXECUTION_TIMEOUT) from None
        run.invalidations += resolved.invalidations
        run.invalidation_filter = resolved.invalidation_filter or run.invalidation_filter
        for error in resolved.appended:
            run.appended.append(
                GraphQLError(
                    error.message,
                    info.field_nodes,
                    path=info.path.as_list(),
                    original_error=error,
                )
            )
        return resolved.value

    async def _check_policy(self, identity: Identity, info: GraphQLResolveInfo) -> None:
        if not isinstance(identity, IamIdentity):
            return
        arn = self.api.field_arn(info.parent_type.name, info.field_name)
        loop = asyncio.get_running_loop()
        if not await loop.run_in_executor(self._threads, self._permissions.allows, identity, arn):
            raise NotAuthorized(info.field_name, info.parent_type.name)

    # -- what is shown, what is published ---------------------------------------------------

    def _shown(self, error: GraphQLError) -> dict[str, object]:
        """Format an error as AppSync does."""
        cause = error.original_error
        path = list(error.path) if error.path else None
        if isinstance(cause, FieldError):
            return {
                "path": path,
                "data": _selected(cause.data, error.nodes),
                "errorType": cause.error_type,
                "errorInfo": cause.info,
                "locations": locations(error),
                "message": cause.message,
            }
        where = "/" + "/".join(str(step) for step in path or ())
        if found := _NULL.search(error.message):
            parent = self.schema.graphql.type_map[found[1]]
            expected = (
                get_named_type(parent.fields[found[2]].type).name
                if isinstance(parent, GraphQLObjectType)
                else found[2]
            )
            message = (
                f"Cannot return null for non-nullable type: '{expected}' "
                f"within parent '{found[1]}' ({where})"
            )
            return {"path": path, "locations": None, "message": message}
        if cause is not None and not isinstance(cause, GraphQLError):
            _log.error("at %s", where, exc_info=cause)
        message = f"Can't serialize value ({where}) : {error.message}"
        return {"path": path, "locations": None, "message": message}

    def _publications(self, operation: Operation, data: Mapping[str, Any]) -> Iterator[Publication]:
        root = self.schema.graphql.mutation_type
        if root is None:
            return
        fields = collect_fields(
            self.schema.graphql,
            _fragments(operation),
            dict(operation.variables),
            root,
            operation.node.selection_set,
        )
        for key, nodes in fields.items():
            name = nodes[0].name.value
            if isinstance(data.get(key), Mapping) and name in root.fields:
                value = self._by_name(data[key], root.fields[name].type, nodes, operation)
                yield Publication(name, value)

    def _by_name(
        self,
        value: Any,  # noqa: ANN401 - any JSON value
        graphql_type: GraphQLOutputType,
        nodes: list[FieldNode],
        operation: Operation,
    ) -> Any:  # noqa: ANN401
        """Name what a mutation returned by the schema's fields: its aliases are its own affair."""
        if isinstance(value, list):
            return [self._by_name(item, graphql_type, nodes, operation) for item in value]
        if not isinstance(value, Mapping):
            return value
        named = get_named_type(graphql_type)
        if is_abstract_type(named):
            named = self.schema.graphql.type_map.get(str(value.get("__typename")), named)
        if not isinstance(named, GraphQLObjectType):
            return value
        fields = collect_sub_fields(
            self.schema.graphql, _fragments(operation), dict(operation.variables), named, nodes
        )
        result: dict[str, Any] = {"__typename": named.name}
        for key, sub_nodes in fields.items():
            name = sub_nodes[0].name.value
            if name in named.fields and key in value:
                field_type = named.fields[name].type
                result[name] = self._by_name(value[key], field_type, sub_nodes, operation)
        return result


def _fragments(operation: Operation) -> dict[str, FragmentDefinitionNode]:
    return {
        node.name.value: node
        for node in operation.document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }


def _selected(data: object, nodes: Sequence[Any] | None) -> object:
    """Leave of an error's data what the query selects."""
    if not isinstance(data, Mapping):
        return data
    selections = [
        selection.name.value
        for node in nodes or ()
        if isinstance(node, FieldNode) and node.selection_set
        for selection in node.selection_set.selections
        if isinstance(selection, FieldNode)
    ]
    return {name: data[name] for name in selections if name in data}


def _context(
    run: _Run, source: object, info: GraphQLResolveInfo, arguments: dict[str, Any]
) -> dict[str, Any]:
    """Build ctx, as a request handler sees it."""
    for argument in info.field_nodes[0].arguments:
        # AppSync gives null for an argument whose variable was not given, unlike the standard.
        if isinstance(argument.value, VariableNode):
            arguments.setdefault(argument.name.value, None)
    selections = info.field_nodes[0].selection_set
    return {
        "args": arguments,
        "identity": run.caller.identity.for_resolver(),
        "source": source if isinstance(source, Mapping) else None,
        "request": {"headers": dict(run.caller.headers), "domainName": run.caller.domain_name},
        "info": {
            "fieldName": info.field_name,
            "parentTypeName": info.parent_type.name,
            "variables": dict(run.operation.raw_variables),
            "selectionSetList": list(_paths(info.field_nodes, info, "")),
            "selectionSetGraphQL": print_ast(selections) if selections else "",
        },
        "prev": None,
        "stash": {},
        "result": None,
        "error": None,
        "env": {},
    }


def _paths(nodes: list[FieldNode], info: GraphQLResolveInfo, prefix: str) -> Iterator[str]:
    """List the selected fields as `candidates`, `candidates/id`; fragments are spread."""
    for node in nodes:
        waiting = list(node.selection_set.selections) if node.selection_set else []
        while waiting:
            selection = waiting.pop(0)
            if isinstance(selection, FieldNode):
                path = prefix + (selection.alias or selection.name).value
                yield path
                yield from _paths([selection], info, f"{path}/")
            elif isinstance(selection, InlineFragmentNode):
                waiting = [*selection.selection_set.selections, *waiting]
            elif isinstance(selection, FragmentSpreadNode):
                fragment = info.fragments[selection.name.value]
                waiting = [*fragment.selection_set.selections, *waiting]
