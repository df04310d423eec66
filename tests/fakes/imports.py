"""What surrounds imports: a catalogue that knows some titles, and the queue of their parts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from library.domain.imports import Import, ImportRow, Suggestion
from library.domain.titles import Title
from library.events.published import ProcessImportPart
from library.ports import CatalogueUnavailable, Resolved
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace, create_envelope
from matinee.media import MediaType, TitleKey
from tests.fakes.schedule import READ, WRITE, WROTE, checkpoint


def known(number: int, name: str, media_type: MediaType = MediaType.MOVIE) -> Title:
    """Return a title of the catalogue."""
    key = TitleKey(media_type, number)
    return Title(key=key, title=name, poster_path="/p.jpg", vote_count=900)


@dataclass
class FakeCatalogue:
    """Titles by name; a film of a number has the IMDb id tt1 and seven digits, as the stand-in.

    Names in `unavailable` cannot be looked up now; with `down` nothing can.
    """

    titles: list[Title] = field(default_factory=list)
    unavailable: set[str] = field(default_factory=set)
    down: bool = False
    retry_after: float | None = None
    asked: list[int] = field(default_factory=list)

    def resolve(
        self, rows: Sequence[ImportRow], correlation_id: str
    ) -> tuple[Sequence[Resolved], float | None]:
        assert correlation_id
        checkpoint(f"{READ}catalogue")
        self.asked.append(len(rows))
        if self.down:
            raise CatalogueUnavailable
        return [self._resolved(row) for row in rows], self.retry_after

    def _resolved(self, row: ImportRow) -> Resolved:
        if row.name in self.unavailable:
            return Resolved(is_unavailable=True)
        ids = {f"tt1{title.key.id:07}": title for title in self.titles}
        found = [title for title in self.titles if row.key == title.key]
        if row.imdb_id in ids:
            found = [ids[row.imdb_id]]
        found = found or [title for title in self.titles if title.title == row.name]
        if len(found) == 1:
            return Resolved(found[0])
        suggestions = tuple(Suggestion(title.key, str(title.title)) for title in found)
        return Resolved(is_ambiguous=bool(found), suggestions=suggestions)


@dataclass
class FakeImportQueue:
    """Messages that were sent, each with its delay."""

    now: Callable[[], datetime]
    sent: list[tuple[Envelope[Contract], float]] = field(default_factory=list)
    created: int = 0

    def __len__(self) -> int:
        return len(self.sent)

    def send(
        self, of: Import, part: int, caused_by: str | None = None, delay_seconds: float = 0
    ) -> None:
        checkpoint(f"{WRITE}queue")
        self.created += 1
        name = f"{caused_by}:{of.id}:{part}" if caused_by else f"first {self.created}"
        envelope = create_envelope(
            ProcessImportPart(user_id=of.user_id, import_id=of.id, part=part),
            event_id=str(uuid5(NAMESPACE_URL, name)),
            occurred_at=self.now(),
            trace=Trace(of.correlation_id, caused_by),
            idempotency_key=name,
        )
        self.sent.append((envelope, delay_seconds))
        checkpoint(f"{WROTE}queue")

    def take(self) -> Envelope[Contract]:
        """Return the oldest message and take it off the queue."""
        return self.sent.pop(0)[0]
