"""Key pairs of Web Push (VAPID, RFC 8292): `make vapid-keys` prints a new one for a deployment.

The local product makes its own at its first start and keeps it below .local.
"""

import json
import sys
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PRIVATE_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A public and a private key of P-256, raw, in base64url."""

    public: str
    private: str


def generate() -> KeyPair:
    """Return a new key pair."""
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    number = key.private_numbers().private_value.to_bytes(PRIVATE_KEY_BYTES)
    return KeyPair(_encode(point), _encode(number))


def keep(file: Path) -> KeyPair:
    """Return the key pair of a file; make it, readable by this user alone, if it is not there."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(json.dumps(asdict(generate())), encoding="ascii")
    return KeyPair(**json.loads(file.read_text(encoding="ascii")))


def local_parameters(file: Path) -> dict[str, str]:
    """Return the parameters of the local product, whose push services are on this machine."""
    pair = keep(file)
    return {
        "VapidPublicKey": pair.public,
        "VapidPrivateKey": pair.private,
        "PushToPrivateAddresses": "true",
    }


def _encode(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


if __name__ == "__main__":
    made = generate()
    sys.stdout.write(
        f"VapidPublicKey={made.public}\n"
        f"Private key, for Secrets Manager or Parameter Store (VapidKeyReference): {made.private}\n"
    )
