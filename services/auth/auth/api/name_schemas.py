"""The names function's request and response, as JSON: its contract with its callers."""

from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, RootModel

from auth.domain.display_name import PublicProfile
from matinee.functions import FUNCTION_MODEL

MAX_USERS = 100
"""In one request: as many as DynamoDB reads at once."""


class _Camel(BaseModel):
    model_config = FUNCTION_MODEL


class NamesRequest(_Camel):
    """The users whose names are wanted."""

    user_ids: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=128)], ...],
        Field(min_length=1, max_length=MAX_USERS),
    ] = Field(description="Their ids: the `sub` of their tokens.")
    correlation_id: Annotated[str, Field(min_length=1, max_length=128)] | None = Field(
        default=None, description="The correlation id of what needs the names."
    )


class NamedUser(_Camel):
    """A user as others see them."""

    model_config = ConfigDict(from_attributes=True)

    user_id: str
    name: str = Field(description="The name that they have chosen, else their username.")
    avatar: str | None = Field(description="One of the apps' pictures.")
    is_guest: bool = Field(default=False, description="Whether they have no account of their own.")


class NamedUsers(_Camel):
    """The users, in the order of the request; who is unknown or deleted is left out."""

    users: Annotated[tuple[NamedUser, ...], Field(max_length=MAX_USERS)]


class NamesSuccess(_Camel):
    """The response with names. Do not store them: they go with the account."""

    data: NamedUsers

    @classmethod
    def from_profiles(cls, profiles: Sequence[PublicProfile]) -> Self:
        """Return the response with some profiles."""
        users = tuple(NamedUser.model_validate(profile) for profile in profiles)
        return cls(data=NamedUsers(users=users))


class NamesError(_Camel):
    """An error: `type` for a program, `message` for a person."""

    type: str = Field(description="InvalidInput, AccountsUnavailable, ...")
    message: str
    info: dict[str, Any] | None = Field(description="fields: field to reason (InvalidInput).")


class NamesFailure(_Camel):
    """The response with an error."""

    error: NamesError


class NamesResponse(RootModel[NamesSuccess | NamesFailure]):
    """The names function's response."""
