"""Requests and responses about devices, as JSON."""

from base64 import urlsafe_b64decode
from datetime import datetime, time
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from matinee.field_types import UtcTime
from matinee.languages import LANGUAGE_PATTERN
from rooms.domain.device import (
    MAX_ENDPOINT_CHARACTERS,
    Device,
    Platform,
    QuietHours,
    WebPushSubscription,
)

PUBLIC_KEY_BYTES, UNCOMPRESSED = 65, 4
"""Of a point of P-256 (SEC 1, 2.3.3)."""

AUTH_BYTES = 16

TIME_PATTERN = r"^([01]\d|2[0-3]):[0-5]\d$"

_CAMEL = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="forbid")


def decode(text: str) -> bytes:
    """Decode base64url, with or without padding; raise ValueError."""
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


def _public_key(text: str) -> str:
    key = decode(text)
    if len(key) != PUBLIC_KEY_BYTES or key[0] != UNCOMPRESSED:
        message = "must be a public key of P-256, uncompressed, in base64url"
        raise ValueError(message)
    return text


def _auth(text: str) -> str:
    if len(decode(text)) != AUTH_BYTES:
        message = "must be 16 bytes in base64url"
        raise ValueError(message)
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        message = "must be the name of a time zone, as Europe/Madrid"
        raise ValueError(message) from error
    return name


type Key = Annotated[str, Field(max_length=128, pattern=r"^[A-Za-z0-9_-]+=*$")]
type TimeOfDay = Annotated[str, Field(pattern=TIME_PATTERN)]


class DeviceId(BaseModel):
    """A device."""

    model_config = _CAMEL

    device_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = Field(
        description="Chosen by the client, and kept by it: a UUID, for example."
    )


class SubscriptionKeys(BaseModel):
    """The keys of a subscription, in base64url."""

    model_config = _CAMEL

    p256dh: Annotated[Key, AfterValidator(_public_key)] = Field(
        # As browsers write it; the document said p256Dh, which clients made from it send.
        validation_alias=AliasChoices("p256dh", "p256Dh"),
        serialization_alias="p256dh",
        description="The browser's public key.",
    )
    auth: Annotated[Key, AfterValidator(_auth)] = Field(description="The browser's secret.")


class Subscription(BaseModel):
    """A subscription to Web Push, as `PushSubscription.toJSON()` of a browser gives it."""

    model_config = _CAMEL

    endpoint: Annotated[str, Field(min_length=1, max_length=MAX_ENDPOINT_CHARACTERS)] = Field(
        description="An https URL of a push service; none of a private network."
    )
    expiration_time: float | None = Field(
        default=None, description="Ignored: the push service says when it is over."
    )
    keys: SubscriptionKeys


class Quiet(BaseModel):
    """When a device is not to be disturbed. What is missed then is not sent later."""

    model_config = _CAMEL

    start: TimeOfDay = Field(alias="from", description="Their begin: 22:30.")
    until: TimeOfDay = Field(description="Their end, also past midnight: 07:00.")
    time_zone: Annotated[str, Field(pattern=r"^[A-Za-z0-9+_/-]{1,64}$"), AfterValidator(_zone)] = (
        Field(description="The name of a time zone: Europe/Madrid.")
    )

    @model_validator(mode="after")
    def _have_a_length(self) -> Self:
        if self.start == self.until:
            message = "from and until must differ"
            raise ValueError(message)
        return self

    def to_domain(self) -> QuietHours:
        """Return them as the domain's."""
        start, end = time.fromisoformat(self.start), time.fromisoformat(self.until)
        return QuietHours(start, end, self.time_zone)


class NewDevice(BaseModel):
    """A device, for notifications of matches, decisions and invitations."""

    model_config = _CAMEL

    platform: Platform = Field(default=Platform.WEB, description="web: Web Push (RFC 8030).")
    subscription: Subscription
    quiet_hours: Quiet | None = None
    language: Annotated[str, Field(pattern=LANGUAGE_PATTERN)] | None = Field(
        default=None, description="Of the texts: de, pt-BR. English where there are none in it."
    )

    def to_device(self, user_id: str, device_id: str, now: datetime) -> Device:
        """Return it as a user's device."""
        keys = self.subscription.keys
        return Device(
            user_id=user_id,
            device_id=device_id,
            platform=self.platform,
            subscription=WebPushSubscription(self.subscription.endpoint, keys.p256dh, keys.auth),
            quiet_hours=self.quiet_hours.to_domain() if self.quiet_hours else None,
            language=self.language,
            created_at=now,
            updated_at=now,
        )


class DeviceResponse(BaseModel):
    """A device of the caller, without the secrets of its subscription."""

    model_config = _CAMEL

    device_id: str
    platform: Platform
    endpoint: str = Field(description="The URL of its subscription.")
    quiet_hours: Quiet | None = None
    language: str | None = None
    created_at: UtcTime
    updated_at: UtcTime

    @classmethod
    def of(cls, device: Device) -> Self:
        """Return a device."""
        quiet = device.quiet_hours
        return cls(
            device_id=device.device_id,
            platform=device.platform,
            endpoint=device.subscription.endpoint,
            quiet_hours=quiet
            and Quiet.model_validate(
                {
                    "from": quiet.start.isoformat("minutes"),
                    "until": quiet.end.isoformat("minutes"),
                    "timeZone": quiet.time_zone,
                }
            ),
            language=device.language,
            created_at=device.created_at,
            updated_at=device.updated_at,
        )


def exported_device(device: Device) -> dict[str, Any]:
    """Return everything that is kept of a device."""
    shown = DeviceResponse.of(device).model_dump(mode="json", by_alias=True, exclude_none=True)
    subscription = device.subscription
    return shown | {"keys": {"p256dh": subscription.p256dh, "auth": subscription.auth}}


class DeviceList(BaseModel):
    """The caller's devices, the oldest first."""

    model_config = _CAMEL

    items: list[DeviceResponse]
    devices: list[DeviceResponse] = Field(deprecated=True, description="The same as `items`.")
    application_server_key: str | None = Field(
        default=None,
        description="What a browser subscribes with (`applicationServerKey`): a public key in "
        "base64url. Absent where notifications to devices are not available.",
    )


class RemovedDevice(BaseModel):
    """What was removed."""

    model_config = _CAMEL

    removed: bool = Field(description="Whether there was such a device.")
