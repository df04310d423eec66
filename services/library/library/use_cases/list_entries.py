"""List a part of a user's list."""

from dataclasses import dataclass

from library.domain.titles import ListName, Page, Position
from library.ports import EntryRepository


@dataclass(frozen=True, slots=True)
class ListEntries:
    """Lists the entries of one list, newest first."""

    name: ListName
    entries: EntryRepository

    def __call__(self, user_id: str, limit: int, after: Position | None) -> Page:
        """Return at most `limit` entries after a position. Raises LibraryUnavailable."""
        return self.entries.page(user_id, self.name, limit, after)
