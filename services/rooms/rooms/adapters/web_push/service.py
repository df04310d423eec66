"""Web Push: encrypt a notification for one browser, sign the request, send it."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02, VapidException
from py_vapid.utils import b64urldecode, b64urlencode

from matinee.errors import Unavailable
from matinee.observability import count, logger
from matinee.secrets import MalformedSecret, Secret, SecretUnavailable
from rooms.adapters.web_push.http import AddressRefused, GuardedHttp, Unreachable
from rooms.domain.device import Device, WebPushSubscription
from rooms.ports import PushRefused, SubscriptionGone

TTL_SECONDS = 4 * 3600
"""How long a push service keeps a notification for a phone that is off: for an evening."""

TOKEN_SECONDS = 12 * 3600
"""Of a signature; a day is the most (RFC 8292, 2)."""

GONE = frozenset({404, 410})
TRANSIENT = frozenset({408, 425, 429})


class SigningKey(Protocol):
    """The private key that identifies us to push services."""

    def get(self) -> Vapid02:
        """Return it. Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class VapidKey:
    """The private key of Web Push from Secrets Manager: {"private_key": base64url}.

    It must be the one of the public key that browsers have subscribed with.
    """

    secret: Secret
    public_key: str

    def get(self) -> Vapid02:
        """Return it. Raises Unavailable."""
        try:
            value = self.secret.read_json()
            vapid = Vapid02.from_raw(str(value["private_key"]).encode())  # type: ignore[index]
        except SecretUnavailable as error:
            raise _unusable(error.reason) from error
        except (MalformedSecret, ValueError, KeyError, TypeError):
            raise _unusable("no private key of P-256") from None  # the cause might show it
        if public_key_of(vapid) != self.public_key:
            raise _unusable("not the key of VAPID_PUBLIC_KEY")
        return vapid


def _unusable(reason: str) -> Unavailable:
    logger.error("vapid_key_unusable", extra={"reason": reason})
    count("VapidKeyUnusable")
    message = "Notifications cannot be signed."
    return Unavailable(message)


def public_key_of(vapid: Vapid02) -> str:
    """Return the public key in base64url, as browsers take it."""
    point = vapid.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return str(b64urlencode(point))


@dataclass(frozen=True, slots=True)
class WebPushService:
    """The push services of browsers. `contact` is a mailto: or https: URL for their operators."""

    http: GuardedHttp
    key: SigningKey
    contact: str

    def send(self, device: Device, told_id: str, payload: Mapping[str, object]) -> None:
        """Send a notification. Raises SubscriptionGone, PushRefused, Unavailable."""
        endpoint = device.subscription.endpoint
        body = _encrypted(device.subscription, json.dumps(payload).encode())
        headers = {
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(TTL_SECONDS),
            "Urgency": "high",
            "Topic": _topic(told_id),
            **self._signed(endpoint),
        }
        try:
            status = self.http.post(endpoint, headers, body)
        except AddressRefused as error:
            raise SubscriptionGone from error
        except Unreachable as error:
            message = "The push service does not answer."
            raise Unavailable(message) from error
        _check(status)

    def _signed(self, endpoint: str) -> Mapping[str, str]:
        url = urlsplit(endpoint)
        claims = {
            "aud": f"{url.scheme}://{url.netloc}",
            "exp": int(time.time()) + TOKEN_SECONDS,
            "sub": self.contact,
        }
        try:
            signed: Mapping[str, str] = self.key.get().sign(claims)
        except VapidException as error:  # it takes no address of IPv6, for example
            message = "The endpoint has no origin that can be signed for."
            raise PushRefused(message) from error
        return signed


def _encrypted(subscription: WebPushSubscription, payload: bytes) -> bytes:
    """Encrypt for one browser (RFC 8291), with a key pair for this message alone."""
    try:
        body: bytes = http_ece.encrypt(
            payload,
            private_key=ec.generate_private_key(ec.SECP256R1()),
            dh=b64urldecode(subscription.p256dh.encode()),
            auth_secret=b64urldecode(subscription.auth.encode()),
            version="aes128gcm",
        )
    except ValueError as error:  # its public key is no point of the curve
        raise SubscriptionGone from error
    return body


def _topic(told_id: str) -> str:
    """Return the topic, 32 characters: a notification replaces one of the same (RFC 8030, 5.4)."""
    return urlsafe_b64encode(sha256(told_id.encode()).digest()[:24]).decode()


def _check(status: int) -> None:
    if 200 <= status < 300:  # noqa: PLR2004 - what HTTP calls a success
        return
    if status in GONE:
        raise SubscriptionGone
    message = f"The push service answers with {status}."
    if status in TRANSIENT or status >= 500:  # noqa: PLR2004 - a fault of the server
        raise Unavailable(message)
    raise PushRefused(message)
