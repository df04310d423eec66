"""The gate of the REST interface: what is released may be added to, and is never taken away.

`released.json` is the OpenAPI document of the last release, without its prose. A request that was
accepted then must be accepted now, and what a client could read then must be there still.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import repeat
from pathlib import Path
from typing import Any

from tools.contracts import openapi
from tools.contracts.paths import ROOT
from tools.contracts.project import Fault, Project

NAME = "released.json"
_PROSE = frozenset({"description", "summary", "title", "operationId"})
_METHODS = ("get", "post", "put", "patch", "delete")

type Json = dict[str, Any]


def broken(project: Project) -> Iterator[Fault]:
    """Find what the document of today takes away from the released one."""
    path = _path(project)
    if path.exists():
        for place, reason in changes(json.loads(path.read_text("utf-8")), openapi.document()):
            yield Fault(f"contracts/http: {place}", reason)


def freeze(project: Project) -> None:
    """Release the document of today."""
    document = openapi.document()
    kept = {name: document[name] for name in ("paths", "components")}
    text = json.dumps(_without_prose(kept), indent=1, ensure_ascii=False, sort_keys=True)
    _path(project).parent.mkdir(parents=True, exist_ok=True)
    _path(project).write_text(text + "\n", encoding="utf-8")


def _without_prose(value: object) -> object:
    if isinstance(value, list):
        return [_without_prose(part) for part in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _without_prose(part)
        for name, part in value.items()
        if not (isinstance(part, str) and name in _PROSE) and name != "examples"
    }


def changes(old: Json, new: Json) -> Iterator[tuple[str, str]]:
    """Yield the place and the kind of each change that breaks a client."""
    for path, methods in old["paths"].items():
        for method in methods.keys() & set(_METHODS):
            place, now = f"{method.upper()} {path}", new["paths"].get(path, {}).get(method)
            if now is None:
                yield place, "the route is gone"
                continue
            yield from _Comparison(old, new).operation(place, methods[method], now)


class _Comparison:
    """Compares parts of two documents; references are followed, each pair once."""

    def __init__(self, old: Json, new: Json) -> None:
        self._old, self._new = old, new
        self._seen: set[tuple[str, str, bool]] = set()

    def operation(self, place: str, old: Json, new: Json) -> Iterator[tuple[str, str]]:
        """Yield the breaks of one operation."""
        if new["security"] and not old["security"]:
            yield place, "needs a token now"
        yield from self._parameters(place, old, new)
        yield from self._body(place, old.get("requestBody"), new.get("requestBody"))
        for status, answer in old["responses"].items():
            if status.startswith("2"):
                yield from self._answer(place, status, answer, new["responses"].get(status))

    def _body(self, place: str, body: Json | None, now: Json | None) -> Iterator[tuple[str, str]]:
        if now and now["required"] and not (body and body["required"]):
            yield place, "needs a body now"
        for kind, content in (body or {}).get("content", {}).items():
            if kind not in (now or {}).get("content", {}):
                yield place, f"takes no {kind} any more"
            elif now:
                schemas = content["schema"], now["content"][kind]["schema"]
                yield from self.schema(f"{place} request", *schemas, sent=True)

    def _answer(
        self, place: str, status: str, answer: Json, now: Json | None
    ) -> Iterator[tuple[str, str]]:
        if now is None:
            yield place, f"does not answer {status} any more"
            return
        for header in answer.get("headers", {}).keys() - now.get("headers", {}).keys():
            yield place, f"has no header {header} any more"
        for kind, content in answer.get("content", {}).items():
            if kind not in now.get("content", {}):
                yield place, f"answers no {kind} any more"
            else:
                schemas = content["schema"], now["content"][kind]["schema"]
                yield from self.schema(f"{place} {status}", *schemas, sent=False)

    def schema(self, place: str, old: Json, new: Json, *, sent: bool) -> Iterator[tuple[str, str]]:
        """Yield the breaks of a schema: of what clients send, or of what they read."""
        pair = (old.get("$ref", ""), new.get("$ref", ""), sent)
        if all(pair[:2]):
            if pair in self._seen:
                return
            self._seen.add(pair)
        old, new = _resolved(self._old, old), _resolved(self._new, new)
        yield from _types(place, old, new, sent=sent)
        yield from self._fields(place, old, new, sent=sent)
        parts = (
            [(f"{place} []", old["items"], new["items"])]
            if "items" in old.keys() & new.keys()
            else []
        )
        for kind in ("anyOf", "oneOf", "allOf"):
            parts += zip(repeat(place), old.get(kind, ()), new.get(kind, ()), strict=False)
        for inner, before, after in parts:
            yield from self.schema(inner, before, after, sent=sent)

    def _fields(self, place: str, old: Json, new: Json, *, sent: bool) -> Iterator[tuple[str, str]]:
        fields, now = old.get("properties", {}), new.get("properties", {})
        for name, field in fields.items():
            if name in now:
                yield from self.schema(f"{place} {name}", field, now[name], sent=sent)
            elif not sent or new.get("additionalProperties") is False:
                yield place, f"has no field {name} any more"
        required, needed = set(old.get("required", ())), set(new.get("required", ()))
        if sent and needed - required:
            yield place, f"needs {', '.join(sorted(needed - required))} now"
        if not sent and required - needed:
            yield place, f"may lack {', '.join(sorted(required - needed))} now"

    def _parameters(self, place: str, old: Json, new: Json) -> Iterator[tuple[str, str]]:
        before = {(it["in"], it["name"]): it for it in old["parameters"]}
        after = {(it["in"], it["name"]): it for it in new["parameters"]}
        for key, parameter in before.items():
            if key not in after:
                yield place, f"has no parameter {key[1]} any more"
            else:
                schemas = parameter["schema"], after[key]["schema"]
                yield from self.schema(f"{place} {key[1]}", *schemas, sent=True)
        for key, parameter in after.items():
            was = before.get(key, {}).get("required", False)
            if parameter.get("required") and not was:
                yield place, f"needs the parameter {key[1]} now"


_LIMITS: Mapping[str, int] = {
    **dict.fromkeys(("maximum", "maxLength", "maxItems", "exclusiveMaximum"), 1),
    **dict.fromkeys(("minimum", "minLength", "minItems", "exclusiveMinimum"), -1),
}
"""Keywords of bounds: 1 for one above, -1 for one below."""


def _types(place: str, old: Json, new: Json, *, sent: bool) -> Iterator[tuple[str, str]]:
    before, after = _set(old.get("type")), _set(new.get("type"))
    lost = before - after if sent else after - before
    if before and after and lost:
        yield place, f"is {sorted(after)} now, and was {sorted(before)}"
    before, after = _set(old.get("enum")), _set(new.get("enum"))
    if sent and after and (not before or before - after):
        yield place, f"does not accept {sorted(before - after) or 'every value'} any more"
    if sent and "pattern" in new and new["pattern"] != old.get("pattern"):
        yield place, "has another pattern now"
    for limit, sign in _LIMITS.items():
        if sent and limit in new and (limit not in old or sign * (new[limit] - old[limit]) < 0):
            yield place, f"has {limit} {new[limit]} now, and had {old.get(limit, 'none')}"


def _set(value: object) -> set[Any]:
    if value is None:
        return set()
    return set(value) if isinstance(value, list) else {value}


def _resolved(document: Json, schema: Json) -> Json:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _path(project: Project) -> Path:
    return project.root / openapi.DOCUMENT.parent.relative_to(ROOT) / NAME
