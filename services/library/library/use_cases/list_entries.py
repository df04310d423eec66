"""List a part of a user's list."""

from dataclasses import dataclass

from library.domain.titles import ListName, Page, Position
from library.ports import EntryRepository
from matinee.media import MediaType


@dataclass(frozen=True, slots=True)
class ListEntries:
    """Lists the entries of one list, newest first."""

    name: ListName
    entries: EntryRepository

    def __call__(
        self,
        user_id: str,
        limit: int,
        after: Position | None,
        media_type: MediaType | None = None,
    ) -> Page:
        """Return at most `limit` entries after a position, of one media type or both.

        A page may have fewer entries although there are more. Raises LibraryUnavailable.
        """
        return self.entries.page(user_id, self.name, limit, after, media_type)
