"""Validation: input as a pydantic model, or an InvalidInput that names each wrong field."""

from pydantic import BaseModel, ValidationError

from matinee.errors import InvalidInput

MAX_REPORTED_FIELDS = 20
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
            _short(".".join(str(part) for part in problem["loc"])) or "input": _sentence(
                problem["msg"]
            )
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


def _sentence(message: str) -> str:
    """Remove pydantic's prefix from a message that was written for people."""
    return message.removeprefix("Value error, ")
