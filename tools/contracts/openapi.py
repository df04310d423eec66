"""The OpenAPI document of the HTTP API, generated from what the services declare.

A service with routes has a module `routes` with a table `ROUTES`. Bodies come from its pydantic
models, errors from its error classes: each is shown as the API would answer it.
"""

from __future__ import annotations

import importlib
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from http import HTTPStatus
from itertools import groupby
from typing import TYPE_CHECKING, Any, Protocol, cast

from pydantic import BaseModel
from pydantic.json_schema import (
    GenerateJsonSchema,
    JsonSchemaMode,
    JsonSchemaValue,
    models_json_schema,
)

from tools.contracts.documents import to_yaml
from tools.contracts.paths import ROOT, make_importable
from tools.contracts.project import Fault, Project

if TYPE_CHECKING:
    from pydantic_core import core_schema

    from matinee.http.routes import Route

DOCUMENT = ROOT / "contracts" / "http" / "openapi.yaml"

_REFERENCE = "#/components/schemas/{model}"
_HEAD = (
    "# Generated from the services' routes, models and errors: make contracts\n"
    "# Do not edit. A test fails when this file and the code disagree.\n"
)

type Json = dict[str, Any]


class _Schemas(GenerateJsonSchema):
    """Leaves out what says nothing: titles made of names, and that what is absent is null."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002, PLR6301 - as in the base class
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if "default" in schema and schema["default"] is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)


class Refusal(Protocol):
    """An error class as a service declares it: made without arguments, it is an example."""

    status: int
    title: str


def routes() -> Mapping[str, Sequence[Route]]:
    """Return the routes of every service that has some, by the service's name."""
    make_importable()
    return {
        file.parts[-3]: importlib.import_module(f"{file.parts[-3]}.api.routes").ROUTES
        for file in sorted((ROOT / "services").glob("*/*/api/routes.py"))
    }


def document() -> Json:
    """Build the OpenAPI 3.1 document."""
    services = routes()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    paths: Json = {}
    for service, table in services.items():
        for route in table:
            paths.setdefault(route.path, {})[route.method.lower()] = _operation(service, route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Matinee",
            "version": project["version"],
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [
            {
                "url": "https://{api}.execute-api.{region}.amazonaws.com",
                "description": "A deployed stack: its output HttpApiUrl",
                "variables": {"api": {"default": "api"}, "region": {"default": "eu-west-1"}},
            },
            {
                "url": "http://127.0.0.1:{port}/_aws/execute-api/{api}",
                "description": "The local stack: `rest_url` in .local/stack.json",
                "variables": {"api": {"default": "api"}, "port": {"default": "4566"}},
            },
        ],
        "tags": [{"name": service, "description": _meaning(service)} for service in services],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "accessToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The AccessToken that signing in answers, of a member of Users; "
                    "its IdToken is refused.",
                }
            },
            "schemas": {
                **_schemas(list(services.values())),
                "Problem": _PROBLEM,
                "Gateway": _GATEWAY,
            },
        },
    }


def _meaning(service: str) -> str:
    """Return what a service is for: the sentence that its package begins with."""
    return (importlib.import_module(service).__doc__ or "").partition("\n")[0]


_ABOUT = """\
Errors are problems as RFC 9457 has them (`application/problem+json`), with two more members:
`error`, the same sentence as `detail`, and `code`, the name that a program branches on.
CORS headers are on every answer to an origin that the deployment allows.
A request may carry `X-Correlation-Id`: it is found again in the answer, and in every log line and
event that follows. HEAD is answered wherever GET is, without the body.
"""

_PROBLEM: Json = {
    "type": "object",
    "description": "An error, as RFC 9457 has it. Further members depend on `code`.",
    "required": ["type", "title", "status", "detail", "error", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "urn:matinee:problem:<code>"},
        "title": {"type": "string", "description": "The kind of error, for people."},
        "status": {"type": "integer", "description": "The same as the status of the answer."},
        "detail": {"type": "string", "description": "This very error, for people."},
        "error": {"type": "string", "description": "The same as `detail`."},
        "code": {"type": "string", "description": "The kind of error, for programs."},
        "fields": {
            "type": "object",
            "description": "For invalid input: what is wrong, by the field's name.",
            "additionalProperties": {"type": "string"},
        },
    },
}

_GATEWAY: Json = {
    "type": "object",
    "description": "What the gateway itself answers, before any function is asked.",
    "required": ["message"],
    "properties": {"message": {"type": ["string", "null"]}},
}


def _operation(service: str, route: Route) -> Json:
    operation: Json = {
        "operationId": route.name,
        "tags": [service],
        "summary": route.summary,
        "description": route.description,
        **({"deprecated": True} if route.successor else {}),
        "security": [{"accessToken": []}] if route.signed_in else [],
        "parameters": [
            *_parameters(route.parameters, "path"),
            *_parameters(route.query, "query"),
            *_parameters(route.headers, "header"),
            {
                "name": "X-Correlation-Id",
                "in": "header",
                "description": "Up to 128 letters, digits, `.`, `_`, `:` and `-`; anything else, "
                "or nothing, is replaced by one of ours.",
                "schema": {"type": "string"},
            },
        ],
    }
    if route.requests:
        operation["requestBody"] = {
            "required": route.needs_body,
            "content": _content(route.requests),
        }
    if route.files:
        operation["requestBody"] = {"required": True, "content": _file_content(route.files)}
    operation["responses"] = {
        str(route.status.value): {
            "description": route.status.phrase,
            **_answer_headers({**route.response_headers, **_deprecation(route)}),
            **({"content": _answers(route)} if route.responses else {}),
        },
        **{str(status.value): {"description": why} for status, why in route.bodiless.items()},
        **_with_the_gateways(dict(_problems(route.errors)), signed_in=route.signed_in),
        "default": {
            "description": "Refused by the gateway: no such path, or too large.",
            "content": {"application/json": {"schema": {"$ref": _ref("Gateway")}}},
        },
    }
    return operation


def _parameters(model: type[BaseModel] | None, place: str) -> Iterator[Json]:
    """Yield what stands in a path's braces, a query string or headers, field by field."""
    written = _schema(model) if model else {}
    required = written.get("required", ())
    for name, schema in written.get("properties", {}).items():
        about = {key: schema.pop(key) for key in ("description",) if key in schema}
        needed = place == "path" or name in required
        yield {"name": name, "in": place, "required": needed, **about, "schema": schema}


def _with_the_gateways(answers: dict[str, Json], *, signed_in: bool) -> Json:
    """Add to a route's refusals those of the gateway, which comes first.

    It limits the rate of every route, and looks at the token of a signed-in one.
    """
    gateways = {"application/json": {"schema": {"$ref": _ref("Gateway")}}}
    tokens = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) if signed_in else ()
    for status in (*tokens, HTTPStatus.TOO_MANY_REQUESTS):
        answer = answers.setdefault(
            str(status.value), {"description": status.phrase, "content": {}}
        )
        answer["content"] = answer["content"] | gateways
    return dict(sorted(answers.items()))


def _answers(route: Route) -> Json:
    text = {route.response_file: {"schema": {"type": "string"}}} if route.response_file else {}
    return _content(route.responses) | text


def _content(models: Sequence[type[BaseModel]]) -> Json:
    references = [{"$ref": _ref(model.__name__)} for model in models]
    schema = references[0] if len(references) == 1 else {"oneOf": references}
    return {"application/json": {"schema": schema}}


def _file_content(media_types: Sequence[str]) -> Json:
    """Return what a file may be: the body itself, or a field of a form."""
    binary: Json = {"type": "string", "format": "binary"}
    form: Json = {"type": "object", "required": ["file"], "properties": {"file": binary}}
    raw = {
        name: {"schema": {"type": ["object", "array"]} if name.endswith("json") else binary}
        for name in media_types
    }
    return {"multipart/form-data": {"schema": form}, **raw}


def _deprecation(route: Route) -> Mapping[str, str]:
    meanings = {
        "Deprecation": "Since when the route is deprecated (RFC 9745).",
        "Link": f"The route that replaces it: {route.successor}.",
        "Link-Template": "The same with its placeholders (RFC 9652).",
    }
    return {name: meanings[name] for name in route.deprecation}


def _answer_headers(meanings: Mapping[str, str]) -> Json:
    if not meanings:
        return {}
    schema = {"type": "string"}
    return {
        "headers": {
            name: {"description": about, "schema": schema} for name, about in meanings.items()
        }
    }


def _problems(declared: Iterable[type[Exception]]) -> Iterator[tuple[str, Json]]:
    """Yield the errors by status; what nobody expected (500) may always happen."""
    answer = importlib.import_module("matinee.http.api").problem
    unexpected = importlib.import_module("matinee.errors").MatineeError
    kinds = cast("list[type[Refusal]]", [*declared, unexpected])
    for status, group in groupby(sorted(kinds, key=_status), key=_status):
        examples = {kind.__name__: answer(kind()) for kind in group}
        some = next(iter(examples.values()))
        yield (
            str(status),
            {
                "description": HTTPStatus(status).phrase,
                **_retry_after(some.headers),
                "content": {
                    some.content_type: {
                        "schema": {
                            "allOf": [{"$ref": _ref("Problem")}],
                            "properties": {"code": {"enum": list(examples)}},
                        },
                        "examples": {
                            code: {"value": json.loads(example.body)}
                            for code, example in examples.items()
                        },
                    }
                },
            },
        )


def _status(kind: type[Refusal]) -> int:
    return kind.status


def _retry_after(headers: Mapping[str, object]) -> Json:
    if "Retry-After" not in headers:
        return {}
    schema = {"type": "integer", "minimum": 1}
    return {"headers": {"Retry-After": {"description": "Seconds to wait.", "schema": schema}}}


def _schemas(tables: Sequence[Sequence[Route]]) -> Json:
    modes: dict[type[BaseModel], JsonSchemaMode] = {}
    for route in (route for table in tables for route in table):
        modes |= dict.fromkeys(route.requests, "validation")
        modes |= dict.fromkeys(route.responses, "serialization")
    _, definitions = models_json_schema(
        list(modes.items()), ref_template=_REFERENCE, schema_generator=_Schemas
    )
    schemas: Json = definitions["$defs"]
    for model in _described(tables):
        schemas |= _schema(model).get("$defs", {})
    for schema in schemas.values():
        for field in schema.get("properties", {}).values():
            _name_default_in_words(field)
    return schemas


def _name_default_in_words(field: Json) -> None:
    """Move a default into the description: generators take a field that has one for required."""
    default, about = field.pop("default", None), field.get("description", "")
    if default and "Default" not in about:
        field["description"] = f"{about} Default: {json.dumps(default)}.".strip()


def _schema(model: type[BaseModel]) -> Json:
    return model.model_json_schema(ref_template=_REFERENCE, schema_generator=_Schemas)


def _described(tables: Sequence[Sequence[Route]]) -> Iterator[type[BaseModel]]:
    """Yield the models of paths, query strings and headers: shown field by field."""
    for route in (route for table in tables for route in table):
        yield from filter(None, (route.parameters, route.query, route.headers))


def _ref(name: str) -> str:
    return _REFERENCE.format(model=name)


@cache
def text() -> str:
    """Write the document as YAML."""
    return _HEAD + to_yaml(document())


def outdated(project: Project) -> Iterator[Fault]:
    """Find out whether the document differs from what the services declare."""
    file = project.root / DOCUMENT.relative_to(ROOT)
    if not file.exists() or file.read_text(encoding="utf-8") != text():
        yield Fault(project.shown(file), "is not what the code says: run `make contracts`")
