"""Show who streams titles where a user is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from library.domain.errors import LibraryBusy, LibraryUnavailable
from library.ports import PreferencesRepository, ProviderRepository
from matinee.media import TitleKey
from matinee.observability import count, logger
from matinee.streaming import Offer, Subscriptions

type Offers = Mapping[TitleKey, tuple[Offer, ...]]
type FindOffers = Callable[[str, Sequence[TitleKey]], Offers]
"""Returns who streams titles where a user is, of those of which that is known."""


@dataclass(frozen=True, slots=True)
class ShowOffers:
    """`FindOffers` by the user's preferences; of a user without a region nothing is read."""

    preferences: PreferencesRepository
    providers: ProviderRepository

    def __call__(self, user_id: str, keys: Sequence[TitleKey]) -> Offers:
        """Return who streams some titles, own platforms first. Raises AccountDeleted.

        A list is shown without it rather than not at all.
        """
        try:
            return self._find(user_id, keys) if keys else {}
        except (LibraryBusy, LibraryUnavailable):
            logger.warning("offers_not_shown", extra={"titles": len(keys)})
            count("OffersNotShown", len(keys))
            return {}

    def _find(self, user_id: str, keys: Sequence[TitleKey]) -> Offers:
        answers = self.preferences.get(user_id).answers
        if not (region := answers.get("region")):
            return {}
        platforms = answers.get("streamingPlatforms", ())
        where = Subscriptions.of(region, platforms, self.providers.get_names())
        found = self.providers.get_providers(keys, region)
        return {key: where.offers(ids) for key, ids in found.items()}


def no_offers(_: str, __: Sequence[TitleKey]) -> Offers:
    """Return nothing."""
    return {}
