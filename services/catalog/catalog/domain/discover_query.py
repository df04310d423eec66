"""A room's criteria, the queries to TMDB's /discover that follow from them, and their results."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from catalog.domain.titles import LANGUAGES, Title
from matinee.filters import NO_FILTERS, Filters
from matinee.media import MediaType

MAX_GENRES = 20
MAX_GENRES_AT_HAND = 4
"""A room of more genres does not read the cached pages of each of them."""


class Strategy(StrEnum):
    """How a title's genres match the room's."""

    AND = "AND"
    OR = "OR"
    ANY = "ANY"


@dataclass(frozen=True, slots=True)
class DiscoverQuery:
    """A query for titles with all genres (AND), with at least one (OR), or with any genre (ANY)."""

    media_type: MediaType
    genre_ids: tuple[int, ...]
    strategy: Strategy
    filters: Filters = NO_FILTERS

    def matches(self, title: Title) -> bool:
        """Return whether a title fits the query and may be a candidate."""
        genres = title.genre_ids
        match self.strategy:
            case Strategy.AND:
                fits = all(genre in genres for genre in self.genre_ids)
            case Strategy.OR:
                fits = any(genre in genres for genre in self.genre_ids)
            case Strategy.ANY:
                fits = True
        year = int(title.release_date[:4]) if title.release_date else None
        return (
            fits
            and title.is_presentable(self.languages)
            and self.filters.admit(genres, year, title.vote_average, title.original_language)
        )

    @property
    def languages(self) -> tuple[str, ...]:
        """The original languages that titles may have."""
        return self.filters.languages or LANGUAGES


@dataclass(frozen=True, slots=True)
class RoomCriteria:
    """What a room wants to see: different genres of its media type, or any, within filters.

    `exclude` are the ids of titles that it has already.
    """

    media_type: MediaType
    genre_ids: tuple[int, ...] = ()
    filters: Filters = NO_FILTERS
    exclude: frozenset[int] = frozenset()

    @property
    def strict(self) -> DiscoverQuery:
        """The query for titles with all of the genres."""
        return self._query(Strategy.AND if self.genre_ids else Strategy.ANY)

    @property
    def loose(self) -> DiscoverQuery | None:
        """The query for titles with one of the genres; None when it would be the strict one."""
        return self._query(Strategy.OR) if len(self.genre_ids) > 1 else None

    @property
    def by_genre(self) -> tuple[DiscoverQuery, ...]:
        """Queries for each genre alone, whose cached pages may have titles for this room.

        They have no filters where a title's row tells whether it passes those of the room.
        """
        filters = self.filters if self.filters.need_details else NO_FILTERS
        genres = self.genre_ids if len(self.genre_ids) <= MAX_GENRES_AT_HAND else ()
        return tuple(
            DiscoverQuery(self.media_type, (genre,), Strategy.AND, filters) for genre in genres
        )

    def is_met_by(self, title: Title) -> bool:
        """Return whether a title has all of the genres."""
        return self.genres_of(title) == len(self.genre_ids)

    def genres_of(self, title: Title) -> int:
        """Return how many of the genres a title has."""
        return sum(genre in title.genre_ids for genre in self.genre_ids)

    def relaxed(self) -> Mapping[str, "RoomCriteria"]:
        """Return the criteria without one of them at a time, by its name."""
        without = {
            name: replace(self, filters=filters) for name, filters in self.filters.relaxed().items()
        }
        return without | ({"genreIds": replace(self, genre_ids=())} if self.genre_ids else {})

    def _query(self, strategy: Strategy) -> DiscoverQuery:
        return DiscoverQuery(self.media_type, self.genre_ids, strategy, self.filters)


@dataclass(frozen=True, slots=True)
class TitlePage:
    """One page of TMDB's results: at most twenty titles, and how many pages and titles exist."""

    titles: tuple[Title, ...]
    total_pages: int
    total_results: int
