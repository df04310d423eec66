"""The rules of conventions.md that a machine can check: which folder may import what."""

import ast
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from tests.unit.architecture.code import LAYER, Code, Import, Source

ALL = frozenset({"*"})
EVERYTHING_OF_AWS = frozenset({"boto3", "botocore", "s3transfer", "mypy_boto3"})


@dataclass(frozen=True, slots=True)
class Place:
    """What the modules of one folder may import; `*` stands for everything.

    `own` are folders of the same service, `layer` parts of matinee, `packages` third parties.
    """

    own: frozenset[str] = frozenset()
    layer: frozenset[str] = ALL
    packages: frozenset[str] = frozenset()


PLACES = {
    "": Place(layer=frozenset()),
    "handlers": Place(
        own=frozenset({"api", "events", "use_cases", "domain", "ports", "bootstrap"}),
        packages=frozenset({"aws_lambda_powertools"}),
    ),
    "api": Place(
        own=frozenset({"api", "use_cases", "domain", "ports"}),
        packages=frozenset({"aws_lambda_powertools", "pydantic"}),
    ),
    "events": Place(
        own=frozenset({"events", "use_cases", "domain", "ports"}),
        packages=frozenset({"pydantic"}),
    ),
    "use_cases": Place(own=frozenset({"use_cases", "domain", "ports"})),
    "domain": Place(
        own=frozenset({"domain"}),
        layer=frozenset(
            {
                "certification",
                "clock",
                "errors",
                "filters",
                "ids",
                "local_facts",
                "media",
                "questionnaire",
                "rate_limits",
                "streaming",
                "text",
            }
        ),
    ),
    "domain.training": Place(
        own=frozenset({"domain"}), layer=frozenset({"media"}), packages=frozenset({"numpy"})
    ),
    "ports": Place(own=frozenset({"domain"})),
    "adapters": Place(
        own=frozenset({"adapters", "domain", "ports", "events", "settings"}), packages=ALL
    ),
    "settings": Place(packages=frozenset({"pydantic"})),
    "bootstrap": Place(
        own=frozenset({"api", "events", "use_cases", "domain", "ports", "adapters", "settings"}),
        packages=ALL,
    ),
}
"""The folders and modules of a service, the same in all five."""

REQUIRED = frozenset(PLACES) - {"domain.training"}
ADAPTERS = frozenset(
    {"appsync", "cognito", "dynamodb", "lambda_", "s3", "spark", "sqs", "tmdb", "web_push"}
)

AWS_IN_THE_LAYER = frozenset({"dynamodb", "events"})
"""The parts of matinee that may know AWS's client library."""

MAX_HANDLER_LINES = 60
MAX_HANDLER_FUNCTION_LINES = 40
MAX_PORT_METHODS = 5
VAGUE = {"utils", "helpers", "common", "manager", "misc", "data"}
CLIENTS = {"client", "resource", "Session", "Client", "AsyncClient", "DynamoDBPersistenceLayer"}

type Breaks = Callable[[Source, Import], bool]
"""Returns whether an import breaks a rule, in a file."""


def missing_services(code: Code) -> list[str]:
    """Find services whose package was not read."""
    return [f"{name} has no package of its name" for name in sorted(code.folders - code.services)]


def unknown_places(code: Code) -> list[str]:
    """Find modules of services that stand where no rule knows them."""
    return [
        f"{source.name} stands where no module of a service stands"
        for source in _of_services(code)
        if not _is_known(source)
    ]


def missing_places(code: Code) -> list[str]:
    """Find services that lack a folder or module that every service has."""
    found = {name: set[str]() for name in code.services}
    for source in _of_services(code):
        found[source.package].add(source.place)
    return [
        f"{service} has no {place}"
        for service, places in sorted(found.items())
        for place in sorted(REQUIRED - places)
    ]


def forbidden_imports(code: Code) -> list[str]:
    """Find imports that a module's folder does not allow, even for types."""
    return _importing(
        code,
        lambda source, what: (
            source.package != LAYER and _is_known(source) and not _allows(source, what)
        ),
    )


def circular_imports(code: Code) -> list[str]:
    """Find a circle of modules that import one another, even for types."""
    names = {source.name for source in code.sources}
    graph = {
        source.name: {_innermost(what.module, names) for what in source.imports} - {""}
        for source in code.sources
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        return [" is imported by ".join(circle.args[1])]
    return []


def layer_knows_services(code: Code) -> list[str]:
    """Find modules of the layer that import a service."""
    return _importing(
        code, lambda source, what: source.package == LAYER and what.package in code.folders
    )


def aws_in_the_layer(code: Code) -> list[str]:
    """Find modules of the layer that know AWS's library and are not where it belongs."""
    return _importing(
        code,
        lambda source, what: (
            source.package == LAYER
            and _third_party(what) in EVERYTHING_OF_AWS
            and source.place not in AWS_IN_THE_LAYER
        ),
    )


def stubs_at_run_time(code: Code) -> list[str]:
    """Find modules that would need the type stubs, which Lambda does not have, in order to run."""
    return _importing(
        code, lambda _, what: what.package.startswith("mypy_boto3") and not what.typing_only
    )


def long_handlers(code: Code) -> list[str]:
    """Find handler modules of more than sixty lines."""
    return [
        f"{source.name} has {lines} lines"
        for source in _handlers(code)
        if (lines := len(source.text.splitlines())) > MAX_HANDLER_LINES
    ]


def long_functions_in_handlers(code: Code) -> list[str]:
    """Find functions of handler modules of more than forty lines."""
    return [
        f"{source.name}.{node.name} has {lines} lines"
        for source in _handlers(code)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1)
        > MAX_HANDLER_FUNCTION_LINES
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
    """Find clients and settings that are created when a module is imported."""
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
    """Find modules without a docstring."""
    return [source.name for source in code.sources if not ast.get_docstring(source.tree)]


def large_protocols(code: Code) -> list[str]:
    """Find ports of more than five methods."""
    return [
        f"{source.name}.{node.name} has {len(methods)} methods"
        for source in code.sources
        if source.place == "ports"
        for node in source.tree.body
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base).startswith("Protocol") for base in node.bases)
        and len(methods := [part for part in node.body if isinstance(part, ast.FunctionDef)])
        > MAX_PORT_METHODS
    ]


def _of_services(code: Code) -> Iterator[Source]:
    return (source for source in code.sources if source.package != LAYER)


def _is_known(source: Source) -> bool:
    if source.place not in PLACES:
        return False
    folders = source.within.split(".")[1:-1]
    return source.place != "adapters" or not folders or folders[0] in ADAPTERS


def _allows(source: Source, what: Import) -> bool:
    place = PLACES.get(".".join(source.within.split(".")[:2])) or PLACES[source.place]
    inner = what.module.split(".")[1:2]
    if what.package == source.package:
        return bool(inner) and inner[0] in place.own
    if what.package == LAYER:
        return "*" in place.layer or bool(inner) and inner[0] in place.layer
    if what.package in sys.stdlib_module_names:
        return True
    return "*" in place.packages or what.package in place.packages


def _innermost(module: str, names: Collection[str]) -> str:
    """Return the module that an import names: the name itself, or what it is a part of."""
    while module and module not in names:
        module = module.rpartition(".")[0]
    return module


def _third_party(what: Import) -> str:
    return "mypy_boto3" if what.package.startswith("mypy_boto3") else what.package


def _importing(code: Code, breaks: Breaks) -> list[str]:
    return [
        f"{source.name} imports {what.module}"
        for source in code.sources
        for what in source.imports
        if breaks(source, what)
    ]


def _handlers(code: Code) -> Iterator[Source]:
    return (source for source in code.sources if source.place == "handlers")


def _calls_at_import(node: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls that run on import: not those in functions, but their defaults."""
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
