"""Every error that a caller may see, as one small tree.

    MatineeError
    ├── Invalid        400  the request cannot be understood; changing it may help
    ├── Unauthorized   401  no proof, or no valid proof, of who is asking
    ├── Forbidden      403  known, but not allowed
    ├── NotFound       404
    ├── Conflict       409  understood, but the state of things forbids it
    ├── Gone           410  it was there, and its time is over
    ├── PreconditionFailed
    │                  412  the caller named a state (If-Match), and it is another by now
    ├── RateLimited    429  too often; `retry_after` says when to come back
    └── Unavailable    503  something we depend on does not answer; trying again may help

A service subclasses a branch; the class's name is the error's code. HTTP and GraphQL each map the
tree once (`matinee.http.problem`,
`matinee.graphql`), by the class, never by its text.
"""

from collections.abc import Mapping
from typing import ClassVar, Self


class MatineeError(Exception):
    """An error with a message for people and a code for programs."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong on our side"

    def __init__(self, message: str | None = None, **info: object) -> None:
        self.message = message or self.title
        self.info: Mapping[str, object] = info
        super().__init__(self.message)

    @property
    def code(self) -> str:
        """The name that clients branch on: that of the class."""
        return type(self).__name__


class Invalid(MatineeError):
    """The request is malformed or breaks a rule; nothing was changed."""

    status = 400
    title = "The request is not valid"


class InvalidInput(Invalid):
    """A field of the input breaks its rule; `info["fields"]` maps field to reason."""

    @classmethod
    def at(cls, field: str, reason: str) -> Self:
        """Create the error of one field."""
        return cls(f"{field}: {reason}", fields={field: reason})


class Unauthorized(MatineeError):
    """There is no valid proof of who is asking."""

    status = 401
    title = "You are not signed in"


class Forbidden(MatineeError):
    """The caller is known and may not do this."""

    status = 403
    title = "You may not do this"


class NotFound(MatineeError):
    """What was asked for does not exist."""

    status = 404
    title = "There is no such thing"


class Conflict(MatineeError):
    """The present state forbids what was asked."""

    status = 409
    title = "This is not possible now"


class Gone(MatineeError):
    """What was asked for existed, and is over."""

    status = 410
    title = "This is over"


class PreconditionFailed(MatineeError):
    """The caller asked for a change of a state that is no longer the present one."""

    status = 412
    title = "This was changed meanwhile"


class RateLimited(MatineeError):
    """The caller, or we ourselves towards a third party, asked too often.

    `retry_after` is in seconds.
    """

    status = 429
    title = "Too many requests. Please try again later."

    def __init__(
        self, message: str | None = None, *, retry_after: float = 1.0, **info: object
    ) -> None:
        self.retry_after = retry_after
        super().__init__(message, **info)


class TooManyAttempts(RateLimited):
    """A rate limit against guessing is reached."""

    title = "Too many attempts. Please try again later."


class Unavailable(MatineeError):
    """Something that we depend on does not answer in time."""

    status = 503
    title = "This does not work right now. Please try again."
