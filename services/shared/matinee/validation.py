"""Validation: input as a pydantic model, or an InvalidInput that names each wrong field."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from matinee.errors import InvalidInput

MAX_REPORTED_FIELDS = 20
MIN_NAME_SIMILARITY = 0.75
"""Of an unknown field's name to a known one that is suggested instead; from 0 to 1."""

MAX_FIELD_NAME_CHARACTERS = 64
"""Of a field's name in an error: an unknown one may have any length."""


def validate[M: BaseModel](model: type[M], values: object) -> M:
    """Parse input as a model; raise InvalidInput with each wrong field and its reason.

    At most MAX_REPORTED_FIELDS are named, so that the answer stays small whatever came.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        fields = {
            _short(".".join(str(part) for part in problem["loc"] if part != "[key]"))
            or "input": _reason(model, problem)
            for problem in problems[:MAX_REPORTED_FIELDS]
        }
        message = "; ".join(f"{field}: {reason}" for field, reason in fields.items())
        if len(problems) > MAX_REPORTED_FIELDS:
            message += f"; and {len(problems) - MAX_REPORTED_FIELDS} more"
        raise InvalidInput(message, fields=fields) from error


def _short(name: str) -> str:
    if len(name) <= MAX_FIELD_NAME_CHARACTERS:
        return name
    return f"{name[: MAX_FIELD_NAME_CHARACTERS - 1]}…"


def _reason(model: type[BaseModel], problem: ErrorDetails) -> str:
    """Return what is wrong with a field, and for an unknown one which is probably meant."""
    if problem["type"] != "extra_forbidden":
        # Pydantic's prefix of a message that was written for people
        return problem["msg"].removeprefix("Value error, ")
    *path, name = problem["loc"]
    meant = get_close_matches(str(name), _names(model, path), n=1, cutoff=MIN_NAME_SIMILARITY)
    return f"is not known here; did you mean {meant[0]}?" if meant else "is not known here"


def _names(model: type[BaseModel], path: Sequence[int | str]) -> Iterator[str]:
    """Yield the names of the fields of the model at a path within a model."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    if not path:
        yield from fields
    elif (field := fields.get(str(path[0]))) is not None:
        for inner in _models_in(field.annotation):
            yield from _names(inner, [part for part in path[1:] if isinstance(part, str)])


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)
