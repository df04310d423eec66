"""Recommendations for a user: the stages in their order, and the fallback layers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from heapq import nlargest

from matinee.media import MediaType, TitleKey
from matinee.streaming import Subscriptions
from recommender.domain.bitmap import BitmapView
from recommender.domain.candidates import (
    CandidateFilter,
    bitmap_of_keys,
    collaborative_scores,
    generate_candidates,
)
from recommender.domain.diversity import rerank
from recommender.domain.fallback_candidates import fallback_candidates, limited_fallback_candidates
from recommender.domain.hard_filters import HardFilter, hard_filters
from recommender.domain.model import Model
from recommender.domain.preferences import Preferences
from recommender.domain.profile import Profile, build_profile
from recommender.domain.reasons import Reason, find_reason, format_reason
from recommender.domain.recommendation import Recommendation, Recommendations, Source
from recommender.domain.requests import ALL_MEDIA_TYPES, ResolvedRequest
from recommender.domain.scoring import ScoredTitle, Scorer
from recommender.domain.soft_preferences import SoftPreference, soft_preferences
from recommender.domain.static_fallback import STATIC_FALLBACK
from recommender.domain.taste import Taste
from recommender.domain.title_index import TitleIndex
from recommender.domain.titles import TitleFacts, TitleStore, TitlesUnavailable
from recommender.domain.tuning import TUNED, Tuning

MAX_FACTS = 100
"""Keys of one read of the store."""

SPARE_PLACES = 6
"""Titles ranked besides those asked for, in case that some have left the catalogue since."""

EXPLORATION_PLACES = ((12, 2), (4, 1))
"""A list of at least so many items keeps so many places for new titles."""

_MAX_NEW_TITLES = 20

type Items = tuple[Recommendation, ...]
type ReadFacts = Callable[[Sequence[TitleKey]], Mapping[TitleKey, TitleFacts]]
"""Returns the facts of titles, of those that are known."""

type ReadNames = Callable[[], Mapping[int, str]]
"""Returns the names of those that stream titles; raises TitlesUnavailable."""


def recommend(
    request: ResolvedRequest,
    taste: Taste | None,
    *,
    model: Model | None,
    projection: TitleStore | None,
    catalogue: TitleStore | None,
    now: datetime,
    provider_names: ReadNames = dict,
    tuning: Tuning = TUNED,
) -> Recommendations:
    """Return at most `limit` titles for a user, the best first.

    `taste` is what is stored (empty for a new user), None when it cannot be read. Without a model
    or a store of titles, or when a store does not respond, the next layer is used; this never
    raises for that reason. `provider_names` is read for a user who has stated a region alone: what
    they can stream there on own platforms is lifted. The same arguments give the same
    recommendations.
    """
    user = _UserRequest.create(request, taste, now, provider_names, tuning)
    source = Source.CONTENT if model is None else Source.MODEL
    if projection is not None and (items := _if_available(user.from_store, model, projection)):
        return Recommendations(
            items,
            source if taste is not None else Source.REQUEST,
            model.version if model else None,
        )
    if catalogue is not None and (items := _if_available(user.from_catalogue, model, catalogue)):
        return Recommendations(items, Source.CATALOGUE)
    return Recommendations(user.from_titles(STATIC_FALLBACK), Source.BUILT_IN)


@dataclass(frozen=True, slots=True)
class _Choice:
    """A title that was chosen, why (computed for items shown only), and the filters it fails."""

    scored: ScoredTitle
    reason: Callable[[], Reason]
    relaxed: tuple[str, ...] = ()
    new: bool = False

    @property
    def key(self) -> TitleKey:
        return self.scored.key


@dataclass(frozen=True, slots=True)
class _UserRequest:
    """A request merged with the user's taste, as every layer needs it."""

    request: ResolvedRequest
    taste: Taste
    media_types: frozenset[MediaType]
    soft_preferences: tuple[SoftPreference, ...]
    hard_filters: tuple[HardFilter, ...]
    subscriptions: Subscriptions | None
    tuning: Tuning

    @classmethod
    def create(
        cls,
        request: ResolvedRequest,
        taste: Taste | None,
        now: datetime,
        provider_names: ReadNames,
        tuning: Tuning,
    ) -> _UserRequest:
        merged = (taste or Taste()).merged_with(
            request.favourites, request.watchlist, request.preferences
        )
        stated = merged.preferences
        return cls(
            request,
            merged,
            request.media_types or _media_types(stated.content_type),
            soft_preferences(stated, now, tuning),
            hard_filters(stated),
            _subscriptions(stated, provider_names),
            tuning,
        )

    def from_store(self, model: Model | None, titles: TitleStore) -> Items:
        """Return the model's titles, with their facts from a store; without one, the store's."""
        if model is None:
            return self.from_titles(
                fallback_candidates(self.taste, titles, self.media_types, self.tuning)
            )
        profile = build_profile(self.taste, model, self.tuning)
        choices = self._rank(model, profile, titles.facts)
        keys = [choice.key for choice in choices]
        named = _unnamed_entries(choices[: self.request.limit])
        facts = dict(titles.facts(list(dict.fromkeys((*keys, *named)))[:MAX_FACTS]))
        try:
            new = self._explore(model, profile, titles, set(keys))
            named = [key for key in _unnamed_entries(one for one, _ in new) if key not in facts]
            facts |= titles.facts(named) if named else {}
        except TitlesUnavailable:  # new titles are an index of their own: the list does without
            new = []
        facts |= {title.key: title for _, title in new}
        return self._items(choices, [choice for choice, _ in new], facts)

    def from_catalogue(self, model: Model | None, catalogue: TitleStore) -> Items:
        """Return the catalogue's best titles: it cannot be asked for those of a model."""
        return self.from_titles(
            limited_fallback_candidates(self.taste, catalogue, self.media_types, self.tuning, model)
        )

    def from_titles(self, titles: Iterable[TitleFacts]) -> Items:
        """Return the best of some titles."""
        facts = {title.key: title for title in titles}
        index = TitleIndex(facts.values())
        profile = build_profile(self.taste, index, self.tuning)
        choices = self._rank(index, profile, lambda _: facts)
        return self._items(choices, [], facts)

    def _rank(self, model: Model, profile: Profile, read_facts: ReadFacts) -> list[_Choice]:
        """Return the list and some to spare; hard filters are relaxed as far as needed."""
        collaborative = collaborative_scores(profile, model)
        own = bitmap_of_keys(model, self.taste.own)
        allowed = CandidateFilter.create(model, self.media_types, own, ())
        max_score = collaborative.max_score(BitmapView(allowed.bitmap))
        scorer = self._scorer(profile, collaborative.scores, max_score)
        excluded = own | bitmap_of_keys(model, self.request.exclude)
        choices: list[_Choice] = []
        for in_force in _relaxations(self.hard_filters):
            pool = generate_candidates(
                CandidateFilter.create(model, self.media_types, excluded, in_force),
                profile,
                collaborative,
                preferences=self.soft_preferences,
                media_types=self.media_types,
                tuning=self.tuning,
            )
            scored = [scorer.score(number, model.vector(number)) for number in pool]
            scored = self._lifted(scored, scorer, read_facts)
            for title in self._rerank(scored, self.request.limit + SPARE_PLACES - len(choices)):
                failed = (
                    one.name
                    for one in self.hard_filters
                    if one not in in_force and not one.accepts(title.vector.traits)
                )
                reason = self._reason(title, profile, collaborative.rows)
                choices.append(_Choice(title, cache(reason), tuple(failed)))
            if len(choices) >= self.request.limit:
                break
            excluded |= bitmap_of_keys(model, (choice.key for choice in choices))
        return choices

    def _explore(
        self, model: Model, profile: Profile, titles: TitleStore, chosen: set[TitleKey]
    ) -> list[tuple[_Choice, TitleFacts]]:
        """Return the new titles that fit best, for the places that are kept for them."""
        limit = self.request.limit
        places = next((places for size, places in EXPLORATION_PLACES if limit >= size), 0)
        if not places:
            return []
        found = [
            title
            for media in sorted(self.media_types)
            for title in titles.new(media, _MAX_NEW_TITLES)
            if not _has_favourites(model, title.key)
        ]
        if not found:
            return []
        excluded = self.request.exclude.union(chosen, self.taste.own)
        new = {title.key: title for title in found if title.key not in excluded}
        index = TitleIndex(new.values(), model)
        accepted = CandidateFilter.create(index, self.media_types, 0, self.hard_filters)
        scorer = self._scorer(profile, (), 0.0)
        scored = [
            scorer.score(number, index.vector(number))
            for number in range(len(index))
            if accepted.bitmap >> number & 1 and accepted.accepts(number)
        ]
        scored = self._lifted(scored, scorer, lambda _: new)
        return [
            (_Choice(one, self._reason(one, profile, ()), new=True), new[one.key])
            for one in self._rerank(scored, places)
        ]

    def _scorer(self, profile: Profile, scores: Sequence[float], max_score: float) -> Scorer:
        return Scorer(profile, self.soft_preferences, scores, max_score, self.tuning)

    def _lifted(
        self, scored: list[ScoredTitle], scorer: Scorer, read_facts: ReadFacts
    ) -> list[ScoredTitle]:
        """Return candidates, with points for what the user can stream, of the best of them."""
        if not (own := self.subscriptions) or not own.own:
            return scored
        best = nlargest(MAX_FACTS, scored, key=lambda title: title.score)
        facts = read_facts([title.key for title in best])
        streamed = {key for key, title in facts.items() if _is_streamed(title, own)}
        return [
            scorer.score(title.number, title.vector, self.tuning.streaming_points)
            if title.key in streamed
            else title
            for title in scored
        ]

    def _rerank(self, scored: Sequence[ScoredTitle], places: int) -> list[ScoredTitle]:
        return rerank(scored, places, self.tuning.similarity_penalty, self.request.seed)

    def _reason(
        self, title: ScoredTitle, profile: Profile, rows: Sequence[Mapping[int, float]]
    ) -> Callable[[], Reason]:
        return partial(find_reason, title, profile, self.soft_preferences, rows, self.tuning)

    def _items(
        self,
        choices: Sequence[_Choice],
        new: Sequence[_Choice],
        facts: Mapping[TitleKey, TitleFacts],
    ) -> Items:
        """Return the items: those that pass all filters, the new ones, then the others."""
        known = [choice for choice in choices if choice.key in facts]
        kept = known[: max(0, self.request.limit - len(new))]
        strict = [choice for choice in kept if not choice.relaxed]
        relaxed = [choice for choice in kept if choice.relaxed]
        return tuple(self._item(choice, facts) for choice in (*strict, *new, *relaxed))

    def _item(self, choice: _Choice, facts: Mapping[TitleKey, TitleFacts]) -> Recommendation:
        title, where = facts[choice.key], self.subscriptions
        offers = where.offers(title.local.providers(where.region)) if where else None
        own = next((offer.name for offer in offers or () if offer.is_own), None)
        text, because_of = format_reason(choice.reason(), facts, own)
        return Recommendation(
            title, choice.scored.parts, text, because_of, choice.relaxed, choice.new, offers
        )


def _if_available(
    layer: Callable[[Model | None, TitleStore], Items], model: Model | None, titles: TitleStore
) -> Items:
    """Return a layer's items, none when its store does not respond."""
    try:
        return layer(model, titles)
    except TitlesUnavailable:
        return ()


def _unnamed_entries(choices: Iterable[_Choice]) -> list[TitleKey]:
    """Return the entries that reasons name, and whose names are still to be read."""
    entries = (choice.reason().entry for choice in choices)
    return [one.entry.key for one in entries if one is not None and not one.entry.title]


def _subscriptions(stated: Preferences, provider_names: ReadNames) -> Subscriptions | None:
    """Return where a user watches, None if they do not say, or names cannot be read."""
    with suppress(TitlesUnavailable):
        if stated.region and (names := provider_names()):
            return Subscriptions.of(stated.region, stated.platforms, names)
    return None


def _is_streamed(title: TitleFacts, where: Subscriptions) -> bool:
    return not where.own.isdisjoint(title.local.providers(where.region))


def _media_types(content_type: str | None) -> frozenset[MediaType]:
    match content_type:
        case "movie" | "movies":
            return frozenset({MediaType.MOVIE})
        case "tv":
            return frozenset({MediaType.TV})
        case _:
            return ALL_MEDIA_TYPES


def _relaxations(filters: Sequence[HardFilter]) -> Iterator[tuple[HardFilter, ...]]:
    """Yield the filters in force: all of them, then fewer and fewer."""
    yield tuple(filters)
    for relaxed, hard_filter in enumerate(filters, start=1):
        if not hard_filter.can_be_relaxed:
            return
        yield tuple(filters[relaxed:])


def _has_favourites(model: Model, key: TitleKey) -> bool:
    number = model.number(key)
    return number is not None and model.vector(number).traits.favourites > 0
