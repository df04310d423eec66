"""The events that the library consumes, by the function that reads them.

LibraryEraserFunction     auth's UserDeleted: the user's data is erased
"""

from collections.abc import Callable, Mapping
from typing import ClassVar

from pydantic import Field

from library.use_cases.erase_user import UserDataEraser
from matinee.erasure import DeadlineExceeded
from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract, Envelope


class UserDeleted(Contract):
    """An account was deleted: the part of auth's contract that the library reads."""

    source: ClassVar[str] = "matinee.auth"

    user_id: str = Field(min_length=1, description="The Cognito sub of the deleted user.")


CONSUMERS: Mapping[str, tuple[type[Contract], ...]] = {"LibraryEraserFunction": (UserDeleted,)}
"""The logical id of each consumer's function to the contracts that it reads."""

type Handle = Callable[[Envelope[Contract]], None]


def erase_deleted_users(eraser: UserDataEraser, requeue: Handle) -> Handle:
    """Return the handler of UserDeleted; `requeue` continues an erasure in a new invocation."""

    def handle(event: Envelope[Contract]) -> None:
        match event.data:
            case UserDeleted(user_id=user_id):
                try:
                    eraser(user_id)
                except DeadlineExceeded:
                    requeue(event)
            case other:
                message = f"the eraser does not consume {other.event_type}"
                raise Unprocessable(message)

    return handle
