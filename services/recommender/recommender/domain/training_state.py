"""The state of training: what is published, and what has been counted of each user."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from matinee.media import TitleKey

type Keys = frozenset[TitleKey]

MAX_COUNTED_FAVOURITES = 1000
"""Favourites of one user that training counts, the latest: bounds their cost and weight."""


class ManifestConflict(Exception):
    """Another run has published a model meanwhile."""


class CorruptObject(Exception):
    """A stored object is not what the manifest says: missing, truncated, or changed."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object in the store, with the checksum and length of its content."""

    key: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class ModelManifest:
    """What is current: the served model, and the counts from which the next one is made.

    `previous` is the model before, in case this one is corrupt. `run` is the training run that
    published the manifest, `abandoned` are earlier runs that died before publishing, and `epoch` is
    the run that began to count from scratch. Runs' ids are in the order of time. `etag` is that of
    the manifest itself.
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
        """Return whether the current counts include what a run counted."""
        return self.epoch <= run <= self.run and run not in self.abandoned


def model_version(run: str, trained_at: datetime) -> str:
    """Return the name of a run's model; names are in the order of time."""
    return f"{trained_at:%Y%m%dT%H%M%SZ}-{run[-6:]}"


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A serialized model, and of how many users, favourites and titles it is."""

    content: bytes
    users: int
    favourites: int
    titles: int


@dataclass(frozen=True, slots=True)
class CountedFavourites:
    """A user's favourites as counted by a training run, and by the run before it.

    A run may die after this was written and before its counts are published. Readers use the part
    whose run is included in the current counts (`ModelManifest.includes`).
    """

    keys: Keys
    run: str
    keys_before: Keys = frozenset()
    run_before: str = ""


@dataclass(frozen=True, slots=True)
class DirtyUser:
    """A mark that a user's favourites differ from those that are counted.

    Each change has a new `token`: a mark that changed meanwhile is kept.
    """

    user_id: str
    token: str
