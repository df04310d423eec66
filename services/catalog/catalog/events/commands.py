"""The commands of the service's own work queue. They never reach the bus.

A command may change together with the code that sends and reads it.
"""

from pydantic import AwareDatetime, Field

from catalog.domain import LAST_PAGE, ListKey, ListType, PageTask
from catalog.events.published import CatalogContract, GenreId
from matinee.events.contract import Registry
from matinee.media import MediaType


class RefreshPage(CatalogContract):
    """A command: read one page of a list, store it, and request the next one."""

    run_id: str = Field(min_length=1, max_length=64)
    started_at: AwareDatetime
    list_type: ListType
    media_type: MediaType
    genre_id: GenreId | None = None
    page: int = Field(ge=1, le=LAST_PAGE)
    pages: int = Field(ge=1, le=LAST_PAGE)

    def as_task(self) -> PageTask:
        """Return the page; raise ValueError when there is no such list."""
        key = ListKey(self.list_type, self.media_type, self.genre_id)
        return PageTask(self.run_id, key, self.page, self.pages, self.started_at)


COMMANDS = Registry([RefreshPage])
