"""The keys of the counters of guesses: they name nobody, without a secret."""

from hashlib import sha256

_DIGITS = 6
"""Of 16 values each: 256 addresses of IPv4 share a key, so none of them is known by it."""


class GuessKeys:
    """16 million keys for each kind of thing that is counted."""

    def hash(self, kind: str, text: str) -> str:
        """Return the key of a text among those of its kind."""
        return sha256(f"{kind}\0{text}".encode()).hexdigest()[:_DIGITS]
