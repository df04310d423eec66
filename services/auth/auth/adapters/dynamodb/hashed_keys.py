"""Names under which addresses are counted: nobody who reads them learns an address."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Pseudonyms:
    """HMAC-SHA256 under a key that is in no table: a list of likely addresses finds nobody."""

    key: Callable[[], str]

    def of(self, kind: str, text: str) -> str:
        """Return the pseudonym of a text among those of its kind. Raises Unavailable."""
        message = f"{kind}\0{text}".encode()
        return hmac.new(self.key().encode(), message, hashlib.sha256).hexdigest()[:40]
