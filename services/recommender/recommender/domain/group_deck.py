"""A group's deck: titles that nobody of a group objects to, the most promising first.

Limits are what any of them does not want: deal-breakers, disliked genres, maturity, a minimum
rating. They are never relaxed, nor is what any of them has dismissed. First come titles on the
watchlists of several, then those that fit everybody (least misery: a title is worth what it is
worth to the one whom it suits least), then popular ones. A reason never says who, nor how many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from itertools import islice
from operator import or_

from matinee.certification import is_at_most
from matinee.filters import Filters
from matinee.media import MediaType, TitleKey
from recommender.domain.bitmap import BitmapView
from recommender.domain.candidates import (
    CandidateFilter,
    bitmap_of_keys,
    collaborative_scores,
)
from recommender.domain.hard_filters import HardFilter, hard_filters
from recommender.domain.model import Model
from recommender.domain.profile import Profile, build_profile
from recommender.domain.scoring import Scorer
from recommender.domain.taste import Taste
from recommender.domain.title_vector import Facet
from recommender.domain.titles import TitleFacts, Traits
from recommender.domain.tuning import TUNED, Tuning

MAX_USERS = 50
MAX_DECK = 50
POOL = 100
"""Titles that are scored for everybody: ten people and 10,000 titles take below 60 ms."""

MAX_INSPECTED = 400
"""Titles of one source that are looked at: bounds the cost of odd limits."""

MIN_FIT_POINTS = 12.0
"""Of the 70 for genres and personalization, for whom it suits least: less is only popular."""

MIN_VOTES = 50
MIN_YEAR, MAX_YEAR = 1870, 2100
LANGUAGES = ("en", "es", "fr", "it", "de", "pt")
"""Original languages without a filter of languages, as in every room."""


class DeckReason(StrEnum):
    """Why a title is in a group's deck."""

    SEVERAL_LISTS = "SEVERAL_LISTS"
    """It is on the watchlists of several of them."""
    FITS_EVERYBODY = "FITS_EVERYBODY"
    """It fits the taste of each of them."""
    POPULAR = "POPULAR"
    """Nobody of them objects, and it is popular."""


class HideSeen(StrEnum):
    """Whose favourites and seen titles are not dealt."""

    ANYBODY = "ANYBODY"
    EVERYBODY = "EVERYBODY"
    NOBODY = "NOBODY"


@dataclass(frozen=True, slots=True)
class DeckRequest:
    """What a room wants: titles of some media types with one of some genres, within filters.

    Genres are those of any of the media types.
    """

    media_types: frozenset[MediaType]
    genre_ids: tuple[int, ...]
    filters: Filters
    limit: int
    exclude: frozenset[int] = frozenset()
    hide_seen: HideSeen = HideSeen.ANYBODY

    def admits(self, traits: Traits) -> bool:
        """Return whether a title is what the room wants, as far as this service knows."""
        filters, minutes = self.filters, traits.runtime
        return (
            traits.key.media_type in self.media_types
            and traits.key.id not in self.exclude
            and traits.vote_count >= MIN_VOTES
            and (not self.genre_ids or bool(traits.genres.intersection(self.genre_ids)))
            and (bool(filters.languages) or traits.language in LANGUAGES)
            and filters.admit(
                traits.genres, traits.year, traits.vote_average, traits.language or ""
            )
            and (filters.min_runtime is None or (minutes or 0) >= filters.min_runtime)
            and (filters.max_runtime is None or 0 < (minutes or 0) <= filters.max_runtime)
        )

    @property
    def is_local(self) -> bool:
        """Whether it has limits that depend on a country."""
        return bool(self.filters.certification or self.filters.provider_ids)

    def admits_locally(self, facts: TitleFacts) -> bool:
        """Return whether a title is within the limits of countries; an unknown one is not."""
        filters, local = self.filters, facts.local
        if filters.certification and filters.certification_country:
            country = filters.certification_country
            if not is_at_most(country, local.certification(country), filters.certification):
                return False
        streaming = local.providers(filters.provider_country or "")
        return not filters.provider_ids or not set(streaming).isdisjoint(filters.provider_ids)


@dataclass(frozen=True, slots=True)
class DeckTitle:
    """A title of a deck, and why it is there."""

    key: TitleKey
    reason: DeckReason


@dataclass(frozen=True, slots=True)
class GroupLimits:
    """What anybody of a group does not want, and what the group has seen or dismissed."""

    request: DeckRequest
    objections: tuple[HardFilter, ...]
    excluded: frozenset[TitleKey]

    @classmethod
    def of(cls, request: DeckRequest, tastes: Sequence[Taste]) -> GroupLimits:
        """Return the limits of a group."""
        objections = tuple(one for taste in tastes for one in _objections(taste))
        dismissed = (entry.key for taste in tastes for entry in taste.dismissed)
        return cls(request, objections, _seen(request.hide_seen, tastes).union(dismissed))

    def accept(self, traits: Traits) -> bool:
        """Return whether the room wants a title and nobody objects to it."""
        return (
            traits.key not in self.excluded
            and self.request.admits(traits)
            and all(objection.accepts(traits) for objection in self.objections)
        )


def shared_watchlist(tastes: Sequence[Taste], media_types: Collection[MediaType]) -> list[TitleKey]:
    """Return the titles on the watchlists of several, those of most first."""
    wanted = Counter(key for taste in tastes for key in {entry.key for entry in taste.watchlist})
    shared = [key for key, n in wanted.items() if n > 1 and key.media_type in media_types]
    return sorted(shared, key=lambda key: (-wanted[key], key))


def group_deck(
    limits: GroupLimits,
    tastes: Sequence[Taste],
    shared: Iterable[TitleFacts],
    *,
    model: Model,
    size: int,
    tuning: Tuning = TUNED,
) -> list[DeckTitle]:
    """Return at most `size` titles; `shared` are those of several watchlists, in their order."""
    listed = [facts.key for facts in shared if limits.accept(facts.traits())][:size]
    search = _Search(limits, model, _bitmap(limits, model) & ~bitmap_of_keys(model, listed))
    profiles = _profiles(tastes, model, tuning)
    scores = [collaborative_scores(profile, model) for profile in profiles]
    pool = search.pool([each.ranked for each in scores])
    scorers = [
        Scorer(profile, (), each.scores, each.max_score(search.members), tuning)
        for profile, each in zip(profiles, scores, strict=True)
    ]
    fits: dict[int, float] = {}
    for number in pool if scorers else ():
        vector = model.vector(number)
        scored = [scorer.score(number, vector).parts for scorer in scorers]
        if min(parts.genre + parts.personalization for parts in scored) >= MIN_FIT_POINTS:
            fits[number] = min(parts.score for parts in scored)
    fitting = sorted(fits, key=lambda number: (-fits[number], number))
    popular = (number for number in search.popular(2 * size) if number not in fits)
    return [
        *(DeckTitle(key, DeckReason.SEVERAL_LISTS) for key in listed),
        *(DeckTitle(model.key(number), DeckReason.FITS_EVERYBODY) for number in fitting),
        *(DeckTitle(model.key(number), DeckReason.POPULAR) for number in popular),
    ][:size]


def own_scores(
    taste: Taste, keys: Iterable[TitleKey], model: Model, tuning: Tuning = TUNED
) -> dict[TitleKey, float]:
    """Return how well titles suit one user, 0 to 100: 0 for what breaks their deal.

    Without titles that the model does not know, and nothing for a user of whom nothing is known.
    """
    numbers = {key: number for key in keys if (number := model.number(key)) is not None}
    objections = _objections(taste)
    profiles = _profiles([taste], model, tuning)
    if not profiles and not objections:
        return {}
    vectors = {key: model.vector(number) for key, number in numbers.items()}
    found = {
        key: 0.0
        for key, vector in vectors.items()
        if not all(objection.accepts(vector.traits) for objection in objections)
    }
    for profile in profiles:
        collaborative = collaborative_scores(profile, model)
        members = BitmapView(bitmap_of_keys(model, numbers))
        scorer = Scorer(profile, (), collaborative.scores, collaborative.max_score(members), tuning)
        for key, number in numbers.items():
            found.setdefault(key, scorer.score(number, vectors[key]).parts.score)
    return found


class _Search:
    """The titles of a model within a group's limits, each judged once."""

    def __init__(self, limits: GroupLimits, model: Model, bitmap: int) -> None:
        self.members = BitmapView(bitmap)
        self._limits = limits
        self._model = model
        self._judged: dict[int, bool] = {}

    def pool(self, rankings: Sequence[Iterable[int]]) -> Iterable[int]:
        """Return the titles to score: the first of each ranking, then popular ones."""
        share = POOL // (len(rankings) + 1)
        found: dict[int, None] = {}
        for ranked in rankings:
            members = (number for number in ranked if number in self.members)
            found |= dict.fromkeys(islice(self._accepted(members), share))
        return found | dict.fromkeys(self.popular(POOL - len(found)))

    def popular(self, number: int) -> Iterator[int]:
        """Return the most popular titles."""
        return islice(self._accepted(self.members), number)

    def _accepted(self, numbers: Iterable[int]) -> Iterator[int]:
        for number in islice(numbers, MAX_INSPECTED):
            if number not in self._judged:
                traits = self._model.vector(number).traits
                self._judged[number] = self._limits.accept(traits)
            if self._judged[number]:
                yield number


def _bitmap(limits: GroupLimits, model: Model) -> int:
    """Return, at little cost, at least the titles that are within the limits."""
    request, filters = limits.request, limits.request.filters
    bitmap = CandidateFilter.create(model, request.media_types, 0, limits.objections).bitmap
    wanted: list[tuple[Facet, Iterable[int | str]]] = [
        (Facet.GENRE, request.genre_ids),
        (Facet.LANGUAGE, filters.languages or LANGUAGES),
    ]
    if filters.year_from or filters.year_to:
        years = range(filters.year_from or MIN_YEAR, (filters.year_to or MAX_YEAR) + 1)
        wanted.append((Facet.YEAR, years))
    for facet, values in wanted:
        if found := [model.titles_with(facet, value) for value in values]:
            bitmap &= reduce(or_, found)
    for genre in filters.excluded_genre_ids:
        bitmap &= ~model.titles_with(Facet.GENRE, genre)
    return bitmap


def _profiles(tastes: Sequence[Taste], model: Model, tuning: Tuning) -> list[Profile]:
    """Return the profiles of those of whom something is known: the others fit with everything."""
    profiles = (build_profile(taste, model, tuning) for taste in tastes)
    return [profile for profile in profiles if profile.entries or profile.genres]


def _objections(taste: Taste) -> tuple[HardFilter, ...]:
    """Return a user's own limits but for the years and the highest rating: those are wishes."""
    stated = replace(
        taste.preferences, max_rating=None, release_year_start=None, release_year_end=None
    )
    return hard_filters(stated)


def _seen(hide: HideSeen, tastes: Sequence[Taste]) -> frozenset[TitleKey]:
    seen = [frozenset(entry.key for entry in (*taste.favourites, *taste.seen)) for taste in tastes]
    if hide is HideSeen.NOBODY or not seen:
        return frozenset()
    if hide is HideSeen.ANYBODY:
        return frozenset().union(*seen)
    return frozenset.intersection(*seen)
