"""What a room wants to see, the questions to TMDB that follow, and their answers."""

from dataclasses import dataclass
from enum import StrEnum

from catalog.domain.titles import MediaType, Title

MOST_GENRES = 2


class Strategy(StrEnum):
    """How titles and the room's genres go together."""

    AND = "AND"
    OR = "OR"
    ANY = "ANY"


@dataclass(frozen=True, slots=True)
class Query:
    """A question to TMDB: the titles with all of these genres (AND), or with one of them (OR)."""

    media_type: MediaType
    genre_ids: tuple[int, ...]
    strategy: Strategy

    def admits(self, title: Title) -> bool:
        """Return whether a title answers the question and may be a candidate."""
        theirs = title.genre_ids
        match self.strategy:
            case Strategy.AND:
                fits = all(genre in theirs for genre in self.genre_ids)
            case Strategy.OR:
                fits = any(genre in theirs for genre in self.genre_ids)
            case Strategy.ANY:
                fits = True
        return fits and title.is_presentable()


@dataclass(frozen=True, slots=True)
class Taste:
    """What a room wants to see: at most two different genres of its media type, or any."""

    media_type: MediaType
    genre_ids: tuple[int, ...] = ()

    @property
    def strict(self) -> Query:
        """The question for titles with all of the genres."""
        strategy = Strategy.AND if self.genre_ids else Strategy.ANY
        return Query(self.media_type, self.genre_ids, strategy)

    @property
    def loose(self) -> Query | None:
        """The question for titles with one of the genres, where that is another question."""
        if len(self.genre_ids) < MOST_GENRES:
            return None
        return Query(self.media_type, self.genre_ids, Strategy.OR)

    @property
    def by_genre(self) -> tuple[Query, ...]:
        """The questions for the titles with each of the genres."""
        return tuple(Query(self.media_type, (genre,), Strategy.AND) for genre in self.genre_ids)

    def is_met_by(self, title: Title) -> bool:
        """Return whether a title has all of the genres."""
        return all(genre in title.genre_ids for genre in self.genre_ids)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of TMDB's answer: at most twenty titles, and how many there are in all."""

    titles: tuple[Title, ...]
    total_pages: int
    total_results: int
