"""The request and response of RoomsExportFunction, as JSON: its contract with its callers."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, RootModel

from matinee.functions import FUNCTION_MODEL, MAX_CORRELATION_ID_CHARACTERS, FunctionFailure
from rooms.api.crew_schemas import crew_type, invitation_type
from rooms.api.device_schemas import exported_device
from rooms.api.feed_schemas import feed_entry_type
from rooms.api.schemas import decision_type, match_type, presence_type, room_type, vote_type
from rooms.use_cases.export_user import DECISIONS, MATCHES, ROOMS, UserDataPart


class ExportUserRequest(BaseModel):
    """Whose data to export. The caller has verified that it is the user who asks."""

    model_config = FUNCTION_MODEL

    user_id: Annotated[str, Field(min_length=1, max_length=128)]
    cursor: Annotated[
        str | None,
        Field(
            pattern=rf"^({ROOMS}|{MATCHES}|{DECISIONS}):[0-9A-Za-z#_-]{{0,100}}$",
            description="The `next` of the previous part; absent for the first.",
        ),
    ] = None
    correlation_id: Annotated[
        str | None, Field(min_length=1, max_length=MAX_CORRELATION_ID_CHARACTERS)
    ] = None


class ExportedUserData(BaseModel):
    """A part of what is stored of a user, as the GraphQL API shows it."""

    model_config = FUNCTION_MODEL

    rooms: list[dict[str, Any]] = Field(
        description="Rooms that the user is or was in, as long as they are kept: Room, and `votes`,"
        " the user's own latest ones (Vote), `proposal`, the id of the title that they propose,"
        " `joinedAt`, `seenAt`, their last heartbeat, and `feed`, the entries about them"
        " (RoomFeedEntry)."
    )
    matches: list[dict[str, Any]] = Field(description="The user's matches, newest first (Match).")
    decisions: list[dict[str, Any]] = Field(
        description="What rooms of the user have decided, newest first (Decision)."
    )
    devices: list[dict[str, Any]] = Field(
        default=[],
        description="The user's devices, in the first part, as GET /user/devices shows them, and "
        "the keys of their subscriptions.",
    )
    crews: list[dict[str, Any]] = Field(
        default=[], description="The crews that the user is in, in the first part (Crew)."
    )
    invitations: list[dict[str, Any]] = Field(
        default=[], description="The user's invitations, in the first part (Invitation)."
    )
    next: str | None = Field(description="The cursor of the next part; null in the last.")

    @classmethod
    def from_part(cls, part: UserDataPart) -> Self:
        """Return a part."""
        rooms = [
            room_type(it.room)
            | {
                "votes": [*map(vote_type, it.votes)],
                "proposal": it.proposal,
                **presence_type(it.presence),
                "feed": [feed_entry_type(entry, None) for entry in it.entries],
            }
            for it in part.rooms
        ]
        return cls(
            rooms=rooms,
            matches=[*map(match_type, part.matches)],
            decisions=[*map(decision_type, part.decisions)],
            devices=[*map(exported_device, part.devices)],
            crews=[crew_type(crew, {}) for crew in part.crews],
            invitations=[*map(invitation_type, part.invitations)],
            next=part.next,
        )


class ExportUserSuccess(BaseModel):
    """The response with a part."""

    model_config = FUNCTION_MODEL

    data: ExportedUserData


class ExportUserResponse(RootModel[ExportUserSuccess | FunctionFailure]):
    """The function's response."""
