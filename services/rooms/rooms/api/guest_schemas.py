"""Requests and responses of guests, as JSON."""

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from rooms.api.schemas import Code
from rooms.domain.guest import Guest
from rooms.domain.room import Room

_MAX_NAME_CHARACTERS = 40


def _visible(text: str) -> str:
    name = text.strip()
    if not 1 <= len(name) <= _MAX_NAME_CHARACTERS or not name.isprintable():
        message = f"must be 1 to {_MAX_NAME_CHARACTERS} characters, none of them invisible"
        raise ValueError(message)
    return name


class NewGuest(BaseModel):
    """Who wants to come in, and where."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    code: Code = Field(description="The room's code, as `roomPreview` takes it.")
    name: Annotated[str, Field(max_length=200), AfterValidator(_visible)] = Field(
        description="How the others see the guest: 1 to 40 characters.", examples=["Cleo"]
    )


class GuestResponse(BaseModel):
    """A guest: the tokens as the user pool issued them, and the room that they open."""

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, defer_build=True
    )

    access_token: str = Field(
        alias="AccessToken", description="For `Authorization`; valid for an hour."
    )
    id_token: str = Field(alias="IdToken")
    refresh_token: str = Field(alias="RefreshToken", description="For POST /auth/refresh.")
    expires_in: int = Field(
        alias="ExpiresIn", description="Lifetime of the AccessToken in seconds."
    )
    user_id: str = Field(description="The `sub` of the tokens.")
    room_id: str = Field(description="The one room that the guest may join, by `joinRoom`.")

    @classmethod
    def of(cls, guest: Guest, room: Room) -> Self:
        """Return a guest of a room."""
        return cls(
            access_token=guest.access_token,
            id_token=guest.id_token,
            refresh_token=guest.refresh_token,
            expires_in=guest.expires_in,
            user_id=guest.user_id,
            room_id=room.id,
        )
