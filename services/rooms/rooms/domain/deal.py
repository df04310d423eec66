"""Where a room's candidates come from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
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
    """What a room wants to see, and from where. `genre_ids` are those of any of its types.

    What its crew has said no to is left out.
    """

    media_types: tuple[MediaType, ...]
    genre_ids: tuple[int, ...]
    filters: Filters = NO_FILTERS
    source: DeckSource = DeckSource.DISCOVER
    hide_seen: HideSeen = HideSeen.ANYBODY
    crew_id: str | None = None

    def by_media_type(self) -> Mapping[MediaType, "DeckWish"]:
        """Return what it wants of each media type that the catalog can be asked for.

        With films and series each gets its own genres. One that has none of them is left out; so
        are series with a certification, by which the catalog filters films alone.
        """
        both = len(self.media_types) > 1
        wishes = {one: self._of(one) if both else self for one in self.media_types}
        return {
            media_type: wish
            for media_type, wish in wishes.items()
            if bool(wish.genre_ids) == bool(self.genre_ids)
            and not (self.filters.certification and media_type is MediaType.TV)
        }

    def _of(self, media_type: MediaType) -> "DeckWish":
        excluded = media_type.own_genres(self.filters.excluded_genre_ids)
        return replace(
            self,
            media_types=(media_type,),
            genre_ids=media_type.own_genres(self.genre_ids),
            filters=replace(self.filters, excluded_genre_ids=excluded),
        )
