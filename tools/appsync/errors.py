"""The errors that the endpoint returns to its clients, in AppSync's terms.

AppSyncError
├── RequestRefused      the request as a whole: an HTTP status, or a connection error
│   ├── Unauthenticated     401, or 403 for a signature that does not fit
│   └── Malformed           400: not JSON, no query, an operation that is not there
└── FieldError          one field of a response; the others may still have data
    └── NotAuthorized       the caller may not read this field
"""


class AppSyncError(Exception):
    """An error with AppSync's `errorType`."""

    def __init__(self, message: str, error_type: str | None) -> None:
        super().__init__(message)
        self.message = message
        self.error_type = error_type


class RequestRefused(AppSyncError):
    """The request was not executed at all; `status` is the HTTP status that says so."""

    def __init__(self, message: str, error_type: str, status: int) -> None:
        super().__init__(message, error_type)
        self.status = status

    def body(self) -> dict[str, object]:
        """Format it as AppSync does in the body of an HTTP response."""
        return {"errors": [{"errorType": self.error_type, "message": self.message}]}


class Unauthenticated(RequestRefused):
    """Nobody proved who is asking."""

    def __init__(
        self,
        message: str = "You are not authorized to make this call.",
        error_type: str = "UnauthorizedException",
        status: int = 401,
    ) -> None:
        super().__init__(message, error_type, status)


class Malformed(RequestRefused):
    """What arrived is not a GraphQL request."""

    def __init__(
        self,
        message: str = "Unable to parse GraphQL query.",
        error_type: str = "MalformedHttpRequestException",
        status: int = 400,
    ) -> None:
        super().__init__(message, error_type, status)


class FieldError(AppSyncError):
    """A resolver refused: `data` and `info` travel to the client beside the message."""

    def __init__(
        self,
        message: str,
        error_type: str | None = None,
        data: object = None,
        info: object = None,
    ) -> None:
        super().__init__(message, error_type)
        self.data = data
        self.info = info


class NotAuthorized(FieldError):
    """The caller is known and may not read this field."""

    def __init__(self, field_name: str, type_name: str) -> None:
        super().__init__(
            f"Not Authorized to access {field_name} on type {type_name}", "Unauthorized"
        )


class DefinitionError(Exception):
    """The API's definition (template, schema or resolver code) is not one that AppSync takes."""
