"""Recommending: the stages in their order, and the layers when something is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial

from recommender.domain.bitmap import BitmapView
from recommender.domain.candidates import (
    CandidateFilter,
    collaborative_scores,
    excluded_titles,
    generate_candidates,
)
from recommender.domain.diversity import rerank
from recommender.domain.fallback_candidates import fallback_candidates, limited_fallback_candidates
from recommender.domain.hard_filters import HardFilter, limits
from recommender.domain.model import Model
from recommender.domain.profile import Profile, build_profile
from recommender.domain.reasons import Reason, find_reason, format_reason
from recommender.domain.recommendation import (
    Recommendation,
    Recommendations,
    ResolvedRequest,
    Source,
)
from recommender.domain.scoring import ScoredTitle, Scorer
from recommender.domain.similar import similar
from recommender.domain.soft_preferences import wishes
from recommender.domain.static_fallback import STATIC_FALLBACK
from recommender.domain.taste import Taste
from recommender.domain.title_index import TitleIndex
from recommender.domain.titles import MediaType, TitleFacts, TitleKey, TitleStore, TitlesUnavailable
from recommender.domain.tuning import TUNED, Tuning
from recommender.domain.wish import SoftPreference

__all__ = ["recommend", "similar"]

BOTH = frozenset(MediaType)
MAX_FACTS = 100
"""As many as one read of a table gives."""

SPARE_PLACES = 6
"""Titles ranked besides those asked for, in case that some have left the catalogue since."""

EXPLORED_FROM = ((12, 2), (4, 1))
"""A list of at least so many places keeps so many for new titles."""

_NEW_LOOKED_AT = 20


def recommend(
    request: ResolvedRequest,
    taste: Taste | None,
    *,
    model: Model | None,
    projection: TitleStore | None,
    catalogue: TitleStore | None,
    now: datetime,
    tuning: Tuning = TUNED,
) -> Recommendations:
    """Return at most `limit` titles for a user, the best first.

    `taste` is what is stored (empty for a new user), None when it cannot be read. A model or a
    store of titles that is missing or does not answer leaves the word to the next layer; this
    never raises for want of one. The same arguments give the same answer.
    """
    question = _Question.of(request, taste, now, tuning)
    learnt = Source.CONTENT if model is None else Source.MODEL
    layer = learnt if taste is not None else Source.REQUEST
    version = model.version if model else None
    if projection is not None and (items := _unless_away(question.answered, model, projection)):
        return Recommendations(items, layer, version)
    if catalogue is not None and (items := _unless_away(question.offered, model, catalogue)):
        return Recommendations(items, Source.CATALOGUE)
    return Recommendations(question.answered_from(STATIC_FALLBACK), Source.STATIC_FALLBACK)


@dataclass(frozen=True, slots=True)
class _Choice:
    """A title that was chosen, why (asked only of those shown), and the limits it does not meet."""

    scored: ScoredTitle
    reason: Callable[[], Reason]
    relaxed: tuple[str, ...] = ()
    new: bool = False

    @property
    def key(self) -> TitleKey:
        return self.scored.vector.traits.key


@dataclass(frozen=True, slots=True)
class _Question:
    """A request and a taste, made ready for any layer."""

    request: ResolvedRequest
    taste: Taste
    media_types: frozenset[MediaType]
    blocked: frozenset[TitleKey]
    wishes: tuple[SoftPreference, ...]
    limits: tuple[HardFilter, ...]
    tuning: Tuning

    @classmethod
    def of(
        cls, request: ResolvedRequest, taste: Taste | None, now: datetime, tuning: Tuning
    ) -> _Question:
        whole = (taste or Taste()).completed(
            request.favourites, request.watchlist, request.preferences
        )
        stated = whole.preferences
        owned = (entry.key for entry in (*whole.favourites, *whole.watchlist))
        return cls(
            request,
            whole,
            request.media_types or _media_types(stated.content_type),
            frozenset((*owned, *request.exclude)),
            wishes(stated, now),
            limits(stated),
            tuning,
        )

    def answered(self, model: Model | None, titles: TitleStore) -> tuple[Recommendation, ...]:
        """Return from a model and a store of titles, or from what the store itself has best."""
        if model is None:
            return self.answered_from(
                fallback_candidates(self.taste, titles, self.media_types, self.tuning)
            )
        profile = build_profile(self.taste, model, self.tuning)
        choices = self._ranked(model, profile)
        keys = [choice.key for choice in choices]
        named = _nameless(choices[: self.request.limit])
        facts = dict(titles.facts(list(dict.fromkeys((*keys, *named)))[:MAX_FACTS]))
        try:
            explored = self._explored(model, profile, titles, set(keys))
            named = [key for key in _nameless(one for one, _ in explored) if key not in facts]
            facts |= titles.facts(named) if named else {}
        except TitlesUnavailable:  # what is new is an index of its own: the list does without
            explored = []
        facts |= {new.key: new for _, new in explored}
        return self._shown(choices, [choice for choice, _ in explored], facts)

    def offered(self, model: Model | None, catalogue: TitleStore) -> tuple[Recommendation, ...]:
        """Return from what the catalogue offers: it tells its best, not what a model asks for."""
        return self.answered_from(
            limited_fallback_candidates(self.taste, catalogue, self.media_types, self.tuning, model)
        )

    def answered_from(self, titles: Iterable[TitleFacts]) -> tuple[Recommendation, ...]:
        """Return from titles that are at hand."""
        facts = {title.key: title for title in titles}
        shelf = TitleIndex(facts.values())
        choices = self._ranked(shelf, build_profile(self.taste, shelf, self.tuning))
        return self._shown(choices, [], facts)

    def _ranked(self, model: Model, profile: Profile) -> list[_Choice]:
        """Return the places of the list and some to spare, limits given up as far as needed."""
        spoken = collaborative_scores(profile, model)
        allowed = CandidateFilter.of(model, self.media_types, self._owned(model), ())
        loudest = spoken.loudest(BitmapView(allowed.bitmap))
        scorer = Scorer(profile, self.wishes, spoken.strength, loudest, self.tuning)
        blocked = excluded_titles(model, self.blocked)
        choices: list[_Choice] = []
        for in_force in _less_and_less(self.limits):
            admission = CandidateFilter.of(model, self.media_types, blocked, in_force)
            pool = generate_candidates(
                admission,
                profile,
                spoken,
                wishes=self.wishes,
                media_types=self.media_types,
                tuning=self.tuning,
            )
            scored = [scorer.score(number, model.vector(number)) for number in pool]
            places = self.request.limit + SPARE_PLACES - len(choices)
            for one in rerank(scored, places, self.tuning.similarity_penalty, self.request.seed):
                reason = partial(find_reason, one, profile, self.wishes, model, self.tuning)
                unmet = (
                    limit.name
                    for limit in self.limits
                    if limit not in in_force and not limit.accepts(one.vector.traits)
                )
                choices.append(_Choice(one, cache(reason), tuple(unmet)))
            if len(choices) >= self.request.limit:
                break
            blocked |= excluded_titles(model, (choice.key for choice in choices))
        return choices

    def _owned(self, model: Model) -> int:
        entries = (*self.taste.favourites, *self.taste.watchlist)
        return excluded_titles(model, (entry.key for entry in entries))

    def _explored(
        self, model: Model, profile: Profile, titles: TitleStore, chosen: set[TitleKey]
    ) -> list[tuple[_Choice, TitleFacts]]:
        """Return the new titles that fit best, for the places that are kept for them."""
        places = next((n for least, n in EXPLORED_FROM if self.request.limit >= least), 0)
        if not places:
            return []
        found = [
            title
            for media in sorted(self.media_types)
            for title in titles.new(media, _NEW_LOOKED_AT)
            if title.key not in self.blocked | chosen and not _has_favourites(model, title.key)
        ]
        shelf = TitleIndex(found, model)
        admission = CandidateFilter.of(shelf, self.media_types, 0, self.limits)
        scorer = Scorer(profile, self.wishes, {}, 0.0, self.tuning)
        scored = [
            scorer.score(number, shelf.vector(number))
            for number in range(len(shelf))
            if admission.bitmap >> number & 1 and admission.accepts(number)
        ]
        facts = {title.key: title for title in found}
        return [
            (
                _Choice(
                    one,
                    partial(
                        find_reason, one, profile, self.wishes, model, self.tuning, known=False
                    ),
                    new=True,
                ),
                facts[one.vector.traits.key],
            )
            for one in rerank(scored, places, self.tuning.similarity_penalty, self.request.seed)
        ]

    def _shown(
        self,
        choices: Sequence[_Choice],
        explored: Sequence[_Choice],
        facts: Mapping[TitleKey, TitleFacts],
    ) -> tuple[Recommendation, ...]:
        """Return the items: those that meet all limits, the new ones, then the others."""
        known = [choice for choice in choices if choice.key in facts]
        kept = known[: max(0, self.request.limit - len(explored))]
        strict = [choice for choice in kept if not choice.relaxed]
        rest = [choice for choice in kept if choice.relaxed]
        return tuple(_item(choice, facts) for choice in (*strict, *explored, *rest))


def _unless_away(
    answered: Callable[[Model | None, TitleStore], tuple[Recommendation, ...]],
    model: Model | None,
    titles: TitleStore,
) -> tuple[Recommendation, ...]:
    """Return what a store leads to, nothing when it does not answer."""
    try:
        return answered(model, titles)
    except TitlesUnavailable:
        return ()


def _nameless(choices: Iterable[_Choice]) -> list[TitleKey]:
    """Return the favourites that reasons name, and whose names are still to be read."""
    seeds = (choice.reason().seed for choice in choices)
    return [seed.liked.key for seed in seeds if seed is not None and not seed.liked.title]


def _item(choice: _Choice, facts: Mapping[TitleKey, TitleFacts]) -> Recommendation:
    text, because_of = format_reason(choice.reason(), facts)
    return Recommendation(
        facts[choice.key], choice.scored.parts, text, because_of, choice.relaxed, choice.new
    )


def _media_types(content_type: str | None) -> frozenset[MediaType]:
    match content_type:
        case "movie" | "movies":
            return frozenset({MediaType.MOVIE})
        case "tv":
            return frozenset({MediaType.TV})
        case _:
            return BOTH


def _less_and_less(limits: Sequence[HardFilter]) -> Iterable[tuple[HardFilter, ...]]:
    """Go through the limits in force: all of them, then fewer and fewer."""
    yield tuple(limits)
    for given_up in range(len(limits)):
        if not limits[given_up].can_be_relaxed:
            return
        yield tuple(limits[given_up + 1 :])


def _has_favourites(model: Model, key: TitleKey) -> bool:
    number = model.number(key)
    return number is not None and model.vector(number).traits.favourites > 0
