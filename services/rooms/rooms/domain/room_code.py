"""Room codes: six characters that people read out and type."""

from dataclasses import dataclass, field
from hashlib import sha256
from random import Random, SystemRandom
from unicodedata import normalize

CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Letters and digits without I, L, O, 0 and 1, which people mistake for one another."""

CODE_LENGTH = 6


@dataclass(frozen=True, slots=True)
class RoomCodeGenerator:
    """Generates random room codes."""

    random: Random = field(default_factory=SystemRandom)

    def generate(self) -> str:
        """Return a code; the repository refuses it when another open room has it."""
        return "".join(self.random.choices(CODE_ALPHABET, k=CODE_LENGTH))


def normalize_room_code(text: str) -> str:
    """Return a code as it is stored: people type it in any case, with blanks and dashes in it."""
    return "".join(letter for letter in normalize("NFKC", text).upper() if letter.isalnum())


def request_code(user_id: str, idempotency_key: str | None) -> str | None:
    """Return the code under which the room of a request is found again; None without a key.

    Nobody can type it, and it tells neither the user nor the key.
    """
    if idempotency_key is None:
        return None
    return f"request-{sha256(f'{user_id}:{idempotency_key}'.encode()).hexdigest()}"
