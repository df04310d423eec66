"""The trainer's algorithm behind its port. It needs numpy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from matinee.media import TitleKey
from recommender.adapters.model_writer import train
from recommender.domain.titles import TitleFacts
from recommender.domain.training.cooccurrence import (
    CooccurrenceCounts,
    CorruptCounts,
    FavouritesChange,
)
from recommender.domain.training_state import CorruptObject, Keys


@dataclass(frozen=True, slots=True)
class EaseTrainingData:
    """How often titles are favourites of the same users."""

    counts: CooccurrenceCounts = field(default_factory=CooccurrenceCounts)

    def changed(self, changes: Sequence[tuple[Keys, Keys]]) -> EaseTrainingData:
        """Return the data after users' favourites have changed from the first to the second."""
        # Sorted: the same histories have the same counts, byte for byte.
        ordered = (FavouritesChange(_sorted(before), _sorted(after)) for before, after in changes)
        return EaseTrainingData(self.counts.changed(ordered))

    def to_bytes(self) -> bytes:
        """Serialize the data."""
        return self.counts.to_bytes()


@dataclass(frozen=True, slots=True)
class EaseTrainer:
    """Trains models by EASE."""

    def empty(self) -> EaseTrainingData:
        """Return the data of no users."""
        return EaseTrainingData()

    def parse(self, content: bytes) -> EaseTrainingData:
        """Parse data; raise CorruptObject for other bytes."""
        try:
            return EaseTrainingData(CooccurrenceCounts.from_bytes(content))
        except CorruptCounts as error:
            raise CorruptObject(str(error)) from error

    def train(
        self,
        data: EaseTrainingData,
        titles: Sequence[TitleFacts],
        version: str,
        trained_at: datetime,
    ) -> bytes:
        """Return a model of these titles, serialized."""
        return train(data.counts, titles, version=version, trained_at=trained_at)


def _sorted(keys: Iterable[TitleKey]) -> list[TitleKey]:
    return sorted(keys, key=attrgetter("media_type", "id"))
