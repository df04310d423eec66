"""The devices of users as a dictionary, with the conditions that the real table checks."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from matinee.retry import WriteConflict
from rooms.domain.device import Device, WebPushSubscription
from rooms.domain.errors import AccountDeleted
from tests.fakes.clock import NOON
from tests.fakes.rooms import InMemoryTables
from tools.push_service import Browser

MOZILLA = "https://updates.push.services.mozilla.com/wpush/v2/"
PUBLIC_KEY = (
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
)
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
"""A browser's keys: those of RFC 8291, 5."""


def a_device(user: str = "ann", device: str = "phone", endpoint: str = "") -> Device:
    """Return a device, with an endpoint of its own unless another one is given."""
    subscription = WebPushSubscription(endpoint or f"{MOZILLA}{user}-{device}", PUBLIC_KEY, AUTH)
    return Device(user, device, subscription, NOON, NOON)


def device_of(browser: Browser, user: str = "ann", device: str = "phone") -> Device:
    """Return a device that is a browser's."""
    given = browser.as_json()
    subscription = WebPushSubscription(given["endpoint"], **given["keys"])
    return replace(a_device(user, device), subscription=subscription)


@dataclass
class FakeDeviceRepository:
    """The devices of users; blocked ones may not store any."""

    tables: InMemoryTables
    stored: dict[tuple[str, str], Device] = field(default_factory=dict)

    def list_by_user(self, user_id: str) -> Sequence[Device]:
        return [it for (user, _), it in self.stored.items() if user == user_id]

    def save(self, device: Device, before: Device | None) -> None:
        if device.user_id in self.tables.blocked:
            raise AccountDeleted
        if self.stored.get(device.place) != before:
            raise WriteConflict
        endpoint = device.subscription.endpoint
        for place, other in list(self.stored.items()):
            if other.subscription.endpoint == endpoint:
                del self.stored[place]
        self.stored[device.place] = device

    def delete(self, device: Device) -> None:
        found = self.stored.get(device.place)
        if found is None or found.subscription.endpoint != device.subscription.endpoint:
            raise WriteConflict
        del self.stored[device.place]
