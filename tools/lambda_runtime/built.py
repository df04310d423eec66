"""The folder that `sam build` makes: which functions there are, of which layers, and how large."""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.local.template import load_template
from tools.local.wiring import APPLICATION

_FUNCTION = "AWS::Serverless::Function"
INVENTED = "invented"


class NotBuilt(Exception):
    """There is no build in the folder."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function as packaged.

    `variables` are its environment: the template's own texts and its parameters' defaults; what
    only a deployed stack knows is invented.
    """

    name: str
    handler: str
    memory: int
    timeout: int
    code: Path
    layers: tuple[Path, ...]
    variables: Mapping[str, str]

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders of Python's path, in Lambda's order: the code, then the layers."""
        return (self.code, *(layer / "python" for layer in self.layers))


@dataclass(frozen=True, slots=True)
class Size:
    """Of one folder: bytes as they lie there, and about what a zip of them has."""

    unpacked: int
    packed: int


def built_functions(folder: Path) -> dict[str, Function]:
    """Return the functions of a built template, and of the applications in it. Raises NotBuilt."""
    path = folder / "template.yaml"
    if not path.is_file():
        message = f"There is no build in {folder}: make build"
        raise NotBuilt(message)
    template = load_template(path)
    defaults = (template.get("Globals") or {}).get("Function") or {}
    parameters = {
        name: str(parameter.get("Default", ""))
        for name, parameter in template.get("Parameters", {}).items()
    }
    found: dict[str, Function] = {}
    for name, resource in template["Resources"].items():
        if resource["Type"] == _FUNCTION:
            found[name] = _function(folder, name, defaults, resource["Properties"], parameters)
        elif resource["Type"] == APPLICATION:
            found |= built_functions((folder / resource["Properties"]["Location"]).parent)
    return found


def size(folder: Path) -> Size:
    """Measure a folder. A zip compresses each file by itself, as is done here."""
    unpacked = packed = 0
    for path in _files(folder):
        content = path.read_bytes()
        unpacked += len(content)
        packed += len(zlib.compress(content, 6))
    return Size(unpacked, packed)


def dead_weight(folder: Path) -> list[str]:
    """Find what no function ever needs: tests, package managers' caches, the runtime's boto3."""
    found = []
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        within_tests = "tests" in place.parts or "test" in place.parts
        if within_tests or path.name in {"boto3", "botocore", ".cache", "pip"}:
            found.append(place.as_posix())
    return found


def _function(
    folder: Path,
    name: str,
    defaults: Mapping[str, Any],
    own: Mapping[str, Any],
    parameters: Mapping[str, str],
) -> Function:
    layers = [*defaults.get("Layers", ()), *own.get("Layers", ())]
    variables = {
        **defaults.get("Environment", {}).get("Variables", {}),
        **own.get("Environment", {}).get("Variables", {}),
    }
    return Function(
        name=name,
        handler=str(own["Handler"]),
        memory=int(_known(own.get("MemorySize", defaults["MemorySize"]), parameters)),
        timeout=int(own.get("Timeout", defaults["Timeout"])),
        code=folder / str(own["CodeUri"]),
        layers=tuple(folder / str(layer["Ref"]) for layer in layers),
        variables={key: _known(value, parameters) for key, value in variables.items()},
    )


def _known(value: object, parameters: Mapping[str, str]) -> str:
    match value:
        case str() | int() | float():
            return str(value)
        case {"Ref": str(name)}:
            return parameters.get(name) or INVENTED
    return INVENTED


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
