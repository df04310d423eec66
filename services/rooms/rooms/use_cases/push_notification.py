"""Push what is told to users to their devices, once to each."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Protocol

from matinee.clock import Clock, utc_now
from matinee.errors import Unavailable
from matinee.observability import count, logger, measure
from matinee.retry import WriteConflict
from rooms.domain.device import Device, Platform
from rooms.domain.push import MAX_AGE, RETRY_FOR
from rooms.ports import (
    DeviceRepository,
    Idempotently,
    PushRefused,
    PushService,
    SubscriptionGone,
)

MAX_PARALLEL_PUSHES = 32
"""Fifty people with ten devices each, whose push services take all of their time, are done within
the function's timeout."""


class Message(Protocol):
    """What is told: a room's notification, or a notice. `told_id` is the same wherever it is."""

    @property
    def told_id(self) -> str:
        """The id by which a device is told once."""

    def payload(self, language: str | None) -> Mapping[str, object]:
        """Return what a device receives, JSON values; texts in a language that there is."""


@dataclass(frozen=True, slots=True)
class DevicePusher:
    """Sends notifications to devices that are not to be left in peace.

    Devices that have received one are left out, and a failure does not stop the others. A device
    whose subscription is over is deleted.
    """

    devices: DeviceRepository
    services: Mapping[Platform, PushService]
    once: Idempotently
    now: Clock = utc_now
    threads: Executor = field(default_factory=lambda: ThreadPoolExecutor(MAX_PARALLEL_PUSHES))

    def push(self, notification: Message, user_ids: Sequence[str], occurred_at: datetime) -> None:
        """Notify the devices of users.

        Raises Unavailable when some could not be reached and there is time to try again: the queue
        delivers the event once more.
        """
        now = self.now()
        age = now - occurred_at
        if age > MAX_AGE:
            logger.info("pushed_from_backlog", extra={"told_id": notification.told_id})
            count("PushesTooLate")
            return
        awake = self._awake(user_ids, now)
        failed = list(self.threads.map(lambda it: self._push(notification, it), awake)).count(False)
        if awake:
            measure("EventToPush", max(0.0, (self.now() - occurred_at).total_seconds() * 1000))
        if failed and age < RETRY_FOR:
            message = f"{failed} devices could not be notified"
            raise Unavailable(message)
        if failed:
            count("PushesGivenUp", failed)

    def _awake(self, user_ids: Sequence[str], now: datetime) -> Sequence[Device]:
        found = list(chain.from_iterable(self.threads.map(self.devices.list_by_user, user_ids)))
        awake = [device for device in found if not device.is_quiet(now)]
        if len(awake) < len(found):
            count("PushesInQuietHours", len(found) - len(awake))
        return awake

    def _push(self, notification: Message, device: Device) -> bool:
        """Return whether there is nothing more to do for a device. Errors are logged."""
        told = f"{notification.told_id}:{device.user_id}:{device.device_id}"
        try:
            self.once(told, lambda: self._send(notification, device))
        except Exception:
            logger.exception("device_not_notified", extra={"told_id": notification.told_id})
            return False
        return True

    def _send(self, notification: Message, device: Device) -> None:
        service = self.services[device.platform]
        try:
            service.send(device, notification.told_id, notification.payload(device.language))
        except SubscriptionGone:
            with suppress(WriteConflict):  # it has been changed meanwhile, or is deleted
                self.devices.delete(device)
            count("DevicesPruned")
        except PushRefused as error:
            logger.warning("push_refused", extra={"reason": str(error)})
            count("PushesRefused")
        else:
            count("PushesSent")
