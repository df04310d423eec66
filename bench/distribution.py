"""Means and percentiles of what was measured."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` percent of all do not exceed (nearest rank).

    Raises ValueError when there are no values.
    """
    if not values:
        message = "there is no percentile of nothing"
        raise ValueError(message)
    rank = max(1, math.ceil(len(values) * share / 100))
    return sorted(values)[rank - 1]


@dataclass(frozen=True, slots=True)
class Distribution:
    """Values in four figures, in the values' own unit."""

    mean: float
    p50: float
    p95: float
    max: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Sum up; raises ValueError when there are no values."""
        return cls(
            mean=math.fsum(values) / len(values) if values else math.nan,
            p50=percentile(values, 50),
            p95=percentile(values, 95),
            max=max(values),
        )

    def cells(self, digits: int = 0) -> list[str]:
        """Return p50, p95 and max as a table's cells."""
        return [f"{value:,.{digits}f}" for value in (self.p50, self.p95, self.max)]
