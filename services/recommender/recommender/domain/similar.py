"""Titles like one: what its favourers like besides, and what is about the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from recommender.domain.bitmap import BitmapView
from recommender.domain.candidates import (
    CandidateFilter,
    collaborative_scores,
    excluded_titles,
    generate_candidates,
)
from recommender.domain.diversity import rerank
from recommender.domain.model import Model
from recommender.domain.profile import build_profile
from recommender.domain.recommendation import Recommendation, Recommendations, Source
from recommender.domain.scoring import ScoredTitle, Scorer
from recommender.domain.taste import ListEntry, Taste
from recommender.domain.title_index import TitleIndex
from recommender.domain.titles import TitleFacts, TitleKey, TitleStore, TitlesUnavailable
from recommender.domain.tuning import TUNED, Tuning

SPARE_PLACES = 10
_TITLES_PER_GENRE = 100
_ALIKE = replace(TUNED, standing=0.0, similarity_penalty=0.0, pool_content=60)
"""No likeness in being well known, and no diversity: what is most alike comes first."""


def similar(
    key: TitleKey,
    *,
    limit: int,
    exclude: frozenset[TitleKey],
    model: Model | None,
    projection: TitleStore | None,
    catalogue: TitleStore | None,
) -> Recommendations | None:
    """Return titles like one, of the same media type; None when nobody knows that title.

    Raises TitlesUnavailable when the projection, which would know, does not answer, and the
    catalogue has not told of that title.
    """
    away: TitlesUnavailable | None = None
    knowing = model if model is not None and model.number(key) is not None else None
    learnt = Source.CONTENT if knowing is None else Source.MODEL
    for titles, speaking, source in (
        (projection, knowing, learnt),
        (catalogue, None, Source.CATALOGUE),
    ):
        if titles is None:
            continue
        try:
            items = _like(key, limit, exclude, speaking, titles)
        except TitlesUnavailable as error:
            away = error
            continue
        if items or (items is not None and away is None):
            return Recommendations(items, source, speaking.version if speaking else None)
    if away is not None:
        raise away
    return None


def _like(
    key: TitleKey,
    limit: int,
    exclude: frozenset[TitleKey],
    model: Model | None,
    titles: TitleStore,
) -> tuple[Recommendation, ...] | None:
    if model is not None:
        ranked = _ranked(key, limit + SPARE_PLACES, exclude, model, _ALIKE)
        wanted = [one.vector.traits.key for one in ranked]
        facts: Mapping[TitleKey, TitleFacts] = titles.facts([key, *wanted])
        if not facts:
            return None
    else:
        own = titles.facts([key]).get(key)
        if own is None:
            return None
        found = {key: own}
        for genre in own.genre_ids or (None,):
            found |= {one.key: one for one in titles.best(key.media_type, genre, _TITLES_PER_GENRE)}
        ranked, facts = _ranked(key, limit, exclude, TitleIndex(found.values()), _ALIKE), found
    name = facts[key].title if key in facts else "this title"
    shown = [one for one in ranked if one.vector.traits.key in facts][:limit]
    return tuple(
        Recommendation(facts[one.vector.traits.key], one.parts, f"Similar to {name}", key)
        for one in shown
    )


def _ranked(
    key: TitleKey, places: int, exclude: frozenset[TitleKey], model: Model, tuning: Tuning
) -> list[ScoredTitle]:
    profile = build_profile(Taste(favourites=(ListEntry(key),)), model, tuning)
    spoken = collaborative_scores(profile, model)
    media_types = frozenset({key.media_type})
    admission = CandidateFilter.of(model, media_types, excluded_titles(model, {key, *exclude}), ())
    loudest = spoken.loudest(BitmapView(admission.bitmap))
    scorer = Scorer(profile, (), spoken.strength, loudest, tuning)
    pool = generate_candidates(
        admission, profile, spoken, wishes=(), media_types=media_types, tuning=tuning
    )
    return rerank(
        [scorer.score(n, model.vector(n)) for n in pool], places, tuning.similarity_penalty
    )
