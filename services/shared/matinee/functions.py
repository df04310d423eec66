"""Functions that other services invoke: a request to {"data": ...}, or {"error": ...}."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from matinee.errors import MatineeError
from matinee.graphql import as_error
from matinee.ids import new_id
from matinee.observability import correlate, count, logger
from matinee.validation import validate

FUNCTION_MODEL = ConfigDict(
    defer_build=True, alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True
)

MAX_CORRELATION_ID_CHARACTERS = 128


class FunctionError(BaseModel):
    """An error: `type` for a program, `message` for a person."""

    model_config = FUNCTION_MODEL

    type: str = Field(description="The code: InvalidInput, AccountDeleted, ...")
    message: str
    info: dict[str, Any] | None = Field(description="fields: field to reason (InvalidInput).")


class FunctionFailure(BaseModel):
    """The response with an error."""

    model_config = FUNCTION_MODEL

    error: FunctionError


def respond[M: BaseModel](
    event: Mapping[str, Any],
    model: type[M],
    handle: Callable[[M], BaseModel],
    *,
    refusals: str = "Refused",
) -> dict[str, Any]:
    """Return the response to a request: what `handle` returns, or the error that it raises.

    `refusals` names the metric of the errors.
    """
    correlate(str(event.get("correlationId") or new_id())[:MAX_CORRELATION_ID_CHARACTERS])
    try:
        answer = handle(validate(model, event))
    except MatineeError as error:
        logger.info("refused", extra={"code": error.code})
        count(refusals)
        return {"error": as_error(error)}
    return {"data": answer.model_dump(mode="json", by_alias=True)}
