"""List a user's notices, and mark them as read."""

from collections.abc import Sequence
from dataclasses import dataclass

from library.domain.errors import NoticeNotFound
from library.domain.notices import Notice
from library.ports import NoticeRepository

MAX_NOTICES_READ = 500
"""Of one read for an export."""


@dataclass(frozen=True, slots=True)
class ReadNotices:
    """The inbox of a user: what they were told in the last ninety days."""

    notices: NoticeRepository

    def list(
        self, user_id: str, limit: int, after: str | None
    ) -> tuple[Sequence[Notice], str | None]:
        """Return notices after one, newest first, and the last one's id if there may be more."""
        return self.notices.page(user_id, limit, after)

    def all(self, user_id: str) -> Sequence[Notice]:
        """Return all notices, newest first."""
        found, after = self.notices.page(user_id, MAX_NOTICES_READ, None)
        every = list(found)
        while after:
            found, after = self.notices.page(user_id, MAX_NOTICES_READ, after)
            every += found
        return every

    def mark(self, user_id: str, notice_id: str) -> None:
        """Mark a notice, and all that came before it, as read. Raises NoticeNotFound."""
        if not self.notices.mark_read(user_id, notice_id):
            raise NoticeNotFound
