"""Erase the devices of a user whose account is deleted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter

from matinee.erasure import ErasureRun
from matinee.retry import OptimisticRetry
from rooms.domain.device import Device
from rooms.ports import DeviceRepository
from rooms.use_cases.retry import optimistic_retry


@dataclass(frozen=True, slots=True)
class DeviceEraser:
    """Deletes the devices of a deleted user. Nobody registers one for a blocked user."""

    devices: DeviceRepository
    retry: OptimisticRetry = field(default_factory=optimistic_retry)

    def __call__(self, run: ErasureRun) -> None:
        """Delete them, within a run."""
        run.each(self.devices.list_by_user(run.user_id), self._erase, key=attrgetter("device_id"))

    def _erase(self, run: ErasureRun, device: Device) -> None:
        self.retry(lambda: self._delete(run.user_id, device.device_id))

    def _delete(self, user_id: str, device_id: str) -> None:
        for device in self._named(user_id, device_id):
            self.devices.delete(device)

    def _named(self, user_id: str, device_id: str) -> Iterator[Device]:
        """Yield the device as it is now, unless somebody else has its endpoint meanwhile."""
        return (it for it in self.devices.list_by_user(user_id) if it.device_id == device_id)
