"""The cached catalogue: titles with all that is known of them, lists in order, and their age.

Nothing that TMDB said is kept for longer than six months, as its terms ask: a title for 180 days
after its details were fetched, a list for as long after it was refreshed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from catalog.domain.titles import MediaType, Title

KEPT_FOR = timedelta(days=180)
"""The longest that anything may be kept, and served."""

DETAILS_FRESH_FOR = timedelta(days=6)
"""Below a week, so that a weekly refresh finds what the last one fetched stale."""

AVERAGE_VOTE = 6.5
DOUBT = 200
"""How many votes a title needs for its own average to count half of its quality."""


@dataclass(frozen=True, slots=True, order=True)
class TitleId:
    """A title: film 550 and series 550 are two."""

    media_type: MediaType
    id: int


class ListType(StrEnum):
    """The lists that TMDB keeps, and one for each genre: its most popular titles."""

    TRENDING = "trending"
    POPULAR = "popular"
    TOP_RATED = "top_rated"
    GENRE = "genre"

    @property
    def fresh_for(self) -> timedelta:
        """How long after its refresh a list shows what TMDB shows, near enough."""
        if self in (ListType.TRENDING, ListType.POPULAR):
            return timedelta(hours=26)
        return timedelta(days=8)


@dataclass(frozen=True, slots=True, order=True)
class ListKey:
    """One list. `genre_id` is given for a genre's list and for no other."""

    list_type: ListType
    media_type: MediaType
    genre_id: int | None = None

    def __post_init__(self) -> None:
        """Refuse a list that does not exist."""
        if (self.list_type is ListType.GENRE) != (self.genre_id is not None):
            message = f"{self.list_type} with genre {self.genre_id}"
            raise ValueError(message)

    @property
    def name(self) -> str:
        """The list in keys and logs: "movie#popular", "tv#genre#18"."""
        genre = f"#{self.genre_id}" if self.genre_id is not None else ""
        return f"{self.media_type.path}#{self.list_type}{genre}"


@dataclass(frozen=True, slots=True)
class Facts:
    """What TMDB's details say beyond its lists. `runtime` is in minutes, of a series' episode.

    `keywords` are at most twenty names, `cast` the first five in billing order, `directors` those
    who directed a film or created a series.
    """

    runtime: int | None = None
    keywords: tuple[str, ...] = ()
    directors: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Details:
    """A title's details as TMDB says them now."""

    title: Title
    facts: Facts


@dataclass(frozen=True, slots=True)
class Enrichment:
    """What became of a request for the details of some titles.

    `gone` are those that TMDB does not know any more. Those in neither failed: for `fault`, or,
    without one, because their details cannot be read, which asking again seldom mends.
    """

    found: Mapping[TitleId, Details]
    gone: frozenset[TitleId] = frozenset()
    fault: Exception | None = None


@dataclass(frozen=True, slots=True)
class CachedTitle:
    """A title in the cache. `cached_at` is when its details were fetched."""

    title: Title
    facts: Facts
    cached_at: datetime

    @classmethod
    def of(cls, details: Details, now: datetime) -> Self:
        """Take details that have just been fetched; the moment is kept in milliseconds."""
        moment = now.replace(microsecond=now.microsecond // 1000 * 1000)
        return cls(details.title, details.facts, moment)

    @property
    def id(self) -> TitleId:
        """Which title it is."""
        return TitleId(self.title.media_type, self.title.id)

    @property
    def expires_at(self) -> datetime:
        """When it must go."""
        return self.cached_at + KEPT_FOR

    @property
    def quality(self) -> float:
        """How good it is, 0 to 10; see `quality`."""
        return quality(self.title)

    def is_fresh(self, now: datetime) -> bool:
        """Return whether its details need not be fetched again yet."""
        return now < self.cached_at + DETAILS_FRESH_FOR

    def is_expired(self, now: datetime) -> bool:
        """Return whether it must not be shown any more, though DynamoDB may not have deleted it."""
        return now >= self.expires_at


@dataclass(frozen=True, slots=True)
class ListPage:
    """A part of a list in its order. `after` is where the next part begins; None at the end.

    `total` are all titles of the list.
    """

    titles: tuple[Title, ...]
    total: int
    refreshed_at: datetime
    after: Mapping[str, str | int] | None = None

    def is_fresh(self, key: ListKey, now: datetime) -> bool:
        """Return whether the list needs no refresh yet."""
        return now < self.refreshed_at + key.list_type.fresh_for


@dataclass(frozen=True, slots=True)
class GenrePage:
    """The best titles of a genre, best first. `after` as in a `ListPage`."""

    titles: tuple[Title, ...]
    after: Mapping[str, str | int] | None = None


def quality(title: Title) -> float:
    """Return a title's vote average, drawn towards the average of all the less it has votes.

    Source: the weighted rating of IMDb's Top 250, (v R + m C) / (v + m). Four decimals.
    """
    votes = title.vote_count
    return round((votes * title.vote_average + DOUBT * AVERAGE_VOTE) / (votes + DOUBT), 4)
