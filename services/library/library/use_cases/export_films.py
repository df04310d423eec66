"""Export the films of one list, in parts that fit into a file of another site."""

from collections.abc import Sequence
from dataclasses import dataclass

from library.domain.titles import Entry, ListName, Position
from library.ports import EntryRepository
from library.use_cases.describe_titles import DescribeTitles
from matinee.media import MediaType

FILMS_PER_PAGE = 1000
MAX_FILMS = 5000
"""In one part: half a megabyte of CSV, and five queries or a few more."""


@dataclass(frozen=True, slots=True)
class ExportFilms:
    """Exports films, without series."""

    entries: EntryRepository
    titles: DescribeTitles

    def __call__(
        self, user_id: str, name: ListName, after: Position | None
    ) -> tuple[Sequence[Entry], Position | None]:
        """Return up to MAX_FILMS after a position, newest first, and where the list continues.

        Raises AccountDeleted, LibraryUnavailable.
        """
        films: list[Entry] = []
        while len(films) < MAX_FILMS:
            limit = min(FILMS_PER_PAGE, MAX_FILMS - len(films))
            page = self.entries.page(user_id, name, limit, after, MediaType.MOVIE)
            films += self.titles.to_show(page.entries)
            after = page.next
            if after is None:
                break
        return films, after
