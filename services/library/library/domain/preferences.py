"""A user's preferences: their answers to the questionnaire, by the names of the REST interface.

Only the answers that the user gave are stored; unanswered questions are shown with a default.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from library.domain.errors import PreferencesTooLong, RangeReversed

type Answers = Mapping[str, Any]
"""The name of a question to its answer, a JSON value."""

MIN_YEAR = 1870
MAX_YEAR = 2100
MIN_RATING = 0
MAX_RATING = 10

_RANGES = (("minRating", "maxRating"), ("releaseYearStart", "releaseYearEnd"))

MAX_BYTES = 64 * 1024
"""Of all answers as JSON. An event may have 256 KB and an item 400 KB, whatever they contain."""

PEOPLE = "favoritePeople"
"""A question with two parts; a change of one part keeps the other."""

UNPUBLISHED = frozenset({"favoriteContent", "questionnaireCompleted"})
"""Events leave these out: free text is personal, and completion is no preference."""

DEFAULTS: Answers = {
    "favoriteGenres": [],
    "keywords": [],
    "minRating": MIN_RATING,
    "maxRating": MAX_RATING,
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
"""Of every question but `releaseYearEnd`, whose default is the current year."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """A user's answers. `version` grows by one with each change, a reset included; 0: no change."""

    answers: Answers = field(default_factory=dict)
    version: int = 0
    updated_at: datetime | None = None

    def changed_by(self, changes: Answers, at: datetime) -> Self:
        """Return the preferences with some answers replaced; None deletes an answer.

        Returns itself when nothing is different. Raises RangeReversed, PreferencesTooLong.
        """
        merged = _merged(self.answers, changes)
        if merged.get(PEOPLE):
            merged[PEOPLE] = _merged(self.answers.get(PEOPLE, {}), merged[PEOPLE])
        if merged == self.answers:
            return self
        _require_order(merged)
        if len(json.dumps(merged, ensure_ascii=False).encode()) > MAX_BYTES:
            raise PreferencesTooLong
        return replace(self, answers=merged, version=self.version + 1, updated_at=at)

    def reset(self, at: datetime) -> Self:
        """Return the preferences without any answer; itself when there is none."""
        if not self.answers:
            return self
        return replace(self, answers={}, version=self.version + 1, updated_at=at)

    def with_defaults(self, now: datetime) -> dict[str, Any]:
        """Return an answer to every question, the default where the user gave none."""
        latest = max(now.year, self.answers.get("releaseYearStart", MIN_YEAR))
        people = {**DEFAULTS[PEOPLE], **self.answers.get(PEOPLE, {})}
        return {**DEFAULTS, "releaseYearEnd": latest, **self.answers, PEOPLE: people}

    @property
    def published(self) -> Answers:
        """The answers that other services may know."""
        return {name: answer for name, answer in self.answers.items() if name not in UNPUBLISHED}


def _merged(before: Answers, changes: Answers) -> dict[str, Any]:
    return {name: answer for name, answer in {**before, **changes}.items() if answer is not None}


def _require_order(answers: Answers) -> None:
    for lower, upper in _RANGES:
        if lower in answers and upper in answers and answers[lower] > answers[upper]:
            reason = f"must not be above {upper}"
            raise RangeReversed(f"{lower}: {reason}", fields={lower: reason})
