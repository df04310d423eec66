"""The services' code as the architecture tests read it: without running it, by its syntax."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

LAYER = "matinee"
"""The shared package, from services/shared."""


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module; `typing_only` when it stands under `if TYPE_CHECKING`."""

    module: str
    typing_only: bool

    @property
    def package(self) -> str:
        """The outermost package."""
        return self.module.partition(".")[0]


@dataclass(frozen=True)
class Source:
    """One file. `package` is the service's (or the layer's), `name` the dotted module."""

    package: str
    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text)

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """All imports, wherever they stand."""
        typing_only = {
            id(node)
            for block in ast.walk(self.tree)
            if isinstance(block, ast.If) and ast.unparse(block.test).endswith("TYPE_CHECKING")
            for statement in block.body
            for node in ast.walk(statement)
        }
        return tuple(
            Import(module, id(node) in typing_only)
            for node in ast.walk(self.tree)
            for module in self._modules(node)
        )

    @property
    def within(self) -> str:
        """The module without its package: "handlers.api" of rooms.handlers.api."""
        return self.name.partition(".")[2]

    @property
    def place(self) -> str:
        """The folder or module below the package: "handlers" of rooms.handlers.api."""
        return self.within.partition(".")[0]

    def _modules(self, node: ast.AST) -> Iterator[str]:
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=0) if module:
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.ImportFrom():
                yield f"{self.package}.relative"


@dataclass(frozen=True, slots=True)
class Code:
    """All services of a checkout and the layer. `folders` are the services by their folders."""

    sources: tuple[Source, ...]
    folders: frozenset[str]

    @property
    def services(self) -> set[str]:
        """The services whose packages were read."""
        return {source.package for source in self.sources} - {LAYER}


type Rule = Callable[[Code], list[str]]
"""Returns what breaks one rule; nothing when all is well."""


def read_code(root: Path) -> Code:
    """Read services/<service>/<package>/**.py; the package of shared/ is the layer."""
    sources = []
    for package in sorted(root.glob("services/*/*/__init__.py")):
        folder = package.parent
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            name = ".".join(part for part in parts if part != "__init__")
            sources.append(Source(folder.name, name, path.read_text(encoding="utf-8")))
    services = {folder.name for folder in (root / "services").iterdir() if folder.is_dir()}
    return Code(tuple(sources), frozenset(services - {"shared"}))
