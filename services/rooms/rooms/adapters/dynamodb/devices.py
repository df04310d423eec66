"""The devices of users, in DynamoDB.

    <user>, <device>        a device
    endpoint#<hash>, -      the device that was last stored with this endpoint

A browser has one endpoint, whoever is signed in there: the last one to register it has it, so that
nobody's notifications appear to somebody else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from matinee.clock import from_iso, iso
from matinee.dynamodb.items import Item, from_item, to_item
from matinee.dynamodb.transactions import (
    NO_RETRY,
    Action,
    ConditionFailed,
    WriteConflict,
    check,
    delete,
    put,
    transact_write,
)
from rooms.adapters.dynamodb.items import BLOCK, visit_key
from rooms.adapters.dynamodb.tables import write
from rooms.domain.device import Device, Platform, QuietHours, WebPushSubscription
from rooms.domain.errors import AccountDeleted

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ENDPOINT = "-"
"""The sort key of the item of an endpoint."""


@dataclass(frozen=True, slots=True)
class DynamoDeviceRepository:
    """The devices of users."""

    table: str
    visits: str
    client: DynamoDBClient

    def list_by_user(self, user_id: str) -> Sequence[Device]:
        """Return a user's devices, strongly consistent."""
        response = self.client.query(
            TableName=self.table,
            KeyConditionExpression="userId = :user",
            ExpressionAttributeValues=to_item({":user": user_id}),
            ConsistentRead=True,
        )
        return [_parse(item) for item in response["Items"]]

    def save(self, device: Device, before: Device | None) -> None:
        """Store a device in place of the one before; another one with its endpoint is deleted.

        Raises AccountDeleted, WriteConflict.
        """
        endpoint = _endpoint_id(device)
        owner = self._owner(endpoint)
        actions = [put(self.table, _item(device), **_still(before))]
        if owner is None:
            taken = put(
                self.table,
                _endpoint_item(device),
                condition="attribute_not_exists(userId)",
            )
        else:
            taken = put(
                self.table,
                _endpoint_item(device),
                condition="ownerId = :owner AND ownerDevice = :device",
                values={":owner": owner[0], ":device": owner[1]},
            )
        actions.append(taken)
        if owner and owner != device.place:
            actions.append(self._delete_if(owner, endpoint))
        if before and _endpoint_id(before) != endpoint:
            actions.append(self._free(before))
        unblocked = check(
            self.visits,
            visit_key(device.user_id, BLOCK),
            condition="attribute_not_exists(userId)",
        )
        try:
            transact_write(self.client, [*actions, unblocked], NO_RETRY)
        except ConditionFailed as error:
            raise (AccountDeleted if error.failed[-1] else WriteConflict) from error

    def delete(self, device: Device) -> None:
        """Delete a device; raise WriteConflict unless it still has its endpoint."""
        gone = self._delete_if(device.place, _endpoint_id(device))
        write(self.client, [gone, self._free(device)])

    def _owner(self, endpoint: str) -> tuple[str, str] | None:
        response = self.client.get_item(
            TableName=self.table, Key=_key(endpoint, _ENDPOINT), ConsistentRead=True
        )
        if "Item" not in response:
            return None
        item = response["Item"]
        return item["ownerId"]["S"], item["ownerDevice"]["S"]

    def _delete_if(self, place: tuple[str, str], endpoint: str) -> Action:
        return delete(
            self.table,
            _key(*place),
            condition="endpointId = :endpoint",
            values={":endpoint": endpoint},
        )

    def _free(self, device: Device) -> Action:
        return delete(
            self.table,
            _key(_endpoint_id(device), _ENDPOINT),
            condition="ownerId = :owner AND ownerDevice = :device",
            values={":owner": device.user_id, ":device": device.device_id},
        )


def _still(before: Device | None) -> Any:  # noqa: ANN401 - keyword arguments of an action
    if before is None:
        return {"condition": "attribute_not_exists(userId)"}
    return {
        "condition": "endpointId = :before AND updatedAt = :at",
        "values": {":before": _endpoint_id(before), ":at": iso(before.updated_at)},
    }


def _key(user_id: str, device_id: str) -> Item:
    return to_item({"userId": user_id, "deviceId": device_id})


def _endpoint_id(device: Device) -> str:
    return f"endpoint#{sha256(device.subscription.endpoint.encode()).hexdigest()}"


def _endpoint_item(device: Device) -> Item:
    owner = {"ownerId": device.user_id, "ownerDevice": device.device_id}
    return _key(_endpoint_id(device), _ENDPOINT) | to_item(owner)


def _item(device: Device) -> Item:
    quiet = device.quiet_hours
    return to_item(
        {
            "userId": device.user_id,
            "deviceId": device.device_id,
            "platform": device.platform.value,
            "endpoint": device.subscription.endpoint,
            "endpointId": _endpoint_id(device),
            "p256dh": device.subscription.p256dh,
            "auth": device.subscription.auth,
            "quietFrom": quiet and quiet.start.isoformat("minutes"),
            "quietUntil": quiet and quiet.end.isoformat("minutes"),
            "timeZone": quiet and quiet.time_zone,
            "language": device.language,
            "createdAt": iso(device.created_at),
            "updatedAt": iso(device.updated_at),
        }
    )


def _parse(item: Mapping[str, Any]) -> Device:
    values = from_item(item)
    quiet = (
        QuietHours(
            time.fromisoformat(values["quietFrom"]),
            time.fromisoformat(values["quietUntil"]),
            values["timeZone"],
        )
        if "timeZone" in values
        else None
    )
    return Device(
        user_id=values["userId"],
        device_id=values["deviceId"],
        platform=Platform(values["platform"]),
        subscription=WebPushSubscription(values["endpoint"], values["p256dh"], values["auth"]),
        quiet_hours=quiet,
        language=values.get("language"),
        created_at=from_iso(values["createdAt"]),
        updated_at=from_iso(values["updatedAt"]),
    )
