"""What the use cases need of the world, by role."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self

from matinee.events.contract import Contract, Envelope
from recommender.domain.model import Model
from recommender.domain.taste import ListEntry, Taste
from recommender.domain.titles import TitleFacts, TitleKey

type Keys = frozenset[TitleKey]

MAX_COUNTED_FAVOURITES = 1000
"""Favourites of one user that training counts: bounds what he costs and weighs."""


class TastesUnavailable(Exception):
    """The stored tastes cannot be read now."""


class ManifestConflict(Exception):
    """Somebody else has published a model meanwhile."""


class CorruptObject(Exception):
    """A stored object is not what its pointer says: gone, cut short, or changed."""


class TasteList(StrEnum):
    """A user's lists."""

    FAVOURITES = "favourite"
    WATCHLIST = "watchlist"


class TasteReader(Protocol):
    """Users' tastes, to be read."""

    def of(self, user_id: str) -> Taste:
        """Return what is stored of a user, an empty taste if nothing; raise TastesUnavailable."""
        ...


class TasteWriter(Protocol):
    """Users' tastes, as the library's events shape them.

    In whatever order and however often events arrive, what is stored is what their order in time
    makes of them. Nothing is stored of an erased user. Each method answers whether it changed
    anything.
    """

    def add(self, user_id: str, which: TasteList, entry: ListEntry) -> bool:
        """Take in an entry, unless it is known to be removed or a later one is there."""
        ...

    def remove(self, user_id: str, which: TasteList, key: TitleKey, added_at: datetime) -> bool:
        """Close every entry of the title that was added no later than `added_at`."""
        ...

    def prefer(self, user_id: str, version: int, preferences: Mapping[str, object]) -> bool:
        """Take in stated preferences, unless later ones are there."""
        ...


class TasteEraser(Protocol):
    """Users' tastes, as the eraser needs them."""

    def block(self, user_id: str) -> None:
        """See to it that nothing more is stored of a user, however late an event comes."""
        ...

    def erase(self, user_id: str) -> int:
        """Delete what is stored of a barred user; answer how many entries.

        What training has counted of him is left, and marked for the next training to take out.
        """
        ...


@dataclass(frozen=True, slots=True)
class CachedTitle:
    """A title as the catalogue knew it at `cached_at`; after `expires_at` it must be gone."""

    facts: TitleFacts
    cached_at: datetime
    expires_at: datetime


class TitleWriter(Protocol):
    """Titles, as the catalogue's events tell them."""

    def upsert(self, title: CachedTitle) -> bool:
        """Store a title unless a later state of it is there; answer whether it was stored."""
        ...


class TitleSource(Protocol):
    """Titles, as the trainer needs them."""

    def all(self) -> Iterator[TitleFacts]:
        """Iterate over every title that has not expired."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """A mark that a user's favourites are not those that training has counted.

    `token` is another one with each change: a mark that changed meanwhile stays.
    """

    user_id: str
    token: str


@dataclass(frozen=True, slots=True)
class CountedFavourites:
    """A user's favourites as a training run has counted them, and as the one before had.

    A run may die after this was written and before its counts stand. Who reads this takes the part
    whose run led to the counts that stand (`Pointer.holds`).
    """

    keys: Keys
    run: str
    keys_before: Keys = frozenset()
    run_before: str = ""


class TrainingLog(Protocol):
    """What the next training has to look at, and who trains."""

    def begin(self, run: str, now: datetime) -> Sequence[str] | None:
        """Take the lease; answer the earlier runs that are not settled, None while one holds it."""
        ...

    def settle(self, runs: Iterable[str]) -> None:
        """Forget runs of which the pointer now says whether they led to what stands."""
        ...

    def end(self, run: str) -> None:
        """Give the lease back."""
        ...

    def changes(self) -> Iterator[Change]:
        """Iterate over the marks."""
        ...

    def mark_all(self, user_ids: Iterable[str]) -> int:
        """Mark users as changed; answer how many."""
        ...

    def done(self, changes: Iterable[Change]) -> None:
        """Take marks away which have not changed since."""
        ...

    def announced(self) -> str | None:
        """Return the version of the model of which was told last."""
        ...

    def announce(self, version: str, event: Envelope[Contract]) -> None:
        """Store the event and that it is told, at once; nothing when it was told already."""
        ...


class FavouriteCounts(Protocol):
    """Users' favourites, as the trainer needs them."""

    def favourites(self, user_id: str) -> Keys:
        """Return a user's favourites as of now, of very many the latest MOST_COUNTED."""
        ...

    def counted(self, user_id: str) -> CountedFavourites | None:
        """Return what was counted of a user, None when nothing was."""
        ...

    def count(self, user_id: str, counted: CountedFavourites) -> None:
        """Store what is counted of a user."""
        ...

    def forget(self, user_id: str) -> None:
        """Delete what was counted of a user who has no favourites any more."""
        ...

    def users(self) -> Iterator[str]:
        """Iterate over every user of whom something is stored."""
        ...


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object in the archive and what it must be like."""

    key: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class ModelManifest:
    """What stands: the served model, and the counts that the next one is made of.

    `previous` is the model before, should this one turn out to be broken. `run` is the training run
    that let the pointer point here, `abandoned` are runs that died before they came so far, and
    `epoch` is the run that began to count anew. Runs' ids are in the order of time. `etag` is that
    of the pointer itself.
    """

    run: str
    epoch: str
    abandoned: frozenset[str]
    counts: StoredObject
    model: StoredObject | None = None
    previous: StoredObject | None = None
    version: str | None = None
    trained_at: datetime | None = None
    users: int = 0
    titles: int = 0
    favourites: int = 0
    etag: str | None = None

    def includes(self, run: str) -> bool:
        """Return whether what a run counted is in the counts that stand."""
        return self.epoch <= run <= self.run and run not in self.abandoned


class ModelStore(Protocol):
    """Models and counts as objects that never change, and the pointer that moves last."""

    def pointer(self) -> ModelManifest | None:
        """Return what stands, None at the very beginning."""
        ...

    def read(self, stored: StoredObject) -> bytes:
        """Return an object; raise BrokenObject unless it is what the pointer says."""
        ...

    def write(self, kind: str, name: str, content: bytes) -> StoredObject:
        """Write an object that nothing points to yet."""
        ...

    def move(self, pointer: ModelManifest) -> ModelManifest:
        """Let the pointer point; raise ModelMoved unless it is the one with `pointer.etag`."""
        ...

    def prune(self, kept: ModelManifest) -> None:
        """Delete objects that are long past."""
        ...


class PublishedModels(Protocol):
    """What has been published, as who serves it sees it."""

    def changed_since(self, etag: str | None) -> ModelManifest | None:
        """Return what stands, None when that is still the one with this ETag, or nothing yet."""
        ...

    def read(self, stored: StoredObject) -> bytes:
        """Return an object; raise BrokenObject unless it is what the pointer says."""
        ...


class ModelProvider(Protocol):
    """The model that is served."""

    def current(self) -> Model | None:
        """Return the newest sound model, None when there is none; never waits long for it."""
        ...


class Counts(Protocol):
    """How often titles are favourites together."""

    def changed(self, changes: Sequence[tuple[Keys, Keys]]) -> Self:
        """Return the counts after users' favourites have changed from the first to the second."""
        ...

    def to_bytes(self) -> bytes:
        """Write the counts."""
        ...


class ModelTrainer[C: Counts](Protocol):
    """What makes a model of counts."""

    def nothing(self) -> C:
        """Return counts of nobody."""
        ...

    def counts(self, content: bytes) -> C:
        """Read counts; raises BrokenObject for bytes that are none."""
        ...

    def model(
        self, counts: C, titles: Sequence[TitleFacts], version: str, trained_at: datetime
    ) -> bytes:
        """Return a model of these titles, as it is stored."""
        ...
