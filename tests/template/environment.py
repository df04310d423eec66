"""Variables: each function is given just what its settings read.

Settings and contracts of a function are found in its code: from its handler's module through what
that takes of its service's `bootstrap`, to every `SomeSettings.load()` and `CONSUMERS[...]`.
"""

import ast
import importlib
import inspect
from collections.abc import Iterator
from types import ModuleType

from matinee.settings import Settings
from tests.template.stacks import Stacks

OF_LAMBDA = {"AWS_REGION"}
"""Variables that Lambda itself sets, and that settings read."""

OF_DEPLOYMENTS = {"RELEASE"}
"""Variables that make a change of a parameter a change of each function."""

OF_POWERTOOLS = {
    "POWERTOOLS_SERVICE_NAME",
    "POWERTOOLS_LOG_LEVEL",
    "POWERTOOLS_METRICS_NAMESPACE",
}
"""Variables that Powertools reads by itself."""


def settings_of(handler: str) -> set[type[Settings]]:
    """Return the settings that a handler's code loads."""
    return {settings for place, node in reached(handler) for settings in _loaded(place, node)}


def contracts_of(handler: str) -> set[str]:
    """Return the functions whose contracts, `CONSUMERS[...]`, a handler's code reads."""
    return {
        str(name)
        for _, node in reached(handler)
        for part in ast.walk(node)
        for name in _consumers(part)
    }


def wrong_consumers(stacks: Stacks) -> list[str]:
    """Find functions whose handler is not wired to the contracts that `CONSUMERS` gives them."""
    faults = []
    for name, function in stacks.functions.items():
        service = stacks.service(name)
        declared = {name} & set(_declared(service))
        if (found := contracts_of(function["Handler"])) != declared:
            faults.append(f"{name} reads the contracts of {sorted(found)}, not {sorted(declared)}")
    return faults


def reached(handler: str) -> Iterator[tuple[ModuleType, ast.AST]]:
    """Yield the handler's module and each function of `bootstrap` that it leads to."""
    module = importlib.import_module(handler.rpartition(".")[0])
    seen: set[tuple[str, str]] = set()
    left: list[tuple[ModuleType, ast.AST]] = [(module, _tree(module))]
    while left:
        place, node = left.pop()
        yield place, node
        for name in _bootstrapped(place, node):
            bootstrap = importlib.import_module(f"{handler.split('.', maxsplit=1)[0]}.bootstrap")
            if (bootstrap.__name__, name) not in seen:
                seen.add((bootstrap.__name__, name))
                left.append((bootstrap, _function(bootstrap, name)))


def missing_variables(stacks: Stacks) -> list[str]:
    """Find functions whose settings need a variable that the template does not give."""
    return [
        f"{name} is not given {variable}, which {settings.__name__} needs"
        for name, function in stacks.functions.items()
        for settings in settings_of(function["Handler"])
        for variable in sorted(_required(settings) - _given(stacks, name) - OF_LAMBDA)
    ]


def unread_variables(stacks: Stacks) -> list[str]:
    """Find variables that are given and that nobody reads."""
    faults = []
    read_by_any: dict[str, set[str]] = {service: set() for service in stacks.defaults}
    for name, function in stacks.functions.items():
        read = {
            field.upper()
            for settings in settings_of(function["Handler"])
            for field in settings.model_fields
        }
        read_by_any[stacks.service(name)] |= read
        own = set(function.get("Environment", {}).get("Variables", {}))
        faults += [f"{name} is given {unread}" for unread in sorted(own - read - OF_POWERTOOLS)]
    for service in stacks.defaults:
        unread = _global(stacks, service) - read_by_any[service] - OF_POWERTOOLS - OF_DEPLOYMENTS
        faults += [f"all functions of {service} are given {name}" for name in sorted(unread)]
    return faults


def broken_handlers(stacks: Stacks) -> list[str]:
    """Find handlers that are not where the template says."""
    faults = []
    for name, function in stacks.functions.items():
        module, _, attribute = function["Handler"].rpartition(".")
        package = module.partition(".")[0]
        folder = stacks.root / stacks.defaults[stacks.service(name)]["CodeUri"]
        if folder.name != package or not (folder / "__init__.py").is_file():
            faults.append(f"{name}: {folder.relative_to(stacks.root)} is not the package {package}")
            continue
        if stacks.resources[name].get("Metadata", {}).get("BuildProperties") != {
            "ParentPackageMode": "explicit",
            "ParentPackages": package,
        }:
            faults.append(f"{name}: a build would not keep the name {package}")
        try:
            handler = getattr(importlib.import_module(module), attribute)
        except (ImportError, AttributeError) as error:
            faults.append(f"{name}: {error}")
            continue
        if not callable(handler):
            faults.append(f"{name}: {function['Handler']} cannot be called")
    return faults


def _consumers(node: ast.AST) -> Iterator[object]:
    match node:
        case ast.Subscript(value=ast.Name(id="CONSUMERS"), slice=ast.Constant(value=name)):
            yield name


def _declared(service: str) -> Iterator[str]:
    """Yield the functions in a service's table of consumers."""
    try:
        consumed = importlib.import_module(f"{service}.events.consumed")
    except ModuleNotFoundError:
        return
    yield from consumed.CONSUMERS


def _given(stacks: Stacks, function: str) -> set[str]:
    own = stacks.functions[function].get("Environment", {}).get("Variables", {})
    return set(own) | _global(stacks, stacks.service(function))


def _global(stacks: Stacks, service: str) -> set[str]:
    return set(stacks.defaults[service]["Environment"]["Variables"])


def _required(settings: type[Settings]) -> set[str]:
    return {name.upper() for name, field in settings.model_fields.items() if field.is_required()}


def _loaded(module: ModuleType, node: ast.AST) -> Iterator[type[Settings]]:
    for call in ast.walk(node):
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="load")):
                settings = _named(module, node, name)
                if isinstance(settings, type) and issubclass(settings, Settings):
                    yield settings


def _named(module: ModuleType, node: ast.AST, name: str) -> object:
    """Return what a name stands for in a piece of a module's code, which may import it itself."""
    for part in ast.walk(node):
        match part:
            case ast.ImportFrom(module=str(source)) if any(it.name == name for it in part.names):
                return getattr(importlib.import_module(source), name)
    return getattr(module, name, None)


def _bootstrapped(module: ModuleType, node: ast.AST) -> Iterator[str]:
    """Yield the names of the functions of `bootstrap` that a piece of code mentions."""
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name):
                value = getattr(module, name, None)
            case ast.Attribute(value=ast.Name(id=owner), attr=name):
                value = getattr(getattr(module, owner, None), name, None)
            case _:
                continue
        if callable(value) and str(getattr(value, "__module__", "")).endswith(".bootstrap"):
            yield str(getattr(value, "__name__", name))


def _function(module: ModuleType, name: str) -> ast.AST:
    for node in _tree(module).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return node
    message = f"{module.__name__} has no {name}"
    raise LookupError(message)


def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))
