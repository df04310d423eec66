"""Availability: who streams a title in which country, and what has changed of it.

Two snapshots are compared by the providers' ids: another name or order is no change. Of a title
that was never stored, or whose providers were or are unknown, nothing can be said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.domain.titles import Facts, Provider


@dataclass(frozen=True, slots=True)
class CountryChange:
    """What changed in a country: who came, who went, and everybody who streams it now."""

    country: str
    came: tuple[Provider, ...]
    went: tuple[Provider, ...]
    providers: tuple[Provider, ...]


def availability_changes(before: Facts, after: Facts) -> Sequence[CountryChange]:
    """Return the countries in which a provider came or went, by name."""
    if before.providers is None or after.providers is None:
        return ()
    changes = []
    for country in sorted(before.providers.keys() | after.providers.keys()):
        old, new = _by_id(before.providers, country), _by_id(after.providers, country)
        came = tuple(provider for id_, provider in new.items() if id_ not in old)
        went = tuple(provider for id_, provider in old.items() if id_ not in new)
        if came or went:
            changes.append(CountryChange(country, came, went, tuple(new.values())))
    return changes


def _by_id(providers: Mapping[str, tuple[Provider, ...]], country: str) -> Mapping[int, Provider]:
    return {provider.id: provider for provider in providers.get(country, ())}
