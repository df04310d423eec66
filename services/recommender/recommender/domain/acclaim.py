"""Acclaim: how well a title fits an answer about how good, known, old or new it should be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from recommender.domain.quality import quality
from recommender.domain.titles import Traits
from recommender.domain.tuning import Tuning

type Fit = Callable[[Traits], float]
"""Returns -1 to 1."""


@dataclass(frozen=True, slots=True)
class Acclaim:
    """The rules, by a tuning; `year` is the present one."""

    tuning: Tuning
    year: int

    def acclaim_answers(self) -> Mapping[str, Fit]:
        """Return the rule of each answer about acclaim."""
        return {
            "awardwinning": self.acclaimed,
            "criticallyacclaimed": self.acclaimed,
            "underrated": self.hidden,
            "hiddengems": self.hidden,
            "blockbuster": self.trending,
            "cultclassic": self.cult,
        }

    def discovery_answers(self) -> Mapping[str, Fit]:
        """Return the rule of each answer about what should be discovered."""
        return {
            "trending": self.trending,
            "hiddengems": self.hidden,
            "awardwinning": self.acclaimed,
            "classics": self.classic,
            "newreleases": self.new,
        }

    def years(self, answer: str) -> range:
        """Return the years in which titles that fit an answer are found; none for most answers."""
        first, last = self.tuning.classic_years
        if answer == "classics":
            return range(first, last + 1)
        if answer == "newreleases":
            return range(self.year + 1, self.year - 4, -1)
        return range(0)

    def acclaimed(self, title: Traits) -> float:
        """Return the fit by weighted rating."""
        return _ramp(quality(title), self.tuning.acclaim_from, self.tuning.acclaim_full)

    def hidden(self, title: Traits) -> float:
        """Return the fit of a hidden gem: acclaimed by few."""
        tuning = self.tuning
        is_hidden = (
            title.popularity < tuning.hidden_popularity and title.vote_count < tuning.hidden_votes
        )
        return self.acclaimed(title) if is_hidden else tuning.missed_acclaim

    def cult(self, title: Traits) -> float:
        """Return the fit of a cult classic: acclaimed, and neither unknown nor very popular."""
        low, high = self.tuning.cult_popularity
        is_cult = low <= title.popularity <= high
        return self.acclaimed(title) if is_cult else self.tuning.missed_acclaim

    def trending(self, title: Traits) -> float:
        """Return the fit by popularity."""
        return _ramp(title.popularity, 0, self.tuning.trending_popularity)

    def classic(self, title: Traits) -> float:
        """Return the fit of a classic: acclaimed and old."""
        _, last = self.tuning.classic_years
        return self.acclaimed(title) if title.year and title.year <= last else 0.0

    def new(self, title: Traits) -> float:
        """Return the fit of a new release."""
        oldest, newest = self.tuning.new_release_ages
        return _ramp(title.year or 0, self.year - oldest, self.year - newest)

    def foreign(self, answer: str) -> Fit | None:
        """Return the rule of an answer about foreign titles."""
        rules: Mapping[str, Fit] = {
            "veryopen": lambda _: 1.0,
            "someopen": lambda title: self.tuning.some_foreign * self.acclaimed(title),
            "dubbedonly": lambda title: (
                0.0 if title.vote_count >= self.tuning.dubbed_votes else -1.0
            ),
            "englishpreferred": lambda _: -1.0,
        }
        return rules.get(answer)


def _ramp(value: float, low: float, high: float) -> float:
    """Return 0 up to `low`, 1 from `high`, and a straight line between them."""
    return min(1.0, max(0.0, (value - low) / (high - low)))
