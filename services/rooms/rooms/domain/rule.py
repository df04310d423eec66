"""The rule of a room: by which votes of those who are in it a title is a match.

    ALL          everybody likes it
    AT_LEAST(n)  n of them like it, whatever the others think
    NO_VETO      nobody dislikes it, and as many like it as the room needs participants

A rule looks at counts alone, so it names nobody.
"""

from dataclasses import dataclass
from enum import StrEnum


class RuleKind(StrEnum):
    """The kinds of rules."""

    ALL = "all"
    AT_LEAST = "at_least"
    NO_VETO = "no_veto"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule. `at_least` is the number of likes that AT_LEAST asks for, and None for the others."""

    kind: RuleKind = RuleKind.ALL
    at_least: int | None = None

    def likes_needed(self, participants: int, min_participants: int) -> int:
        """Return how many of so many participants must like a title."""
        match self.kind:
            case RuleKind.ALL:
                return participants
            case RuleKind.AT_LEAST:
                return self.at_least or participants
            case RuleKind.NO_VETO:
                return min_participants

    def missing(self, likes: int, dislikes: int, participants: int, min_participants: int) -> int:
        """Return how many of those who are in the room must still come round to a title."""
        likes_missing = max(0, self.likes_needed(participants, min_participants) - likes)
        return max(likes_missing, dislikes) if self.kind is RuleKind.NO_VETO else likes_missing

    def is_met(self, likes: int, dislikes: int, participants: int, min_participants: int) -> bool:
        """Return whether a title is a match by the votes of those who are in the room."""
        missing = self.missing(likes, dislikes, participants, min_participants)
        return participants >= min_participants and not missing


UNANIMOUS = Rule()
"""The rule of a room whose creator stated none."""
