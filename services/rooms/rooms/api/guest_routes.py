"""The route of guests: apart from those of devices, whose schemas need a layer of their own."""

from http import HTTPMethod

from matinee.errors import InvalidInput, TooManyAttempts
from matinee.http.problem import MalformedBody
from matinee.http.routes import Route
from rooms.api.guest_schemas import GuestResponse, NewGuest
from rooms.domain.errors import GuestsUnavailable, RoomBusy, RoomExpired, RoomFull, RoomNotFound

CREATE_GUEST = Route(
    method=HTTPMethod.POST,
    path="/auth/guests",
    name="createGuest",
    summary="Let somebody without an account into one room",
    description="For whoever has a room's code. The guest may join that room, swipe, see and leave "
    "it, over GraphQL, and nothing else; after seven days they are deleted. Limited by address and "
    "by room.",
    requests=(NewGuest,),
    responses=(GuestResponse,),
    errors=(
        MalformedBody,
        InvalidInput,
        RoomNotFound,
        RoomExpired,
        RoomFull,
        TooManyAttempts,
        RoomBusy,
        GuestsUnavailable,
    ),
)

GUEST_ROUTES = (CREATE_GUEST,)
