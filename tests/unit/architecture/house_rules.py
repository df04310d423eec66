"""The rules of conventions.md that a machine can hold: who imports whom, and what stands where."""

import ast
import sys
from collections.abc import Callable, Iterator

from tests.unit.architecture.code import Code, Import, Source

ADAPTERS = {
    "auth": {"attempts", "bootstrap", "cognito", "repository", "secret"},
    "catalog": {
        *("answers", "batches", "bootstrap", "claims", "list_store", "media_cache"),
        *("rate_table", "refresh_record", "secret", "tables", "title_store", "work_queue"),
    },
    "library": {"bootstrap", "erasable", "preference_rows", "repository", "writing"},
    "recommender": {
        "bootstrap",
        "catalogue",
        "model_store",
        "repository",
        "title_store",
        "training_log",
    },
    "rooms": {"bootstrap", "catalogue", "phones", "repository"},
    "matinee": {"dynamodb", "events"},
}
"""The modules that may know AWS's client library, by package."""

AWS = {"boto3", "botocore", "s3transfer"}
EDGES = {"contracts", "schemas", "settings", "routes"}
"""Where pydantic may be, besides adapters and the layer."""

OUTER = {"bootstrap", "handlers"}
INNER = {"domain", "errors", "ports", "service"}
LONGEST_HANDLER_FILE = 60
LONGEST_FUNCTION = 40
VAGUE = {"utils", "helpers", "common", "manager", "misc", "data"}
type Breaks = Callable[[Source, Import], bool]
"""Tells whether an import breaks a rule, in a file."""

CLIENTS = {"client", "resource", "Session", "Client", "AsyncClient", "DynamoDBPersistenceLayer"}


def layer_knows_services(code: Code) -> list[str]:
    """Find modules of the layer that import a service."""
    return _importing(
        code,
        lambda source, what: source.package == "matinee" and what.package in code.services,
    )


def services_know_one_another(code: Code) -> list[str]:
    """Find services that import another service."""
    return _importing(
        code,
        lambda source, what: (
            source.package in code.services and what.package in code.services - {source.package}
        ),
    )


def domain_knows_the_world(code: Code) -> list[str]:
    """Find domain modules that import more than Python's own library and their service's errors."""

    def allowed(source: Source, what: Import) -> bool:
        own = (f"{source.package}.domain", f"{source.package}.errors")
        return what.package in sys.stdlib_module_names or what.module.startswith(own)

    return _importing(
        code,
        lambda source, what: (
            source.within.partition(".")[0] == "domain" and not allowed(source, what)
        ),
    )


def aws_outside_adapters(code: Code) -> list[str]:
    """Find modules that know AWS's library, even for types, and are no adapters."""

    def is_aws(what: Import) -> bool:
        return what.package in AWS or what.package.startswith("mypy_boto3")

    return _importing(
        code,
        lambda source, what: (
            is_aws(what)
            and source.within.partition(".")[0] not in ADAPTERS.get(source.package, set())
        ),
    )


def stubs_at_run_time(code: Code) -> list[str]:
    """Find modules that would need the type stubs, which Lambda has not, in order to run."""
    return _importing(
        code, lambda _, what: what.package.startswith("mypy_boto3") and not what.typing_only
    )


def pydantic_in_the_middle(code: Code) -> list[str]:
    """Find use cases, rules and ports that know pydantic: it is for the edges."""
    return _importing(
        code,
        lambda source, what: (
            what.package == "pydantic" and source.within.partition(".")[0] in INNER
        ),
    )


def inside_knows_outside(code: Code) -> list[str]:
    """Find modules that import handlers or, but for handlers, the composition root."""

    def points_outward(source: Source, what: Import) -> bool:
        if source.package not in code.services:
            return False
        place, goal = source.within.partition(".")[0], what.module.split(".")[1:2]
        if what.package != source.package or not goal or goal[0] not in OUTER:
            return False
        return goal[0] == "handlers" or place not in OUTER

    return _importing(code, points_outward)


def use_cases_know_adapters(code: Code) -> list[str]:
    """Find use cases that import what stands behind their ports."""

    def points_down(source: Source, what: Import) -> bool:
        adapters = ADAPTERS.get(source.package, set()) - {"bootstrap"}
        return (
            source.within.partition(".")[0] in INNER
            and what.package == source.package
            and what.module.split(".")[1:2] != []
            and what.module.split(".")[1] in adapters
        )

    return _importing(code, points_down)


def long_handlers(code: Code) -> list[str]:
    """Find handler modules of more than sixty lines; the map of GraphQL fields may be longer."""
    return [
        f"{source.name} has {lines} lines"
        for source in _handlers(code)
        if (lines := len(source.text.splitlines())) > LONGEST_HANDLER_FILE
        and not any(_assigns(node, "RESOLVERS") for node in source.tree.body)
    ]


def long_functions_in_handlers(code: Code) -> list[str]:
    """Find functions of handler modules of more than forty lines."""
    return [
        f"{source.name}.{node.name} has {lines} lines"
        for source in _handlers(code)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]


def environment_reads(code: Code) -> list[str]:
    """Find modules that read the environment past the typed settings."""
    return [
        f"{source.name} reads the environment"
        for source in code.sources
        if source.name != "matinee.settings"
        for node in ast.walk(source.tree)
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb"})
        or (isinstance(node, ast.alias) and node.name in {"environ", "getenv", "environb"})
    ]


def clients_at_import(code: Code) -> list[str]:
    """Find clients and settings that are made when a module is imported."""
    faults = []
    for source in code.sources:
        for call in _calls_at_import(source.tree):
            name = ast.unparse(call.func).rpartition(".")[2]
            if name in CLIENTS or ast.unparse(call.func).endswith("Settings.load"):
                faults.append(f"{source.name} calls {ast.unparse(call.func)} when it is imported")
    return faults


def publishers_besides_the_relay(code: Code) -> list[str]:
    """Find modules that publish events past the outbox."""
    return [
        f"{source.name} calls put_events"
        for source in code.sources
        if source.name != "matinee.events.relay"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr == "put_events"
    ]


def vague_names(code: Code) -> list[str]:
    """Find modules named for nothing in particular."""
    return [source.name for source in code.sources if VAGUE & set(source.name.lower().split("."))]


def undocumented_modules(code: Code) -> list[str]:
    """Find modules that do not say what they are."""
    return [source.name for source in code.sources if not ast.get_docstring(source.tree)]


def _importing(code: Code, breaks: Breaks) -> list[str]:
    return [
        f"{source.name} imports {what.module}"
        for source in code.sources
        for what in source.imports
        if breaks(source, what)
    ]


def _handlers(code: Code) -> Iterator[Source]:
    for source in code.sources:
        if source.within.startswith("handlers."):
            yield source


def _assigns(node: ast.stmt, name: str) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name(id=given)]) | ast.AnnAssign(target=ast.Name(id=given)):
            return given == name
    return False


def _calls_at_import(node: ast.AST) -> Iterator[ast.Call]:
    """Walk through the calls that run on import: not those in functions, but their defaults."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        defaults = [*node.args.defaults, *(part for part in node.args.kw_defaults if part)]
        decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
        for part in (*defaults, *decorators):
            yield from _calls_at_import(part)
        return
    if isinstance(node, ast.Call):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _calls_at_import(child)
