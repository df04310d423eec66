"""What depends on a country of a title: for whom it is, and who streams it."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class LocalFacts:
    """By country (ISO 3166-1): certifications, and the ids of providers.

    Kept packed: most of those who read titles do not look at it.
    """

    packed: bytes = b""

    @classmethod
    def of(cls, certifications: Mapping[str, str], providers: Mapping[str, Sequence[int]]) -> Self:
        """Pack what is known."""
        values = {"certifications": dict(certifications), "providers": dict(providers)}
        known = any(values.values())
        return cls(zlib.compress(json.dumps(values).encode())) if known else cls()

    def certification(self, country: str) -> str | None:
        """Return what the country's board says."""
        found: str | None = self._values().get("certifications", {}).get(country)
        return found

    def providers(self, country: str) -> tuple[int, ...]:
        """Return who streams the title in the country, in TMDB's order."""
        return tuple(self._values().get("providers", {}).get(country, ()))

    def _values(self) -> dict[str, Any]:
        values: dict[str, Any] = json.loads(zlib.decompress(self.packed)) if self.packed else {}
        return values
