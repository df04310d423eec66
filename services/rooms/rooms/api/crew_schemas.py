"""The GraphQL schema's inputs and types of crews and invitations."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from matinee.clock import iso
from matinee.display_name import normalize_display_name
from rooms.api.schemas import Identifier, Input, ShownArguments, filters_type
from rooms.domain.crew import Crew, Invitation
from rooms.domain.person import Person


class CreateCrewArguments(Input):
    """The arguments of createCrew."""

    room_id: Identifier
    name: Annotated[str, Field(max_length=200), AfterValidator(normalize_display_name)]


class CrewArguments(Input):
    """The argument of leaveCrew."""

    crew_id: Identifier


class StartRoomArguments(ShownArguments):
    """The arguments of startRoom."""

    crew_id: Identifier
    idempotency_key: str | None = Field(default=None, pattern=r"^[!-~]{1,128}$")


class CrewPageArguments(Input):
    """The arguments of myCrews. The token of the next page is the last crew's id."""

    limit: int = Field(default=20, ge=1, le=50)
    next_token: Identifier | None = None


class InvitationPageArguments(Input):
    """The arguments of getMyInvitations."""

    limit: int = Field(default=50, ge=1, le=100)
    after: Identifier | None = None


class PublishUserInvitationInput(Input):
    """The input of publishUserInvitation: the room and who is invited."""

    user_id: str
    room_id: Identifier


def crew_type(crew: Crew, names: Mapping[str, Person]) -> dict[str, Any]:
    """Return a crew as the schema's Crew, with its people as far as their names are known."""
    return {
        "id": crew.id,
        "name": crew.name,
        "hostId": crew.host_id,
        "members": list(crew.members),
        "people": [
            {
                "userId": user_id,
                "name": person.name if (person := names.get(user_id)) else None,
                "avatar": person.avatar if person else None,
                "isHost": user_id == crew.host_id,
            }
            for user_id in crew.members
        ],
        "filters": filters_type(crew.wish),
        "createdAt": iso(crew.created_at),
    }


def crew_page(crews: Sequence[dict[str, Any]], limit: int) -> dict[str, Any]:
    """Return a page as the schema's CrewConnection: a full one may have a next one."""
    return {
        "items": list(crews),
        "nextToken": crews[-1]["id"] if len(crews) == limit else None,
    }


def invitation_type(invitation: Invitation) -> dict[str, Any]:
    """Return an invitation as the schema's Invitation."""
    return {
        "roomId": invitation.room_id,
        "crewId": invitation.crew_id,
        "crewName": invitation.crew_name,
        "code": invitation.code,
        "closesAt": iso(invitation.closes_at),
        "timestamp": iso(invitation.at),
    }


def user_invitation_event(invitation: Invitation, user_id: str) -> dict[str, Any]:
    """Return an invitation as the schema's UserInvitationEvent for one user."""
    return {"userId": user_id, **invitation_type(invitation)}
