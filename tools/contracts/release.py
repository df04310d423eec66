"""Releases: contracts/events/released.json holds the digest of every schema that may not change."""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from tools.contracts.project import Fault, Project
from tools.contracts.schema import schema_of, text_of
from tools.contracts.versions import RELEASED, RETIRED, SchemaFile, current, stored


def released(project: Project) -> Mapping[str, str]:
    """Answer the digests of the released schemas, by path below contracts/events."""
    path = _list(project)
    if not path.exists():
        return {}
    digests: Mapping[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return digests


def is_released(project: Project, file: SchemaFile) -> bool:
    """Tell whether a schema is frozen."""
    return _key(project, file.path) in released(project)


def tampered(project: Project) -> Iterator[Fault]:
    """Find released schemas that are gone, or are not what they were."""
    for key, digest in released(project).items():
        path = project.events / key
        if not path.exists():
            yield Fault(project.shown(path), "is released and is gone: put it back")
        elif _digest(path) != digest:
            yield Fault(
                project.shown(path),
                "is released and has changed: put it back; additions are a new minor version, "
                "anything else a new detail-type",
            )


def abandoned(project: Project) -> Iterator[Fault]:
    """Find released events that no service tells any more, although nobody has retired them.

    An event is retired, with the day and the reason, in contracts/events/retired.json: when those
    who listened have gone. Until then it is told beside the one that takes its place.
    """
    told = {(service, model.event_type) for service, model in project.published()}
    gone = retired(project)
    for service, event_type in sorted({_event(key) for key in released(project)} - told):
        if f"{service}/{event_type}" not in gone:
            yield Fault(
                f"{service}.events.published",
                f"{event_type} is released, and nobody tells it any more: tell it beside what "
                "takes its place, or retire it in contracts/events/retired.json",
            )
    for name in sorted(gone.keys() & {f"{service}/{event}" for service, event in told}):
        yield Fault("contracts/events/retired.json", f"{name} is told still")


def retired(project: Project) -> Mapping[str, str]:
    """Answer why and since when an event is told no more, by `<service>/<Event>`."""
    path = project.events / RETIRED
    if not path.exists():
        return {}
    reasons: Mapping[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return reasons


def drifted(project: Project) -> Iterator[Fault]:
    """Find schemas that are not what their models say."""
    present = current(project)
    for path, (file, model) in present.items():
        place = project.shown(path)
        if not path.exists():
            if not is_released(project, file):
                yield Fault(place, "is not there: run `make contracts`")
        elif path.read_text(encoding="utf-8") != text_of(schema_of(file.service, model)):
            yield Fault(place, _advice(project, file))
    newest = {file.event: file.version for file, _ in present.values()}
    for file in stored(project):
        ours = newest.get(file.event)
        if ours is not None and file.version > ours:
            yield Fault(
                project.shown(file.path), f"is newer than its model, whose version is {ours}"
            )
        elif file.path not in present and not is_released(project, file):
            yield Fault(
                project.shown(file.path),
                "has no model any more, and was never released: run `make contracts`",
            )


def unreleased(project: Project) -> list[SchemaFile]:
    """Answer the present schemas that are not frozen yet."""
    return [file for file, _ in current(project).values() if not is_released(project, file)]


def freeze(project: Project) -> list[str]:
    """Release what is not released; answers the paths of it below contracts/events."""
    fresh = {_key(project, file.path): _digest(file.path) for file in unreleased(project)}
    digests = dict(sorted({**released(project), **fresh}.items()))
    _list(project).write_text(json.dumps(digests, indent=2) + "\n", encoding="utf-8")
    return sorted(fresh)


def _advice(project: Project, file: SchemaFile) -> str:
    if not is_released(project, file):
        return "is not what its model says: run `make contracts`"
    return (
        f"is released, and its model no longer says the same: give the model schema_version "
        f'"{file.version.major}.{file.version.minor + 1}" if fields were only added, '
        f"else make a new detail-type {file.event_type.split('.')[0]}.v{file.version.major + 1}"
    )


def _event(key: str) -> tuple[str, str]:
    service, event_type, _ = key.split("/")
    return service, event_type


def _list(project: Project) -> Path:
    return project.events / RELEASED


def _key(project: Project, path: Path) -> str:
    return path.relative_to(project.events).as_posix()


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
