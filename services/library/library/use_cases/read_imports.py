"""Read imports: all of a user's, one with its progress, and its rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from library.domain.errors import ImportNotFound
from library.domain.imports import Import, ImportRow, RowStatus, part_of
from library.ports import ImportParts, ImportRepository

MAX_PARTS_READ = 20
"""In one query: a thousand rows."""


@dataclass(frozen=True, slots=True)
class RowPage:
    """Some rows in order; `next` is the row after which there may be more, None at the end."""

    rows: Sequence[ImportRow]
    next: int | None


@dataclass(frozen=True, slots=True)
class ReadImports:
    """Reads a user's imports."""

    imports: ImportRepository
    parts: ImportParts

    def list(self, user_id: str) -> Sequence[Import]:
        """Return a user's imports, newest first."""
        return self.imports.list(user_id)

    def get(self, user_id: str, import_id: str) -> Import:
        """Return an import. Raises ImportNotFound."""
        found = self.imports.get(user_id, import_id)
        if found is None:
            raise ImportNotFound
        return found

    def rows(
        self, user_id: str, import_id: str, after: int, limit: int, status: RowStatus | None
    ) -> RowPage:
        """Return up to `limit` rows after a row's number, of one status or of all."""
        if limit == 0:
            return RowPage((), None)
        found: list[ImportRow] = []
        first = part_of(after + 1)
        while parts := self.parts.get_parts(user_id, import_id, first, MAX_PARTS_READ):
            found += [
                row
                for part in parts
                for row in part.rows
                if row.number > after and status in {None, row.status}
            ]
            if len(found) > limit:
                return RowPage(found[:limit], found[limit - 1].number)
            first = parts[-1].number + 1
        return RowPage(found, None)
