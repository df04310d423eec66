"""What a user has said of his taste: his answers, by the names that the REST interface has.

Only what he has said is stored. What is shown, and what he has not said, is a default.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from library.domain.errors import PreferencesTooLong, RangeReversed

type Answers = Mapping[str, Any]
"""The name of a question to its answer, a JSON value."""

EARLIEST_YEAR = 1870
LATEST_YEAR = 2100
LOWEST_RATING = 0
HIGHEST_RATING = 10

_RANGES = (("minRating", "maxRating"), ("releaseYearStart", "releaseYearEnd"))

LONGEST = 64 * 1024
"""Bytes of all answers as JSON. An event takes 256 KB, an item 400 KB, whatever is in them."""

PEOPLE = "favoritePeople"
"""The question that has two answers, each of which stays when the other one alone is given."""

NOT_TASTE = frozenset({"favoriteContent", "questionnaireCompleted"})
"""Returns that steer no taste, or are a user's own words: they are told to nobody."""

DEFAULTS: Answers = {
    "favoriteGenres": [],
    "keywords": [],
    "minRating": LOWEST_RATING,
    "maxRating": HIGHEST_RATING,
    "releaseYearStart": 1900,
    "subgenrePreferences": [],
    "moodPreferences": [],
    "eraPreferences": [],
    "languagePreferences": [],
    "criticalAcclaimPreferences": [],
    "aestheticPreferences": [],
    "storyStructurePreferences": [],
    "characterPreferences": [],
    "dislikedGenres": [],
    "contentType": "both",
    "favoriteContent": "",
    "watchingContext": [],
    "streamingPlatforms": [],
    "watchingTime": [],
    "runtimePreference": "any",
    "maturityPreference": [],
    "favoritePeople": {"actors": [], "directors": []},
    "contentDiscoveryPreference": [],
    "viewingBehaviorPreference": [],
    "dealBreakers": [],
    "internationalContentPreference": "noPreference",
    "genreRatings": {},
    "questionnaireCompleted": False,
}
"""All but `releaseYearEnd`, which is the present year."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """A user's answers. `version` grows by one with each change, a reset too; 0: none ever."""

    answers: Answers = field(default_factory=dict)
    version: int = 0
    updated_at: datetime | None = None

    def changed_by(self, changes: Answers, at: datetime) -> Self:
        """Return these preferences with some answers given anew; None takes an answer back.

        Answers itself when nothing is different. Raises RangeReversed, PreferencesTooLong.
        """
        merged = _merged(self.answers, changes)
        if merged.get(PEOPLE):
            merged[PEOPLE] = _merged(self.answers.get(PEOPLE, {}), merged[PEOPLE])
        if merged == self.answers:
            return self
        _require_order(merged)
        if len(json.dumps(merged, ensure_ascii=False).encode()) > LONGEST:
            raise PreferencesTooLong
        return replace(self, answers=merged, version=self.version + 1, updated_at=at)

    def reset(self, at: datetime) -> Self:
        """Return these preferences without any answer; itself when there is none."""
        if not self.answers:
            return self
        return replace(self, answers={}, version=self.version + 1, updated_at=at)

    def shown(self, now: datetime) -> dict[str, Any]:
        """Return every question's answer, by default where none was given."""
        latest = max(now.year, self.answers.get("releaseYearStart", EARLIEST_YEAR))
        people = {**DEFAULTS[PEOPLE], **self.answers.get(PEOPLE, {})}
        return {**DEFAULTS, "releaseYearEnd": latest, **self.answers, PEOPLE: people}

    @property
    def taste(self) -> Answers:
        """What may be told of them to other services."""
        return {name: answer for name, answer in self.answers.items() if name not in NOT_TASTE}


def _merged(before: Answers, changes: Answers) -> dict[str, Any]:
    return {name: said for name, said in {**before, **changes}.items() if said is not None}


def _require_order(answers: Answers) -> None:
    for lower, upper in _RANGES:
        if lower in answers and upper in answers and answers[lower] > answers[upper]:
            reason = f"must not be above {upper}"
            raise RangeReversed(f"{lower}: {reason}", fields={lower: reason})
