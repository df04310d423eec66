"""The routes of rooms over REST: devices and guests. Everything else is GraphQL."""

from http import HTTPMethod

from matinee.errors import InvalidInput, Unauthorized
from matinee.http.problem import MalformedBody
from matinee.http.routes import Route
from rooms.api.device_schemas import (
    DeviceId,
    DeviceList,
    DeviceResponse,
    NewDevice,
    RemovedDevice,
)
from rooms.api.guest_routes import GUEST_ROUTES
from rooms.domain.errors import AccountDeleted, PushNotAvailable, RoomBusy, TooManyDevices

LIST_DEVICES = Route(
    method=HTTPMethod.GET,
    path="/user/devices",
    name="listDevices",
    summary="List the caller's devices, and show the key to subscribe with",
    description="The devices that notifications of matches, decisions and invitations go to while "
    "no subscription of GraphQL is open.",
    responses=(DeviceList,),
    errors=(Unauthorized, AccountDeleted),
    signed_in=True,
)

SAVE_DEVICE = Route(
    method=HTTPMethod.PUT,
    path="/user/devices/{deviceId}",
    name="saveDevice",
    summary="Register a device for notifications, or change it",
    description="The whole device: what is absent is removed. Send it again whenever the browser's "
    "subscription changes. An endpoint belongs to the account that has registered it last. Ten "
    "devices at most. A device whose subscription is over is removed.",
    parameters=DeviceId,
    requests=(NewDevice,),
    responses=(DeviceResponse,),
    errors=(
        MalformedBody,
        InvalidInput,
        Unauthorized,
        AccountDeleted,
        PushNotAvailable,
        TooManyDevices,
        RoomBusy,
    ),
    signed_in=True,
)

REMOVE_DEVICE = Route(
    method=HTTPMethod.DELETE,
    path="/user/devices/{deviceId}",
    name="removeDevice",
    summary="Remove a device: nothing is sent to it any more",
    description="A device that is not there is no error: `removed` is false.",
    parameters=DeviceId,
    responses=(RemovedDevice,),
    errors=(InvalidInput, Unauthorized, AccountDeleted, RoomBusy),
    signed_in=True,
)

DEVICE_ROUTES = (LIST_DEVICES, SAVE_DEVICE, REMOVE_DEVICE)
ROUTES = (*DEVICE_ROUTES, *GUEST_ROUTES)
