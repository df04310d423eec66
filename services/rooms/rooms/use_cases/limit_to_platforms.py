"""Limit a room to what its host can stream."""

from dataclasses import dataclass, replace

from matinee.filters import MAX_PROVIDERS, Filters
from rooms.domain.errors import NoOwnPlatforms
from rooms.ports import OwnPlatforms


@dataclass(frozen=True, slots=True)
class PlatformLimiter:
    """Puts the platforms of the host's preferences into a room's filters."""

    platforms: OwnPlatforms

    def __call__(self, filters: Filters, host_id: str, correlation_id: str) -> Filters:
        """Return filters with the host's platforms in their region.

        The room keeps these, whatever the host's preferences become. Raises NoOwnPlatforms,
        PlatformsUnavailable.
        """
        country, provider_ids = self.platforms.find(host_id, correlation_id) or ("", ())
        if not provider_ids:
            raise NoOwnPlatforms
        few = tuple(sorted(provider_ids[:MAX_PROVIDERS]))
        return replace(filters, provider_ids=few, provider_country=country)
