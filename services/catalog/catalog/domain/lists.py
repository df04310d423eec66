"""The cached lists: TMDB's own, and one of each genre."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from catalog.domain.titles import Title
from matinee.media import MediaType


class ListType(StrEnum):
    """The lists that TMDB keeps, and one for each genre: its most popular titles."""

    TRENDING = "trending"
    POPULAR = "popular"
    TOP_RATED = "top_rated"
    GENRE = "genre"

    @property
    def max_age(self) -> timedelta:
        """How long after its refresh a list is fresh."""
        if self in (ListType.TRENDING, ListType.POPULAR):
            return timedelta(hours=26)
        return timedelta(days=8)


@dataclass(frozen=True, slots=True, order=True)
class ListKey:
    """The key of a list. A genre's list has a `genre_id`, every other has none."""

    list_type: ListType
    media_type: MediaType
    genre_id: int | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a list that does not exist."""
        if (self.list_type is ListType.GENRE) != (self.genre_id is not None):
            message = f"{self.list_type} with genre {self.genre_id}"
            raise ValueError(message)

    @property
    def name(self) -> str:
        """The list in keys and logs: "movie#popular", "tv#genre#18"."""
        genre = f"#{self.genre_id}" if self.genre_id is not None else ""
        return f"{self.media_type}#{self.list_type}{genre}"


@dataclass(frozen=True, slots=True)
class ListPage:
    """A part of a list in its order. `after` is where the next part begins; None at the end.

    `total` counts all titles of the list.
    """

    titles: tuple[Title, ...]
    total: int
    refreshed_at: datetime
    after: Mapping[str, str | int] | None = None

    def is_fresh(self, key: ListKey, now: datetime) -> bool:
        """Return whether the list needs no refresh yet."""
        return now < self.refreshed_at + key.list_type.max_age
