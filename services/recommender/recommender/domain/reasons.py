"""Reasons: why a title stands in a list, in words that are true of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recommender.domain.genres import name_of, strands
from recommender.domain.model import Model
from recommender.domain.profile import Profile, WeightedEntry
from recommender.domain.quality import believed_rating
from recommender.domain.scoring import ScoredTitle
from recommender.domain.title_vector import TitleVector, dot
from recommender.domain.titles import TitleFacts, TitleKey, Traits
from recommender.domain.tuning import Tuning
from recommender.domain.wish import SoftPreference

HIGH_RATING = 7.5
MANY_SEE_IT = 40.0
_LITTLE = 0.05
"""A likeness below this is chance: no reason."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason's ground: the seed that spoke loudest, if one did, and what is true otherwise."""

    seed: WeightedEntry | None
    otherwise: str


def find_reason(
    one: ScoredTitle,
    profile: Profile,
    wishes: Sequence[SoftPreference],
    model: Model,
    tuning: Tuning,
    *,
    known: bool = True,
) -> Reason:
    """Return why a title was chosen.

    `known` False: the title's number is not the model's, so that no favourite speaks for it.
    """
    return Reason(
        _loudest(one, profile, model, tuning, known=known),
        _wished(one.vector.traits, wishes) or _of_itself(one.vector, profile),
    )


def format_reason(
    reason: Reason, facts: Mapping[TitleKey, TitleFacts]
) -> tuple[str, TitleKey | None]:
    """Return a reason's text, and the favourite that it names."""
    seed = reason.seed
    if seed is not None and (name := _name(seed, facts)):
        if seed.is_favourite:
            return f"Because you liked {name}", seed.liked.key
        return f"Because {name} is on your watchlist", seed.liked.key
    return reason.otherwise, None


def _loudest(
    one: ScoredTitle, profile: Profile, model: Model, tuning: Tuning, *, known: bool
) -> WeightedEntry | None:
    spoken = [_strength(seed, one.number, model) if known else 0.0 for seed in profile.seeds]
    if any(spoken):
        best = max(range(len(spoken)), key=lambda n: (spoken[n], -n))
        return profile.seeds[best]
    alike = [seed.weight * _content(seed.vector, one.vector, tuning) for seed in profile.seeds]
    if not alike or max(alike) <= 0:
        return None
    best = max(range(len(alike)), key=lambda n: (alike[n], -n))
    return profile.seeds[best]


def _strength(seed: WeightedEntry, number: int, model: Model) -> float:
    if seed.number is None:
        return 0.0
    numbers, weights = model.neighbours(seed.number)
    place = bisect_left(numbers, number)
    found = place < len(numbers) and numbers[place] == number
    return seed.weight * weights[place] if found else 0.0


def _content(seed: TitleVector, title: TitleVector, tuning: Tuning) -> float:
    words = dot(seed.keywords, title.keywords)
    people = dot(seed.people, title.people)
    shared = tuning.keywords * words + tuning.people * people
    return shared if words + people > _LITTLE else 0.0


def _name(seed: WeightedEntry, facts: Mapping[TitleKey, TitleFacts]) -> str | None:
    if seed.liked.title:
        return seed.liked.title
    known = facts.get(seed.liked.key)
    return known.title if known else None


def _wished(traits: Traits, wishes: Sequence[SoftPreference]) -> str | None:
    said = (wish.says(traits) for wish in wishes)
    return next((text for text in said if text), None)


def _of_itself(vector: TitleVector, profile: Profile) -> str:
    traits = vector.traits
    wanted = [
        (max(profile.strands.get(strand, 0.0) for strand in strands((genre,))), genre)
        for genre in traits.genres
        if name_of(genre)
    ]
    if wanted and max(wanted)[0] > 0:
        genre = max(wanted)[1]
        liked = any(strands((genre,)) & seed.vector.strands.keys() for seed in profile.seeds)
        return f"{name_of(genre)}, a genre that you like{'' if liked else ' to see'}"
    name = next((name for one in sorted(traits.genres) if (name := name_of(one))), None)
    if believed_rating(traits) >= HIGH_RATING:
        return f"Among the best rated{f' of {name}' if name else ''}"
    if traits.popularity >= MANY_SEE_IT:
        return "Popular with many people now"
    return f"A choice of {name}" if name else "A title to discover"
