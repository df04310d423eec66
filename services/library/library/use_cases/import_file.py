"""Receive a file of another site: store its rows, and request that they are processed.

    1  parts       the rows, a hundred in an item
    2  message     of the first part that has something to do
    3  import      from now on it exists, for its owner and for the worker

Ended after any step, nothing was promised: the same file goes on, and the message of an import that
does not exist is dropped. Once the import exists, its message is in the queue.
"""

from collections import Counter
from dataclasses import dataclass
from hashlib import sha256

from library.domain.imports import Import, ParsedFile, numbered
from library.ports import ImportEventFactory, ImportQueue, ImportRepository
from library.use_cases.import_rows import MESSAGE_DELAY_SECONDS
from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count

ID_CHARACTERS = 32


@dataclass(frozen=True, slots=True)
class ImportFile:
    """Receives files. The same file of the same user is the same import."""

    imports: ImportRepository
    queue: ImportQueue
    events: ImportEventFactory
    now: Clock = utc_now

    def __call__(
        self, user_id: str, name: str, content: bytes, parsed: ParsedFile, trace: Trace
    ) -> Import:
        """Return the import of a file, new or not.

        Raises AccountDeleted, LibraryBusy and LibraryUnavailable.
        """
        import_id = _import_id(user_id, content, parsed)
        if known := self.imports.get(user_id, import_id):
            count("ImportsRepeated")
            return known
        now = self.now()
        parts = numbered(parsed.rows)
        new = Import(
            id=import_id,
            user_id=user_id,
            site=parsed.site,
            file=name,
            created_at=now.replace(microsecond=now.microsecond // 1000 * 1000),
            correlation_id=trace.correlation_id,
            counts=Counter(row.status for row in parsed.rows),
            to_do=tuple(part.number for part in parts if not part.is_done),
            ignored=parsed.ignored,
        )
        if not new.waiting:
            new = new.with_changes((), (), new.created_at)
        self.imports.put_parts(user_id, import_id, parts)
        if new.to_do:
            self.queue.send(new, new.to_do[0], delay_seconds=MESSAGE_DELAY_SECONDS)
        event = self.events.import_completed(new, trace) if new.completed_at else None
        count("ImportsStarted")
        return self.imports.create(new, event)


def _import_id(user_id: str, content: bytes, parsed: ParsedFile) -> str:
    """Return the id of a user's file: of its content, and of where its rows belong.

    The latter may follow from the file's name, or from what the client says.
    """
    shelves = ",".join(row.shelf.value for row in parsed.rows)
    digest = sha256(b"\0".join([user_id.encode(), shelves.encode(), content]))
    return digest.hexdigest()[:ID_CHARACTERS]
