"""One field's resolver, from its request handler over the data source to its response handler."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.appsync.api import AuthMode, Resolver
from tools.appsync.errors import FieldError, NotAuthorized
from tools.appsync.functions import FunctionFailed, FunctionInvoker
from tools.appsync.javascript import JavaScript, Outcome, Raised

_log = logging.getLogger(__name__)

AUTH_TYPES = {
    AuthMode.COGNITO: "User Pool Authorization",
    AuthMode.IAM: "IAM Authorization",
    AuthMode.API_KEY: "API Key Authorization",
    AuthMode.OIDC: "Open ID Connect Authorization",
    AuthMode.LAMBDA: "Lambda Authorization",
}
"""What `util.authType()` answers."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A field's value, the errors that were appended beside it, and what ends subscriptions."""

    value: object
    appended: tuple[FieldError, ...]
    invalidation_filter: Mapping[str, Any] | None = None
    invalidations: tuple[Mapping[str, Any], ...] = ()


class ResolverRunner:
    """Runs resolvers. Blocking, so that many run at once on threads."""

    def __init__(self, javascript: JavaScript, functions: FunctionInvoker) -> None:
        self._javascript = javascript
        self._functions = functions

    def run(self, resolver: Resolver, mode: AuthMode, context: Mapping[str, Any]) -> Resolved:
        """Resolve one field. Raises FieldError as the resolver's code decides.

        `context` is ctx as the request handler sees it; `info` names the field.
        """
        requested = self._call(resolver, "request", mode, context)
        if requested.early:
            return Resolved(requested.value, self._appended(requested, context))
        result, error = self._ask(resolver, requested.value)
        answered = self._call(
            resolver,
            "response",
            mode,
            {**context, "stash": dict(requested.stash), "result": result, "error": error},
        )
        appended = self._appended(requested, context) + self._appended(answered, context)
        return Resolved(
            answered.value, appended, answered.invalidation_filter, answered.invalidations
        )

    def _call(
        self, resolver: Resolver, handler: str, mode: AuthMode, context: Mapping[str, Any]
    ) -> Outcome:
        outcome = self._javascript.call(resolver.origin, handler, AUTH_TYPES[mode], context)
        if outcome.crash is not None:
            _log.error("%s, %s: %s", resolver.origin, handler, outcome.crash)
            raise FieldError("Runtime Error", "Code")
        if outcome.error is not None:
            raise _field_error(outcome.error, context)
        return outcome

    def _ask(self, resolver: Resolver, request: object) -> tuple[object, dict[str, object] | None]:
        """Send the request to the data source: a result and nothing, or nothing and an error."""
        if not isinstance(request, dict):
            raise FieldError("Unable to convert the request to an object.", "MappingTemplate")
        function_name = resolver.data_source.function_name
        if function_name is None:
            return request.get("payload"), None
        if request.get("operation") != "Invoke":
            message = (
                f"Unsupported operation '{request.get('operation')}' for a Lambda data source."
            )
            raise FieldError(message, "MappingTemplate")
        wait = request.get("invocationType", "RequestResponse") != "Event"
        try:
            return self._functions.invoke(function_name, request.get("payload"), wait=wait), None
        except FunctionFailed as failed:
            _log.error("%s failed: %s", function_name, failed.error_type)
            return None, {"message": failed.message, "type": failed.error_type}

    @staticmethod
    def _appended(outcome: Outcome, context: Mapping[str, Any]) -> tuple[FieldError, ...]:
        return tuple(_field_error(raised, context) for raised in outcome.appended)


def _field_error(raised: Raised, context: Mapping[str, Any]) -> FieldError:
    if raised.message is None:
        info = context["info"]
        return NotAuthorized(info["fieldName"], info["parentTypeName"])
    return FieldError(raised.message, raised.type, raised.data, raised.info)
