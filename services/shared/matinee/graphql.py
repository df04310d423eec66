"""GraphQL: from an AppSync resolver's event to a use case and back, errors with their types."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from matinee.errors import Forbidden, MatineeError, RateLimited
from matinee.events.envelope import Trace
from matinee.observability import correlate, count, logger
from matinee.principal import USERS, Principal
from matinee.validation import validate


@dataclass(frozen=True, slots=True)
class Call:
    """One field of one GraphQL request, as its resolver receives it."""

    field: str
    arguments: Mapping[str, Any]
    selection: frozenset[str]
    trace: Trace
    event: Mapping[str, Any]
    groups: frozenset[str] = frozenset({USERS})
    """Those whose members the field is for."""

    @property
    def caller(self) -> Principal:
        """The signed-in member of a group that the field is for.

        Raises Unauthorized, or Forbidden for any other caller.
        """
        principal = Principal.from_appsync(self.event)
        principal.require(*self.groups)
        return principal

    @property
    def source(self) -> str:
        """The caller's address. What a client claims in X-Forwarded-For comes before it."""
        addresses = (self.event.get("identity") or {}).get("sourceIp") or ("",)
        return str(addresses[-1])

    def require_service(self) -> None:
        """Raise Forbidden unless the caller is a function of this product, by its IAM role."""
        identity = self.event.get("identity") or {}
        if not identity.get("userArn") or identity.get("claims"):
            raise Forbidden

    def selects(self, path: str) -> bool:
        """Return whether the request selects a field of the result, for example "candidates"."""
        return path in self.selection

    def read[M: BaseModel](self, model: type[M], arguments: object = None) -> M:
        """Parse the arguments (or a part of them) as a model; raise InvalidInput."""
        return validate(model, self.arguments if arguments is None else arguments)


@dataclass(frozen=True, slots=True)
class Reply:
    """A field's value, and what becomes of subscriptions with it, as the resolver's code reads it.

    `subscriptions` has `invalidationFilter` of the one that begins, or `invalidate` for others.
    """

    data: object
    subscriptions: Mapping[str, object]


type Resolver = Callable[[Call], object]


def resolve(event: Mapping[str, Any], resolvers: Mapping[str, Resolver]) -> dict[str, Any]:
    """Resolve a field: {"data": ...}, or {"error": {type, message, info}} when refused.

    The API's response function gives the error its type. An unexpected error is raised: Lambda
    counts it, and the client learns only that the server failed. AppSync answers 200 to both, so
    each call reports to an alarm of our own whether it failed.
    """
    call = _call(event)
    correlate(call.trace.correlation_id)
    failed = 1
    try:
        data = resolvers[f"{event['info']['parentTypeName']}.{call.field}"](call)
        failed = 0
    except MatineeError as error:
        logger.info("refused", extra={"field": call.field, "code": error.code})
        count("Refused")
        return {"error": as_error(error)}
    finally:
        count("ResolverErrors", failed)
    logger.info("answered", extra={"field": call.field})
    if isinstance(data, Reply):
        return {"data": data.data, **data.subscriptions}
    return {"data": data}


def as_error(error: MatineeError) -> dict[str, Any]:
    """Return an error in the form of AppSync's `util.error`."""
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
        trace=Trace.from_headers((event.get("request") or {}).get("headers")),
        event=event,
    )
