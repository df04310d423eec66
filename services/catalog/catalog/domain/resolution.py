"""Resolution: which of TMDB's titles another site's row means.

An id decides. A name is compared without case, accents and punctuation; the years of two sites may
differ by one. Nothing is guessed: what fits several titles alike is ambiguous.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from catalog.domain.titles import Title
from matinee.media import MediaType, TitleKey

MAX_SUGGESTIONS = 3
"""Titles that a person may choose from when a row cannot be resolved."""

MAX_YEARS_APART = 1
"""Sites differ by a year: a festival's première is earlier than the release."""

MIN_SIMILARITY = 0.6
"""Of a name to the only title that TMDB finds for it: TMDB knows alternative titles."""

DOMINANCE = 20
"""A title with so many times the votes of all others of its name and year is the one meant."""


class Outcome(StrEnum):
    """What became of a reference. `unavailable`: TMDB cannot be asked now."""

    FOUND = "found"
    NOT_FOUND = "notFound"
    AMBIGUOUS = "ambiguous"
    NO_TITLE = "noTitle"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class TitleRef:
    """A title as another site names it: by TMDB's key, IMDb's id, or a name.

    `media_type` None: a film or a series, films first. `year` is that of the release, if known.
    """

    key: TitleKey | None = None
    imdb_id: str | None = None
    name: str | None = None
    year: int | None = None
    media_type: MediaType | None = None

    @property
    def media_types(self) -> Sequence[MediaType]:
        """The media types in the order in which they are searched."""
        return (self.media_type,) if self.media_type else tuple(MediaType)


@dataclass(frozen=True, slots=True)
class Match:
    """A title that TMDB finds, with its original name."""

    title: Title
    original_name: str | None = None

    @property
    def year(self) -> int | None:
        """The year of its release, if known."""
        day = self.title.release_date
        return int(day[:4]) if day else None


@dataclass(frozen=True, slots=True)
class Matches:
    """What TMDB finds. `is_other`: the id is that of an episode, a season or a person."""

    found: tuple[Match, ...] = ()
    is_other: bool = False


@dataclass(frozen=True, slots=True)
class Resolution:
    """The outcome for a reference: its title, or up to MAX_SUGGESTIONS that it may mean."""

    outcome: Outcome
    title: Title | None = None
    suggestions: tuple[Title, ...] = ()


def choose_match(ref: TitleRef, found: Iterable[Match]) -> Resolution:
    """Return which title of a search a reference's name and year mean."""
    matches = [match for match in found if not match.title.adult]
    named = [match for match in matches if _names_match(ref, match)]
    for apart in range(MAX_YEARS_APART + 1):
        same = [match for match in named if _years_apart(ref, match) <= apart]
        if same:
            return _the_one(same)
    near = [match for match in matches if _years_apart(ref, match) <= MAX_YEARS_APART]
    if ref.year and len(near) == 1 and _similarity(ref, near[0]) >= MIN_SIMILARITY:
        return Resolution(Outcome.FOUND, near[0].title)
    return Resolution(Outcome.NOT_FOUND, suggestions=_suggestions([*named, *near, *matches]))


def normalize_name(name: str) -> str:
    """Return a name as it is compared: without case, accents, punctuation and doubled spaces."""
    text = unicodedata.normalize("NFKD", name.replace("&", " and ")).casefold()
    kept = (
        letter if letter.isalnum() else " " for letter in text if not unicodedata.combining(letter)
    )
    return " ".join("".join(kept).split()) or name.strip().casefold()


def _the_one(matches: Sequence[Match]) -> Resolution:
    ranked = sorted(matches, key=lambda match: -match.title.vote_count)
    others = sum(match.title.vote_count for match in ranked[1:])
    if len(ranked) == 1 or ranked[0].title.vote_count >= DOMINANCE * max(1, others):
        return Resolution(Outcome.FOUND, ranked[0].title)
    return Resolution(Outcome.AMBIGUOUS, suggestions=_suggestions(ranked))


def _suggestions(matches: Iterable[Match]) -> tuple[Title, ...]:
    titles = {match.title.key: match.title for match in matches}
    return tuple(titles.values())[:MAX_SUGGESTIONS]


def _names_match(ref: TitleRef, match: Match) -> bool:
    return normalize_name(ref.name or "") in _names(match)


def _similarity(ref: TitleRef, match: Match) -> float:
    wanted = normalize_name(ref.name or "")
    return max(SequenceMatcher(None, wanted, name).ratio() for name in _names(match))


def _names(match: Match) -> set[str]:
    given = {match.title.title, match.original_name or match.title.title}
    return {normalize_name(name) for name in given}


def _years_apart(ref: TitleRef, match: Match) -> int:
    """Return by how many years they differ; 0 for a reference without a year."""
    if ref.year is None:
        return 0
    return MAX_YEARS_APART + 1 if match.year is None else abs(ref.year - match.year)
