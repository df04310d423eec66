"""The request and response of ExportAccountFunction, as JSON: its contract with its callers."""

from typing import Annotated, Self

from pydantic import BaseModel, Field, RootModel

from auth.domain.account import Profile
from matinee.field_types import UtcTime
from matinee.functions import FUNCTION_MODEL, MAX_CORRELATION_ID_CHARACTERS, FunctionFailure


class ExportAccountRequest(BaseModel):
    """Whose account to export. The caller has verified that it is the user who asks."""

    model_config = FUNCTION_MODEL

    user_id: Annotated[str, Field(min_length=1, max_length=128)]
    correlation_id: Annotated[
        str | None, Field(min_length=1, max_length=MAX_CORRELATION_ID_CHARACTERS)
    ] = None


class ExportedAccount(BaseModel):
    """An account."""

    model_config = FUNCTION_MODEL

    user_id: str = Field(description="The Cognito sub.")
    email: str
    username: str | None = Field(description="null until the address is verified.")
    display_name: str | None = Field(description="As the user chose it; null if they did not.")
    avatar: str | None = Field(description="The same.")
    created_at: UtcTime
    confirmed_at: UtcTime | None
    last_login_at: UtcTime | None

    @classmethod
    def from_profile(cls, profile: Profile) -> Self:
        """Return a profile."""
        return cls(
            user_id=profile.account.user_id,
            email=profile.account.email,
            username=profile.username.display if profile.username else None,
            display_name=profile.display_name,
            avatar=profile.avatar,
            created_at=profile.created_at,
            confirmed_at=profile.confirmed_at,
            last_login_at=profile.last_login_at,
        )


class ExportAccountSuccess(BaseModel):
    """The response with an account."""

    model_config = FUNCTION_MODEL

    data: ExportedAccount


class ExportAccountResponse(RootModel[ExportAccountSuccess | FunctionFailure]):
    """The function's response."""
