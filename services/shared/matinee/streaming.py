"""Streaming platforms as people name them, and providers as TMDB does (the data are JustWatch's).

A questionnaire has "Disney+", TMDB has "Disney Plus" (337), and beside "Netflix" (8) "Netflix
Standard with Ads" (1796), which is in the same subscription. A channel inside another service
("Paramount+ Amazon Channel") is a subscription of its own.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

_ALIASES: Mapping[str, str] = {
    "amazon": "amazonprimevideo",
    "amazonprime": "amazonprimevideo",
    "prime": "amazonprimevideo",
    "primevideo": "amazonprimevideo",
    "appletv": "appletvplus",
    "disney": "disneyplus",
    "discovery": "discoveryplus",
    "hbomax": "max",
    "paramount": "paramountplus",
    "peacock": "peacockpremium",
    "nowtv": "now",
}
"""What people say for what TMDB calls it, both normalized."""

_APPLE_SHOP = 2
"""TMDB calls Apple's shop "Apple TV", as people call Apple's subscription ("Apple TV+", 350)."""

_VARIANT = re.compile(r"(standard|basic)?withads|kids|plus|premium(plus)?")
"""What a provider's name may have behind the platform's, for the same subscription."""


class Platforms:
    """Somebody's platforms, by name or by TMDB's id in digits; what names none matches nothing."""

    def __init__(self, words: Iterable[str]) -> None:
        texts = self._words = [word.strip() for word in words]
        self._ids = frozenset(int(text) for text in texts if text.isascii() and text.isdigit())
        self._names = frozenset(_platform(text) for text in texts if not text.isdigit()) - {""}

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self._ids or self._names)

    def has(self, provider_id: int, name: str) -> bool:
        """Return whether a provider is one of them."""
        if provider_id in self._ids:
            return True
        if provider_id == _APPLE_SHOP:
            return False
        offered = _platform(name)
        return any(
            offered == own
            or (offered.startswith(own) and bool(_VARIANT.fullmatch(offered.removeprefix(own))))
            for own in self._names
        )

    def providers(self, names: Mapping[int, str]) -> list[int]:
        """Return the providers that are meant, platform by platform, each once."""
        alone = [Platforms([word]) for word in self._words]
        return list(dict.fromkeys(id_ for one in alone for id_ in one.among(names.keys(), names)))

    def among(self, provider_ids: Collection[int], names: Mapping[int, str]) -> list[int]:
        """Return those of some providers that are among them, in their order."""
        return [id_ for id_ in provider_ids if self.has(id_, names.get(id_, ""))]


@dataclass(frozen=True, slots=True)
class Offer:
    """A provider that streams a title; `is_own`: it is one of somebody's platforms."""

    id: int
    name: str
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """Where somebody watches: in a region, and there with `own` of the providers `names`."""

    region: str
    own: frozenset[int]
    names: Mapping[int, str]

    @classmethod
    def of(cls, region: str, platforms: Iterable[str], names: Mapping[int, str]) -> Self:
        """Return those of somebody's platforms, which they name as they please."""
        return cls(region, frozenset(Platforms(platforms).among(names.keys(), names)), names)

    def offers(self, provider_ids: Sequence[int]) -> tuple[Offer, ...]:
        """Return the providers whose names are known, own ones first, else in their order."""
        named = [id_ for id_ in provider_ids if id_ in self.names]
        own_first = sorted(named, key=lambda id_: id_ not in self.own)
        return tuple(Offer(id_, self.names[id_], id_ in self.own) for id_ in own_first)


def _platform(text: str) -> str:
    letters = "".join(letter for letter in text.casefold().replace("+", "plus") if letter.isalnum())
    return _ALIASES.get(letters, letters)
