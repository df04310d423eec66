"""The ports of the use cases, by role."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol, Self

from matinee.events.contract import Contract, Envelope
from matinee.media import TitleKey
from recommender.domain.model import Model
from recommender.domain.taste import ListEntry, Swipe, Taste, TasteList
from recommender.domain.titles import TitleFacts, TitleSnapshot
from recommender.domain.training_state import (
    CountedFavourites,
    DirtyUser,
    Keys,
    ModelManifest,
    StoredObject,
    TrainedModel,
)

type ModelEvents = Callable[[ModelManifest], Envelope[Contract]]
"""Creates the event of a published model; the same model has the same event."""


class TastesUnavailable(Exception):
    """The stored tastes cannot be read now."""


class TasteReader(Protocol):
    """Users' tastes, for recommendations."""

    def get(self, user_id: str) -> Taste:
        """Return a user's taste, empty if nothing is stored.

        Raises AccountDeleted for a blocked user without a taste, TastesUnavailable.
        """
        ...

    def require_account(self, user_id: str) -> None:
        """Raise AccountDeleted for a blocked user; TastesUnavailable."""
        ...


class TasteWriter(Protocol):
    """Users' tastes, for the library's events.

    Whatever the order of events, and however often they arrive, the stored taste is that of their
    order in time. Nothing is stored of a deleted user. Each method returns whether it changed
    anything.
    """

    def add_entry(self, user_id: str, which: TasteList, entry: ListEntry) -> bool:
        """Store an entry, unless it is known to be removed or a later one is stored."""
        ...

    def remove_entry(
        self, user_id: str, which: TasteList, key: TitleKey, added_at: datetime
    ) -> bool:
        """Remove every entry of the title that was added no later than `added_at`."""
        ...

    def update_preferences(
        self, user_id: str, version: int, preferences: Mapping[str, object]
    ) -> bool:
        """Store stated preferences, unless later ones are stored."""
        ...


class SwipeWriter(Protocol):
    """Users' swipes, for the rooms' events: with the same promises as TasteWriter."""

    def put_swipe(self, user_id: str, swipe: Swipe) -> bool:
        """Store a swipe, unless a later one on the title in that room is stored."""
        ...


class TasteEraser(Protocol):
    """Users' tastes, for the deletion of users."""

    def block(self, user_id: str) -> None:
        """Prevent that anything is stored of a user, however late an event arrives."""
        ...

    def erase(self, user_id: str) -> int:
        """Delete what is stored of a blocked user; return how many entries.

        What training has counted of them stays, marked for the next training to subtract.
        """
        ...


class FavouriteCounts(Protocol):
    """Users' favourites, stored and counted, for training."""

    def favourites(self, user_id: str) -> Keys:
        """Return a user's present favourites, at most the latest MAX_COUNTED_FAVOURITES."""
        ...

    def get_counted(self, user_id: str) -> CountedFavourites | None:
        """Return what was counted of a user, None when nothing was."""
        ...

    def put_counted(self, user_id: str, counted: CountedFavourites) -> None:
        """Store what is counted of a user."""
        ...

    def delete_counted(self, user_id: str) -> None:
        """Delete what was counted of a user who has no favourites any more."""
        ...

    def list_users(self) -> Iterator[str]:
        """Iterate over every user of whom something is stored."""
        ...


class TitleWriter(Protocol):
    """Titles, for the catalogue's events."""

    def upsert(self, title: TitleSnapshot) -> bool:
        """Store a title unless a later snapshot is stored; return whether it was stored."""
        ...

    def add_provider_names(self, names: Mapping[int, str]) -> None:
        """Store the names of providers, by TMDB's ids, beside those that are known."""
        ...


class TitleSource(Protocol):
    """Titles, for training."""

    def list_all(self) -> Iterator[TitleFacts]:
        """Iterate over every title that has not expired."""
        ...


class TrainingRuns(Protocol):
    """The lease that lets one training run at a time, and the runs that are not confirmed."""

    def begin(self, run: str, now: datetime) -> Sequence[str] | None:
        """Acquire the lease; return the earlier unconfirmed runs, None while it is taken."""
        ...

    def confirm(self, runs: Iterable[str]) -> None:
        """Delete runs of which the manifest now says whether they are included."""
        ...

    def end(self, run: str) -> None:
        """Release the lease."""
        ...


class DirtyUsers(Protocol):
    """The users whose favourites have changed since they were counted."""

    def list_dirty(self) -> Iterator[DirtyUser]:
        """Iterate over the marks."""
        ...

    def mark_all_dirty(self, user_ids: Iterable[str]) -> int:
        """Mark users; return how many."""
        ...

    def clear(self, users: Iterable[DirtyUser]) -> None:
        """Delete the marks that have not changed since."""
        ...


class ModelOutbox(Protocol):
    """The event of the latest model, published once."""

    def published_version(self) -> str | None:
        """Return the version of the last model whose event was stored."""
        ...

    def publish_once(self, version: str, event: Envelope[Contract]) -> None:
        """Store a model's event together with its version; nothing if it is stored already."""
        ...


class ModelStore(Protocol):
    """Models and counts as immutable objects, and the manifest that is replaced last."""

    def current(self) -> ModelManifest | None:
        """Return the manifest, None before the first training."""
        ...

    def read(self, stored: StoredObject) -> bytes:
        """Return an object; raise CorruptObject unless it is what the manifest says."""
        ...

    def write(self, kind: str, name: str, content: bytes) -> StoredObject:
        """Write an object that no manifest names yet."""
        ...

    def publish(self, manifest: ModelManifest) -> ModelManifest:
        """Replace the manifest; raise ManifestConflict unless `manifest.etag` is the current."""
        ...

    def prune(self, kept: ModelManifest) -> None:
        """Delete old objects."""
        ...


class PublishedModels(Protocol):
    """Published models, for serving."""

    def changed_since(self, etag: str | None) -> ModelManifest | None:
        """Return the manifest, None when it is still the one with this ETag, or missing."""
        ...

    def read(self, stored: StoredObject) -> bytes:
        """Return an object; raise CorruptObject unless it is what the manifest says."""
        ...


class ModelProvider(Protocol):
    """The model that is served."""

    def current(self) -> Model | None:
        """Return the newest intact model, None when there is none; never wait long for it."""
        ...


class TrainingData(Protocol):
    """How often titles are favourites of the same users."""

    def changed(self, changes: Sequence[tuple[Keys, Keys]]) -> Self:
        """Return the data after users' favourites have changed from the first to the second."""
        ...

    def to_bytes(self) -> bytes:
        """Serialize the data."""
        ...


class ModelTrainer[D: TrainingData](Protocol):
    """Trains models."""

    def empty(self) -> D:
        """Return the data of no users."""
        ...

    def parse(self, content: bytes) -> D:
        """Parse data; raise CorruptObject for other bytes."""
        ...

    def train(
        self, data: D, titles: Sequence[TitleFacts], version: str, trained_at: datetime
    ) -> bytes:
        """Return a model of these titles, serialized."""
        ...


class ExportTrainer(Protocol):
    """Trains models from an export of all favourites."""

    def train(self, version: str, trained_at: datetime) -> TrainedModel:
        """Return a model of the exported titles."""
        ...
