"""Where a room's candidates come from."""

from dataclasses import dataclass
from enum import StrEnum

from matinee.filters import NO_FILTERS, Filters
from matinee.media import MediaType


class DeckSource(StrEnum):
    """Where candidates come from."""

    DISCOVER = "DISCOVER"
    """All that the catalog knows."""
    GROUP = "GROUP"
    """What suits those who are in the room when they are dealt."""


class HideSeen(StrEnum):
    """Whose favourites are left out of a group's deck: they have been seen."""

    ANYBODY = "ANYBODY"
    EVERYBODY = "EVERYBODY"
    NOBODY = "NOBODY"


@dataclass(frozen=True, slots=True)
class DeckWish:
    """What a room wants to see, and from where."""

    media_type: MediaType
    genre_ids: tuple[int, ...]
    filters: Filters = NO_FILTERS
    source: DeckSource = DeckSource.DISCOVER
    hide_seen: HideSeen = HideSeen.ANYBODY

    @property
    def can_suit_a_group(self) -> bool:
        """Whether it wants a group's deck, and nothing that the recommender does not know."""
        known = not self.filters.certification and not self.filters.provider_ids
        return self.source is DeckSource.GROUP and known
