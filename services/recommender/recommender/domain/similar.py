"""Similar titles: those that a title's fans also like, and those of like content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from matinee.media import TitleKey
from recommender.domain.bitmap import BitmapView
from recommender.domain.candidates import (
    CandidateFilter,
    bitmap_of_keys,
    collaborative_scores,
    generate_candidates,
)
from recommender.domain.diversity import rerank
from recommender.domain.model import Model
from recommender.domain.profile import build_profile
from recommender.domain.recommendation import Recommendation, Recommendations, Source
from recommender.domain.scoring import ScoredTitle, Scorer
from recommender.domain.taste import ListEntry, Taste
from recommender.domain.title_index import TitleIndex
from recommender.domain.titles import TitleFacts, TitleStore, TitlesUnavailable
from recommender.domain.tuning import TUNED

SPARE_PLACES = 10
_CONTENT_PLACES = 60
_TITLES_PER_GENRE = 100
_TUNING = replace(TUNED, prior=0.0, similarity_penalty=0.0)
"""Popularity is no similarity, and no diversity is wanted: the most similar comes first."""


def find_similar(
    key: TitleKey,
    *,
    limit: int,
    exclude: frozenset[TitleKey],
    model: Model | None,
    projection: TitleStore | None,
    catalogue: TitleStore | None,
) -> Recommendations | None:
    """Return titles similar to one, of its media type; None when that title is not known.

    Raises TitlesUnavailable when the projection does not respond and the catalogue has not returned
    that title before.
    """
    unavailable: TitlesUnavailable | None = None
    with_title = model if model is not None and model.number(key) is not None else None
    for titles, ranking, source in (
        (projection, with_title, Source.CONTENT if with_title is None else Source.MODEL),
        (catalogue, None, Source.CATALOGUE),
    ):
        if titles is None:
            continue
        try:
            items = _similar_in(key, limit, exclude, ranking, titles)
        except TitlesUnavailable as error:
            unavailable = error
            continue
        if items or (items is not None and unavailable is None):
            return Recommendations(items, source, ranking.version if ranking else None)
    if unavailable is not None:
        raise unavailable
    return None


def _similar_in(
    key: TitleKey,
    limit: int,
    exclude: frozenset[TitleKey],
    model: Model | None,
    titles: TitleStore,
) -> tuple[Recommendation, ...] | None:
    if model is not None:
        ranked = _rank(key, limit + SPARE_PLACES, exclude, model)
        facts: Mapping[TitleKey, TitleFacts] = titles.facts([key, *(one.key for one in ranked)])
        if not facts:
            return None
    else:
        own = titles.facts([key]).get(key)
        if own is None:
            return None
        found = {key: own}
        for genre in own.genre_ids or (None,):
            found |= {one.key: one for one in titles.best(key.media_type, genre, _TITLES_PER_GENRE)}
        ranked, facts = _rank(key, limit, exclude, TitleIndex(found.values())), found
    name = facts[key].title if key in facts else "this title"
    shown = [one for one in ranked if one.key in facts][:limit]
    return tuple(
        Recommendation(facts[one.key], one.parts, f"Similar to {name}", key) for one in shown
    )


def _rank(
    key: TitleKey, places: int, exclude: frozenset[TitleKey], model: Model
) -> list[ScoredTitle]:
    profile = build_profile(Taste(favourites=(ListEntry(key),)), model, _TUNING)
    collaborative = collaborative_scores(profile, model)
    media_types = frozenset({key.media_type})
    accepted = CandidateFilter.create(
        model, media_types, bitmap_of_keys(model, {key, *exclude}), ()
    )
    max_score = collaborative.max_score(BitmapView(accepted.bitmap))
    scorer = Scorer(profile, (), collaborative.scores, max_score, _TUNING)
    pool = generate_candidates(
        accepted,
        profile,
        collaborative,
        preferences=(),
        media_types=media_types,
        tuning=_TUNING,
        content_places=_CONTENT_PLACES,
    )
    scored = [scorer.score(number, model.vector(number)) for number in pool]
    return rerank(scored, places, _TUNING.similarity_penalty)
