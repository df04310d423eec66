"""What the trainer learns with: recommender.training behind its port. It needs numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from recommender.adapters.model_writer import train
from recommender.domain.titles import TitleFacts
from recommender.domain.training.cooccurrence import Change, CorruptCounts, Counts
from recommender.ports import CorruptObject, Keys


@dataclass(frozen=True, slots=True)
class EaseTrainingData:
    """How often titles are favourites together, as of some moment."""

    counts: Counts = field(default_factory=Counts)

    def changed(self, changes: Sequence[tuple[Keys, Keys]]) -> EaseTrainingData:
        """Return the counts after users' favourites have changed from the first to the second."""
        # In one order, whatever a set's: equal histories have equal counts to the byte.
        told = (Change(sorted(before), sorted(after)) for before, after in changes)
        return EaseTrainingData(self.counts.changed(told))

    def to_bytes(self) -> bytes:
        """Write the counts."""
        return self.counts.to_bytes()


@dataclass(frozen=True, slots=True)
class EaseTrainer:
    """Makes models of what is liked together."""

    def nothing(self) -> EaseTrainingData:
        """Return counts of nobody."""
        return EaseTrainingData()

    def counts(self, content: bytes) -> EaseTrainingData:
        """Read counts; raises BrokenObject for bytes that are none."""
        try:
            return EaseTrainingData(Counts.from_bytes(content))
        except CorruptCounts as error:
            raise CorruptObject(str(error)) from error

    def model(
        self,
        counts: EaseTrainingData,
        titles: Sequence[TitleFacts],
        version: str,
        trained_at: datetime,
    ) -> bytes:
        """Return a model of these titles, as it is stored."""
        return train(counts.counts, titles, version=version, trained_at=trained_at)
