"""The routes of devices: list them, register one, remove one."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel

from matinee.http.api import HttpApi, json_response
from matinee.http.routes import pattern_of
from matinee.principal import Identify
from matinee.validation import validate
from rooms.api.device_schemas import (
    DeviceId,
    DeviceList,
    DeviceResponse,
    NewDevice,
    RemovedDevice,
)
from rooms.api.routes import LIST_DEVICES, REMOVE_DEVICE, SAVE_DEVICE
from rooms.use_cases.register_device import DeviceRegistrar


def register(api: HttpApi, devices: DeviceRegistrar, identify: Identify) -> None:
    """Register the routes."""

    def request() -> Mapping[str, Any]:
        return api.routes.current_event.raw_event

    def device_id() -> str:
        return validate(DeviceId, request()["pathParameters"]).device_id

    @api.routes.get(LIST_DEVICES.path)
    def list_all() -> Response[str]:
        found = [DeviceResponse.of(it) for it in devices.list(identify(request()).user_id)]
        return _json(
            DeviceList(
                items=found,
                devices=found,
                application_server_key=devices.public_key or None,
            )
        )

    @api.routes.put(pattern_of(SAVE_DEVICE))
    def save() -> Response[str]:
        user_id = identify(request()).user_id
        given = api.read_body(NewDevice)
        device = given.to_device(user_id, device_id(), devices.now())
        return _json(DeviceResponse.of(devices.register(device)))

    @api.routes.delete(pattern_of(REMOVE_DEVICE))
    def remove() -> Response[str]:
        user_id = identify(request()).user_id
        return _json(RemovedDevice(removed=devices.remove(user_id, device_id())))


def _json(body: BaseModel) -> Response[str]:
    return json_response(body.model_dump(mode="json", by_alias=True, exclude_none=True))
