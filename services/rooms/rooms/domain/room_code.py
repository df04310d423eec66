"""Room codes: six characters that people read out and type."""

from dataclasses import dataclass, field
from random import Random, SystemRandom

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
    """Return a code as it is stored: people type it in any case, with spaces around it."""
    return text.strip().upper()
