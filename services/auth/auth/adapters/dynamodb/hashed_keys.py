"""The keys of the rate limiter's counters: hashes from which nobody learns an address."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from matinee.errors import Unavailable
from matinee.observability import logger
from matinee.secrets import Secret, SecretUnavailable


@dataclass(frozen=True, slots=True)
class SecretHashKey:
    """The hash key in Secrets Manager."""

    secret: Secret

    def __call__(self) -> str:
        """Return the key. Raises Unavailable."""
        try:
            return self.secret.read_text()
        except SecretUnavailable as error:
            logger.error("hash_key_unavailable", extra={"reason": error.reason})
            raise Unavailable from error


@dataclass(frozen=True, slots=True)
class KeyHasher:
    """HMAC-SHA256 with a key that is in no table: a list of likely addresses finds nobody."""

    key: Callable[[], str]

    def hash(self, kind: str, text: str) -> str:
        """Return the hash of a text among those of its kind. Raises Unavailable."""
        return self._digest(kind, text).hex()[:40]

    def hash_slowly(self, kind: str, *texts: str) -> str:
        """Return a hash of texts among which is a password. Raises Unavailable.

        Whoever had both the table and the key would need scrypt's time and memory for each guess.
        """
        salt = self._digest(kind, "salt")
        return hashlib.scrypt(
            "\0".join(texts).encode(), salt=salt, n=2**14, r=8, p=1, dklen=20
        ).hex()

    def _digest(self, kind: str, text: str) -> bytes:
        message = f"{kind}\0{text}".encode()
        return hmac.new(self.key().encode(), message, hashlib.sha256).digest()
