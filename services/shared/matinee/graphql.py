"""The way from an AppSync call to a use case and back, errors with their types included."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from matinee.envelope import Trace
from matinee.errors import Forbidden, InvalidInput, MatineeError, RateLimited
from matinee.observability import correlate, count, logger
from matinee.principal import Principal

MOST_NAMED = 20
LONGEST_NAME = 64
"""Characters of a field's name that are told. One that nobody knows may have any length."""


@dataclass(frozen=True, slots=True)
class Call:
    """One field of one GraphQL request, as its resolver sees it."""

    field: str
    arguments: Mapping[str, Any]
    selection: frozenset[str]
    trace: Trace
    event: Mapping[str, Any]

    @property
    def caller(self) -> Principal:
        """The signed-in user; raises Unauthorized when the call comes from anything else."""
        return Principal.from_appsync(self.event)

    def require_user(self) -> None:
        """Raise Unauthorized unless a signed-in user calls."""
        Principal.from_appsync(self.event)

    def require_service(self) -> None:
        """Raise Forbidden unless one of our own functions calls, by its IAM role."""
        identity = self.event.get("identity") or {}
        if not identity.get("userArn") or identity.get("claims"):
            raise Forbidden

    def selects(self, path: str) -> bool:
        """Tell whether the request asks for a field of the answer, for example "candidates"."""
        return path in self.selection

    def read[M: BaseModel](self, model: type[M], arguments: object = None) -> M:
        """Read the arguments (or a part of them) as a model; raises InvalidInput naming fields."""
        return read(model, self.arguments if arguments is None else arguments)


type Resolver = Callable[[Call], object]


def read[M: BaseModel](model: type[M], values: object) -> M:
    """Read input as a model; raises InvalidInput that names each wrong field and why.

    Of many wrong fields it names MOST_NAMED, so that what is answered stays small whatever came.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        fields = {
            _short(".".join(str(part) for part in problem["loc"])) or "input": _sentence(
                problem["msg"]
            )
            for problem in problems[:MOST_NAMED]
        }
        message = "; ".join(f"{field}: {reason}" for field, reason in fields.items())
        if len(problems) > MOST_NAMED:
            message += f"; and {len(problems) - MOST_NAMED} more"
        raise InvalidInput(message, fields=fields) from error


def resolve(event: Mapping[str, Any], resolvers: Mapping[str, Resolver]) -> dict[str, Any]:
    """Answer a resolver's event: {"data": ...}, or {"error": {type, message, info}} when refused.

    The API's response function gives the error its type. What nobody expected is raised: Lambda
    counts it, and the client learns only that it is our fault.
    """
    call = _call(event)
    correlate(call.trace.correlation_id)
    try:
        data = resolvers[f"{event['info']['parentTypeName']}.{call.field}"](call)
    except MatineeError as error:
        logger.info("refused", extra={"field": call.field, "code": error.code})
        count("Refused")
        return {"error": as_error(error)}
    logger.info("answered", extra={"field": call.field})
    return {"data": data}


def as_error(error: MatineeError) -> dict[str, Any]:
    """Answer an error as `util.error` takes it."""
    info = dict(error.info)
    if isinstance(error, RateLimited):
        info["retryAfter"] = error.retry_after
    return {"type": error.code, "message": error.message, "info": info or None}


def _call(event: Mapping[str, Any]) -> Call:
    info = event["info"]
    return Call(
        field=info["fieldName"],
        arguments=event.get("arguments") or {},
        selection=frozenset(info.get("selectionSetList") or ()),
        trace=Trace.begun_by((event.get("request") or {}).get("headers")),
        event=event,
    )


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _sentence(message: str) -> str:
    """Take pydantic's prefix off a message that was written for people."""
    return message.removeprefix("Value error, ")
