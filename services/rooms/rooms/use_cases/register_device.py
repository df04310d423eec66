"""Register a user's devices for notifications, list them, remove them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from matinee.clock import Clock, utc_now
from matinee.errors import InvalidInput
from matinee.retry import OptimisticRetry
from rooms.domain.device import MAX_DEVICES, Device, EndpointRules
from rooms.domain.errors import PushNotAvailable, TooManyDevices
from rooms.ports import Accounts, DeviceRepository
from rooms.use_cases.retry import optimistic_retry


@dataclass(frozen=True, slots=True)
class DeviceRegistrar:
    """Keeps the devices of users.

    `public_key` is what browsers subscribe with, in base64url; without it there are no pushes.
    """

    devices: DeviceRepository
    accounts: Accounts
    public_key: str
    rules: EndpointRules = EndpointRules()
    now: Clock = utc_now
    retry: OptimisticRetry = field(default_factory=optimistic_retry)

    def list(self, user_id: str) -> Sequence[Device]:
        """Return a user's devices, the oldest first; raise AccountDeleted."""
        found = self.devices.list_by_user(user_id)
        if not found:
            self.accounts.require(user_id)
        return sorted(found, key=lambda it: (it.created_at, it.device_id))

    def register(self, device: Device) -> Device:
        """Store a device, in place of the one with its id; return it with its times.

        Raises InvalidInput, PushNotAvailable, TooManyDevices, AccountDeleted, RoomBusy.
        """
        if not self.public_key:
            raise PushNotAvailable
        if objection := self.rules.objection(device.subscription.endpoint):
            raise InvalidInput.at("subscription.endpoint", objection)
        return self.retry(lambda: self._register(device))

    def remove(self, user_id: str, device_id: str) -> bool:
        """Delete a device; return whether there was one. Raises AccountDeleted, RoomBusy."""
        return self.retry(lambda: self._remove(user_id, device_id))

    def _register(self, device: Device) -> Device:
        others = {it.device_id: it for it in self.devices.list_by_user(device.user_id)}
        before = others.pop(device.device_id, None)
        if before is None and len(others) >= MAX_DEVICES:
            raise TooManyDevices
        now = self.now()
        stored = replace(device, created_at=before.created_at if before else now, updated_at=now)
        self.devices.save(stored, before)
        return stored

    def _remove(self, user_id: str, device_id: str) -> bool:
        found = {it.device_id: it for it in self.list(user_id)}.get(device_id)
        if found is None:
            return False
        self.devices.delete(found)
        return True
