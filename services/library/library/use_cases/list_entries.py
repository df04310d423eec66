"""List a part of a user's list."""

from dataclasses import dataclass, replace

from library.domain.titles import ListName, Page, Position
from library.ports import EntryRepository
from library.use_cases.describe_titles import DescribeTitles
from matinee.media import MediaType


@dataclass(frozen=True, slots=True)
class ListEntries:
    """Lists the entries of one list, newest first."""

    name: ListName
    entries: EntryRepository
    titles: DescribeTitles

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
        page = self.entries.page(user_id, self.name, limit, after, media_type)
        return replace(page, entries=tuple(self.titles.to_show(page.entries)))
