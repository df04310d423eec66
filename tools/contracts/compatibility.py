"""What a minor version may change: it may add optional fields, and words. Nothing else."""

from collections.abc import Iterator, Mapping
from itertools import groupby, pairwise
from typing import Any

from tools.contracts.project import Fault, Project
from tools.contracts.versions import stored

_WORDS = frozenset({"$id", "$schema", "title", "description", "examples", "$comment"})


def incompatible(project: Project) -> Iterator[Fault]:
    """Find the minor versions that break what the one before them promised."""
    for _, files in groupby(stored(project), key=lambda file: (*file.event, file.version.major)):
        for before, after in pairwise(files):
            for reason in breaks(before.read(), after.read()):
                yield Fault(project.shown(after.path), f"breaks {before.version}: {reason}")


def breaks(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yield what breaks a reader of the schema before in the one after."""
    yield from _object_breaks(before, after, ())


def _object_breaks(
    before: Mapping[str, Any], after: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[str]:
    old, new = before.get("properties", {}), after.get("properties", {})
    for name in old:
        if name not in new:
            yield f"{_shown(path, name)} is gone"
        else:
            yield from _field_breaks(old[name], new[name], (*path, name))
    was_required, is_required = set(before.get("required", ())), set(after.get("required", ()))
    for name in sorted(is_required - was_required):
        kind = "is no longer optional" if name in old else "is new and required"
        yield f"{_shown(path, name)} {kind}"
    for name in sorted(was_required - is_required):
        if name in new:
            yield f"{_shown(path, name)} is no longer always there"
    if _rest(before) != _rest(after):
        yield f"{_shown(path)} is described by other rules"


def _field_breaks(
    before: Mapping[str, Any], after: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[str]:
    if "properties" in before and "properties" in after:
        yield from _object_breaks(before, after, path)
    elif isinstance(before.get("items"), Mapping) and isinstance(after.get("items"), Mapping):
        yield from _field_breaks(before["items"], after["items"], (*path, "[]"))
        if _without(before, "items") != _without(after, "items"):
            yield f"{_shown(path)} has changed"
    elif _without(before) != _without(after):
        yield f"{_shown(path)} has changed"


def _rest(schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    return _without(schema, "properties", "required")


def _without(node: Any, *keys: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return a schema without what is only there to be read by people, and without `keys`."""
    if isinstance(node, list):
        return [_without(part) for part in node]
    if not isinstance(node, Mapping):
        return node
    return {key: _without(value) for key, value in node.items() if key not in _WORDS | set(keys)}


def _shown(path: tuple[str, ...], name: str = "") -> str:
    return ".".join(filter(None, (*path, name))) or "the detail"
