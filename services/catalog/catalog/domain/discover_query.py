"""A room's criteria, the queries to TMDB's /discover that follow from them, and their results."""

from dataclasses import dataclass
from enum import StrEnum

from catalog.domain.titles import Title
from matinee.media import MediaType

MAX_GENRES = 2


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
        return fits and title.is_presentable()


@dataclass(frozen=True, slots=True)
class RoomCriteria:
    """What a room wants to see: at most two different genres of its media type, or any."""

    media_type: MediaType
    genre_ids: tuple[int, ...] = ()

    @property
    def strict(self) -> DiscoverQuery:
        """The query for titles with all of the genres."""
        strategy = Strategy.AND if self.genre_ids else Strategy.ANY
        return DiscoverQuery(self.media_type, self.genre_ids, strategy)

    @property
    def loose(self) -> DiscoverQuery | None:
        """The query for titles with one of the genres; None when it would be the strict one."""
        if len(self.genre_ids) < MAX_GENRES:
            return None
        return DiscoverQuery(self.media_type, self.genre_ids, Strategy.OR)

    @property
    def by_genre(self) -> tuple[DiscoverQuery, ...]:
        """A query for each genre alone."""
        return tuple(
            DiscoverQuery(self.media_type, (genre,), Strategy.AND) for genre in self.genre_ids
        )

    def is_met_by(self, title: Title) -> bool:
        """Return whether a title has all of the genres."""
        return all(genre in title.genre_ids for genre in self.genre_ids)


@dataclass(frozen=True, slots=True)
class TitlePage:
    """One page of TMDB's results: at most twenty titles, and how many pages and titles exist."""

    titles: tuple[Title, ...]
    total_pages: int
    total_results: int
