"""Reasons: why a title is recommended, in a sentence that is true of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matinee.media import GENRES, TitleKey
from recommender.domain.genres import canonical_genres
from recommender.domain.profile import Profile, WeightedEntry
from recommender.domain.quality import quality
from recommender.domain.scoring import ScoredTitle
from recommender.domain.soft_preferences import SoftPreference
from recommender.domain.taste import TasteList
from recommender.domain.title_vector import TitleVector, dot
from recommender.domain.titles import TitleFacts, Traits
from recommender.domain.tuning import Tuning

HIGH_RATING = 7.5
HIGH_POPULARITY = 40.0
_MIN_SIMILARITY = 0.05
"""A lower similarity is chance: no reason."""


@dataclass(frozen=True, slots=True)
class Reason:
    """The entry of a list that recommends a title most, if one does, and a sentence otherwise."""

    entry: WeightedEntry | None
    otherwise: str


def find_reason(
    title: ScoredTitle,
    profile: Profile,
    preferences: Sequence[SoftPreference],
    rows: Sequence[Mapping[int, float]],
    tuning: Tuning,
) -> Reason:
    """Return why a title was chosen.

    `rows` are the neighbours of the profile's entries; none, when the title is not the model's.
    """
    return Reason(
        _strongest_entry(title, profile, rows, tuning),
        _met_preference(title.vector.traits, preferences) or _own_merit(title.vector, profile),
    )


def format_reason(
    reason: Reason, facts: Mapping[TitleKey, TitleFacts], platform: str | None = None
) -> tuple[str, TitleKey | None]:
    """Return a reason's sentence, and the key of the entry that it names.

    `platform` is one of the user's own on which they can stream the title: a reason, too.
    """
    sentence, key = _sentence(reason, facts)
    return f"{sentence}; you can stream it on {platform}" if platform else sentence, key


def _sentence(reason: Reason, facts: Mapping[TitleKey, TitleFacts]) -> tuple[str, TitleKey | None]:
    entry = reason.entry
    if entry is not None and (name := _name(entry, facts)):
        if entry.source is TasteList.WATCHLIST:
            return f"Because {name} is on your watchlist", entry.entry.key
        if entry.source is TasteList.SWIPES:
            return f"Because you said yes to {name}", entry.entry.key
        return f"Because you liked {name}", entry.entry.key
    return reason.otherwise, None


def _strongest_entry(
    title: ScoredTitle, profile: Profile, rows: Sequence[Mapping[int, float]], tuning: Tuning
) -> WeightedEntry | None:
    entries, number = profile.entries, title.number
    strengths = [row.get(number, 0.0) for row in rows]
    if not any(strengths):
        strengths = [_similarity(entry.vector, title.vector, tuning) for entry in entries]
    points = [entry.weight * one for entry, one in zip(entries, strengths, strict=True)]
    strongest = max(points, default=0.0)
    return entries[points.index(strongest)] if strongest > 0 else None


def _similarity(entry: TitleVector, title: TitleVector, tuning: Tuning) -> float:
    keywords = dot(entry.keywords, title.keywords)
    people = dot(entry.people, title.people)
    weighted = tuning.keywords * keywords + tuning.people * people
    return weighted if keywords + people > _MIN_SIMILARITY else 0.0


def _name(entry: WeightedEntry, facts: Mapping[TitleKey, TitleFacts]) -> str | None:
    if entry.entry.title:
        return entry.entry.title
    known = facts.get(entry.entry.key)
    return known.title if known else None


def _met_preference(traits: Traits, preferences: Sequence[SoftPreference]) -> str | None:
    sentences = (preference.reason(traits) for preference in preferences)
    return next((sentence for sentence in sentences if sentence), None)


def _own_merit(vector: TitleVector, profile: Profile) -> str:
    traits = vector.traits
    preferred = [
        (max(profile.genres.get(one, 0.0) for one in canonical_genres((genre,))), genre)
        for genre in traits.genres
        if genre in GENRES
    ]
    if preferred and max(preferred)[0] > 0:
        genre = max(preferred)[1]
        canonical = canonical_genres((genre,))
        liked = (entry for entry in profile.entries if entry.share > 0)
        is_liked = any(canonical & entry.vector.genres.keys() for entry in liked)
        return f"{GENRES[genre]}, a genre that you like{'' if is_liked else ' to see'}"
    name = next((GENRES[one] for one in sorted(traits.genres) if one in GENRES), None)
    if quality(traits) >= HIGH_RATING:
        return f"Among the best rated{f' of {name}' if name else ''}"
    if traits.popularity >= HIGH_POPULARITY:
        return "Popular with many people now"
    return f"A choice of {name}" if name else "A title to discover"
