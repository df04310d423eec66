"""A user's preferences: their answers to the questionnaire, by the names of the REST interface.

Only the answers that the user gave are stored; unanswered questions are shown with a default.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from library.domain.errors import PreferencesTooLong
from matinee.questionnaire import MAX_RATING, MIN_RATING, MIN_YEAR, require_order

type Answers = Mapping[str, Any]
"""The name of a question to its answer, a JSON value."""

MAX_BYTES = 64 * 1024
"""Of all answers as JSON. An event may have 256 KB and an item 400 KB, whatever they contain."""

MAX_EXTRA = 50
"""Flags that a client keeps beside the answers."""

PEOPLE = "favoritePeople"
EXTRA = "extra"
KEEP_MATCHES = "keepMatches"
_IN_PARTS = (PEOPLE, EXTRA)
"""Questions with several parts; a change of one part keeps the others."""

UNPUBLISHED = frozenset({"favoriteContent", "questionnaireCompleted", KEEP_MATCHES, EXTRA})
"""Events leave these out: free text is personal, and the others concern nobody else."""

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
    "region": None,
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
    KEEP_MATCHES: False,
    "learnFromSwipes": True,
    EXTRA: {},
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
        for name in _IN_PARTS:
            if merged.get(name):
                merged[name] = _merged(self.answers.get(name, {}), merged[name])
        if merged == self.answers:
            return self
        require_order(merged)
        size = len(json.dumps(merged, ensure_ascii=False).encode())
        if size > MAX_BYTES or len(merged.get(EXTRA, {})) > MAX_EXTRA:
            raise PreferencesTooLong
        return replace(self, answers=merged, version=self.version + 1, updated_at=at)

    def reset(self, at: datetime) -> Self:
        """Return the preferences without any answer; itself when there is none."""
        if not self.answers:
            return self
        return replace(self, answers={}, version=self.version + 1, updated_at=at)

    def with_defaults(self, now: datetime) -> dict[str, Any]:
        """Return an answer to every question, the default where the user gave none.

        The client's own flags are among them, as it sent them, and together in `extra`.
        """
        latest = max(now.year, self.answers.get("releaseYearStart", MIN_YEAR))
        people = {**DEFAULTS[PEOPLE], **self.answers.get(PEOPLE, {})}
        extra = self.answers.get(EXTRA, {})
        return {**extra, **DEFAULTS, "releaseYearEnd": latest, **self.answers, PEOPLE: people}

    @property
    def published(self) -> Answers:
        """The answers that other services may know."""
        return {name: answer for name, answer in self.answers.items() if name not in UNPUBLISHED}


def _merged(before: Answers, changes: Answers) -> dict[str, Any]:
    return {name: answer for name, answer in {**before, **changes}.items() if answer is not None}
