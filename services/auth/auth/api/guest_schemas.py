"""The request and response of CreateGuestFunction, as JSON: its contract with its callers."""

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, Field, RootModel

from auth.domain.session import Session
from matinee.display_name import normalize_display_name
from matinee.functions import FUNCTION_MODEL, MAX_CORRELATION_ID_CHARACTERS, FunctionFailure


class CreateGuestRequest(BaseModel):
    """How the guest wants to be called. The caller has decided that they may come in, and where."""

    model_config = FUNCTION_MODEL

    name: Annotated[str, Field(max_length=200), AfterValidator(normalize_display_name)] = Field(
        description="1 to 40 characters, none of them invisible."
    )
    correlation_id: Annotated[
        str | None, Field(min_length=1, max_length=MAX_CORRELATION_ID_CHARACTERS)
    ] = None


class CreatedGuest(BaseModel):
    """A guest and their tokens: for the guest alone, never for a log or a table."""

    model_config = FUNCTION_MODEL

    user_id: str = Field(description="The `sub` of the tokens.")
    access_token: str
    id_token: str
    refresh_token: str
    expires_in: int = Field(description="The lifetime of the access token in seconds.")

    @classmethod
    def from_session(cls, session: Session) -> Self:
        """Return the guest of a session."""
        return cls(
            user_id=session.account.user_id,
            access_token=session.access_token,
            id_token=session.id_token,
            refresh_token=session.refresh_token,
            expires_in=session.expires_in,
        )


class CreateGuestSuccess(BaseModel):
    """The response with a guest."""

    model_config = FUNCTION_MODEL

    data: CreatedGuest


class CreateGuestResponse(RootModel[CreateGuestSuccess | FunctionFailure]):
    """The function's response."""
